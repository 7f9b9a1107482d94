"""Splits: pure, seeded functions from an index to train/val/test."""
