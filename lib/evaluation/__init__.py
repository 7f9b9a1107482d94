"""Metrics, and values with their uncertainty; works on arrays and knows no records."""
