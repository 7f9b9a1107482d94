"""What is in the data: counts, metadata, repeats, near-duplicates, pictures, and what each split leaks.

Functions take an index (see :func:`lib.data.load_index`) and return a DataFrame or a figure.
"""
