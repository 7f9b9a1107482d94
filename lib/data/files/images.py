"""Reading one image, from a file, an archive or an npz array."""

import io
import re
import warnings
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from lib.core.errors import StudyError
from lib.data.files.archives import Entry, read_bytes

_NPZ_PATH = re.compile(r"^(?P<file>.+\.npz)!(?P<array>\w+)\[(?P<row>\d+)\]$")


def read_image(path: str) -> np.ndarray:
    """Decode the image at ``path`` as it is stored, without resizing; safe in threads and worker processes.

    Args:
        path: a plain path, ``<zip or tar>!<member>``, or ``<npz>!<array>[<row>]``.

    Returns:
        uint8 [H, W, 3] RGB in 0..255; a grey image has three equal channels.

    Raises:
        StudyError: absent, truncated or not an image; the message names the path.
    """
    in_npz = _NPZ_PATH.match(str(path))
    if in_npz:
        pixels = npz_array(in_npz["file"], in_npz["array"])[int(in_npz["row"])]
        return np.repeat(pixels[..., None], 3, axis=-1) if pixels.ndim == 2 else np.ascontiguousarray(pixels)
    content = read_bytes(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    except Exception as error:  # Pillow raises many kinds for damaged files
        raise StudyError(f"cannot decode image {path}: {error}; fetch the data set again.") from error


@lru_cache(maxsize=3)
def npz_array(file: str, array: str) -> np.ndarray:
    """Array ``array`` of an npz, held in memory: the compressed MedMNIST files allow no random access.

    At most three arrays (train, val, test) stay in a process: 1.5 GB for DermaMNIST at 224 px, 0.1 GB at 64 px.
    """
    try:
        with np.load(file, allow_pickle=False) as arrays:
            return arrays[array]
    except FileNotFoundError as error:
        raise StudyError(f"file {file} does not exist: fetch the data set again.") from error
    except Exception as error:  # numpy and zipfile raise many kinds for damaged files
        raise StudyError(f"cannot read array {array!r} of {Path(file).name}: {error}; fetch it again.") from error


def images_by_stem(entries: list[Entry]) -> dict[str, str]:
    """File name without extension -> path, for the image files among ``entries``; the first of a name is kept."""
    found: dict[str, str] = {}
    for entry in entries:
        if entry.is_image:
            found.setdefault(entry.stem, entry.path)
    return found


def picture_size(paths: Iterable[str]) -> str:
    """Width and height in pixels of the pictures at ``paths``, such as "600x450"; "mixed" if three of them differ."""
    paths = list(paths)
    sizes = {read_image(p).shape[:2] for p in (paths[0], paths[len(paths) // 2], paths[-1])}
    height, width = sizes.pop()
    return "mixed" if sizes else f"{width}x{height}"
