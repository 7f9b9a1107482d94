"""Files of data sets: archives, images in them, downloads."""
