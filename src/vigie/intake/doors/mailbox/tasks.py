"""Timed work of the mailbox door."""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings

from vigie.intake.doors.mailbox import forget
from vigie.intake.doors.mailbox.accounts import Account, account_of
from vigie.intake.doors.mailbox.actions import note_mailbox, take_in_arrivals
from vigie.intake.doors.mailbox.ports import MailboxUnavailable
from vigie.organisations.models import Organisation
from vigie.organisations.queries import public_organisation

logger = logging.getLogger("vigie.intake.mailbox")


def read_mailboxes(now: datetime) -> bool:
    """Take in what waits in each association's mailbox; one that does not answer holds no other back."""
    found = False
    for organisation, account in mailboxes():
        why = None
        try:
            with account.open() as box:
                found = take_in_arrivals(box, organisation, now) > 0 or found
        except MailboxUnavailable as fault:
            why = fault.why
            logger.warning("mailbox of %s: %s", organisation.slug, fault)
        note_mailbox(organisation, why, now)
    return found


def erase_old_letters(now: datetime) -> bool:
    return forget.erase_old_letters(now)


def mailboxes() -> list[tuple[Organisation, Account]]:
    """Return the associations that have a mailbox, each with its own."""
    public = public_organisation()
    pairs = (
        (
            organisation,
            account_of(organisation.slug, is_public=organisation == public, accounts=settings.VIGIE_MAILBOXES),
        )
        for organisation in Organisation.objects.order_by("slug")
    )
    return [(organisation, account) for organisation, account in pairs if account is not None]
