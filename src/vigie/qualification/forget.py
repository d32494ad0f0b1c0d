"""Which words of people this room holds, and how they are given out, then erased.

Words: quotes cut from contents, descriptions of pictures, explanations, notes, questions and opinions, and answers to
the people who reported. Grounds, answers to their questions, dates and versions name nobody and stay, for the figures.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from vigie.casefile.models import Case
from vigie.casefile.rules.state import Referral
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
    """Erase the words read of contents that a person confirmed to be child abuse; say whether there were any.

    What was noted of a whole case goes when nothing of the case may be kept.
    """
    readings = Reading.across_associations.filter(content__forbidden_at__isnull=False)
    of_cases = {"case__referral": Referral.MADE}
    about_them = {"qualification__reading__content__forbidden_at__isnull": False}
    opinions = SecondOpinion.across_associations
    erased = [
        _blank(readings, quotes=[], media_description="", text_sha256=""),
        _blank(Qualification.across_associations.filter(reading__in=readings), explanation=""),
        _blank(Decline.across_associations.filter(**of_cases), note="", answer=""),
        _blank(opinions.filter(**of_cases), question="", opinion=""),
        _blank(opinions.filter(**about_them), question="", opinion=""),
    ]
    return any(erased)


def _blank(rows: QuerySet[Any], **empty: Any) -> int:
    """Empty the columns of those rows that hold something in them; return how many did."""
    wordy = list(rows.exclude(**empty).values_list("pk", flat=True))
    return int(rows.model.across_associations.filter(pk__in=wordy).update(**empty)) if wordy else 0
