"""The style of every figure and the figures that several notebooks share."""
