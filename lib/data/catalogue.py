"""The catalogue of the data sets: what each is as published, and how its index is loaded."""

import importlib
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from lib.core.errors import StudyError, unknown_name
from lib.core.paths import data_root as default_root

LESION_CLASSES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")

_HAM10000_COUNTS = {"akiec": 327, "bcc": 514, "bkl": 1099, "df": 115, "mel": 1113, "nv": 6705, "vasc": 142}

_TSCHANDL = (
    "Tschandl, Rosendahl, Kittler: The HAM10000 dataset, a large collection of multi-source dermatoscopic images of "
    "common pigmented skin lesions. Sci Data 5:180161 (2018), doi:10.1038/sdata.2018.161"
)
_CODELLA = (
    "Codella et al.: Skin Lesion Analysis Toward Melanoma Detection 2018: A Challenge Hosted by the International "
    "Skin Imaging Collaboration (ISIC). arXiv:1902.03368 (2019)"
)
_CODELLA_2017 = "Codella et al.: Skin Lesion Analysis Toward Melanoma Detection. arXiv:1710.05006 (2017)"
_BCN = "Hernández-Pérez et al.: BCN20000: Dermoscopic Lesions in the Wild. Sci Data 11:641 (2024)"
_ABHISHEK = (
    "Abhishek, Jain, Hamarneh: Investigating the Quality of DermaMNIST and Fitzpatrick17k Dermatological Image "
    "Datasets. Sci Data 12:196 (2025), doi:10.1038/s41597-025-04382-5"
)
_YANG = "Yang et al.: MedMNIST v2. Sci Data 10:41 (2023), doi:10.1038/s41597-022-01721-8"


@dataclass(frozen=True)
class Source:
    """``counts``: images per class as published; ``folders``: names of its folder below the data root, compared
    without case and punctuation (Kaggle's slugs among them)."""

    name: str
    title: str
    classes: tuple[str, ...]
    counts: dict[str, int]
    licence: str
    citation: str
    folders: tuple[str, ...] = field(default=())


SOURCES = {
    s.name: s
    for s in (
        Source(
            "ham10000",
            "HAM10000",
            LESION_CLASSES,
            _HAM10000_COUNTS,
            "CC BY-NC 4.0",
            _TSCHANDL,
            ("ham10000", "skin-cancer-mnist-ham10000"),
        ),
        Source(
            "isic2018-test",
            "ISIC 2018 task 3 test set",
            LESION_CLASSES,
            {"akiec": 43, "bcc": 93, "bkl": 217, "df": 44, "mel": 171, "nv": 909, "vasc": 35},
            "CC BY-NC 4.0",
            f"{_TSCHANDL}; {_CODELLA}",
            ("isic2018-test", "isic2018-task3-test", "isic2018-task3-test-input"),
        ),
        Source(
            "isic2019",
            "ISIC 2019 training set",
            LESION_CLASSES,
            {"akiec": 867, "bcc": 3323, "bkl": 2624, "df": 239, "mel": 4522, "nv": 12875, "scc": 628, "vasc": 253},
            "CC BY-NC 4.0",
            f"{_TSCHANDL}; {_CODELLA_2017}; {_BCN}",
            ("isic2019", "isic-2019"),
        ),
        Source(
            "dermamnist",
            "DermaMNIST",
            LESION_CLASSES,
            _HAM10000_COUNTS,
            "CC BY-NC 4.0",
            f"{_YANG}; {_TSCHANDL}",
            ("dermamnist", "medmnist"),
        ),
        Source(
            "dermamnist-c",
            "DermaMNIST-C",
            LESION_CLASSES,
            _HAM10000_COUNTS,
            "CC BY-NC 4.0",
            f"{_ABHISHEK}; {_YANG}; {_TSCHANDL}",
            ("dermamnist-c", "dermamnist-corrected"),
        ),
        Source(
            "malignant-vs-benign",
            "Skin Cancer: Malignant vs. Benign",
            ("benign", "malignant"),
            {"benign": 1800, "malignant": 1497},
            "ISIC Archive terms of use, non-commercial",
            "Fanconi: Skin Cancer: Malignant vs. Benign, processed skin cancer pictures of the ISIC Archive. "
            "Kaggle (2019), https://www.kaggle.com/datasets/fanconic/skin-cancer-malignant-vs-benign",
            ("malignant-vs-benign", "skin-cancer-malignant-vs-benign"),
        ),
        Source(
            "alzheimer",
            "Alzheimer MRI (4 classes)",
            ("MildDemented", "ModerateDemented", "NonDemented", "VeryMildDemented"),
            {"MildDemented": 896, "ModerateDemented": 64, "NonDemented": 3200, "VeryMildDemented": 2240},
            "ODbL 1.0; likely derived from OASIS-1",
            "Kaggle: tourist55/alzheimers-dataset-4-class-of-images (176x208), sachinkumar413/alzheimer-mri-dataset "
            "(128x128); Marcus et al.: Open Access Series of Imaging Studies (OASIS). J Cogn Neurosci 19:1498 (2007)",
            (
                "alzheimer",
                "alzheimer-mri",
                "alzheimer-mri-dataset",
                "alzheimers-dataset-4-class-of-images",
                "Alzheimer_s Dataset",
            ),
        ),
    )
}

CLASS_NAMES = {
    "akiec": "actinic keratosis / intraepithelial carcinoma",
    "bcc": "basal cell carcinoma",
    "bkl": "benign keratosis",
    "df": "dermatofibroma",
    "mel": "melanoma",
    "nv": "melanocytic nevus",
    "vasc": "vascular lesion",
    "scc": "squamous cell carcinoma",
    "benign": "benign",
    "malignant": "malignant",
    "NonDemented": "no dementia",
    "VeryMildDemented": "very mild dementia",
    "MildDemented": "mild dementia",
    "ModerateDemented": "moderate dementia",
}

LOADERS = {
    "alzheimer": "lib.data.sets.alzheimer:load",
    "dermamnist": "lib.data.sets.dermamnist:load",
    "dermamnist-c": "lib.data.sets.dermamnist:load_corrected",
    "ham10000": "lib.data.sets.ham10000:load",
    "isic2018-test": "lib.data.sets.isic2018:load",
    "isic2019": "lib.data.sets.isic2019:load",
    "malignant-vs-benign": "lib.data.sets.malignant_benign:load",
    "synthetic": "lib.data.synthetic:load_synthetic_index",
    "synthetic-external": "lib.data.synthetic:load_external_index",
}


def load_index(name: str, data_root: str | Path | None = None) -> pd.DataFrame:
    """The checked index of a data set: one row per image.

    Args:
        name: one of ``LOADERS``.
        data_root: folder that holds the data sets; default ``$DERM_DATA``, else ``data/``.

    Returns:
        Columns image_id (str, unique), path (for :func:`lib.data.read_image`), dx (str), label (int64), group (str:
        the unit that must not cross a split), and what the data set knows beside; ``attrs``: name, classes, sha256,
        synthetic, licence, citation, missing (ids), groups_known (False: ``group`` may be no more than the image).

    Raises:
        StudyError: unknown name, data absent, incomplete or not the published ones.
    """
    if name not in LOADERS:
        raise unknown_name("data set", name, LOADERS)
    module, function = LOADERS[name].split(":")
    load = getattr(importlib.import_module(module), function)
    if name not in SOURCES:  # made here
        return load()
    root = default_root(data_root)
    if not root.is_dir():
        raise StudyError(f"data root {root} is not a folder: give --data-root or set DERM_DATA.")
    return load(root)
