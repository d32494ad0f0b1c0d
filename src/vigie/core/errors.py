"""The tree of refusals and failures.

VigieError            anything a person should be told in one sentence
├── Refusal           not allowed, not ready or incomplete: nothing was changed
│   ├── NotAllowed    the role does not carry this
│   ├── NotFound      there is no such thing, or none this member may know of
│   └── Conflict      somebody else was faster, or holds it
└── UnusableInput     what came in cannot be read: says what, where and what to do
    └── BadSetting    a setting is nonsense: the start stops

Anything else is a fault of ours: `kind_and_place` is all that may be logged or kept of it.
"""

import traceback
from pathlib import Path


class VigieError(Exception):
    """Carry one sentence for a person: what happened, where, what to do.

    `sentence` is the French source, marked `N_("…")` and translated where it is shown; `values` fill its
    `%(name)s` places.
    """

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence, values)
        self.sentence = sentence
        self.values = values

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (type(self), self.sentence, self.values)

    def __str__(self) -> str:
        return self.sentence % self.values if self.values else self.sentence


def _again(kind: type[VigieError], sentence: str, values: dict[str, object]) -> VigieError:
    """Make an error again in another process."""
    return kind(sentence, **values)


class Refusal(VigieError):
    """Nothing was changed, and the sentence says why."""


class NotAllowed(Refusal):
    """The actor's roles do not carry this action on this thing."""


class NotFound(Refusal):
    """There is no such thing, or none that this actor may know of: the two look the same."""


class Conflict(Refusal):
    """Somebody else was faster, or holds it."""


class UnusableInput(VigieError):
    """What came in cannot be read."""


class BadSetting(UnusableInput):
    """A setting is nonsense; the start stops."""


def kind_and_place(fault: Exception) -> str:
    """Return what kind of fault it was and where, as «KeyError at followup/actions.py:12».

    Nothing more: its own words, or the last line of a traceback, could quote a letter or a content.
    """
    place = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{type(fault).__name__} at {'/'.join(Path(place.filename).parts[-2:])}:{place.lineno}"
