"""Who is in the synthetic data set: classes, photographs per lesion, sites, ages, sexes, localisations.

The tables are HAM10000's own proportions (Tschandl et al. 2018, metadata file), rounded; the rare
classes are raised so that every split of a small set holds some of each.
"""

import numpy as np
import pandas as pd

from lib.data.catalogue import LESION_CLASSES as CLASSES

SITES = ("rosendahl", "vidir_modern", "vidir_molemax", "vienna_dias")
MIN_LESIONS = 4  # of a class, so that train, validation and test can each hold one

LESION_SHARE = {"akiec": 0.048, "bcc": 0.060, "bkl": 0.105, "df": 0.030, "mel": 0.100, "nv": 0.627, "vasc": 0.030}
# Share of lesions with 1, 2, 3, 4 photographs.
PHOTO_SHARE = {
    "akiec": (0.66, 0.25, 0.08, 0.01),
    "bcc": (0.54, 0.36, 0.10, 0.00),
    "bkl": (0.60, 0.30, 0.08, 0.02),
    "df": (0.53, 0.36, 0.11, 0.00),
    "mel": (0.37, 0.46, 0.16, 0.01),
    "nv": (0.82, 0.13, 0.05, 0.00),
    "vasc": (0.65, 0.26, 0.08, 0.01),
}
SITE_SHARE = {
    "akiec": (0.86, 0.11, 0.02, 0.01),
    "bcc": (0.57, 0.40, 0.02, 0.01),
    "bkl": (0.44, 0.42, 0.11, 0.03),
    "df": (0.27, 0.43, 0.26, 0.04),
    "mel": (0.31, 0.60, 0.03, 0.06),
    "nv": (0.12, 0.27, 0.55, 0.06),
    "vasc": (0.03, 0.57, 0.37, 0.03),
}
AGE_MEAN_SD = {
    "akiec": (66, 11),
    "bcc": (67, 14),
    "bkl": (64, 14),
    "df": (53, 14),
    "mel": (61, 15),
    "nv": (46, 15),
    "vasc": (51, 22),
}
MALE_SHARE = {"akiec": 0.68, "bcc": 0.62, "bkl": 0.57, "df": 0.55, "mel": 0.62, "nv": 0.51, "vasc": 0.49}
LOCALIZATIONS = ("back", "lower extremity", "trunk", "upper extremity", "abdomen", "face", "chest", "foot", "unknown")
LOCALIZATION_SHARE = {
    "akiec": (0.11, 0.25, 0.01, 0.22, 0.02, 0.35, 0.04, 0.00, 0.00),
    "bcc": (0.38, 0.12, 0.02, 0.10, 0.04, 0.22, 0.10, 0.01, 0.01),
    "bkl": (0.20, 0.17, 0.07, 0.11, 0.04, 0.31, 0.08, 0.00, 0.02),
    "df": (0.02, 0.72, 0.00, 0.21, 0.03, 0.00, 0.00, 0.02, 0.00),
    "mel": (0.31, 0.18, 0.05, 0.20, 0.06, 0.10, 0.06, 0.03, 0.01),
    "nv": (0.22, 0.23, 0.19, 0.10, 0.13, 0.02, 0.03, 0.05, 0.03),
    "vasc": (0.16, 0.20, 0.23, 0.09, 0.20, 0.07, 0.05, 0.00, 0.00),
}
DX_TYPES = ("histo", "follow_up", "consensus", "confocal")
DX_TYPE_SHARE = {
    "bkl": (0.70, 0.00, 0.24, 0.06),
    "df": (0.48, 0.00, 0.52, 0.00),
    "nv": (0.85, 0.00, 0.15, 0.00),  # outside vidir_molemax, the site of the follow-up patients
    "vasc": (0.47, 0.00, 0.53, 0.00),
}
MOLEMAX_NV_SHARE = (0.02, 0.93, 0.05, 0.00)


def lesions_per_class(n_lesions: int) -> dict[str, int]:
    """Lesions of each class: ``LESION_SHARE`` rounded, at least ``MIN_LESIONS``, the rest ``nv``."""
    counts = {dx: max(MIN_LESIONS, round(n_lesions * share)) for dx, share in LESION_SHARE.items()}
    counts["nv"] += n_lesions - sum(counts.values())
    return counts


def draw_cohort(n_lesions: int, rng: np.random.Generator) -> pd.DataFrame:
    """Metadata of a synthetic cohort in the columns of ``HAM10000_metadata.csv``.

    One row per photograph: lesion_id, image_id (both with the prefix ``SYN``), dx, dx_type, age (years, multiples
    of 5, NaN where unknown), sex, localization, dataset (acquisition site). Everything but image_id is a property of
    the lesion. Photographs of one lesion are not next to each other, as in HAM10000.
    """
    dx = np.repeat(CLASSES, [lesions_per_class(n_lesions)[name] for name in CLASSES])
    rng.shuffle(dx)
    rows = [
        (f"SYN_L{number:06d}", name, *_draw_patient(name, rng), 1 + rng.choice(4, p=PHOTO_SHARE[name]))
        for number, name in enumerate(dx)
    ]
    lesions = pd.DataFrame(
        rows, columns=["lesion_id", "dx", "dx_type", "age", "sex", "localization", "dataset", "photos"]
    )
    images = lesions.loc[np.repeat(lesions.index, lesions.pop("photos"))]
    images = images.iloc[rng.permutation(len(images))].reset_index(drop=True)
    images.insert(1, "image_id", [f"SYN_{number:07d}" for number in range(len(images))])
    return images


def _draw_patient(dx: str, rng: np.random.Generator) -> tuple[str, float, str, str, str]:
    """dx_type, age, sex, localization and site of one lesion."""
    site = rng.choice(SITES, p=SITE_SHARE[dx])
    share = DX_TYPE_SHARE.get(dx, (1.0, 0.0, 0.0, 0.0))
    if dx == "nv" and site == "vidir_molemax":
        share = MOLEMAX_NV_SHARE
    age = 5 * round(float(np.clip(rng.normal(*AGE_MEAN_SD[dx]), 0, 85)) / 5)
    sex = "male" if rng.random() < MALE_SHARE[dx] else "female"
    unknown = rng.random() < 0.006
    return (
        str(rng.choice(DX_TYPES, p=share)),
        np.nan if unknown else float(age),
        "unknown" if unknown else sex,
        str(rng.choice(LOCALIZATIONS, p=LOCALIZATION_SHARE[dx])),
        str(site),
    )
