"""Arrays in, numbers out: metrics, intervals, significance, ensembles."""
