"""Backbones by timm name, with weights from timm, from local files, or none."""

import functools
import hashlib
import json
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path

import timm
import torch
from safetensors.torch import load_file
from timm.layers import resample_abs_pos_embed
from torch import nn

from lib.core.errors import StudyError, unknown_name
from lib.core.files import sha256_file
from lib.core.paths import weights_dir as default_weights_dir
from lib.models import small_cnns  # noqa: F401  registered with timm
from lib.plan.spec import Model


@dataclass(frozen=True)
class WeightsInfo:
    """What a run record says about its starting weights; mean and std are those the backbone expects (0..1 scale)."""

    weights: str
    source: str
    sha256: str
    mean: tuple[float, ...]
    std: tuple[float, ...]
    pretraining: str = ""
    licence: str = ""
    precision: str = ""

    def as_dict(self) -> dict:
        return asdict(self)


def check_backbone(name: str, weights: str, folder: Path | None = None) -> None:
    """Fail early, without building anything, when a backbone or its weights cannot be had.

    Raises:
        StudyError: unknown timm name or tag, or a local weights file that is absent or not the one its note describes.
    """
    if not timm.is_model(name):
        raise unknown_name("backbone", name, timm.list_models() + timm.list_pretrained())
    if weights == "imagenet" and name not in timm.list_pretrained():
        architecture = name.split(".")[0]
        raise unknown_name("pretrained weights", name, timm.list_pretrained(f"{architecture}.*"))
    if weights == "local":
        _local_note(name, folder)


@functools.lru_cache
def local_digest(model: Model, folder: Path | None = None) -> str | None:
    """SHA-256 of the local weights that ``model`` starts from; None if it starts from others or they are not here."""
    file = Path(folder or default_weights_dir()) / f"{model.backbone}.safetensors"
    return sha256_file(file) if model.weights == "local" and file.is_file() else None


def _local_note(name: str, folder: Path | None) -> tuple[Path, dict]:
    folder = Path(folder or default_weights_dir())
    file, note = folder / f"{name}.safetensors", folder / f"{name}.json"
    if not (file.is_file() and note.is_file()):
        have = ", ".join(sorted(p.stem for p in folder.glob("*.safetensors"))) or "none"
        raise StudyError(
            f"local weights for {name!r} not found in {folder} (there: {have}): give --weights-dir or DERM_WEIGHTS, "
            "or ask for weights 'imagenet' or 'none'."
        )
    described = json.loads(note.read_text())
    if absent := {"source", "mean", "std"} - described.keys():
        raise StudyError(
            f"{note} lacks {', '.join(sorted(absent))}: write where the weights come from and their scale."
        )
    if described.get("sha256") not in (None, sha256_file(file)):
        raise StudyError(f"checksum of {file} differs from its note {note.name}: fetch the file again.")
    return file, described


def build_backbone(
    name: str, weights: str, n_outputs: int, image_size: int, *, drop_path: float = 0.0, folder: Path | None = None
) -> tuple[nn.Module, WeightsInfo]:
    """timm model with ``n_outputs`` logits (0: pooled features) for images of ``image_size`` pixels.

    Args:
        weights: ``imagenet`` (timm's own, downloaded), ``local`` (``<name>.safetensors`` and ``.json`` in
            ``folder``), or ``none``.

    Raises:
        StudyError: weights that cannot be had or do not fit; never a silent fallback.
    """
    check_backbone(name, weights, folder)
    arguments = {"num_classes": n_outputs}
    if drop_path:
        arguments["drop_path_rate"] = drop_path
    if timm.get_pretrained_cfg(name).fixed_input_size:  # transformers: their position embedding has a size
        arguments["img_size"] = image_size
    model = _from_timm(name, arguments) if weights == "imagenet" else timm.create_model(name, **arguments)
    config = model.pretrained_cfg
    scale = tuple(config["mean"]), tuple(config["std"])
    if weights == "none":
        return model, WeightsInfo("none", "random initialization", "", *scale)
    if weights == "imagenet":
        source = f"timm {timm.__version__} {config.get('hf_hub_id') or config.get('url') or name}"
        known = config.get("tag") or "", config.get("license") or ""
        return model, WeightsInfo("imagenet", source, backbone_digest(model), *scale, *known)
    file, note = _local_note(name, folder)
    _load_strictly(model, load_file(file), file)
    if "bn_eps" in note:
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eps = note["bn_eps"]
    known = {key: note[key] for key in ("pretraining", "licence", "precision") if key in note}
    scale = tuple(note["mean"]), tuple(note["std"])
    return model, WeightsInfo("local", note["source"], sha256_file(file), *scale, **known)


def _from_timm(name: str, arguments: dict) -> nn.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the hub warns about missing tokens
            return timm.create_model(name, pretrained=True, **arguments)
    except Exception as error:
        raise StudyError(
            f"ImageNet weights of {name!r} could not be downloaded ({type(error).__name__}): connect to the "
            "internet once, or give local files with weights 'local' and --weights-dir."
        ) from error


def _load_strictly(model: nn.Module, state: dict[str, torch.Tensor], file: Path) -> None:
    """Load all but a classifier of another size; anything else missing or unexpected is an error."""
    classifier = _classifier_prefixes(model)
    own = model.state_dict()
    if "pos_embed" in state and "pos_embed" in own and state["pos_embed"].shape != own["pos_embed"].shape:
        prefix = getattr(model, "num_prefix_tokens", 1)
        size = model.patch_embed.grid_size
        state["pos_embed"] = resample_abs_pos_embed(state["pos_embed"].float(), size, num_prefix_tokens=prefix)
    state = {k: v.to(own[k].dtype) if k in own else v for k, v in state.items()}
    other = {k for k, v in state.items() if k.startswith(classifier) and (k not in own or own[k].shape != v.shape)}
    state = {k: v for k, v in state.items() if k not in other}
    wrong = [k for k, v in state.items() if k in own and own[k].shape != v.shape]
    missing = [k for k in own if k not in state and not k.startswith(classifier) and "num_batches_tracked" not in k]
    unexpected = [k for k in state if k not in own]
    if wrong or missing or unexpected:
        raise StudyError(
            f"{file} does not fit {model.__class__.__name__}: {len(missing)} missing, {len(unexpected)} unexpected, "
            f"{len(wrong)} of another shape, first {(wrong + missing + unexpected)[0]!r}: use the file of this model."
        )
    model.load_state_dict(state, strict=False)


def _classifier_prefixes(model: nn.Module) -> tuple[str, ...]:
    """Beginnings of the names of the classifier's parameters; a distilled transformer has two classifiers."""
    names = model.pretrained_cfg.get("classifier") or ()
    return tuple(f"{name}." for name in ((names,) if isinstance(names, str) else names))


def backbone_digest(model: nn.Module) -> str:
    """SHA-256 over names and bytes of all parameters and buffers but the classifier's, which start at random."""
    digest, classifier = hashlib.sha256(), _classifier_prefixes(model)
    for key, value in sorted(model.state_dict().items()):
        if key.startswith(classifier):
            continue
        digest.update(key.encode())
        digest.update(value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def count_parameters(model: nn.Module) -> int:
    """Number of trainable and frozen parameters."""
    return sum(p.numel() for p in model.parameters())
