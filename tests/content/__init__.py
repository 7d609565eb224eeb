"""Files in and out, and the data folder."""
