"""The specification of a training of seconds."""

from lib.plan.spec import RunSpec

SMALL = {
    "dataset": "synthetic", "split": {"name": "synthetic-image"}, "image_size": 32,
    "model": {"backbone": "test_convnext", "weights": "none"}, "loss": {"name": "cross_entropy"},
    "optimizer": {"name": "adamw", "lr": 1.0e-3}, "epochs": 1, "batch_size": 32, "precision": "32",
}  # fmt: skip


def small(**changes) -> RunSpec:
    """``SMALL`` with some of its top-level entries replaced."""
    return RunSpec.parse(SMALL | changes)
