"""Receive and sort many reports at once, for imports: what `receive_report` and `file_report` do one by one.

The common case is written together: a content nobody knows, or one whose case is open. Whatever asks for more
thought (child abuse, a case that was declined or closed) takes the ordinary way, report by report. `test_bulk` holds both ways
to the same journal and the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from vigie.casefile.actions import NewContent, open_cases, record_text, set_published_at, tie_contents
from vigie.casefile.journal import Happening, record_many
from vigie.casefile.keys import hidden_key, stored_key
from vigie.casefile.models import Case, CaseContent, Content
from vigie.casefile.rows import insert_all
from vigie.casefile.rules.events import Event
from vigie.casefile.rules.state import Stage
from vigie.intake.actions.filing import file_report, one_at_a_time
from vigie.intake.actions.receiving import receive_report
from vigie.intake.models import Report, ReportCase
from vigie.intake.rules.child_abuse import points_to_child_abuse
from vigie.intake.rules.values import About, Door, Post, ReportState
from vigie.organisations.rules.policy import Actor
from vigie.platforms.resolve import Resolved


@dataclass(frozen=True)
class Given:
    """One report of an import. `source_key` is the same each time the same line comes."""

    source_key: str
    resolved: Resolved
    post: Post
    note: str = ""
    said: tuple[str, ...] = ()
    """What else was said of it: not kept, but asked whether it points to child abuse."""


@dataclass(frozen=True)
class Filed:
    """What became of it: the case it lies in, whether that is new, and whether the report was there before."""

    ref: str
    is_new_case: bool
    was_known: bool


def receive_many(*, actor: Actor, given: Sequence[Given], now: datetime) -> list[Filed]:
    """Keep and sort the reports, in one transaction; the answers come in the order of what was given."""
    with transaction.atomic():
        # Before anything is looked up: two imports of one content make one case.
        one_at_a_time(actor.organisation_id, sorted({stored_key(one.resolved.key) for one in given}))
        answers = _known_reports(actor.organisation_id, given)
        new: dict[str, Given] = {}
        for one in given:
            if one.source_key not in answers:
                new.setdefault(one.source_key, one)
        grave = [one for one in new.values() if points_to_child_abuse("", [one.note, *one.said, one.resolved.url])]
        answers |= {one.source_key: _one_by_one(actor, one, now, about=About.CHILD_ABUSE) for one in grave}
        rest = [one for one in new.values() if one.source_key not in answers]
        answers |= _sort_together(actor, rest, now)
        return _in_order(given, answers, first=set(new))


def _in_order(given: Sequence[Given], answers: Mapping[str, Filed], *, first: set[str]) -> list[Filed]:
    """Return an answer for each; a line that stands twice in the same file is known the second time."""
    told = []
    for one in given:
        answer = answers[one.source_key]
        told.append(answer if one.source_key in first else Filed(answer.ref, is_new_case=False, was_known=True))
        first.discard(one.source_key)
    return told


def _known_reports(organisation_id: int, given: Sequence[Given]) -> dict[str, Filed]:
    kept = Report.objects.of(organisation_id).filter(source_key__in=[one.source_key for one in given])
    found = {key: Filed("", is_new_case=False, was_known=True) for key in kept.values_list("source_key", flat=True)}
    links = ReportCase.objects.of(organisation_id).filter(report__source_key__in=list(found)).order_by("-pk")
    for key, ref in links.values_list("report__source_key", "case__ref"):
        found[key] = Filed(ref, is_new_case=False, was_known=True)
    return found


def _one_by_one(actor: Actor, one: Given, now: datetime, *, about: str = "") -> Filed:
    received = receive_report(
        actor=actor, door=Door.IMPORT, addresses=[one.resolved.url], description=one.note, posts=[one.post],
        about=about, source_key=one.source_key, wants_receipt=False, now=now,
    )  # fmt: skip
    cases = file_report(received.report, now)
    case = cases[0] if cases else None
    return Filed(case.ref if case else "", bool(case and case.reports_count == 1), was_known=False)


def _sort_together(actor: Actor, given: Sequence[Given], now: datetime) -> dict[str, Filed]:
    keys = {one.source_key: stored_key(one.resolved.key) for one in given}
    open_cases_by_key, asks_for_thought = _places(actor.organisation_id, set(keys.values()))
    answers = {
        one.source_key: _one_by_one(actor, one, now) for one in given if keys[one.source_key] in asks_for_thought
    }
    rest = [one for one in given if one.source_key not in answers]
    reports = _insert_reports(actor.organisation_id, rest, now)

    new: dict[str, Given] = {}
    for one in rest:
        if keys[one.source_key] not in open_cases_by_key:
            new.setdefault(keys[one.source_key], one)
    opened = open_cases(
        actor.organisation_id, [_new_content(one) for one in new.values()], door=Door.IMPORT.value, now=now
    )
    places: dict[str, tuple[Content, Case]] = open_cases_by_key | {
        content.key: (content, case) for content, case, _happened in opened
    }
    begun = {content.key: happened for content, _case, happened in opened}
    worker = Actor(name="worker", organisation_id=actor.organisation_id)
    happenings: list[Happening] = []
    for one, report in zip(rest, reports, strict=True):
        key = keys[one.source_key]
        happenings.append(
            Happening(Event.REPORT_RECEIVED, actor, None, {"report": report.pk, "door": Door.IMPORT.value})
        )
        is_first = key in begun
        happenings += begun.pop(key, ())
        _content, case = places[key]
        happenings.append(Happening(Event.REPORT_JOINED, worker, case, {"report": report.pk, "door": report.door}))
        answers[one.source_key] = Filed(case.ref, is_first, was_known=False)
    record_many(actor.organisation_id, happenings, now=now)
    tie_contents(actor.organisation_id, ((content, case) for content, case, _happened in opened))
    insert_all([
        ReportCase(organisation_id=actor.organisation_id, report=report, case=places[keys[one.source_key]][1])
        for one, report in zip(rest, reports, strict=True)
    ])  # fmt: skip
    _tell_what_was_missing(worker, rest, keys, places, now)
    return answers


def _places(organisation_id: int, keys: set[str]) -> tuple[dict[str, tuple[Content, Case]], set[str]]:
    """Return the open case of each known content, and the keys that take the ordinary way."""
    hidden = {hidden_key(key): key for key in keys}
    contents = {content.pk: content for content in Content.objects.of(organisation_id).filter(key__in=[*keys, *hidden])}
    grave = {hidden[content.key] for content in contents.values() if content.key in hidden}
    links = CaseContent.objects.of(organisation_id).filter(content__in=list(contents)).select_related("case")
    found: dict[str, tuple[Content, Case]] = {}
    for link in links.order_by("case__opened_at", "case_id"):
        content = contents[link.content_id]
        if content.never_fetch:
            continue
        if content.key in keys - grave and link.case.stage not in {Stage.DECLINED, Stage.CLOSED}:
            found[content.key] = (content, link.case)  # of several open ones the latest, which comes last
    known = {content.key for content in contents.values()} & keys
    return found, (known | grave) - set(found)


def _insert_reports(organisation_id: int, given: Sequence[Given], now: datetime) -> list[Report]:
    reports = [
        Report(
            organisation_id=organisation_id, received_at=now, not_before=now, door=Door.IMPORT.value,
            addresses=[one.resolved.url], posts=[one.post.as_json()], description=one.note, language="fr",
            state=ReportState.FILED.value, filed_at=now, source_key=one.source_key,
        )
        for one in given
    ]  # fmt: skip
    insert_all(reports)
    return reports


def _new_content(one: Given) -> NewContent:
    return NewContent(
        key=one.resolved.key, platform=one.resolved.platform, kind=one.resolved.kind, url=one.resolved.canonical_url,
        account=one.post.account or one.resolved.account or "", text=one.post.text, language=one.post.language,
        published_at=one.post.published_at, source="import",
    )  # fmt: skip


def _tell_what_was_missing(
    worker: Actor,
    given: Iterable[Given],
    keys: Mapping[str, str],
    places: Mapping[str, tuple[Content, Case]],
    now: datetime,
) -> None:
    """Complete contents that were known by their address alone."""
    for one in given:
        content, case = places[keys[one.source_key]]
        if one.post.text and not content.text:
            record_text(
                actor=worker, case=case, content=content, text=one.post.text, source="import",
                language=one.post.language, now=now,
            )  # fmt: skip
        if one.post.published_at and content.published_at is None:
            set_published_at(
                actor=worker, case=case, content=content, published_at=one.post.published_at, source="import", now=now
            )
