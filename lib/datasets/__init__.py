"""Torch datasets over decoded images: augmentation, seeding, sampling."""
