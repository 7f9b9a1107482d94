"""One module per data set: its files, its metadata, its checks."""
