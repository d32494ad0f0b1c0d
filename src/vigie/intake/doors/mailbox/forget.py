"""The personal data of this door, and how it is erased.

Held: the letters, sealed, in which somebody says who they are; their subjects; a keyed digest of each sender.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from vigie.casefile import files
from vigie.casefile.journal import record
from vigie.casefile.keys import hidden_key, stored_key
from vigie.casefile.rules.events import Event
from vigie.intake.doors.mailbox.evidence import read_kept_letter
from vigie.intake.doors.mailbox.letter import Letter, read_letter
from vigie.intake.doors.mailbox.models import IncomingMail, MailKind
from vigie.intake.doors.mailbox.sorting import House, addresses_of
from vigie.intake.models import Report
from vigie.intake.rules.values import ReportState
from vigie.organisations.rules.policy import Actor
from vigie.platforms.resolve import resolve


def export_letters(report: Report) -> list[str]:
    """Return the letters of which a report was made, for whoever wrote them."""
    kept = _of_report(report).exclude(kept_sha256="").values_list("kept_sha256", flat=True)
    return [read_kept_letter(sha256).decode("utf-8", "replace") for sha256 in kept]


def erase_letters_of(report: Report) -> bool:
    """Erase the letters of which a report was made; the report stays. Say whether there were any."""
    return _erase(_of_report(report))


def erase_letters(letters: Iterable[int]) -> bool:
    """Erase these letters; say whether there were any."""
    return _erase(IncomingMail.across_associations.filter(pk__in=list(letters)))


def erase_waiting_letters(organisation_id: int, forbidden: Container[str], now: datetime) -> None:
    """Erase the letters of the tray that hold an address which may not be kept; they wait for nobody any more.

    Args:
        forbidden: hidden keys.
    """
    worker = Actor(name="worker", organisation_id=organisation_id)
    tray = IncomingMail.objects.of(organisation_id).filter(kind=MailKind.TRAY).exclude(kept_sha256="")
    for mail in tray:
        letter = read_letter(read_kept_letter(mail.kept_sha256))
        if not any(hidden_key(key) in forbidden for key in keys_in(letter)):
            continue
        with transaction.atomic():
            erase_letters([mail.pk])
            if mail.settled_at is None:
                mail.settled_at, mail.settled_by, mail.settled_as = now, worker.name, "referred"
                mail.save(update_fields=["settled_at", "settled_by", "settled_as"])
                record(Event.MAIL_SETTLED, actor=worker, now=now, data={"mail": mail.pk, "as": "referred"})


def keys_in(letter: Letter) -> set[str]:
    """Return the keys of the addresses that stand in a letter."""
    house = House(addresses=frozenset(), sites=frozenset())
    return {stored_key(resolve(address).key) for address in addresses_of(letter, house=house)}


def erase_old_letters(now: datetime, *, at_most: int = 100) -> bool:
    """Erase letters kept longer than identities are, and those of reports that became referrals."""
    kept = IncomingMail.across_associations.exclude(kept_sha256="")
    # What a platform answered is the association's proof, and stays.
    of_people = kept.exclude(kind=MailKind.ANSWER)
    old = of_people.filter(received_at__lt=now - timedelta(days=settings.VIGIE_IDENTITY_DAYS))
    forbidden = kept.filter(report__state__in=[ReportState.REFERRED, ReportState.PURGED])
    found = [*forbidden[:at_most], *old.order_by("received_at")[:at_most]]
    return _erase(IncomingMail.across_associations.filter(pk__in=[mail.pk for mail in found]))


def _of_report(report: Report) -> QuerySet[IncomingMail]:
    return IncomingMail.objects.of(report.organisation_id).filter(report=report)


def _erase(letters: QuerySet[IncomingMail]) -> bool:
    with transaction.atomic():
        digests = list(letters.exclude(kept_sha256="").values_list("kept_sha256", flat=True))
        erased = letters.exclude(kept_sha256="", subject="", sender_digest="").update(
            kept_sha256="", subject="", sender_digest=""
        )
        for sha256 in digests:
            transaction.on_commit(partial(files.forget, sha256))
    return bool(erased)
