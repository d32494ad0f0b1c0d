"""Agora, a small fictional social network, for the demonstration of Vigie and its end-to-end tests.

Everything in it is invented: accounts, posts, peoples, places. It stands alone: it imports nothing
from `vigie`, and `vigie` imports nothing from it; they meet over HTTP and SMTP, like strangers.
"""
