"""Half precision with a gradient scaler, on a CPU in place of the GPU that would train so."""

import numpy as np
import pytest
import torch
from lightning import Trainer
from lightning.pytorch.plugins import MixedPrecision

from lib.training import fit, prepare
from lib.training.prepare import Folders
from lib.training.run import get_or_train
from tests.fakes.specs import small

OWN = {"split": {"name": "synthetic-lesion"}, "schedule": {"name": "cosine"}}


def half(init_scale, folder, epochs):
    """(record, scale at the end) of a run as Lightning's plugin for float16 trains it on a GPU."""
    scaler = torch.amp.GradScaler("cpu", init_scale=init_scale)

    def trainer(precision, **options):
        return Trainer(plugins=[MixedPrecision(precision, "cpu", scaler)], **options)

    spec = small(**OWN, precision="16", epochs=epochs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit.L, "Trainer", trainer)
        patch.setattr(prepare, "resolve_precision", lambda asked: asked)
        return get_or_train(spec, Folders(folder, folder, folder)), scaler.get_scale()


@pytest.mark.slow
def test_float16_trains_as_float32_does(tmp_path):
    record, scale = half(2.0**10, tmp_path, epochs=2)
    assert record.info["environment"]["precision"] == "16" and scale == 2.0**10
    single = get_or_train(small(**OWN, epochs=2), Folders(tmp_path, tmp_path, tmp_path))
    for column in ("train_loss", "val_loss"):
        assert record.history[column].to_numpy() == pytest.approx(single.history[column].to_numpy(), abs=0.02), column


@pytest.mark.slow
def test_steps_whose_gradients_overflow_are_left_out_and_halve_the_scale(tmp_path):
    record, scale = half(2.0**30, tmp_path, epochs=1)
    assert 1 < scale < 2.0**30 and np.isfinite(record.history["train_loss"]).all()
