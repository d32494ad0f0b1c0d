"""How often somebody may try a receipt code. Only failures count: who has a code may look as often as they like.

There is no limit on everybody together: it would let one person, or a busy day's typing errors, shut the page to all.
What a source has wrong concerns that source and, ten times wider, the network around it.

A guess is right with n in 10^16, n being the codes handed out; take a million, more than any hotline has. One source
has 10 guesses in ten minutes, 1,440 a day: one right guess in some 19,000 years. A network has 14,400 a day: 1,900 years.
Ten thousand hired machines in as many networks have 14 million a day, and two years to the page of one person, drawn at
random; every guess costs us 3 ms of processor meanwhile.
"""

from __future__ import annotations

from allauth.core import ratelimit
from django.http import HttpRequest

from vigie.core.errors import Refusal
from vigie.core.words import N_
from vigie.organisations.web.source import AROUND, source_of


class TooManyTries(Refusal):
    """Wait a little."""


def refuse_if_too_many(request: HttpRequest) -> None:
    """Refuse a source that failed too often in the last ten minutes."""
    if not _count(request, dry_run=True):
        raise TooManyTries(N_("Trop d’essais. Attendez quelques minutes, puis recommencez."))


def count_failure(request: HttpRequest) -> None:
    _count(request, dry_run=False)


def _count(request: HttpRequest, *, dry_run: bool) -> bool:
    # How many is in the settings, with the limits of the sign-in. Tries at the same instant may all pass; all are counted.
    return ratelimit.consume(request, action="receipt_failed", key=source_of(request, AROUND), dry_run=dry_run)
