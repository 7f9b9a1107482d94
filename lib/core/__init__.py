"""What every room may use: errors, paths, files that are written whole, the environment of a run."""
