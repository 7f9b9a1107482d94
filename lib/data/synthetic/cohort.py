"""Who is in the synthetic data set: classes, photographs per lesion, sites, ages, sexes, localisations.

The shares are HAM10000's own (Tschandl et al. 2018, metadata file), rounded; the rare classes are raised so that every
split of a small set holds some of each.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from lib.data.catalogue import LESION_CLASSES as CLASSES

SITES = ("rosendahl", "vidir_modern", "vidir_molemax", "vienna_dias")
LOCALIZATIONS = ("face", "back", "lower extremity", "upper extremity", "abdomen", "chest")
MIN_LESIONS = 4  # of a class, so that train, validation and test can each hold one


class Shares(NamedTuple):
    """Of one class; all but ``age`` (mean and sd, years) are shares."""

    lesions: float
    photos: tuple[float, ...]  # lesions with 1, 2, 3, 4 photographs
    sites: tuple[float, ...]  # as SITES
    age: tuple[float, float]
    male: float
    face: float
    histo: float  # diagnosed by histopathology; others by consensus


# fmt: off
SHARES = {
    "akiec": Shares(0.048, (0.66, 0.25, 0.08, 0.01), (0.86, 0.11, 0.02, 0.01), (66, 11), 0.68, 0.35, 1.00),
    "bcc":   Shares(0.060, (0.54, 0.36, 0.10, 0.00), (0.57, 0.40, 0.02, 0.01), (67, 14), 0.62, 0.22, 1.00),
    "bkl":   Shares(0.105, (0.60, 0.30, 0.08, 0.02), (0.44, 0.42, 0.11, 0.03), (64, 14), 0.57, 0.31, 0.75),
    "df":    Shares(0.030, (0.53, 0.36, 0.11, 0.00), (0.27, 0.43, 0.26, 0.04), (53, 14), 0.55, 0.00, 0.48),
    "mel":   Shares(0.100, (0.37, 0.46, 0.16, 0.01), (0.31, 0.60, 0.03, 0.06), (61, 15), 0.62, 0.10, 1.00),
    "nv":    Shares(0.627, (0.82, 0.13, 0.05, 0.00), (0.12, 0.27, 0.55, 0.06), (46, 15), 0.51, 0.02, 0.85),
    "vasc":  Shares(0.030, (0.65, 0.26, 0.08, 0.01), (0.03, 0.57, 0.37, 0.03), (51, 22), 0.49, 0.07, 0.47),
}
# fmt: on


def lesions_per_class(n_lesions: int) -> dict[str, int]:
    """Lesions of each class: its share rounded, at least ``MIN_LESIONS``, the rest ``nv``."""
    counts = {dx: max(MIN_LESIONS, round(n_lesions * shares.lesions)) for dx, shares in SHARES.items()}
    counts["nv"] += n_lesions - sum(counts.values())
    return counts


def draw_cohort(n_lesions: int, rng: np.random.Generator) -> pd.DataFrame:
    """Metadata of a synthetic cohort in the columns of ``HAM10000_metadata.csv``.

    One row per photograph: lesion_id, image_id (both with the prefix ``SYN``), dx, dx_type, age (years, multiples
    of 5, NaN where unknown), sex, localization, dataset (acquisition site). Everything but image_id is a property of
    the lesion. Photographs of one lesion are not next to each other, as in HAM10000.
    """
    counts = lesions_per_class(n_lesions)
    dx = rng.permutation(np.repeat(CLASSES, [counts[name] for name in CLASSES]))
    lesions = pd.DataFrame([{"dx": name, **_draw_patient(SHARES[name], name, rng)} for name in dx])
    lesions.insert(0, "lesion_id", [f"SYN_L{number:06d}" for number in range(n_lesions)])
    images = lesions.loc[np.repeat(lesions.index, lesions.pop("photos"))]
    images = images.iloc[rng.permutation(len(images))].reset_index(drop=True)
    images.insert(1, "image_id", [f"SYN_{number:07d}" for number in range(len(images))])
    return images


def _draw_patient(shares: Shares, dx: str, rng: np.random.Generator) -> dict:
    site = rng.choice(SITES, p=shares.sites)
    followed = dx == "nv" and site == "vidir_molemax" and rng.random() < 0.93
    unknown = rng.random() < 0.006
    age = 5.0 * round(float(np.clip(rng.normal(*shares.age), 0, 85)) / 5)
    return {
        "dx_type": "follow_up" if followed else "histo" if rng.random() < shares.histo else "consensus",
        "age": np.nan if unknown else age,
        "sex": "unknown" if unknown else "male" if rng.random() < shares.male else "female",
        "localization": "face" if rng.random() < shares.face else str(rng.choice(LOCALIZATIONS[1:])),
        "dataset": str(site),
        "photos": 1 + rng.choice(4, p=shares.photos),
    }
