"""The comments under videos, or of a whole channel, by the official interface."""
