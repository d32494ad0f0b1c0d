"""Which notices a letter without a reference may answer: a suggestion, which a person takes or leaves.

Read in the journal, which lies beneath all rooms: the notices themselves are another room's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q

from vigie.casefile.models import Case, Content, JournalEntry
from vigie.casefile.rules.events import Event
from vigie.intake.doors.mailbox.sorting import is_same_house
from vigie.outbox.models import OutgoingMail
from vigie.outbox.rules import Purpose
from vigie.platforms.address import UnreadableAddress
from vigie.platforms.registry import registry
from vigie.platforms.resolve import resolve

ANSWERED_WITHIN = timedelta(days=183)
"""Six months: as long as a decision may still be contested (Regulation (EU) 2022/2065, art. 20(1))."""
_SENT = [Event.NOTICE_SENT, Event.NOTICE_SENT_BY_HAND]


@dataclass(frozen=True)
class MayAnswer:
    """A notice that left, about a content whose address stands in the letter."""

    reference: str
    address: str
    platform: str
    case: str
    sent_at: datetime


def may_answer(organisation_id: int, *, sender: str, addresses: Iterable[str], now: datetime) -> tuple[MayAnswer, ...]:
    """Return the notices that a letter from `sender` about `addresses` may answer: one for each content, or several.

    The content was notified in the last six months, to an address of the sender's domain, or by hand to
    a platform that writes from there.
    """
    contents = _contents(organisation_id, addresses)
    if not contents:
        return ()
    cases = {case.pk: case for case in Case.objects.of(organisation_id).filter(case_contents__content__in=contents)}
    entries = list(
        JournalEntry.objects.of(organisation_id)
        .filter(case__in=cases, event__in=[*_SENT, Event.NOTICE_DRAFTED])
        .order_by("seq")
        .values_list("event", "at", "case_id", "data")
    )
    sent = {
        data["reference"]: at
        for event, at, _case, data in entries
        if event in _SENT and at > now - ANSWERED_WITHIN and data.get("reference")
    }
    recipients = dict(
        OutgoingMail.objects.of(organisation_id)
        .filter(purpose=Purpose.NOTICE, reference__in=sent)
        .values_list("reference", "recipient")
    )
    found: dict[tuple[str, str], MayAnswer] = {}
    for event, _at, case, data in entries:
        reference = data.get("reference", "")
        if event != Event.NOTICE_DRAFTED or reference not in sent:
            continue
        for content, address in contents.items():
            if not {content.reference, content.key} & set(data.get("contents", ())):
                continue
            if _writes_for(sender, recipient=recipients.get(reference, ""), content=content):
                one = MayAnswer(reference, address, data["platform"], cases[case].ref, sent[reference])
                found[reference, content.key] = one
    return tuple(found.values())


def is_a_recipient(organisation_id: int, sender: str) -> bool:
    """Say whether we have sent notices to whoever writes, or to somebody of the same house."""
    domain = sender.rpartition("@")[2]
    if not domain:
        return False
    top = ".".join(domain.split(".")[-2:])
    sent = OutgoingMail.objects.of(organisation_id).filter(
        Q(recipient__iendswith=f"@{top}") | Q(recipient__iendswith=f".{top}"),
        purpose__in=[Purpose.NOTICE, Purpose.REMINDER],
    )
    return any(is_same_house(sender, recipient) for recipient in sent.values_list("recipient", flat=True).distinct())


def _contents(organisation_id: int, addresses: Iterable[str]) -> dict[Content, str]:
    keys: dict[str, str] = {}
    for address in addresses:
        try:
            keys.setdefault(resolve(address).key, address)
        except UnreadableAddress:
            continue
    return {content: keys[content.key] for content in Content.objects.of(organisation_id).filter(key__in=keys)}


def _writes_for(sender: str, *, recipient: str, content: Content) -> bool:
    """Say whether whoever writes is of the house that a notice went to; one sent by hand has no recipient."""
    if recipient:
        return is_same_house(sender, recipient)
    known = registry(settings.VIGIE_EXTRA_PLATFORMS or None)
    hosts = known[content.platform].addresses.hosts if content.platform in known else ()
    return any(is_same_house(sender, f"@{host}") for host in (*hosts, urlsplit(content.url).hostname or ""))
