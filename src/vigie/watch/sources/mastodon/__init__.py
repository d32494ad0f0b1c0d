"""Mastodon and what speaks like it: the hashtags of one server."""
