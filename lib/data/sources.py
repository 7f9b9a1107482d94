"""What is known about each data set: classes, published counts, licence, citation, names of its folder."""

from dataclasses import dataclass, field

LESION_CLASSES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")

_TSCHANDL = (
    "Tschandl, Rosendahl, Kittler: The HAM10000 dataset, a large collection of multi-source dermatoscopic images of "
    "common pigmented skin lesions. Sci Data 5:180161 (2018), doi:10.1038/sdata.2018.161"
)
_CODELLA = (
    "Codella et al.: Skin Lesion Analysis Toward Melanoma Detection 2018: A Challenge Hosted by the International "
    "Skin Imaging Collaboration (ISIC). arXiv:1902.03368 (2019)"
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
            {"akiec": 327, "bcc": 514, "bkl": 1099, "df": 115, "mel": 1113, "nv": 6705, "vasc": 142},
            "CC BY-NC 4.0",
            _TSCHANDL,
            ("ham10000", "skin-cancer-mnist-ham10000"),
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
    )
}
