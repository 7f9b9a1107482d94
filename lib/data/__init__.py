"""Data sets: indexes, official layouts, downloads, the synthetic default and the decoded cache."""
