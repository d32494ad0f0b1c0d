"""Bluesky, whole: its Jetstream of posts."""
