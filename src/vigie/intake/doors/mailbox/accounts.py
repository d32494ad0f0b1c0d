"""Read the setting that says where letters arrive. Pure."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from vigie.core.errors import BadSetting
from vigie.intake.doors.mailbox.imap import ImapAccount
from vigie.intake.doors.mailbox.maildir import MaildirAccount

Account = ImapAccount | MaildirAccount
PORTS = {"tls": 993, "starttls": 143, "none": 143}
FORM = "write it like imap://user:password@host:993/INBOX?security=tls or maildir:///path"


def read_accounts(setting: str) -> dict[str, Account]:
    """Return the mailboxes of `VIGIE_MAILBOX` by the slug of their association.

    One address alone is the mailbox of the association that receives public reports (slug ""). Several are
    separated by spaces, each as `slug=address`.

    Raises:
        BadSetting: an address of no known form, or two mailboxes without a slug.
    """
    accounts: dict[str, Account] = {}
    for word in setting.split():
        slug, sign, address = word.partition("=")
        if not sign or "://" in slug:
            slug, address = "", word
        if slug in accounts:
            raise BadSetting(
                f"VIGIE_MAILBOX names two mailboxes for {slug or 'the same association'}: write slug=address."
            )
        accounts[slug] = read_account(address)
    return accounts


def read_account(address: str) -> Account:
    """Return the mailbox that `address` describes; the refusal never repeats it, because a password is in it."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadSetting(f"VIGIE_MAILBOX cannot be read: {FORM}.") from None
    if parts.scheme == "maildir" and parts.path not in {"", "/"}:
        return MaildirAccount(Path(unquote(parts.path)))
    if parts.scheme != "imap" or not host or not parts.username:
        raise BadSetting(f"VIGIE_MAILBOX cannot be read: {FORM}.")
    options = dict(parse_qsl(parts.query))
    security = options.get("security", "tls")
    if security not in PORTS:
        raise BadSetting(f"VIGIE_MAILBOX: security={security!r}; write tls, starttls or none.")
    return ImapAccount(
        host=host,
        port=port or PORTS[security],
        username=unquote(parts.username),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.lstrip("/")) or "INBOX",
        security=security,
    )
