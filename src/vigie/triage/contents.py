"""Contents put into a case by hand, by their address, and taken out again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from vigie.casefile.actions import add_content, keep_content, open_case, untie
from vigie.casefile.journal import lock_cases, record
from vigie.casefile.keys import hidden_key, stored_key
from vigie.casefile.models import Case, CaseContent, Content, JournalEntry
from vigie.casefile.queries import access_case, cases_of_content, joined_to
from vigie.casefile.rules.events import Event
from vigie.casefile.rules.state import Stage
from vigie.core.errors import Conflict, NotFound, Refusal, UnusableInput
from vigie.core.words import N_
from vigie.intake.actions.filing import one_at_a_time
from vigie.intake.rules.child_abuse import points_to_child_abuse
from vigie.organisations.rules.policy import Action, Actor, require
from vigie.platforms.resolve import Resolved, UnreadableAddress, resolve
from vigie.triage import together
from vigie.triage.actions import require_holder
from vigie.triage.rules import moves

HANDLED = (Stage.NEW, Stage.TRIAGE, Stage.QUALIFIED)


class NeverAdded(Refusal):
    """What may be sexual abuse of a child is handled alone, and by nobody here."""

    def __init__(self) -> None:
        super().__init__(
            N_(
                "Cette adresse ne s’ajoute à aucun dossier : ce qui peut montrer l’abus sexuel d’un enfant n’est ni "
                "ouvert ni gardé. Signalez-la à PHAROS ou à Point de Contact. Rien n’a été noté ici."
            )
        )


class AlreadyHere(Refusal):
    def __init__(self) -> None:
        super().__init__(N_("Ce contenu est déjà dans ce dossier, sous la même adresse ou sous une autre."))


class HandledElsewhere(Conflict):
    """Another case is about it: the same content must not be qualified and notified twice."""

    def __init__(self, case: Case) -> None:
        super().__init__(N_("Ce contenu est déjà traité dans le dossier %(ref)s."), ref=case.ref)
        self.case = case


class OpenedTheCase(Refusal):
    def __init__(self) -> None:
        super().__init__(N_("Ce contenu a ouvert le dossier : il ne se retire pas. Le dossier peut être clos."))


class AlreadyDecidedUpon(Refusal):
    def __init__(self) -> None:
        super().__init__(N_("Ce contenu a été qualifié ou notifié dans ce dossier : il y reste."))


def add_by_address(*, actor: Actor, ref: str, address: str, now: datetime) -> Content:
    """Handle what an address leads to in this case too. Its capture starts by itself, as for any other.

    Raises:
        NotAllowed, NotFound, SetAside: as `access_case`; it is for who sorts cases.
        UnusableInput: nobody can read the address.
        NeverAdded: it may be child abuse; nothing is kept of what was typed.
        HeldByNobody, HeldByAnother: the case is not in the actor's hands.
        CaseIsClosed, AlreadyRead, NoticeBegun, OpinionAwaited, TooManyContents: see `moves.check_contents`.
        AlreadyHere: it is one of the case's contents.
        HandledElsewhere: another case is about it; `case` says which.
    """
    require(actor, Action.TRIAGE_CASE, actor.organisation_id)
    found = _read(address)
    key = stored_key(found.key)
    with transaction.atomic():
        one_at_a_time(actor.organisation_id, [key])
        case = _locked(actor, ref)
        known = list(Content.objects.of(actor.organisation_id).filter(key__in=[key, hidden_key(key)]))
        if any(content.never_fetch or content.forbidden_at for content in known):
            raise NeverAdded
        theirs = CaseContent.objects.of(actor.organisation_id).filter(case=case)
        if theirs.filter(content__in=known).exists():
            raise AlreadyHere
        if theirs.count() >= moves.CONTENTS_MOST:
            raise moves.TooManyContents
        for content in known:
            for other in cases_of_content(content).filter(stage__in=HANDLED):
                raise HandledElsewhere(other)
        content = keep_content(
            organisation_id=actor.organisation_id, key=key, platform=found.platform, kind=found.kind,
            url=found.canonical_url, account=found.account or "", now=now,
        )  # fmt: skip
        add_content(actor=actor, case=case, content=content, now=now)
    return content


def remove_content(*, actor: Actor, ref: str, content_id: int, now: datetime) -> Case | None:
    """Take out a content that was put in by mistake; return the case in which it is handled then, if any is.

    One that a joined case brought goes back to it, with all that came with it: that case is open again. Reports that
    name the content are never left without it: they open a case of its own.

    Raises:
        as `add_by_address`, and
        NotFound: the case is not about it.
        OpenedTheCase: it is the first; without it the case would be about something else.
        AlreadyDecidedUpon: something was qualified or prepared for sending about it.
    """
    require(actor, Action.TRIAGE_CASE, actor.organisation_id)
    with transaction.atomic():
        together.hold_contents(actor.organisation_id, [ref])
        refs = [ref, *joined_to(actor.organisation_id, ref).values_list("ref", flat=True)]
        lock_cases(actor.organisation_id, refs)
        link = CaseContent.objects.of(actor.organisation_id).filter(case=access_case(actor, ref), content=content_id)
        found = link.select_related("content").first()
        if found is None:
            raise NotFound(N_("Ce contenu n’est pas dans ce dossier."))
        case, content = _locked(actor, ref), found.content
        if found.position == 0:
            raise OpenedTheCase
        if _is_decided_upon(case, content):
            raise AlreadyDecidedUpon
        joined = together.brought_by(case, content)
        if joined is not None:
            together.part(actor=actor, target=case, joined=joined, now=now)
            record(Event.CASE_REOPENED, actor=actor, now=now, case=joined)
            return joined
        return _take_out(actor, case, content, now)


def _take_out(actor: Actor, case: Case, content: Content, now: datetime) -> Case | None:
    alone, others = together.reports_about(case, content)
    untie(case, [content])
    opened = None
    if alone or others:
        opened = open_case(actor=actor, content=content, door=(alone or others)[0].door, now=now)
        together.give_reports(actor=actor, reports=[*alone, *others], to=opened, now=now)
    together.take_reports(case, alone)
    data = {"content": content.reference, "reports": [report.pk for report in alone]}
    if opened is not None:
        data["opened"] = opened.ref
    record(Event.CONTENT_REMOVED, actor=actor, now=now, case=case, data=data)
    return opened


def _locked(actor: Actor, ref: str) -> Case:
    """Return the case under lock, in the actor's hands, as long as what it is about may change."""
    access_case(actor, ref)
    case = lock_cases(actor.organisation_id, [ref])[0]
    require_holder(actor, case)
    moves.check_contents(case.state())
    return case


def _read(address: str) -> Resolved:
    typed = address.strip()
    if points_to_child_abuse("", [typed]):
        raise NeverAdded
    try:
        return resolve(typed)
    except UnreadableAddress:
        raise UnusableInput(
            N_("Cette adresse n’est pas lisible. Collez l’adresse d’une seule publication, en entier.")
        ) from None


def _is_decided_upon(case: Case, content: Content) -> bool:
    """Say whether the journal tells of a reading or a notice about the content, whatever became of it since."""
    entries = JournalEntry.objects.of(case.organisation_id).filter(
        case=case, event__in=[Event.QUALIFIED, Event.NOTICE_DRAFTED]
    )
    return any(
        content.reference in (data.get("content"), *data.get("contents", [content.reference]))
        if event == Event.NOTICE_DRAFTED
        else content.reference == data.get("content")
        for event, data in entries.values_list("event", "data")
    )
