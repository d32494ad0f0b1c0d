"""Forty odd letters, and what becomes of each: a report, an answer, or a matter for a person. None is lost."""

from __future__ import annotations

import base64
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.intake.doors.mailbox.letter import Trouble, read_letter
from vigie.intake.doors.mailbox.sorting import House, MailKind, Reason, sort_letter
from vigie.intake.doors.mailbox.tests.builders import (
    AMINA,
    OTHER_POST,
    OURS,
    PNG,
    POST,
    REFERENCE,
    VIDEO,
    a_bounce,
    a_letter,
    raw_letter,
)  # fmt: skip

HOUSE = House(addresses=frozenset({OURS}), sites=frozenset({"veille.example", "testserver"}))
REPORT, ANSWER, TRAY = MailKind.REPORT, MailKind.ANSWER, MailKind.TRAY


def with_files(*files: tuple[bytes, str, str, str], text: str = f"Voir {POST}") -> bytes:
    message = a_letter(text)
    for content, main, sub, name in files:
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def forwarded_as_file(inner: EmailMessage, text: str = "Je vous fais suivre.") -> bytes:
    outer = a_letter(text)
    outer.add_attachment(inner)
    return outer.as_bytes()


def in_base64(inner: bytes) -> bytes:
    return raw_letter(
        f"From: {AMINA}", f"To: {OURS}", "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b",
        body=b"--b\r\nContent-Type: text/plain\r\n\r\nCi-joint.\r\n--b\r\nContent-Type: message/rfc822\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(inner) + b"\r\n--b--\r\n",
    )  # fmt: skip


def nested(depth: int) -> bytes:
    message = a_letter(f"Tout au fond : {POST}")
    for level in range(depth):
        outer = a_letter(f"Niveau {level}")
        outer.add_attachment(message)
        message = outer
    return message.as_bytes()


LONG = POST + "?s=20&t=AbCdEfGhIjKlMnOpQrStUv&utm_source=partage&utm_medium=application-mobile"
HEAD = (f"From: {AMINA}", f"To: {OURS}", "Subject: Signalement", "MIME-Version: 1.0")

LETTERS = [
    # --- reports -----------------------------------------------------------------------------------------
    ("one address in plain words", a_letter().as_bytes(), REPORT, None, [POST]),
    ("three addresses in one mail", a_letter(f"1) {POST}\n2) {OTHER_POST}.\n3) ({VIDEO})").as_bytes(), REPORT, None, [POST, OTHER_POST, VIDEO]),
    ("the same content under two addresses", a_letter(f"{POST}\nhttps://twitter.com/i/web/status/1790000000000000001?s=20").as_bytes(), REPORT, None, [POST]),
    ("an address in the subject only", a_letter("(envoyé depuis mon téléphone)", subject=f"Regarde {POST}").as_bytes(), REPORT, None, [POST]),
    ("bare and defanged addresses", a_letter("x.com/exemple_compte/status/1790000000000000001 et hxxps://www.youtube[.]com/watch?v=abcdefghijk").as_bytes(), REPORT, None, 2),
    ("HTML alone", raw_letter(*HEAD, "Content-Type: text/html; charset=utf-8", body=f'<p>Voilà <a href="{POST}">ce message</a></p>'), REPORT, None, [POST]),
    ("a link whose label is cut short", a_letter("x.com/exemple…", html=f'<a href="{POST}">https://x.com/exemple_compte/sta…</a>').as_bytes(), REPORT, None, [POST]),
    ("a link that counts clicks", a_letter("voir", html=f'<a href="https://clics.courriel.example/c/9f">{POST}</a>').as_bytes(), REPORT, None, [POST]),
    ("a plain form that breaks the address, HTML beside it", a_letter(f"{LONG[:60]}\n{LONG[60:]}", html=f'<a href="{LONG}">lien</a>').as_bytes(), REPORT, None, [LONG]),
    ("format=flowed", raw_letter(*HEAD, "Content-Type: text/plain; format=flowed; delsp=yes", body=f"Voici {LONG[:50]} \r\n{LONG[50:]}\r\n"), REPORT, None, [LONG]),
    ("quoted-printable soft breaks", raw_letter(*HEAD, "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", body=f"Voici {POST[:30]}=\r\n{POST[30:]}\r\n"), REPORT, None, [POST]),
    ("forwarded inline, French", a_letter(f"Je suis visée.\n\n---------- Message transféré ---------\nDe : Quelqu’un <q@autre.example>\nObjet : tu as vu ?\n\n{POST}\n").as_bytes(), REPORT, None, [POST]),
    ("forwarded inline, English", a_letter(f"---------- Forwarded message ----------\nFrom: Someone <s@autre.example>\n\n{POST}").as_bytes(), REPORT, None, [POST]),
    ("quoted with «>»", a_letter(f"> Le 4 octobre, q@autre.example a écrit :\n> {POST}\n").as_bytes(), REPORT, None, [POST]),
    ("forwarded below the signature", a_letter(f"Merci\n-- \nAmina\nhttps://amina.example/moi\n---------- Message transféré ---------\n{POST}").as_bytes(), REPORT, None, [POST]),
    ("a site in the signature", a_letter(f"{POST}\n\nhttps://www.asso.example/\n").as_bytes(), REPORT, None, [POST]),
    ("the writer’s own site", a_letter(f"{POST}\nhttps://courriel.example/equipe/amina").as_bytes(), REPORT, None, [POST]),
    ("a front page is all there is", a_letter("Tout ce site : https://haine.example/").as_bytes(), REPORT, None, ["https://haine.example/"]),
    ("an unsubscribe link", a_letter(f"{POST}\nhttps://lettre.example/unsubscribe?u=1").as_bytes(), REPORT, None, [POST]),
    ("a signature block of HTML", a_letter("x", html=f'<div>{POST}</div><div class="gmail_signature"><a href="https://reseau.example/amina">moi</a></div>').as_bytes(), REPORT, None, [POST]),
    ("screenshots attached", with_files((PNG, "image", "png", "capture d’écran.png"), (PNG, "image", "png", "2.png")), REPORT, None, [POST]),
    (".eml attached as message/rfc822", forwarded_as_file(a_letter(f"Lis ça {OTHER_POST}", sender="q@autre.example")), REPORT, None, [OTHER_POST]),
    (".eml attached as octet-stream", with_files((a_letter(OTHER_POST).as_bytes(), "application", "octet-stream", "message.eml"), text="Ci-joint."), REPORT, None, [OTHER_POST]),
    (".eml in base64, against the RFC", in_base64(a_letter(OTHER_POST).as_bytes()), REPORT, None, [OTHER_POST]),
    ("a letter in a letter in a letter", nested(3), REPORT, None, [POST]),
    ("UTF-8 called latin-1", raw_letter(*HEAD, "Content-Type: text/plain; charset=iso-8859-1", body=f"Été à Évry : {POST}"), REPORT, None, [POST]),
    ("Windows-1252 called us-ascii", raw_letter(*HEAD, "Content-Type: text/plain; charset=us-ascii", body="L’été : ".encode("cp1252") + POST.encode()), REPORT, None, [POST]),
    ("an unknown charset", raw_letter(*HEAD, "Content-Type: text/plain; charset=x-martien", body=f"é {POST}"), REPORT, None, [POST]),
    ("UTF-16", raw_letter(*HEAD, "Content-Type: text/plain; charset=utf-16le", "Content-Transfer-Encoding: base64", body=base64.encodebytes(f"Voilà {POST}".encode("utf-16le"))), REPORT, None, [POST]),
    ("bytes without a charset in the headers", raw_letter(f"From: {AMINA}", f"To: {OURS}", "Subject: Menace détectée".encode("latin-1"), body=POST), REPORT, None, [POST]),
    ("no headers at all", b"\r\n" + POST.encode(), REPORT, None, [POST]),
    ("no Message-ID, no date", raw_letter(f"From: {AMINA}", body=POST), REPORT, None, [POST]),
    ("lines ended by \\n alone", a_letter().as_bytes().replace(b"\r\n", b"\n"), REPORT, None, [POST]),
    ("from a list", a_letter(List_Id="<veille.listes.example>", Precedence="list").as_bytes(), REPORT, None, [POST]),
    # --- answers -----------------------------------------------------------------------------------------
    ("to our address for answers", a_letter("We removed it.", to=f"reponses+{REFERENCE.lower()}@veille.example", sender="dsa@plateforme.example").as_bytes(), ANSWER, None, REFERENCE),
    ("delivered to it behind an alias", a_letter("We removed it.", Delivered_To=f"reponses+{REFERENCE}@veille.example").as_bytes(), ANSWER, None, REFERENCE),
    ("in the thread of a notice", a_letter("Done.", In_Reply_To=f"<notice.{REFERENCE}.1@veille.example>").as_bytes(), ANSWER, None, REFERENCE),
    ("in the thread, Message-ID in small letters", a_letter("Done.", References=f"<x@y.example> <notice.{REFERENCE.lower()}.1@veille.example>").as_bytes(), ANSWER, None, REFERENCE),
    ("the reference in the subject", a_letter("Vu.", subject=f"Re: Notification {REFERENCE}").as_bytes(), ANSWER, None, REFERENCE),
    ("the reference in the text, with the address notified", a_letter(f"Your report {REFERENCE} about {POST} was accepted.", Auto_Submitted="auto-generated").as_bytes(), ANSWER, None, REFERENCE),
    ("the bounce of a notice", a_bounce(reference=REFERENCE), ANSWER, None, REFERENCE),
    ("a receipt forwarded as a file", forwarded_as_file(a_letter("Got it", subject=f"Ticket {REFERENCE}")), ANSWER, None, REFERENCE),
    # --- for a person ------------------------------------------------------------------------------------
    ("nothing at all", b"", TRAY, Reason.EMPTY, []),
    ("an empty letter", a_letter("", subject="").as_bytes(), TRAY, Reason.EMPTY, []),
    ("words without an address", a_letter("On m’insulte tous les jours.").as_bytes(), TRAY, Reason.NO_ADDRESS, []),
    ("a screenshot without an address", with_files((PNG, "image", "png", "a.png"), text="Voir l’image"), TRAY, Reason.NO_ADDRESS, []),
    ("PGP/MIME", raw_letter(*HEAD, 'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b', body="--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\nxx\r\n--b--\r\n"), TRAY, Reason.ENCRYPTED, []),
    ("PGP in the text", a_letter("-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----").as_bytes(), TRAY, Reason.ENCRYPTED, []),
    ("S/MIME", raw_letter(*HEAD, "Content-Type: application/pkcs7-mime; smime-type=enveloped-data", body="MIIB"), TRAY, Reason.ENCRYPTED, []),
    ("winmail.dat", with_files((b"\x78\x9f\x3e\x22", "application", "ms-tnef", "winmail.dat")), TRAY, Reason.TNEF, [POST]),
    ("cut off in the middle", with_files((PNG, "image", "png", "a.png"))[:-9000], TRAY, Reason.DAMAGED, [POST]),
    ("a multipart without its boundary", raw_letter(*HEAD, "Content-Type: multipart/mixed", body=f"perdu {POST}"), TRAY, Reason.DAMAGED, [POST]),
    ("too many letters inside letters", nested(7), TRAY, Reason.TOO_DEEP, []),
    ("sixty addresses", a_letter("\n".join(f"https://x.com/a/status/{1790000000000000000 + n}" for n in range(60))).as_bytes(), TRAY, Reason.TOO_MANY_ADDRESSES, 60),
    ("an out-of-office message", a_letter("Je suis absente. https://asso.example/equipe", Auto_Submitted="auto-replied").as_bytes(), TRAY, Reason.AUTOMATIC, 1),
    ("the bounce of something else", a_bounce(), TRAY, Reason.AUTOMATIC, 1),
    ("our own mail coming back", a_letter(sender=OURS).as_bytes(), TRAY, Reason.FROM_OURSELVES, [POST]),
    ("only our own page", a_letter("https://veille.example/suivi ?").as_bytes(), TRAY, Reason.NO_ADDRESS, []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "kind", "reason", "what"), [row[1:] for row in LETTERS], ids=[row[0] for row in LETTERS]
)
def test_each_letter_goes_where_it_belongs(raw: bytes, kind: MailKind, reason: Reason | None, what: object) -> None:
    letter = read_letter(raw)
    found = sort_letter(letter, house=HOUSE, sent={})
    assert (found.kind, found.reason) == (kind, reason), (letter, found)
    if kind is ANSWER:
        assert found.references == (what,)
    elif isinstance(what, int):
        assert len(found.addresses) == what
    else:
        assert list(found.addresses) == what


def test_words_files_and_people_are_read_right() -> None:
    message = a_letter(
        f"Bonjour,\n\n{POST}\n-- \nAmina", sender="Amina Ünal <Amina@Courriel.example>", subject="Menaces répétées"
    )
    message.add_attachment(PNG, maintype="image", subtype="png", filename="capture d’écran.png")
    letter = read_letter(message.as_bytes())
    assert (letter.sender, letter.sender_name, letter.subject) == (AMINA, "Amina Ünal", "Menaces répétées")
    assert letter.text == f"Bonjour,\n\n{POST}"
    assert letter.date is not None
    assert letter.date.isoformat() == "2026-10-05T08:00:00+00:00"
    assert [(one.name, one.media_type, one.content) for one in letter.enclosures] == [
        ("capture d’écran.png", "image/png", PNG)
    ]


def test_a_letter_forwarded_as_a_file_is_kept_whole_as_a_file() -> None:
    inner = a_letter(OTHER_POST, sender="q@autre.example")
    letter = read_letter(forwarded_as_file(inner))
    assert [one.media_type for one in letter.enclosures] == ["message/rfc822"]
    assert letter.nested[0].sender == "q@autre.example"
    assert OTHER_POST.encode() in letter.enclosures[0].content


def test_a_small_picture_inside_the_text_is_a_logo_and_a_large_one_a_screenshot() -> None:
    message = a_letter("x", html=f'<a href="{POST}">x</a><img src="cid:1"><img src="cid:2">')
    body = message.get_body(("html",))
    assert body is not None
    body.add_related(b"\x89PNG" + b"0" * 500, maintype="image", subtype="png", cid="<1>")
    body.add_related(PNG, maintype="image", subtype="png", cid="<2>")
    assert [one.content for one in read_letter(message.as_bytes()).enclosures] == [PNG]


def test_what_answers_a_receipt_is_known_by_its_thread() -> None:
    letter = read_letter(a_letter("Merci !", In_Reply_To="<receipt.1@veille.example>").as_bytes())
    found = sort_letter(letter, house=HOUSE, sent={"<receipt.1@veille.example>": ""})
    assert (found.kind, found.reason) == (TRAY, Reason.TO_OUR_MAIL)
    with_notice = sort_letter(letter, house=HOUSE, sent={"<receipt.1@veille.example>": REFERENCE})
    assert (with_notice.kind, with_notice.references) == (ANSWER, (REFERENCE,))


@pytest.mark.parametrize("name", ["List-Id", "Precedence", "List-Unsubscribe"])
def test_a_list_is_not_a_person_waiting_for_an_answer(name: str) -> None:
    letter = read_letter(a_letter(**{name.replace("-", "_"): "list"}).as_bytes())
    assert letter.is_automatic
    assert not letter.is_auto_reply


@given(st.binary(max_size=600), st.integers(0, 400))
@settings(max_examples=200, deadline=None)
def test_no_bytes_whatever_stop_the_reading(noise: bytes, place: int) -> None:
    whole = with_files((PNG[:200], "image", "png", "é.png"))
    letter = read_letter(whole[:place] + noise + whole[place:])
    assert Trouble.UNREADABLE not in letter.troubles or letter.notes
    sort_letter(letter, house=HOUSE, sent={})
