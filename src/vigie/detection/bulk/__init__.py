"""Scan a large corpus: files of posts in, the same rows with the columns of `vigie score` out, restartable. No Django.

`files` (where the posts lie and how they are cut) → `shards` (one piece, scored and written whole) → `scan` (what is
still to be done, and the outputs put together), over `engines` (on whose processors). Needs the extra `bulk`.
"""
