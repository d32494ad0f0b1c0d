"""Communities of Reddit: their newest posts and comments."""
