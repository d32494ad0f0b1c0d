"""Questions about cases, asked on behalf of an actor."""

from __future__ import annotations

from vigie.casefile.models import Case, Content, JournalEntry
from vigie.core.errors import NotFound
from vigie.core.words import N_
from vigie.organisations.rules.policy import Action, Actor, require
from vigie.organisations.tenancy import OwnedQuerySet


def access_case(actor: Actor, ref: str) -> Case:
    """Return the case of that reference, for somebody who may see cases.

    Raises:
        NotAllowed: this actor sees no case at all.
        NotFound: there is none, or it is another association's.
    """
    require(actor, Action.SEE_CASE, actor.organisation_id)
    case = Case.objects.of(actor.organisation_id).select_related("holder").filter(ref=ref).first()
    if case is None:
        raise NotFound(N_("Ce dossier n’existe pas."))
    return case


def contents_of(case: Case) -> list[Content]:
    """Return the contents handled in a case, in their order."""
    return list(
        Content.objects.of(case.organisation_id)
        .filter(case_contents__case=case)
        .order_by("case_contents__position", "pk")
    )


def cases_of_content(content: Content) -> OwnedQuerySet:
    """Return the cases about a content, latest first."""
    return Case.objects.of(content.organisation_id).filter(contents=content).order_by("-opened_at", "-pk")


def journal_of(case: Case) -> OwnedQuerySet:
    """Return the entries about a case, latest first."""
    return JournalEntry.objects.of(case.organisation_id).filter(case=case).order_by("-seq")
