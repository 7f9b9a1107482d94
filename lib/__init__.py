"""Helper library of the skin-lesion reproducibility study; ``lib/README.md`` shows its rooms and their order."""

__version__ = "0.1.0"
