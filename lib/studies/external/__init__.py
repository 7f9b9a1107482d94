"""Networks on images of other data sets, and whether their labels and normalization are in order."""
