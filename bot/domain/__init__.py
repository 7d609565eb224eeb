"""The words everybody speaks: frozen types that cross the borders between parts, and the text gate."""
