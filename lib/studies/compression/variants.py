"""A trained network and its smaller or faster forms, each with its size and a way to predict."""

import copy
import functools
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from lib.core.errors import StudyError
from lib.plan.spec import RunSpec
from lib.studies.compression import retrain
from lib.studies.compression.export import Probabilities, export_onnx, open_session, quantize_onnx
from lib.studies.compression.methods import pruned, quantized, thinned
from lib.studies.compression.settings import Making
from lib.studies.compression.sizes import Size, gzipped, module_size, onnx_size, serialized
from lib.training.checkpoints import Trained, load_trained
from lib.training.prepare import Folders


@dataclass(frozen=True)
class Form:
    """``predict``: uint8 [B, 3, S, S] to probabilities float32 [B, K] on the CPU; ``module``: the same for a GPU, None
    where there is none."""

    predict: Callable[[np.ndarray], np.ndarray]
    size: Size
    gzip_bytes: int
    module: nn.Module | None = None


@dataclass(frozen=True)
class Variant:
    """``origin``: ``paper`` (what it did), ``clinic`` (what would serve one), ``control``; ``seconds``: time to make it
    from what was there before, first call included."""

    name: str
    label: str
    origin: str
    form: Form
    seconds: float


@dataclass(frozen=True)
class Built:
    """``skipped``: label -> reason."""

    trained: Trained
    variants: tuple[Variant, ...]
    skipped: dict[str, str]


@functools.lru_cache(maxsize=1)
def build(spec: RunSpec, folders: Folders, making: Making) -> Built:
    """Every variant of a run, made once per process; ONNX files stay in the folder ``onnx`` of the run's checkpoints.

    Raises:
        StudyError: the run's trained weights are not on this machine.
    """
    kit = Kit(load_trained(spec, folders), spec, folders, making)
    found, skipped = [], {}
    for name, label, origin, make in kit.recipes():
        started = time.perf_counter()
        try:
            form = make()
            form.predict(np.zeros((2, 3, spec.image_size, spec.image_size), np.uint8))
        except StudyError as error:
            skipped[label] = str(error)
        else:
            found.append(Variant(name, label, origin, form, time.perf_counter() - started))
    return Built(kit.trained, tuple(found), skipped)


class Kit:
    """Makes the variants; what several of them start from is made once."""

    def __init__(self, trained: Trained, spec: RunSpec, folders: Folders, making: Making):
        self.trained, self.spec, self.folders, self.making = trained, spec, folders, making
        self.folder = folders.checkpoints(spec) / "onnx"

    def recipes(self) -> Iterator[tuple[str, str, str, Callable[[], Form]]]:
        """(name, label, origin, how to make it)."""
        percent, half = f"{100 * self.making.sparsity:.0f} %", f"{100 * self.making.thinned:.0f} %"
        name = self.making.student.backbone.split(".")[0]
        yield "base", "base, PyTorch fp32", "paper", lambda: of_module(self.trained.net)
        yield "quantized", "dynamic int8", "paper", lambda: of_module(quantized(self.trained.net), gpu=False)
        yield "pruned", f"{percent} of weights zeroed", "paper", lambda: of_module(self.sparse)
        both = f"{percent} zeroed, dynamic int8"
        yield "pruned_quantized", both, "paper", lambda: of_module(quantized(self.sparse), gpu=False)
        yield "compiled", "torch.compile", "clinic", self.compiled
        yield "onnx", "ONNX Runtime fp32", "clinic", lambda: of_onnx(self.onnx("base", self.trained.net))
        yield "onnx_int8", "ONNX Runtime int8, static", "clinic", self.onnx_int8
        yield "thinned", f"{half} of hidden units cut, as cut", "control", lambda: of_module(self.narrow)
        yield "thinned_tuned", f"{half} of hidden units cut, fine-tuned", "clinic", lambda: of_module(self.tuned)
        yield "student_alone", f"{name}, without teacher", "control", lambda: of_module(self.student())
        yield "student", f"{name}, distilled", "clinic", lambda: of_module(self.distilled)
        exported = f"{name}, distilled, ONNX Runtime fp32"
        yield "student_onnx", exported, "clinic", lambda: of_onnx(self.onnx("student", self.distilled))

    @functools.cached_property
    def sparse(self) -> nn.Module:
        return pruned(copy.deepcopy(self.trained.net), self.making.sparsity)

    @functools.cached_property
    def narrow(self) -> nn.Module:
        return thinned(self.trained.net, self.making.thinned, self.spec.image_size)

    @functools.cached_property
    def tuned(self) -> nn.Module:
        return retrain.fine_tuned(copy.deepcopy(self.narrow), self.spec, self.making, self.folders)

    @functools.cached_property
    def distilled(self) -> nn.Module:
        return self.student(copy.deepcopy(self.trained.net))

    def student(self, teacher: nn.Module | None = None) -> nn.Module:
        return retrain.student(self.spec, self.making, self.folders, teacher)

    def compiled(self) -> Form:
        if not self.making.compiled:
            raise StudyError("not tried in this profile: compiling takes longer than all else together.")
        if not any(shutil.which(c) for c in (os.environ.get("CXX", "g++"), "clang++")):
            raise StudyError("this machine has no C++ compiler, which torch.compile needs on a CPU: install g++.")
        logging.getLogger("torch.utils.cpp_extension").setLevel(logging.ERROR)  # says that there is no CUDA
        base = of_module(self.trained.net)
        network = torch.compile(base.module)

        def predict(images: np.ndarray) -> np.ndarray:
            with torch.inference_mode():
                batch = torch.from_numpy(images)
                torch._dynamo.maybe_mark_dynamic(batch, 0)  # one compilation for all sizes but 1
                return network(batch).numpy()

        return replace(base, predict=predict, module=network)

    def onnx(self, name: str, net: nn.Module) -> Path:
        """Exported with what ``run_onnx.py`` must know of the images."""
        about = {
            "classes": ",".join(self.trained.ready.classes),
            "resize": self.spec.preprocessing.resize,
            "side": str(self.spec.augmentation.random_crop or self.spec.image_size),
            "run": self.spec.run_id,
        }
        return export_onnx(net, self.spec.image_size, self.folder / f"{name}.onnx", about)

    def onnx_int8(self) -> Form:
        frame = self.trained.ready.frames["train"]
        drawn = frame.sample(min(self.making.calibration, len(frame)), random_state=self.spec.seed)
        images = pixels(self.trained, self.spec, drawn["image_id"])
        return of_onnx(quantize_onnx(self.folder / "base.onnx", self.folder / "base_int8.onnx", images))


def of_module(net: nn.Module, gpu: bool = True) -> Form:
    """A PyTorch network that gives logits."""
    module = Probabilities(net).eval()

    def predict(images: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return module(torch.from_numpy(images)).numpy()

    return Form(predict, module_size(net), gzipped(serialized(net)), module if gpu else None)


def of_onnx(file: Path) -> Form:
    """An ONNX file under ONNX Runtime, with as many threads as PyTorch has."""
    session = open_session(file, torch.get_num_threads())

    def predict(images: np.ndarray) -> np.ndarray:
        return session.run(None, {"images": images})[0]

    return Form(predict, onnx_size(file), gzipped(file.read_bytes()))


def pixels(trained: Trained, spec: RunSpec, image_ids) -> np.ndarray:
    """uint8 [N, 3, S, S] of the run's data set, in the order of ``image_ids``."""
    cache = trained.ready.caches[spec.dataset]
    return np.ascontiguousarray(cache.images[cache.at(image_ids)].transpose(0, 3, 1, 2))
