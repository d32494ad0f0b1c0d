"""How the classifier is made: words by what they do, sentence families, training. Not needed to read a text."""
