"""The words everybody speaks: frozen types that cross borders between parts, and the text gate."""
