"""Names of what was trained."""

import pytest

from lib.plan.grid import grids, planned_runs
from lib.records import names
from lib.report.parameters import PROFILES


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ({"model": "vit", "backbone": "vit_tiny_patch16_224", "weights": "local", "trained": "head", "px": 224},
         "ViT ← ViT-Tiny, frozen, 224 px"),
        ({"model": "resnet50", "backbone": "resnet50.tv_in1k", "weights": "imagenet", "trained": "all", "px": 64},
         "ResNet-50, fine-tuned, 64 px"),
        ({"backbone": "plain_cnn", "weights": "none", "trained": "all", "px": float("nan")}, "plain CNN, from scratch"),
        ({"model": "always nv", "backbone": None, "px": None}, "always nv"),
    ],
)  # fmt: skip
def test_what_was_trained_stands_behind_the_paper_s_row(labels, said):
    assert names.trained(labels) == said


def test_ids_inside_a_text_become_names_and_other_words_stay():
    text = "mean of vit_tiny_patch16_224, resnet50.a1_in1k (resnet50x, convnext_tiny)"
    assert names.in_text(text) == "mean of ViT-Tiny, ResNet-50 (resnet50x, ConvNeXt-Tiny)"
    assert names.column("macro_auc_ovr_paper") == "macro AUC, paper" and names.column("gain_by") == "gain by"
    assert names.paper("outside") == "re-SkinCancer (Ishak 2024)" and names.paper("xia2025") == "xia2025"


def test_every_planned_network_has_a_name():
    planned = [p for grid in grids() for profile in PROFILES for p in planned_runs(grid, profile)]
    assert [b for b in {p.spec.model.backbone for p in planned} if names.network(b) == b.split(".")[0]] == []
