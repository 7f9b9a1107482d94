"""A run's network comes back from its checkpoint with the predictions of its record."""

import pytest
import torch

from lib.core.errors import StudyError
from lib.evaluation.metrics import probabilities
from lib.training.checkpoints import has_checkpoint, load_trained
from lib.training.prepare import Folders
from lib.training.run import get_or_train
from tests.fakes.specs import small

WHOLE = {"preprocessing": {"normalization": "train"}}
FROZEN = {
    "image_size": 64,
    "preprocessing": {"detail_px": 32},
    "model": {"backbone": "test_resnet", "weights": "none", "train": "head", "head": "effv1", "feature_grid": 2},
}


@pytest.mark.parametrize("changes", [WHOLE, FROZEN], ids=["whole network", "head on a feature map"])
def test_predictions_are_those_of_the_record(tmp_path, changes):
    spec, folders = small(**changes), Folders(tmp_path, tmp_path, tmp_path / "results")
    with pytest.raises(StudyError, match="trained weights .* are not on this machine"):
        load_trained(spec, folders)
    record = get_or_train(spec, folders)
    assert has_checkpoint(spec, folders)
    trained = load_trained(spec, folders)
    rows = record.subset("test")
    cache = trained.ready.caches["synthetic"]
    images = cache.images[cache.at(rows["image_id"])]
    with torch.inference_mode():
        probs = probabilities(trained.net(torch.from_numpy(images.transpose(0, 3, 1, 2).copy())).numpy())
    assert not trained.net.training
    assert probs == pytest.approx(rows[list(record.columns)].to_numpy(), abs=1e-3)
