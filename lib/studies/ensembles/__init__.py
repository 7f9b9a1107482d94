"""Notebook 09: what ensembles of stored runs gain, and at what cost."""
