"""What the house learns from its own decisions: terms, trials, labels, figures. Pure."""
