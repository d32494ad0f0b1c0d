"""What is true of a report, whichever door it came through. Pure."""
