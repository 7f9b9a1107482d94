"""The same lesions at every input size of the paper, kept as one picture."""

import cv2
import numpy as np
from matplotlib.figure import Figure

from lib.data import read_image
from lib.data.cache import fit_square
from lib.data.catalogue import attribution
from lib.figures.pictures import tiles
from lib.figures.style import styled
from lib.records.measurements import Measurement, Outputs
from lib.studies import Study

KIND, VERSION = "sizes", 1  # the version is part of the key: raise it when the method changes
SIZES = (28, 64, 128, 224)
CLASSES = ("mel", "nv", "bcc")
SIDE = 224  # pixels of a tile


def same_lesions(study: Study, dataset: str) -> Measurement | None:
    """The first test image of each of ``CLASSES`` in ``dataset``, as networks get it at each of ``SIZES``."""
    key = {"dataset": dataset, "classes": list(CLASSES), "sizes": list(SIZES), "version": VERSION}
    return study.measure(KIND, dataset, key, lambda: _make(study, dataset))


def _make(study: Study, dataset: str) -> Outputs:
    frame = study.index(dataset)
    test = frame[frame["split"] == "test"].drop_duplicates("dx").set_index("dx").loc[list(CLASSES)]
    rows = []
    for path in test["path"]:
        image = read_image(path)
        shrunk = [fit_square(image, size, "center_crop") for size in SIZES]
        rows.append(np.hstack([cv2.resize(s, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST) for s in shrunk]))
    sources = test.reset_index()[["dx", "image_id"]].assign(credit=attribution(frame))
    return {"picture": np.vstack(rows) & 0xF8, "sources": sources}


@styled
def lesion_sizes(stored: Measurement) -> Figure:
    """The same lesions (a row each) at the four sizes that networks are given, 28, 64, 128 and 224 pixels per side:
    detail that is lost is lost to a network too. Chosen by a rule: the first test image of a class."""
    sources, picture = stored.table("sources"), stored.picture("picture")
    cells = [
        (tile, "" if row else f"{size} px")
        for row, of_lesion in enumerate(np.vsplit(picture, len(sources)))
        for size, tile in zip(SIZES, np.hsplit(of_lesion, len(SIZES)), strict=True)
    ]
    note = ", ".join(f"{s.dx} {s.image_id}" for s in sources.itertuples())
    return tiles(cells, len(SIZES), f"{note}. {sources['credit'][0]}", list(sources["dx"]))
