"""Backbones, weights and frozen features."""
