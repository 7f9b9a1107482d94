"""xia2025: an improved ConvNeXt-Tiny on 779 Alzheimer MRI slices, its parts, and what a subject leak gives."""

from lib.papers.xia2025.scores import measured

__all__ = ["measured"]
