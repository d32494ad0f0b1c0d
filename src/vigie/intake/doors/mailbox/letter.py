"""Read an e-mail as a person would: who wrote, what, with which files. Pure: bytes in, `Letter` out.

Mail is the least disciplined of formats. What cannot be read is never guessed and never dropped: it is named in
`Letter.troubles`, and a person reads the letter in the tray.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import errors, message_from_bytes, policy
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import getaddresses, parsedate_to_datetime
from enum import StrEnum

from vigie.intake.doors.mailbox.markup import read_html

MAX_DEPTH = 5
"""Letters inside letters, at most; deeper is an attack or an endless forward."""
MAX_PARTS = 200
MAX_HEADER_CHARACTERS = 8_000
"""What the e-mail library reads of one header: its parsers need minutes for a long hostile one."""
MAX_TEXT_CHARACTERS = 2_000_000
"""What is read of a letter's words; nobody reports with more, and reading 30 MB of them holds every other letter up."""
MAX_NAME_CHARACTERS = 200
MAX_ADDRESS_CHARACTERS = 320
"""RFC 3696, errata 1690; what is longer reaches nobody."""
SMALLEST_INLINE_PICTURE_BYTES = 8 * 1024
"""Below this a picture shown inside the text is a logo or a counting pixel, not a screenshot."""


class Trouble(StrEnum):
    """Why a letter, or a part of it, could not be read."""

    EMPTY = "empty"
    ENCRYPTED = "encrypted"
    TNEF = "tnef"  # Outlook's winmail.dat, which hides the attachments
    DAMAGED = "damaged"  # cut off, or its parts do not fit together
    TOO_DEEP = "too-deep"
    TOO_BIG = "too-big"
    UNREADABLE = "unreadable"  # the reading itself failed


@dataclass(frozen=True)
class Enclosure:
    """A file that came with a letter."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Delivery:
    """What a mail server reports about a letter of ours (RFC 3464).

    `action` is failed, delayed, delivered, relayed or expanded; `why` the server's own words.
    """

    action: str
    why: str


@dataclass(frozen=True)
class Letter:
    """One e-mail, read. Whatever arrived, its words can be stored: no NUL, no half of a surrogate pair.

    `text` is what was written, in plain words, its signature left out; `searched` is the text in which addresses are
    looked for (of an HTML letter: with the targets of its links, because what is shown is often cut short).
    """

    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    sender: str = ""
    sender_name: str = ""
    recipients: tuple[str, ...] = ()
    subject: str = ""
    date: datetime | None = None
    text: str = ""
    searched: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    nested: tuple[Letter, ...] = ()
    is_auto_reply: bool = False
    is_automatic: bool = False
    delivery: Delivery | None = None
    troubles: frozenset[Trouble] = frozenset()
    notes: tuple[str, ...] = ()

    def all_letters(self) -> Iterator[Letter]:
        """Yield this letter and those inside it."""
        yield self
        for inner in self.nested:
            yield from inner.all_letters()

    def message_ids(self) -> frozenset[str]:
        """Return every Message-ID that this letter, or one inside it, bears or answers."""
        return frozenset(
            one for letter in self.all_letters() for one in (letter.message_id, *letter.in_reply_to, *letter.references)
        ) - {""}

    def all_enclosures(self) -> list[Enclosure]:
        return [enclosure for letter in self.all_letters() for enclosure in letter.enclosures]

    def all_troubles(self) -> frozenset[Trouble]:
        return frozenset().union(*(letter.troubles for letter in self.all_letters()))


def read_letter(raw: bytes) -> Letter:
    """Return the letter in `raw`; whatever the bytes are, there is an answer."""
    try:
        return _read(_parsed(raw), depth=0)
    except Exception as fault:  # noqa: BLE001 the e-mail library raises almost anything on hostile input; nothing may be lost
        return Letter(troubles=frozenset({Trouble.UNREADABLE}), notes=(type(fault).__name__,))


class _BoundedHeaders(EmailPolicy):
    """The library's own policy, on the beginning of each header; the message keeps the whole of it."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        parsed: str = super().header_fetch_parse(
            name, value if hasattr(value, "name") else value[:MAX_HEADER_CHARACTERS]
        )
        return parsed


_POLICY = _BoundedHeaders()


def _parsed(raw: bytes) -> EmailMessage:
    message: EmailMessage = message_from_bytes(raw, policy=_POLICY)  # type: ignore[arg-type]
    return message


@dataclass
class _Reading:
    """What is gathered while walking the parts of one letter."""

    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    enclosures: list[Enclosure] = field(default_factory=list)
    nested: list[Letter] = field(default_factory=list)
    delivery: Delivery | None = None
    troubles: set[Trouble] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)


def _read(message: EmailMessage, *, depth: int) -> Letter:
    found = _Reading()
    if depth >= MAX_DEPTH:
        found.troubles.add(Trouble.TOO_DEEP)
    else:
        _walk(message, found, depth=depth)
    text, searched = _words(found)
    if not (text or found.enclosures or found.nested or found.troubles or searched):
        found.troubles.add(Trouble.EMPTY)
    name, sender = _first_person(message, "From")
    return Letter(
        message_id=_first_id(message, "Message-ID"),
        in_reply_to=_ids(message, "In-Reply-To"),
        references=_ids(message, "References"),
        sender=sender,
        sender_name=name,
        recipients=tuple(dict.fromkeys(_recipients(message))),
        subject=_header(message, "Subject"),
        date=_date(message),
        text=text,
        searched=searched,
        enclosures=tuple(found.enclosures),
        nested=tuple(found.nested),
        is_auto_reply=_is_auto_reply(message, sender),
        is_automatic=_is_automatic(message, sender),
        delivery=found.delivery,
        troubles=frozenset(found.troubles),
        notes=tuple(found.notes),
    )


# --- headers -------------------------------------------------------------------------------------------------


def _header(message: EmailMessage, name: str) -> str:
    """Return a header as words on one line, or "" when it is absent or cannot be read at all."""
    try:
        value = str(message.get(name, "") or "")
    except Exception:  # noqa: BLE001 the library's header parser fails on some malformed headers with any class
        value = next(_raw_values(message, name), "")[:MAX_HEADER_CHARACTERS]
    return " ".join(_mended(value).split())


def _raw_values(message: EmailMessage, *names: str) -> Iterator[str]:
    wanted = {name.lower() for name in names}
    return (str(value) for name, value in message.raw_items() if name.lower() in wanted)


def _mended(text: str) -> str:
    """Give back the letters of bytes that no charset was declared for, as words that can be stored."""
    if not any("\udc80" <= character <= "\udcff" for character in text):
        return _storable(text)
    try:
        return decoded(text.encode("utf-8", "surrogateescape"), "")
    except UnicodeEncodeError:
        return _storable(text)


def _storable(text: str) -> str:
    """Leave out what no database keeps: NUL, and halves of surrogate pairs, of which some charsets let one through."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _first_person(message: EmailMessage, name: str) -> tuple[str, str]:
    try:
        people = getaddresses([_header(message, name)])
    except RecursionError:  # brackets within brackets
        return "", ""
    for who, address in people:
        # Between angle brackets anything may stand, a line break too.
        address = "".join(address.split()).lower()
        if "@" in address and len(address) <= MAX_ADDRESS_CHARACTERS:
            return who[:MAX_NAME_CHARACTERS], address
    return "", ""


def _recipients(message: EmailMessage) -> Iterator[str]:
    """Yield every address among the recipients; read as words, because there may be ten thousand."""
    for value in _raw_values(message, "To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To"):
        for word in _NO_ADDRESS.split(_mended(value)):
            if "@" in word and len(word) <= MAX_ADDRESS_CHARACTERS:
                yield word.lower()


_NO_ADDRESS = re.compile(r"[\s<>,;:\"()\[\]\\]+")


_ID = re.compile(r"<[^<>\s]{1,900}>")


def _ids(message: EmailMessage, name: str) -> tuple[str, ...]:
    return tuple(_ID.findall(_header(message, name)))


def _first_id(message: EmailMessage, name: str) -> str:
    found = _ids(message, name)
    return found[0] if found else _header(message, name)[:200]


def _date(message: EmailMessage) -> datetime | None:
    try:
        moment = parsedate_to_datetime(_header(message, "Date"))
    except (TypeError, ValueError, OverflowError, IndexError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None


_ROBOTS = re.compile(r"^(?:mailer-daemon|postmaster|double-bounce|bounces?)(?:[+\-].*)?@")


def _is_auto_reply(message: EmailMessage, sender: str) -> bool:
    """A machine answers: an absence, a bounce, a receipt (RFC 3834, RFC 3464)."""
    submitted = _header(message, "Auto-Submitted").split(";")[0].strip().lower()
    return (
        submitted not in {"", "no"}
        or message.get_content_type() == "multipart/report"
        or any(_header(message, name) for name in ("X-Autoreply", "X-Autorespond", "X-Failed-Recipients"))
        or _header(message, "Precedence").lower() == "auto_reply"
        or bool(_ROBOTS.match(sender))
        or _header(message, "Return-Path") == "<>"
    )


def _is_automatic(message: EmailMessage, sender: str) -> bool:
    """No person waits for an answer: an automatic reply, a list, a bulk sending."""
    return (
        _is_auto_reply(message, sender)
        or _header(message, "Precedence").lower() in {"bulk", "list", "junk"}
        or any(_header(message, name) for name in ("List-Id", "List-Unsubscribe", "List-Post", "Feedback-ID"))
        or bool(re.match(r"^(?:no-?reply|ne-?pas-?repondre|noreply[+\-].*)@", sender))
    )


# --- parts ---------------------------------------------------------------------------------------------------

_ENCRYPTED = {"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"}
_TNEF = {"application/ms-tnef", "application/vnd.ms-tnef"}
# These mean that a part is missing or cut; the many others are slips of style that change no word.
_SERIOUS = (
    errors.NoBoundaryInMultipartDefect,
    errors.StartBoundaryNotFoundDefect,
    errors.CloseBoundaryNotFoundDefect,
    errors.MultipartInvariantViolationDefect,
    errors.InvalidBase64CharactersDefect,
    errors.InvalidBase64LengthDefect,
)


def _walk(part: EmailMessage, found: _Reading, *, depth: int, count: list[int] | None = None) -> None:
    count = count if count is not None else [0]
    count[0] += 1
    if count[0] > MAX_PARTS:
        found.troubles.add(Trouble.DAMAGED)
        return
    kind = part.get_content_type()
    if kind in _ENCRYPTED:
        found.troubles.add(Trouble.ENCRYPTED)
    elif kind == "message/rfc822" or kind == "message/global":
        _read_inner(part, found, depth=depth)
    elif kind in {"text/rfc822-headers", "message/rfc822-headers"}:
        found.nested.append(_read(_parsed(_bytes(part) + b"\n\n"), depth=depth + 1))
        _forgive_empty(found)
    elif kind == "message/delivery-status":
        found.delivery = found.delivery or _delivery(part)
    elif part.is_multipart():
        for inner in part.iter_parts():
            _walk(inner, found, depth=depth, count=count)  # type: ignore[arg-type]
    else:
        _read_leaf(part, kind, found, depth=depth)
    for defect in part.defects:
        if isinstance(defect, _SERIOUS):
            found.troubles.add(Trouble.DAMAGED)
            found.notes.append(type(defect).__name__)


def _delivery(part: EmailMessage) -> Delivery | None:
    """Return what is said of the recipients, a failure first; a notice has one recipient."""
    blocks = part.get_payload()
    said = [
        Delivery(
            action=_header(block, "Action").lower(),
            why=" · ".join(filter(None, (_header(block, "Status"), _header(block, "Diagnostic-Code"))))[:500],
        )
        for block in (blocks if isinstance(blocks, list) else [])
        if isinstance(block, EmailMessage) and _header(block, "Action")
    ]
    return next((one for one in said if one.action == "failed"), said[0] if said else None)


def _forgive_empty(found: _Reading) -> None:
    """A letter of which only the headers were returned is not an empty letter."""
    last = found.nested[-1]
    found.nested[-1] = Letter(**{**vars(last), "troubles": last.troubles - {Trouble.EMPTY}})


def _read_inner(part: EmailMessage, found: _Reading, *, depth: int) -> None:
    """Read a letter forwarded as an attachment, and keep it whole as a file too: it is the evidence."""
    inner = part.get_payload(0) if part.is_multipart() else None
    if not isinstance(inner, EmailMessage):
        found.troubles.add(Trouble.DAMAGED)
        return
    # RFC 2046 forbids base64 here; some programs do it all the same.
    if part.get("Content-Transfer-Encoding", "").strip().lower() == "base64":
        raw = _unbased(str(inner.get_payload()))
        inner_letter = _read(_parsed(raw), depth=depth + 1) if raw else None
    else:
        raw = _as_bytes(inner)
        inner_letter = _read(inner, depth=depth + 1)
    if inner_letter is None:
        found.troubles.add(Trouble.DAMAGED)
        return
    found.nested.append(inner_letter)
    found.enclosures.append(Enclosure(_name(part) or "message.eml", "message/rfc822", raw))


def _as_bytes(message: EmailMessage) -> bytes:
    try:
        return message.as_bytes()
    except (UnicodeError, LookupError, AttributeError, TypeError, ValueError):
        return message.as_bytes(policy=policy.compat32)


def _unbased(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _read_leaf(part: EmailMessage, kind: str, found: _Reading, *, depth: int) -> None:
    content = _bytes(part)
    name = _name(part)
    is_file = part.get_content_disposition() == "attachment" or bool(name)
    if kind in _TNEF or name.lower() == "winmail.dat":
        found.troubles.add(Trouble.TNEF)
    elif is_file and (name.lower().endswith(".eml") and kind != "text/plain"):
        found.nested.append(_read(_parsed(content), depth=depth + 1))
        found.enclosures.append(Enclosure(name, "message/rfc822", content))
    elif kind.startswith("multipart/"):
        # Its parts could not be told apart (the defect says so): what is there is read as words.
        found.plain.append(decoded(content, ""))
    elif kind == "text/html" and not is_file:
        found.html.append(decoded(content, part.get_content_charset() or ""))
    elif kind.startswith("text/") and not is_file:
        text = decoded(content, part.get_content_charset() or "")
        if "-----BEGIN PGP MESSAGE-----" in text:
            found.troubles.add(Trouble.ENCRYPTED)
        found.plain.append(_unflowed(part, text))
    elif content and not _is_decoration(part, kind, content):
        found.enclosures.append(Enclosure(name or _default_name(kind, found), kind, content))


def _bytes(part: EmailMessage) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _name(part: EmailMessage) -> str:
    try:
        name = part.get_filename() or ""
    except Exception:  # noqa: BLE001 see `_header`
        name = ""
    return " ".join(_mended(str(name)).replace("/", " ").replace("\\", " ").split())[:MAX_NAME_CHARACTERS]


def _default_name(kind: str, found: _Reading) -> str:
    return f"piece-{len(found.enclosures) + 1}.{kind.partition('/')[2].split('+')[0][:20] or 'bin'}"


def _is_decoration(part: EmailMessage, kind: str, content: bytes) -> bool:
    if kind in {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}:
        return True
    is_inline = part.get_content_disposition() != "attachment"
    return kind.startswith("image/") and is_inline and len(content) < SMALLEST_INLINE_PICTURE_BYTES


# Codecs of Python that are no charsets of mail: they read backslashes, or fail by design.
_NO_CHARSETS = {"unicode-escape", "raw-unicode-escape", "undefined", "idna", "punycode"}
_SEVEN_BIT = ("utf-7", "utf-16", "utf-32", "iso-2022", "iso2022", "hz")


def decoded(content: bytes, charset: str) -> str:
    """Return the words of `content`, whatever its label says.

    Labels lie: «iso-8859-1» is nearly always Windows-1252, and text that reads as UTF-8 beyond plain
    ASCII is UTF-8. An unknown label costs some accents at worst, never an address, which is ASCII.
    """
    label = charset.strip().lower().replace("_", "-")
    try:
        codec = codecs.lookup(label).name if label else "utf-8"
    except (LookupError, ValueError):
        codec = "utf-8"
    if codec in _NO_CHARSETS:
        codec = "utf-8"
    if codec in {"iso8859-1", "ascii"}:
        codec = "cp1252"
    first = [codec, "utf-8"] if codec.startswith(_SEVEN_BIT) else ["utf-8", codec]
    for attempt in (*first, "cp1252"):
        try:
            return _storable(content.decode(attempt))
        except (UnicodeError, LookupError):
            continue
    return _storable(content.decode("latin-1"))


def _unflowed(part: EmailMessage, text: str) -> str:
    """Join the lines that the writing program broke (RFC 3676), so that a long address is whole again."""
    if str(part.get_param("format", "") or "").lower() != "flowed":
        return text
    drop_space = str(part.get_param("delsp", "") or "").lower() == "yes"
    lines: list[str] = []
    is_open = False
    for line in text.splitlines():
        quoted = line.startswith(">")
        if is_open and not quoted:
            lines[-1] += line
        else:
            lines.append(line)
        is_open = line.endswith(" ") and line != "-- " and not quoted
        if is_open and drop_space:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)


# --- words ---------------------------------------------------------------------------------------------------

_FORWARD_MARK = re.compile(
    r"^\s*(?:>\s*)*(?:"
    r"-{2,}\s*(?:message (?:transf[ée]r[ée]|d['’]origine|original)|forwarded message|original message).*"
    r"|(?:d[ée]but du message (?:transf[ée]r[ée]|r[ée]exp[ée]di[ée])|begin forwarded message).*"
    r"|(?:de|from|exp[ée]diteur)\s*:\s.*@.*)$",
    re.IGNORECASE,
)
_BLANKS = re.compile(r"\n{3,}")


def _words(found: _Reading) -> tuple[str, str]:
    """Return the letter's text and the text in which addresses are looked for.

    Where there is an HTML form, its links count: the plain form beside it often breaks long addresses.
    """
    plain = _tidy("\n\n".join(without_signature(text) for text in _bounded(found.plain, found)))
    if not found.html:
        return plain, plain
    pages = [read_html(page) for page in _bounded(found.html, found)]
    shown = _tidy("\n\n".join(page.text for page in pages))
    searched = "\n".join(page.searched for page in pages)
    return plain or shown, searched if searched.strip() else plain


def _bounded(texts: list[str], found: _Reading) -> list[str]:
    """Return the texts up to the most that is read; a letter that holds more is for a person."""
    kept: list[str] = []
    room = MAX_TEXT_CHARACTERS
    for text in texts:
        if len(text) > room:
            found.troubles.add(Trouble.TOO_BIG)
        kept.append(text[:room])
        room -= len(kept[-1])
    return kept


def _tidy(text: str) -> str:
    lines = (line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").splitlines())
    return _BLANKS.sub("\n\n", "\n".join(lines)).strip()


def without_signature(text: str) -> str:
    """Leave out what follows the line «-- », up to a forwarded letter below it."""
    kept: list[str] = []
    in_signature = False
    for line in text.splitlines():
        if line.rstrip("\r") in {"-- ", "--"}:
            in_signature = True
        elif in_signature and _FORWARD_MARK.match(line):
            in_signature = False
        if not in_signature:
            kept.append(line)
    return "\n".join(kept)
