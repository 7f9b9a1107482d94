"""The complete check: counts as JSON, damaged images found."""

import json
import subprocess
import sys

import pytest

from lib.core.errors import StudyError
from lib.core.paths import REPO
from lib.data import verify
from lib.data.sets.malignant_benign import FOLDER_COUNTS
from tests.fakes.layouts import tiny_jpeg, write_zip


def test_damaged_images_are_counted_and_the_first_is_named(tmp_path):
    good = tiny_jpeg()
    images = {f"{split}/{dx}/{i}.jpg": good[:-20] if (dx, i) == ("malignant", 7) else good
              for (split, dx), n in FOLDER_COUNTS.items() for i in range(n)}  # fmt: skip
    write_zip(tmp_path / "malignant-vs-benign" / "archive.zip", images)
    with pytest.raises(StudyError, match=r"2 of 3297 files are damaged; the first: .*test/malignant/7\.jpg"):
        verify("malignant-vs-benign", tmp_path)


@pytest.mark.slow
def test_real_counts(real_data):
    report = json.loads(json.dumps(verify("isic2018-test", real_data)))
    assert report["n"] == 1512 and report["classes"]["nv"] == 909
    assert report["missing"] == []
    assert report["image_sizes"] == {"320 x 240": 1512} and list(report["files"].values()) == [1512]
    report = verify("malignant-vs-benign", real_data)
    assert report["from_ham10000"] == 2488 and report["splits"] == {"train": 2637, "test": 660}


def test_the_data_layer_does_not_wait_for_torch():
    code = "import sys, lib.commands.data, lib.data.files.fetch, lib.data.verify; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=REPO)
