"""Printed numbers as data, and ours beside them."""
