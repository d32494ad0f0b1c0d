"""What a case is, and what each event does to it. Pure."""
