"""What is to be run: specifications, and the grids that plan them."""
