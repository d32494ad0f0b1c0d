"""The room of the watch: open sources, questions asked of them, the wall of what answered."""
