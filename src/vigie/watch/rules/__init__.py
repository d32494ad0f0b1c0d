"""The thinking of the watch: questions, near-duplicates, speed, rises. Free of Django, database, network and clock."""
