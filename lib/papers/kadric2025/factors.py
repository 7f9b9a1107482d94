"""Next check 1: resolution against cleaning, a number each."""

import numpy as np
import pandas as pd

from lib.papers.kadric2025.contrasts import common, contrasts, images_of, on, scores
from lib.papers.kadric2025.settings import data_name, is_clean, largest, low_pixels, pixels, setting
from lib.records.seeds import Recipe, value

AXES = {
    "input size": "images shrunk to the size that the network is given",
    "detail": "images shrunk, then enlarged to one input size",
}
PLAIN, NEWEST = ("dermamnist", "synthetic-image"), ("dermamnist-c-v1.1", "synthetic-lesion")


def of_axis(recipes: list[Recipe], axis: str) -> list[Recipe]:
    """Effv3 on pooled features, of the backbones whose input size varies, or the detail at the full input size."""
    plain = [g for g in recipes if setting(g.spec) == "effv3" and g.spec.model.feature_grid is None]
    plain = [g for g in plain if g.spec.dataset != "dermamnist-c"]  # other images, not only another split
    if axis == "input size":
        chosen = [g for g in plain if g.spec.preprocessing.detail_px is None]
    else:
        chosen = [g for g in plain if g.spec.image_size == largest(g.spec)]
    sizes: dict[str, set[int]] = {}
    for g in chosen:
        sizes.setdefault(g.spec.model.backbone, set()).add(pixels(g.spec))
    return [g for g in chosen if len(sizes[g.spec.model.backbone]) > 1]


def cell_table(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """One row per backbone, axis, size and edition: test metrics (means over seeds), 95 % interval, spread over seeds.

    ``majority`` is the share of the most frequent class among the test images, the accuracy of always naming it:
    the editions' test sets differ in it. ``train_accuracy`` is of the selected epoch, ``gap`` less ``val_accuracy``.
    """
    rows = []
    for axis in AXES:
        for recipe in of_axis(recipes, axis):
            targets = recipe.arrays("test")[0]
            rows.append(
                {
                    **_labels(recipe, axis),
                    "n": recipe.n,
                    "majority": float(np.bincount(targets).max() / len(targets)),
                    **scores(recipe, repeats),
                    "macro_auc_ovr": value(recipe, "macro_auc_ovr"),
                    **overfitting(recipe),
                }
            )
    return pd.DataFrame(rows)


def once(table: pd.DataFrame) -> pd.DataFrame:
    """``table`` without the second row of a network that stands on both axes, the one at the full size and detail."""
    whole = table["pixels"] == table.groupby("backbone")["pixels"].transform("max")
    return table[~(whole & table.drop(columns="axis").duplicated(_names(table)))]


def _names(table: pd.DataFrame) -> list[str]:
    return [c for c in ("backbone", "pixels", "data", "clean", "metric", "effect") if c in table]


def of_own_edition(recipes: list[Recipe]) -> list[Recipe]:
    """DermaMNIST itself at every input size."""
    return [g for g in of_axis(recipes, "input size") if not is_clean(g.spec)]


def gap_table(recipes: list[Recipe]) -> pd.DataFrame:
    """One row per group: :func:`overfitting` and the epoch that was selected (mean over seeds)."""
    rows = [
        {
            **_labels(g, "input size"),
            **overfitting(g),
            "best_epoch": float(np.mean([r.info["best_epoch"] for r in g.records])),
            "epochs_run": float(np.mean([len(r.history) for r in g.records])),
        }
        for g in recipes
    ]
    return pd.DataFrame(rows).drop(columns="axis")


def overfitting(recipe: Recipe) -> dict[str, float]:
    """Accuracy on training and validation images at the selected epoch, and their difference; means over seeds."""
    chosen = [r.history.set_index("epoch").loc[r.info["best_epoch"]] for r in recipe.records]
    train, val = (float(np.mean([row[f"{part}_accuracy"] for row in chosen])) for part in ("train", "val"))
    return {"train_accuracy": train, "val_accuracy": val, "gap": train - val}


def two_factor(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """Effect of resolution, of cleaning, and their interaction, from the four corners of each table of cells.

    With D the split of DermaMNIST, C the clean one, l and h the lowest and highest resolution: resolution
    ((Dh - Dl) + (Ch - Cl)) / 2, cleaning ((Cl - Dl) + (Ch - Dh)) / 2, interaction (Ch - Cl) - (Dh - Dl). Once on each
    split's own test images, once on the test images that both splits have, where cleaning changes what is trained on
    and nothing else. In fractions, with 95 % intervals over lesions.
    """
    rows = []
    for axis, first, corners in _corners(recipes):
        shared = common(*corners.values())
        for images in ("own test images", "common test images"):
            cells = corners if images.startswith("own") else {k: on(c, shared) for k, c in corners.items()}
            n = "/".join(dict.fromkeys(str(len(cells[k].arrays("test")[0])) for k in ("Dh", "Ch")))
            labels = {**_labels(first, axis, one=False), "evaluated_on": images, "n": n}
            rows += [{**labels, **row} for row in contrasts(cells, EFFECTS, repeats)]
    return pd.DataFrame(rows)


EFFECTS = {
    "resolution": {"Dh": 0.5, "Dl": -0.5, "Ch": 0.5, "Cl": -0.5},
    "cleaning": {"Cl": 0.5, "Dl": -0.5, "Ch": 0.5, "Dh": -0.5},
    "interaction": {"Ch": 1.0, "Cl": -1.0, "Dh": -1.0, "Dl": 1.0},
}


def cleaning_steps(recipes: list[Recipe], repeats: int) -> pd.DataFrame:
    """What cleaning changes, in three steps that add up, at every resolution.

    ``test images``: the model trained on DermaMNIST, from its own test images to the common ones; ``training images``:
    on the common ones, from that model to the one trained on the clean split; ``rest``: that model from the common
    images to all of its own (zero where the clean test set is a part of the other, as DermaMNIST-C's is).
    """
    rows = []
    for axis in AXES:
        for d, c in _pairs(of_axis(recipes, axis)):
            shared = common(d, c)
            cells = {"D": d, "C": c, "D common": on(d, shared), "C common": on(c, shared)}
            labels = {**_labels(d, axis, one=False), "pixels": pixels(d.spec), "clean": data_name(c.spec)}
            labels |= {"n_own": d.n, "n_common": len(shared)}
            rows += [{**labels, **row} for row in contrasts(cells, STEPS, repeats)]
    return pd.DataFrame(rows)


STEPS = {
    "test images": {"D common": 1.0, "D": -1.0},
    "training images": {"C common": 1.0, "D common": -1.0},
    "rest": {"C": 1.0, "C common": -1.0},
    "total": {"C": 1.0, "D": -1.0},
}


def test_sets(recipes: list[Recipe]) -> pd.DataFrame:
    """Test images per class in every edition and in what DermaMNIST shares with it; share that is a seen lesion's."""
    editions = {g.spec.split.name: g for g in reversed(recipes)}
    own = next((images_of(g) for g in editions.values() if not is_clean(g.spec)), None)
    rows = []
    for recipe in editions.values():
        counts = np.bincount(recipe.arrays("test")[0], minlength=len(recipe.classes))
        rows.append(
            {
                "test_set": data_name(recipe.spec),
                "n": recipe.n,
                "in_the_first": len(own & images_of(recipe)) if own else np.nan,
                "of_a_trained_lesion": recipe.seen_share("test"),
                **dict(zip(recipe.classes, counts.tolist(), strict=True)),
            }
        )
    return pd.DataFrame(rows).sort_values("n", ascending=False)


def _corners(recipes: list[Recipe]) -> list[tuple[str, Recipe, dict[str, Recipe]]]:
    """(axis, a recipe, cells Dl, Dh, Cl, Ch) for every backbone that has all four."""
    found = []
    for axis in AXES:
        by_backbone: dict[str, dict[str, Recipe]] = {}
        for g in of_axis(recipes, axis):
            side = {low_pixels(g.spec): "l", largest(g.spec): "h"}.get(pixels(g.spec))
            if side and (not is_clean(g.spec) or g.spec.split.name in NEWEST):
                key = ("C" if is_clean(g.spec) else "D") + side
                by_backbone.setdefault(g.spec.model.backbone, {})[key] = g
        found += [(axis, c["Dl"], c) for c in by_backbone.values() if set(c) == {"Dl", "Dh", "Cl", "Ch"}]
    return found


def _pairs(recipes: list[Recipe]) -> list[tuple[Recipe, Recipe]]:
    """(trained on DermaMNIST, on a clean edition) with everything else alike."""

    def key(g: Recipe) -> tuple:
        return g.spec.model, g.spec.image_size, g.spec.preprocessing

    own = {key(g): g for g in recipes if not is_clean(g.spec)}
    return [(own[key(g)], g) for g in recipes if is_clean(g.spec) and key(g) in own]


def _labels(recipe: Recipe, axis: str, one: bool = True) -> dict:
    """Columns that tell rows apart; ``one``: of a single group, else of several that share backbone and axis."""
    label = recipe.labels()
    own = {"pixels": pixels(recipe.spec), "data": data_name(recipe.spec), "seeds": label["seeds"]} if one else {}
    return {**{k: label[k] for k in ("model", "backbone", "weights")}, "axis": axis, **own}
