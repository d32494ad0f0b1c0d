"""Read the setting that says where letters arrive. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from vigie.core.errors import BadSetting
from vigie.intake.doors.mailbox.imap import ImapAccount
from vigie.intake.doors.mailbox.maildir import MaildirAccount

Account = ImapAccount | MaildirAccount
NOT_MAILBOXES = {"VIGIE_MAILBOX_EVERY", "VIGIE_MAILBOX_MAX_MB"}
PORTS = {"tls": 993, "starttls": 143, "none": 143}
FORM = "write it like imap://user:password@host:993/INBOX?security=tls or maildir:///path"


def read_accounts(settings: Mapping[str, str]) -> dict[str, Account]:
    """Return the mailboxes that the settings name, by the association's slug as the settings write it.

    `VIGIE_MAILBOX` is the mailbox of the association that receives public reports (""); `VIGIE_MAILBOX_AUTRE_RIVE`
    that of the association `autre-rive`.

    Raises:
        BadSetting: an address of no known form.
    """
    return {
        name.removeprefix("VIGIE_MAILBOX").removeprefix("_"): read_account(address, name)
        for name, address in sorted(settings.items())
        if name not in NOT_MAILBOXES and address
    }


def account_of(slug: str, *, is_public: bool, accounts: Mapping[str, Account]) -> Account | None:
    """Return the mailbox of an association."""
    own = accounts.get(slug.upper().replace("-", "_"))
    return own or (accounts.get("") if is_public else None)


def read_account(address: str, name: str) -> Account:
    """Return the mailbox that `address` describes; the refusal never repeats it, because a password is in it."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadSetting(f"{name} cannot be read: {FORM}.") from None
    if parts.scheme == "maildir" and parts.path not in {"", "/"}:
        return MaildirAccount(Path(unquote(parts.path)))
    if parts.scheme != "imap" or not host or not parts.username:
        raise BadSetting(f"{name} cannot be read: {FORM}.")
    options = dict(parse_qsl(parts.query))
    security = options.get("security", "tls")
    if security not in PORTS:
        raise BadSetting(f"{name}: security={security!r}; write tls, starttls or none.")
    return ImapAccount(
        host=host,
        port=port or PORTS[security],
        username=unquote(parts.username),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.lstrip("/")) or "INBOX",
        security=security,
    )
