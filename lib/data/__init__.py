"""Data sets: indexes, official layouts, downloads, the synthetic default and the decoded cache."""

from lib.data.catalogue import load_index
from lib.data.files.images import read_image
from lib.data.verify import verify

__all__ = ["load_index", "read_image", "verify"]
