"""Notebook 10: what leaks between training and test, where images come from, and what a model takes from that.

Everything that needs images is a function ``compute_*`` that gives small tables of counts, kept as measurements; the
tables and figures are made from these alone.
"""
