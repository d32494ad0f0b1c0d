"""Gather what a letter is made of; the rules turn it into words."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from vigie.casefile.models import Case, Content
from vigie.evidence.queries import latest_of
from vigie.intake.withheld import withheld_of
from vigie.notice.models import Notice, NoticeChannel
from vigie.notice.recipients import Route, route_of
from vigie.notice.rules.draft import Addressee, Claim, Draft, Notified, Notifier
from vigie.notice.rules.kept import put_in, taken_out
from vigie.notice.rules.letter import Letter, compose
from vigie.notice.rules.lint import Circumstances, Finding, Reporter, lint
from vigie.organisations.models import Organisation
from vigie.qualification import catalogue
from vigie.qualification.queries import StandingReading, standing_readings


def notifier_of(organisation: Organisation) -> Notifier:
    """Return the association as a notice states it."""
    return Notifier(
        name=organisation.legal_name or organisation.name,
        email=organisation.notice_email,
        postal_address=organisation.postal_address,
        is_trusted_flagger=organisation.is_trusted_flagger,
        expertise=frozenset(organisation.expertise),
    )


def draft_of(case: Case, contents: Sequence[Content], *, reference: str, route: Route) -> Draft:
    """Return the facts of a letter about these contents of a case."""
    readings = standing_readings(case)
    return Draft(
        reference=reference,
        addressee=Addressee(name=route.name, languages=route.languages),
        notifier=notifier_of(case.organisation),
        contents=tuple(_notified(content, readings.get(content.pk)) for content in contents),
    )


def _notified(content: Content, reading: StandingReading | None) -> Notified:
    capture = latest_of(content)
    return Notified(
        key=content.key,
        kind=content.kind,
        urls=(content.url,),
        claims=_claims(reading) if reading else (),
        quotes=reading.quotes if reading else (),
        text=content.text,
        media_description=reading.media_description if reading else "",
        account=content.account,
        published_at=content.published_at,
        captured_at=(capture.timestamped_at or capture.ended_at) if capture else None,
        manifest_sha256=capture.manifest_sha256 if capture else "",
    )


def _claims(reading: StandingReading) -> tuple[Claim, ...]:
    named = catalogue.current().criteria
    return tuple(
        Claim(
            ground=standing.ground,
            catalogue_version=standing.catalogue_version,
            answers=standing.answers,
            excluder_answers=standing.excluder_answers,
            explanation=standing.explanation,
            settled_by_jurist=standing.is_upheld,
            criteria=tuple(
                named[code] for code in standing.ground.protected_criteria if code in reading.criteria and code in named
            ),
        )
        for standing in reading.grounds
    )


def draft_of_notice(notice: Notice) -> Draft:
    """Return the facts as they stand now of a notice already drafted."""
    contents = [kept.content for kept in notice.about()]
    return draft_of(notice.case, contents, reference=notice.ref, route=route_of(contents[0]))


def findings_of(notice: Notice, now: datetime) -> tuple[Finding, ...]:
    """Return what is wrong with a notice as it stands, blocking findings first.

    None for a reminder, which claims nothing.
    """
    if notice.reminder_of_id or notice.channel == NoticeChannel.PHAROS:
        return ()
    draft, letter = draft_of_notice(notice), letter_of(notice)
    book = catalogue.current()
    circumstances = Circumstances(catalogue=book, now=now, reporters=reporters_of(notice.case))
    found = (*taken_out(draft, letter), *put_in(draft, letter, book), *lint(draft, letter, circumstances))
    return tuple(sorted(dict.fromkeys(found), key=lambda finding: not finding.is_blocking))


def reporters_of(case: Case) -> tuple[Reporter, ...]:
    """Return what the check must not find in the letter of those who reported."""
    return tuple(
        Reporter(
            names=_known(withheld.contact.name),
            emails=_known(withheld.contact.email),
            phones=_known(withheld.contact.phone),
            told=withheld.told,
        )
        for withheld in withheld_of(case)
    )


def _known(value: str) -> tuple[str, ...]:
    return (value,) if value else ()


def letter_of(notice: Notice) -> Letter:
    """Return the text of a notice as it stands."""
    return Letter(notice.subject, notice.body, "fr" if notice.language == "fr" else "en")


def is_outdated(notice: Notice) -> bool:
    """Say whether the facts have changed since this text was composed."""
    return digest_of(draft_of_notice(notice)) != notice.facts_digest


def digest_of(draft: Draft) -> str:
    """Return a digest of all that the letter says, whatever its reference and language."""
    said = [compose(replace(draft, reference=""), language).body_text for language in ("fr", "en")]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()
