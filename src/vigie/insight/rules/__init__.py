"""What a published figure means, and how it is counted. Pure."""
