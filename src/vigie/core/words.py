"""Mark sentences for translation where Django may not be imported."""


def N_(sentence: str) -> str:
    """Return `sentence` as it is: it is translated where it is shown."""
    return sentence
