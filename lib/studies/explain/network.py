"""Grad-CAM of one trained network on given images, with its baselines: what ``lib.studies.explain.measure`` keeps."""

import cv2
import numpy as np
import pandas as pd
import torch
from pytorch_grad_cam.utils.image import show_cam_on_image
from torch import nn

from lib.data.cache import central
from lib.data.catalogue import attribution
from lib.data.masks import read_masks
from lib.evaluation.metrics import probabilities
from lib.models.forward import forward
from lib.plan.spec import RunSpec
from lib.records.measurements import Outputs
from lib.studies.explain.cam import TargetLayer, enlarged, find_target, grad_cam, stretched
from lib.studies.explain.curves import area_under, deletion, insertion, removal_order
from lib.studies.explain.scores import centred_gaussian, score
from lib.training.checkpoints import Trained, load_trained
from lib.training.prepare import Folders, prepare

TILE = 96
BATCH = 64


def explain(spec: RunSpec, folders: Folders, chosen: pd.DataFrame) -> Outputs:
    """Tables ``images``, ``setting`` and the picture ``grid`` of ``lib.studies.explain.measure.Cams``.

    The class explained is the one that the network predicts, in the precision of its run; CAMs are made in float32.
    Pixels taken away get the mean colour of the chosen images, the same for every network; their random order comes
    from maps of uniform noise with the CAM's own cells, enlarged in the same way, since single pixels at random would
    destroy an image sooner than regions do. A reversed random order is as random: one curve serves for both sides.

    Args:
        chosen: rows of ``lib.studies.explain.measure.select_images``.
    """
    trained = load_trained(spec, folders)
    frame = trained.ready.frames["test"].set_index("image_id", drop=False).loc[chosen["image_id"]]
    frame.attrs = trained.ready.frames["test"].attrs
    stored = spec.augmentation.random_crop or spec.image_size
    masks = central(read_masks(frame, stored, spec.preprocessing.resize), spec.image_size)
    pixels, images = _pixels(trained, spec, chosen["image_id"])

    net, precision = _on_device(trained.net), trained.ready.precision
    probs, target, cams = _explained(net, images, precision)
    predicted = probs.argmax(axis=1)
    gaussian = [centred_gaussian(spec.image_size)] * len(images)
    all_maps = {"": cams, "_gaussian": gaussian, "_random": _untrained(spec, folders, images)}
    fill = pixels.mean(axis=(0, 1, 2)).round().astype(np.uint8)

    def predict(changed: torch.Tensor) -> np.ndarray:
        return _probabilities(net, changed, precision)[np.arange(len(images)), predicted]

    faithful = _faithful(predict, images, cams, target.cells, fill)
    table = chosen.assign(predicted=predicted, p_predicted=probs.max(axis=1), area=masks.mean(axis=(1, 2)))
    first = ~chosen["target"].duplicated()  # its place in the picture, -1 for the others
    table["shown"] = np.where(first, first.cumsum() - 1, -1)
    for suffix, own in all_maps.items():
        scores = pd.DataFrame([score(m, mask) for m, mask in zip(own, masks, strict=True)])
        table = table.join(scores.add_suffix(suffix))
    table["empty"] = [int(m.max() <= 0) for m in cams]
    for (kind, name), values in faithful.items():
        table[f"{kind}_{name}"] = area_under(values)
    setting = {
        "run": spec.run_id,
        "layer": target.name,
        "cells": "x".join(map(str, target.cells)),
        "fill": "#" + bytes(fill.tolist()).hex(),
        "synthetic": int(frame.attrs["synthetic"]),
        "attribution": attribution(frame),
    }
    return {
        "images": table,
        "setting": pd.DataFrame([setting]),
        "grid": _grid(pixels, masks, cams, table["shown"]),
    }


def _faithful(predict, images: torch.Tensor, cams: np.ndarray, cells: tuple[int, ...], fill: np.ndarray):
    """(curve, order of pixels) -> curves [N, F]."""
    rng = np.random.default_rng(0)
    noise = enlarged(rng.random((len(images), *cells)), images.shape[-1])
    by_cam, by_chance = (np.stack([removal_order(m, rng) for m in order]) for order in (cams, noise))
    chance = deletion(predict, images, by_chance, fill)
    return {
        ("deletion", "cam"): deletion(predict, images, by_cam, fill),
        ("deletion", "random"): chance,
        ("insertion", "cam"): insertion(predict, images, by_cam, fill),
        ("insertion", "random"): chance[:, ::-1],
    }


def predicted_maps(trained: Trained, spec: RunSpec, ids: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of the images ``ids``: pixels uint8 [N, S, S, 3], probabilities [N, K], CAM of the predicted class [N, S, S]."""
    pixels, images = _pixels(trained, spec, ids)
    probs, _, cams = _explained(_on_device(trained.net), images, trained.ready.precision)
    return pixels, probs, cams


def under_map(pixels: np.ndarray, cam: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    """An image and the same under its map, uint8 [side, side, 3]."""
    image = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA)
    cam = stretched(cv2.resize(cam, (side, side), interpolation=cv2.INTER_LINEAR))
    return image, show_cam_on_image(image / np.float32(255), cam, use_rgb=True, colormap=cv2.COLORMAP_INFERNO)


def _pixels(trained: Trained, spec: RunSpec, ids) -> tuple[np.ndarray, torch.Tensor]:
    cache = trained.ready.caches[spec.dataset]
    pixels = cache.images[cache.at(ids)]
    return pixels, torch.from_numpy(np.ascontiguousarray(pixels.transpose(0, 3, 1, 2)))


def _untrained(spec: RunSpec, folders: Folders, images: torch.Tensor) -> np.ndarray:
    """Enlarged maps of the same architecture with random weights, each for the class that it predicts itself.

    A frozen backbone's head is replaced by the architecture's own linear one.
    """
    head = {"head": "linear", "feature_grid": None} if spec.model.train == "head" else {}
    model = spec.model.model_copy(update={"weights": "none", "train": "all", **head})
    net = _on_device(prepare(spec.model_copy(update={"model": model}), folders).net.eval())
    return _explained(net, images, "32")[2]


def _explained(net: nn.Module, images: torch.Tensor, precision: str) -> tuple[np.ndarray, TargetLayer, np.ndarray]:
    """Probabilities [N, K], Grad-CAM's layer, and enlarged maps [N, S, S] of the class predicted for each image."""
    size = images.shape[-1]
    probs, target = _probabilities(net, images, precision), find_target(net, size)
    return probs, target, enlarged(grad_cam(net, target, images, probs.argmax(axis=1)), size)


def _on_device(net: nn.Module) -> nn.Module:
    return net.to("cuda" if torch.cuda.is_available() else "cpu")


def _probabilities(net: nn.Module, images: torch.Tensor, precision: str) -> np.ndarray:
    return probabilities(forward(net, images.split(BATCH), precision))


def _grid(pixels: np.ndarray, masks: np.ndarray, cams: np.ndarray, shown: pd.Series) -> np.ndarray:
    """uint8 [2 * TILE, TILE * classes, 3]: outlined images above, the same under their CAMs below."""
    columns = []
    for row in shown.index[shown >= 0]:
        image, under = under_map(pixels[row], cams[row], TILE)
        mask = cv2.resize(masks[row].astype(np.uint8), (TILE, TILE), interpolation=cv2.INTER_NEAREST)
        columns.append(np.vstack([_outlined(image, mask), _outlined(under, mask)]))
    return np.hstack(columns) & 0xF8  # five bits per channel: less than half the size, and no difference to see


def _outlined(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    lines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return cv2.drawContours(image.copy(), lines, -1, (255, 255, 255), 1)
