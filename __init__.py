"""Vigie, the desk of associations that fight hatred on the internet."""

__version__ = "0.1.0"
