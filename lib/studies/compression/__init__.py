"""Smaller and faster networks, and what they cost in accuracy."""
