"""RSS and Atom: blogs, forums, the channels of YouTube."""
