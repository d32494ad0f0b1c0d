"""What may be fetched, what a page says, and the words for what could not be kept. Pure: no Django, no network."""
