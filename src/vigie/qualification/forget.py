"""Which words of people this room holds, and how they are given out, then erased.

Words: quotes cut from contents, descriptions of pictures, explanations, notes, questions and opinions, and answers to
the people who reported. Grounds, answers to their questions, dates and versions name nobody and stay, for the figures.
"""

from __future__ import annotations

from typing import Any

from vigie.casefile.models import Case
from vigie.qualification.models import Decline, Qualification, Reading, SecondOpinion


def words_of(case: Case) -> list[dict[str, Any]]:
    """Return all words held about a case, to be given to whoever has the right to them."""
    here = case.organisation_id
    return [
        *Reading.objects.of(here).filter(case=case).values("quotes", "media_description"),
        *Qualification.objects.of(here).filter(reading__case=case).values("ground_id", "explanation"),
        *Decline.objects.of(here).filter(case=case).values("reason_id", "note", "answer"),
        *SecondOpinion.objects.of(here).filter(case=case).values("question", "opinion"),
    ]


def erase_words(case: Case) -> None:
    """Erase all words held about a case."""
    here = case.organisation_id
    Reading.objects.of(here).filter(case=case).update(quotes=[], media_description="", text_sha256="")
    Qualification.objects.of(here).filter(reading__case=case).update(explanation="")
    Decline.objects.of(here).filter(case=case).update(note="", answer="")
    SecondOpinion.objects.of(here).filter(case=case).update(question="", opinion="")


def erase_forbidden() -> bool:
    """Erase the words read of contents that may not be kept: child abuse suspected since; say whether there were any."""
    held = Reading.across_associations.filter(content__never_fetch=True)
    wordy = held.exclude(quotes=[], media_description="", text_sha256="").values_list("pk", flat=True)
    found = list(wordy)
    Reading.across_associations.filter(pk__in=found).update(quotes=[], media_description="", text_sha256="")
    Qualification.across_associations.filter(reading__in=found).update(explanation="")
    return bool(found)
