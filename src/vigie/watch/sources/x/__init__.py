"""X, by pay-per-use: a search, and a budget that cannot be exceeded."""
