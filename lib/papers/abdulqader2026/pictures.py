"""Figure 3's material: every transform of Table 3 on a training image of a minority class, kept as one picture."""

import cv2
import numpy as np
import pandas as pd

from lib.data import read_image
from lib.data.cache import fit_square
from lib.data.catalogue import attribution
from lib.data.splits import make_split
from lib.data.tasks import apply_task
from lib.plan.spec import Mixing, RunSpec
from lib.records.measurements import Measurement, Outputs
from lib.studies import Study

KIND = "augmentation_samples"
VERSION = 1  # part of the key: raise it when the method changes
CLASSES = ("df", "bcc")
SIDE, TILE = 450, 96  # pixels: the square that is changed, as in the runs of the paper; a tile of the picture


def augmentation_samples(study: Study, spec: RunSpec) -> Measurement | None:
    """The stored picture (rows: ``CLASSES``, columns: table ``tiles``) of ``spec``'s training images.

    The first training image of each class as listed, at 450 px; each transform alone with probability one, then all
    with the probabilities of Table 3 (as copies are made), then MixUp and CutMix with the other class's image.
    """
    key = {"dataset": spec.dataset, "split": spec.split.model_dump(), "classes": list(CLASSES), "version": VERSION}
    return study.measure(KIND, spec.dataset, key, lambda: _make(study, spec))


def _make(study: Study, spec: RunSpec) -> Outputs:
    import torch

    from lib.training.augment import Augmenter
    from lib.training.offline import table_3

    frame = apply_task(study.index(spec.dataset), spec.task)
    split = make_split(spec.split.name, frame, fractions=spec.split.fractions, seed=spec.split.seed)
    train = frame[(split == "train").to_numpy()].set_index("dx")
    rows = [train.loc[[dx]].iloc[0] for dx in CLASSES]
    images = [fit_square(read_image(row["path"]), SIDE, "center_crop") for row in rows]
    columns = [("original", "", images)]
    for name, transform in table_3(1.0).items():
        change = Augmenter([transform])
        columns.append((name, "", [change(image, seed) for seed, image in enumerate(images)]))
    whole = Augmenter(list(table_3().values()))
    columns.append(("all of them", "", [whole(image, seed) for seed, image in enumerate(images)]))
    batch = torch.from_numpy(np.stack(images).transpose(0, 3, 1, 2))
    for name in ("mixup", "cutmix"):
        share, mixed = _mixed(name, batch)
        columns.append((name, f"{share:.0%} / {1 - share:.0%}", list(mixed)))
    tiles = [np.vstack([cv2.resize(i, (TILE, TILE), interpolation=cv2.INTER_AREA) for i in c]) for *_, c in columns]
    table = pd.DataFrame([{"column": n, "name": name, "note": note} for n, (name, note, _) in enumerate(columns)])
    sources = pd.DataFrame({"dx": CLASSES, "image_id": [row["image_id"] for row in rows]})
    return {"picture": np.hstack(tiles), "tiles": table, "sources": sources.assign(attribution=attribution(frame))}


def _mixed(name: str, batch) -> tuple[float, np.ndarray]:
    """(share of the own image, uint8 [B, S, S, 3]) of the first draw in which both images have a visible share."""
    import torch

    from lib.training.mixing import Mixer

    mixer = Mixer(Mixing(**{name: 1.0}), len(batch), seed=0)
    draws = (mixer(batch, torch.arange(len(batch)), 0, step) for step in range(1000))
    images, shares = next(d for d in draws if 0.35 < d[1][0, 0] < 0.65)
    return float(shares[0, 0]), images.round().byte().numpy().transpose(0, 2, 3, 1)
