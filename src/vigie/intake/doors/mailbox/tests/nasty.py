"""Letters that nobody wants to receive, and that arrive all the same. All of it is invented."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from vigie.intake.doors.mailbox.sorting import MailKind, Reason
from vigie.intake.doors.mailbox.tests.builders import (
    AMINA,
    OURS,
    PNG,
    POST,
    REFERENCE,
    a_bounce,
    a_letter,
    raw_letter,
)

REPORT, ANSWER, TRAY = MailKind.REPORT, MailKind.ANSWER, MailKind.TRAY


@dataclass(frozen=True)
class Nasty:
    name: str
    raw: bytes
    kind: MailKind
    reason: Reason | None = None


def _head(number: int, *more: str | bytes, sender: str | bytes = f"From: {AMINA}") -> tuple[str | bytes, ...]:
    return (sender, f"To: {OURS}", f"Message-ID: <nasty-{number}@courriel.example>", "MIME-Version: 1.0", *more)


def _part(*headers: str, body: str | bytes = b"") -> bytes:
    return b"--b\r\n" + raw_letter(*headers, body=body) + b"\r\n"


MIXED = "Content-Type: multipart/mixed; boundary=b"
SEVERAL = b", ".join(b"u%d@foule.example" % number for number in range(10_000))
DEEP = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(400))

NASTY = [
    Nasty("NUL in the subject", raw_letter(*_head(1, b"Subject: a\x00b"), body=POST), REPORT),
    Nasty("NUL encoded in the subject", raw_letter(*_head(2, "Subject: =?utf-8?q?a=00b?="), body=POST), REPORT),
    Nasty("NUL in the sender", raw_letter(*_head(3, sender=b"From: A\x00 <a\x00b@courriel.example>"), body=POST), REPORT),
    Nasty("NUL in the Message-ID", raw_letter(f"From: {AMINA}", b"Message-ID: <a\x00b@c.example>", body=POST), REPORT),
    Nasty("NUL in the text", raw_letter(*_head(4), body=b"avant \x00 apr\xe8s " + POST.encode()), REPORT),
    Nasty("NUL inside an address", raw_letter(*_head(5), body=POST.encode()[:30] + b"\x00" + POST.encode()[30:]), REPORT),
    Nasty("NUL in a file name", raw_letter(*_head(6, MIXED), body=_part("Content-Type: text/plain", body=POST) + _part("Content-Type: image/png", "Content-Disposition: attachment; filename*=utf-8''a%00b.png", "Content-Transfer-Encoding: base64", body=base64.encodebytes(PNG)) + b"--b--"), REPORT),
    Nasty("half a surrogate pair in the text", raw_letter(*_head(7, "Content-Type: text/plain; charset=utf-7"), body=f"+2AA- {POST}"), REPORT),
    Nasty("half a surrogate pair in the subject", raw_letter(*_head(8, "Subject: =?utf-7?q?+2AA-?= =?unicode_escape?q?=5Cud800?="), body=POST), REPORT),
    Nasty("a codec that is no charset", raw_letter(*_head(9, "Content-Type: text/plain; charset=unicode_escape"), body=b"\xff \\ud800 " + POST.encode()), REPORT),
    Nasty("a charset that fails by design", raw_letter(*_head(10, "Content-Type: text/plain; charset=undefined"), body=b"\xff " + POST.encode()), REPORT),
    Nasty("a charset that unpacks", raw_letter(*_head(11, "Content-Type: text/plain; charset=zlib"), body=b"\xff " + POST.encode()), REPORT),
    Nasty("a sender of 5,000 characters", raw_letter(*_head(12, sender=f"From: {'a' * 5000}@courriel.example"), body=POST), REPORT),
    Nasty("a name of 5,000 characters", raw_letter(*_head(13, sender=f"From: {'A' * 5000} <{AMINA}>"), body=POST), REPORT),
    Nasty("a subject of a megabyte", raw_letter(*_head(14, "Subject: " + "é" * 500_000), body=POST), REPORT),
    Nasty("a Message-ID of 5,000 characters", raw_letter(f"From: {AMINA}", f"Message-ID: <{'a' * 5000}@c.example>", body=POST), REPORT),
    Nasty("a Message-ID of 500 characters", raw_letter(f"From: {AMINA}", f"Message-ID: <{'a' * 500}@c.example>", body=POST), REPORT),
    Nasty("a file name of 5,000 characters", raw_letter(*_head(15, MIXED), body=_part("Content-Type: text/plain", body=POST) + _part("Content-Type: image/png", f"Content-Disposition: attachment; filename={'a' * 5000}.png", "Content-Transfer-Encoding: base64", body=base64.encodebytes(PNG)) + b"--b--"), REPORT),
    Nasty("10,000 recipients", raw_letter(f"From: {AMINA}", b"To: " + SEVERAL, "Message-ID: <10000@c.example>", body=POST), REPORT),
    Nasty("brackets within brackets", raw_letter(*_head(16, sender=b"From: " + b"(" * 5000 + b"a@courriel.example"), body=POST), REPORT),
    Nasty("fifty thousand quotes", raw_letter(*_head(17, sender=b"From: " + b'"' * 50_001 + b"a@courriel.example"), body=POST), REPORT),
    Nasty("20,000 encoded words", raw_letter(*_head(18, "Subject: " + "=?utf-8?q?a?= " * 20_000), body=POST), REPORT),
    Nasty("a tag that never ends", raw_letter(*_head(19, "Content-Type: text/html"), body=f"<p>{POST}</p>" + "<a " * 100_000), REPORT),
    Nasty("comments that never end", raw_letter(*_head(20, "Content-Type: text/html"), body=f"<p>{POST}</p>" + "<!-- a>" * 100_000), REPORT),
    Nasty("nothing at all", b"", TRAY, Reason.EMPTY),
    Nasty("no headers, no text", b"\r\n\r\n", TRAY, Reason.EMPTY),
    Nasty("no sender, no date, no Message-ID", raw_letter(f"To: {OURS}", body=f"Voir {POST}"), REPORT),
    Nasty("a date that does not exist", raw_letter(*_head(21, "Date: Mon, 31 Feb 99999 25:61:00 +9999"), body=POST), REPORT),
    Nasty("the year 1", raw_letter(*_head(22, "Date: Mon, 01 Jan 0001 00:00:00 +1400"), body=POST), REPORT),
    Nasty("a recipient and an address with line breaks", raw_letter(*_head(23, sender="From: \"A\r\n B\" <a@\r\n courriel.example>"), body=POST), REPORT),
    Nasty("400 multiparts in one another", raw_letter(*_head(24))[:-2] + DEEP + b"\r\n" + POST.encode(), TRAY),
    Nasty("letters in letters, 300 deep", raw_letter(*_head(25)[:-1])[:-2] + b"Content-Type: message/rfc822\r\n\r\n" * 300 + POST.encode(), TRAY),
    Nasty("base64 that is none", raw_letter(*_head(26, MIXED), body=_part("Content-Type: text/plain", body=POST) + _part("Content-Type: image/png", "Content-Transfer-Encoding: base64", body="=== pas du base64 é ===") + b"--b--"), TRAY, Reason.DAMAGED),
    Nasty("parts that do not fit together", raw_letter(*_head(27, "Content-Type: multipart/mixed; boundary=autre"), body=_part(body=POST)), TRAY, Reason.DAMAGED),
    Nasty("winmail.dat", raw_letter(*_head(28, MIXED), body=_part("Content-Type: text/plain", body=POST) + _part("Content-Type: application/ms-tnef; name=winmail.dat", body="x") + b"--b--"), TRAY, Reason.TNEF),
    Nasty("encrypted", raw_letter(*_head(29), body="-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----"), TRAY, Reason.ENCRYPTED),
    Nasty("an invitation to a meeting", raw_letter(*_head(30, "Content-Type: text/calendar; method=REQUEST"), body="BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Point\r\nEND:VEVENT\r\nEND:VCALENDAR"), TRAY, Reason.NO_ADDRESS),
    Nasty("only an image", raw_letter(*_head(31, "Content-Type: image/png", "Content-Transfer-Encoding: base64"), body=base64.encodebytes(PNG)), TRAY, Reason.NO_ADDRESS),
    Nasty("an absence, with an address in its signature", a_letter("Absente jusqu’à lundi. https://asso.example/equipe", message_id="<absence@c.example>", Auto_Submitted="auto-replied").as_bytes(), TRAY, Reason.AUTOMATIC),
    Nasty("our own receipt, sent back and forth", a_letter(POST, sender=OURS, message_id="<loop@c.example>", Auto_Submitted="auto-generated").as_bytes(), TRAY, Reason.AUTOMATIC),
    Nasty("the bounce of nothing we know", a_bounce(), TRAY, Reason.AUTOMATIC),
    Nasty("the bounce of a notice", a_bounce(reference=REFERENCE).replace(b"<b1@", b"<b2@"), ANSWER),
    Nasty("nothing but zeros", b"\x00" * 3000, TRAY),
    Nasty("nothing but noise", bytes(range(256)) * 20, TRAY),
    Nasty("a Message-ID already seen, other words", a_letter(f"Autre chose : {POST}2", message_id="<nasty-4@courriel.example>").as_bytes(), REPORT),
]  # fmt: skip
