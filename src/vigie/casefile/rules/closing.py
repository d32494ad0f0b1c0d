"""Why a case is closed without a legal reading having ended it. Pure."""

from enum import StrEnum


class ClosingReason(StrEnum):
    DONE = "done"  # everything that could be done was done
    DUPLICATE = "duplicate"  # handled in another case
    GONE = "gone"  # no longer online before we could act
    ELSEWHERE = "elsewhere"  # another association or authority deals with it
    MISTAKE = "mistake"  # a test, spam, an address that leads nowhere
