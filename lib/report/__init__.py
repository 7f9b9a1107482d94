"""What a reader sees: notebooks, stored pages, the site."""
