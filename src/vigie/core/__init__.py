"""Words every room shares: errors, references, keys, settings from outside. Free of Django, database and network."""
