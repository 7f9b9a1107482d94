"""One module a paper: its tables and figures from run records."""
