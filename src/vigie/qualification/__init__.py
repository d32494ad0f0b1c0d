"""The legal reading of a content: which ground, each question answered, which words, by whom."""
