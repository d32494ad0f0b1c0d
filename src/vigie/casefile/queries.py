"""Questions about cases, asked on behalf of an actor."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from vigie.casefile.models import Case, CaseContent, Content, JournalEntry
from vigie.core.errors import NotFound
from vigie.core.words import N_
from vigie.organisations.rules.policy import Action, Actor, require
from vigie.organisations.tenancy import OwnedQuerySet

Answer = TypeVar("Answer")
JOINS_FOLLOWED = 20  # each of them is a decision of a person


class SetAside(NotFound):
    """The case is set aside for the authorities: nothing of it is shown, and nobody works on it."""

    def __init__(self) -> None:
        super().__init__(N_("Ce dossier est mis de côté : rien n’en est montré tant que personne n’a décidé."))


def access_case(actor: Actor, ref: str, *, even_set_aside: bool = False) -> Case:
    """Return the case of that reference, for somebody who may see cases.

    Args:
        even_set_aside: for the one page on which a person decides what becomes of it; it shows no content.

    Raises:
        NotAllowed: this actor sees no case at all.
        NotFound: there is none, or it is another association's.
        SetAside: somebody says it shows sexual abuse of a child.
    """
    require(actor, Action.SEE_CASE, actor.organisation_id)
    case = Case.objects.of(actor.organisation_id).select_related("holder").filter(ref=ref).first()
    if case is None:
        raise NotFound(N_("Ce dossier n’existe pas."))
    if case.referral and not even_set_aside:
        raise SetAside
    return case


def contents_of(case: Case) -> list[Content]:
    """Return the contents handled in a case, in their order."""
    theirs = Content.objects.of(case.organisation_id).filter(case_contents__case=case)
    return once(case, "contents", lambda: list(theirs.order_by("case_contents__position", "pk")))


def remember_contents(case: Case) -> list[Content]:
    """Return the contents of a case and keep them with this `case`: for a page that shows it through many panels.

    What else several panels ask of it is read `once` from then on, so nothing of the case may be changed afterwards.
    """
    case.remembered = {}
    return contents_of(case)


def once(case: Case, name: str, read: Callable[[], Answer]) -> Answer:
    """Return what `read` answers; of a case that remembers, it is read the first time only."""
    if case.remembered is None:
        return read()
    if name not in case.remembered:
        case.remembered[name] = read()
    answer: Answer = case.remembered[name]
    return answer


def cases_of_content(content: Content) -> OwnedQuerySet:
    """Return the cases about a content, latest first."""
    return cases_of_contents(content.organisation_id, [content.pk])


def cases_of_contents(organisation_id: int, content_ids: Iterable[int]) -> OwnedQuerySet:
    """Return the cases about any of these contents, latest first."""
    # Two questions instead of a join: SQLite would walk through every case in the order of their dates.
    theirs = CaseContent.objects.of(organisation_id).filter(content__in=list(content_ids))
    cases = list(theirs.values_list("case", flat=True))
    return Case.objects.of(organisation_id).filter(pk__in=cases).order_by("-opened_at", "-pk")


def joined_cases(case: Case) -> list[Case]:
    """Return the cases that are handled in this one, oldest first."""
    return list(joined_to(case.organisation_id, case.ref).order_by("opened_at", "pk"))


def joined_to(organisation_id: int, ref: str) -> OwnedQuerySet:
    """Return the cases that are handled in the one of that reference."""
    # What is this reference is not empty, but unless told so no database finds the few in their index: it reads them all.
    return Case.objects.of(organisation_id).filter(joined_into=ref).exclude(joined_into="")


def handled_in(case: Case) -> Case:
    """Return the case in which this one is handled: itself, unless it was joined to another, perhaps joined in turn."""
    for _ in range(JOINS_FOLLOWED):
        if not case.joined_into:
            break
        case = Case.objects.of(case.organisation_id).get(ref=case.joined_into)
    return case


def journal_of(case: Case) -> OwnedQuerySet:
    """Return the entries about a case, latest first."""
    return JournalEntry.objects.of(case.organisation_id).filter(case=case).order_by("-seq")
