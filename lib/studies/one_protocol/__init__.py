"""Notebook 11: the papers' ideas under one protocol."""
