"""Fetching data sets of full count from a local server with the publishers' paths."""

import hashlib
import json
from pathlib import Path

import pytest

from lib import commands
from lib.core.errors import StudyError
from lib.data.catalogue import SOURCES
from lib.data.files import fetch as fetch_module
from lib.data.files.fetch import fetch, read_sums
from lib.data.files.remote import ORIGINS, locate_files
from lib.data.sets.isic import IMAGE_IDS
from lib.data.sets.malignant_benign import FOLDER_COUNTS
from tests.fakes.file_server import serve
from tests.fakes.layouts import fill_zip, isic2018_test_truth, one_hot, write_zip

pytestmark = pytest.mark.slow

FAST = {"wait": 0, "attempts": 2}


@pytest.fixture(scope="module")
def truth():
    return isic2018_test_truth()


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    path = tmp_path_factory.mktemp("zip") / "images.zip"
    return fill_zip(path, "ISIC2018_Task3_Test_Input/", IMAGE_IDS).read_bytes()


@pytest.fixture
def dataverse(truth, images):
    """The answers of Dataverse: a listing with an ingested table and a file that is not wanted, and the files."""
    contents = {
        1: ("ISIC2018_Task3_Test_Images.zip", images),
        2: ("ISIC2018_Task3_Test_GroundTruth.tab", truth.assign(lesion_id="L").to_csv(index=False).encode()),
        3: ("HAM10000_images_part_1.zip", b"not wanted"),
    }
    listed = [
        {"dataFile": {"id": i, "filename": n, "md5": hashlib.md5(c).hexdigest()}} for i, (n, c) in contents.items()
    ]
    listed[1]["dataFile"] |= {"tabularData": True, "originalFileName": "ISIC2018_Task3_Test_GroundTruth.csv"}
    listed[1]["dataFile"]["md5"] = "0" * 32
    files = {f"/api/access/datafile/{i}": content for i, (_, content) in contents.items()}
    files["/api/datasets/:persistentId/"] = json.dumps({"data": {"latestVersion": {"files": listed}}}).encode()
    return files


def test_from_dataverse_over_a_line_that_breaks(dataverse, tmp_path):
    with serve(dataverse) as server:
        server.breaks = [None, 65536]
        index = fetch("isic2018-test", tmp_path, "dataverse", base_url=server.url, **FAST)
        assert server.requests == [
            ("/api/datasets/:persistentId/?persistentId=doi%3A10.7910/DVN/DBW86T", None),
            ("/api/access/datafile/1", None),
            ("/api/access/datafile/1", "bytes=65536-"),
            ("/api/access/datafile/2?format=original", None),
        ]
        again = fetch("isic2018-test", tmp_path, "dataverse", base_url=server.url, **FAST)
        assert len(server.requests) == 5  # the listing again, and nothing else
        folder = tmp_path / "isic2018-test"
        names = ["ISIC2018_Task3_Test_GroundTruth.csv", "ISIC2018_Task3_Test_Images.zip", "SHA256SUMS"]
        assert sorted(p.name for p in folder.iterdir()) == names
        assert (
            read_sums(folder)["ISIC2018_Task3_Test_Images.zip"]
            == hashlib.sha256(dataverse["/api/access/datafile/1"]).hexdigest()
        )
        (folder / "ISIC2018_Task3_Test_GroundTruth.csv").write_text("changed")
        with pytest.raises(StudyError, match="has changed since it was fetched"):
            fetch("isic2018-test", tmp_path, "dataverse", base_url=server.url, **FAST)
    assert len(index) == 1512 and set(index["group"]) == {"L"}
    assert "Images.zip!" in index["path"].iloc[0] and again.attrs["sha256"] == index.attrs["sha256"]


def test_a_wrong_checksum_stops_the_fetch(dataverse, tmp_path):
    dataverse["/api/access/datafile/1"] = b"<html>maintenance</html>"
    with serve(dataverse) as server, pytest.raises(StudyError, match=r"Test_Images\.zip .* published checksum"):
        fetch("isic2018-test", tmp_path, "dataverse", base_url=server.url, **FAST)
    assert list((tmp_path / "isic2018-test").iterdir()) == []


def test_dataverse_without_the_file_or_without_an_answer(dataverse, tmp_path):
    with serve(dataverse) as server, pytest.raises(StudyError, match="no file HAM10000_metadata"):
        fetch("ham10000", tmp_path, base_url=server.url, **FAST)
    with serve({}) as server, pytest.raises(StudyError, match=r"does not list the files .* another --source"):
        fetch("ham10000", tmp_path, base_url=server.url, **FAST)


def test_from_isic(truth, images, tmp_path):
    table = {"ISIC2018_Task3_Test_GroundTruth.csv": one_hot(truth).to_csv(index=False)}
    files = {
        "/2018/ISIC2018_Task3_Test_Input.zip": images,
        "/2018/ISIC2018_Task3_Test_GroundTruth.zip": write_zip(tmp_path / "truth.zip", table).read_bytes(),
    }
    with serve(files) as server:
        index = fetch("isic2018-test", tmp_path, base_url=server.url, **FAST)
    assert len(index) == 1512 and index["dx"].tolist() == truth["dx"].tolist()
    assert (tmp_path / "isic2018-test" / "ISIC2018_Task3_Test_Input.zip").read_bytes() == images


def test_names_and_sources_are_checked_first(tmp_path):
    with pytest.raises(StudyError, match="did you mean 'ham10000'"):
        fetch("ham1000", tmp_path)
    with pytest.raises(StudyError, match="did you mean 'dataverse'"):
        fetch("ham10000", tmp_path, "dataverze")
    assert list(tmp_path.iterdir()) == []


def test_kaggle_without_access_names_the_remedy(tmp_path, monkeypatch):
    kagglehub = pytest.importorskip("kagglehub")

    def refuse(handle, output_dir, force_download):
        raise ValueError("403 Client Error.\nresource not accessible")

    monkeypatch.setattr(kagglehub, "dataset_download", refuse)
    with pytest.raises(StudyError, match=r"403 Client Error\.\): .*KAGGLE_USERNAME and KAGGLE_KEY.*by hand"):
        fetch("malignant-vs-benign", tmp_path)


def test_kaggle_with_access(tmp_path, monkeypatch):
    kagglehub = pytest.importorskip("kagglehub")
    calls = []

    def give(handle, output_dir, force_download):
        calls.append((handle, force_download))
        Path(output_dir).mkdir(parents=True, exist_ok=force_download)
        if len(calls) == 1:
            raise ConnectionError("the line is cut")
        names = [f"{split}/{dx}/{i}" for (split, dx), n in FOLDER_COUNTS.items() for i in range(n)]
        fill_zip(Path(output_dir) / "images.zip", "", names)

    monkeypatch.setattr(kagglehub, "dataset_download", give)
    with pytest.raises(StudyError, match="the line is cut"):
        fetch("malignant-vs-benign", tmp_path)
    assert len(fetch("malignant-vs-benign", tmp_path)) == len(fetch("malignant-vs-benign", tmp_path)) == 3297
    handle = "fanconic/skin-cancer-malignant-vs-benign"
    assert calls == [(handle, False), (handle, True)]


def test_every_data_set_has_a_default_origin_and_files_of_one_name_do_not_collide():
    assert set(ORIGINS) == set(SOURCES)
    for origins in ORIGINS.values():
        files = [f for o in origins.values() if isinstance(o, list) for f in locate_files(o)]
        address = {}
        for file in files:
            assert address.setdefault(file.name, file.url) == file.url
    medmnist = pytest.importorskip("medmnist").INFO["dermamnist"]
    urls = {f.url for o in ORIGINS["dermamnist"].values() for f in locate_files(o)}
    assert {medmnist["url"], medmnist["url_64"], medmnist["url_128"], medmnist["url_224"]} < urls


def test_command_line(real_data, capsys, monkeypatch, tmp_path):
    with monkeypatch.context() as patched:  # test_verify decodes the images
        patched.setattr("lib.data.verify", lambda name, root: {"name": name, "root": root})
        assert commands.main(["data", "verify", "isic2018-test", "--data-root", str(real_data)]) == 0
    assert json.loads(capsys.readouterr().out) == {"name": "isic2018-test", "root": str(real_data)}
    assert commands.main(["data", "list", "--data-root", str(real_data)]) == 0
    listed = capsys.readouterr().out
    assert "isic2019: ISIC 2019 training set, CC BY-NC 4.0" in listed and "here: no" in listed
    assert commands.main(["data", "verify", "isic2019", "--data-root", str(real_data)]) == 2
    assert "python -m lib data fetch isic2019" in capsys.readouterr().err
    asked = []
    monkeypatch.setattr(fetch_module, "fetch", lambda *a, **k: asked.append((a, k)) or [])
    assert commands.main(["data", "fetch", "ham10000", "--source", "isic", "--data-root", str(tmp_path)]) == 0
    assert "CC BY-NC 4.0" in capsys.readouterr().out
    assert asked == [(("ham10000", str(tmp_path), "isic"), {})]
