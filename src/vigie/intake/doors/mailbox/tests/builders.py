"""Letters for the tests. Everybody and everything in them is invented."""

from __future__ import annotations

from email import policy
from email.message import EmailMessage

POST = "https://x.com/exemple_compte/status/1790000000000000001"
OTHER_POST = "https://www.tiktok.com/@compte.exemple/video/7300000000000000001"
VIDEO = "https://www.youtube.com/watch?v=abcdefghijk"
OURS = "signalements@veille.example"
AMINA = "amina@courriel.example"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 10_000
REFERENCE = "N-7K3M-Q2XA"


def a_letter(
    text: str = f"Bonjour,\n\nvoici : {POST}\n",
    *,
    sender: str = f"Amina <{AMINA}>",
    to: str = OURS,
    subject: str = "Signalement",
    message_id: str = "<a1@courriel.example>",
    html: str | None = None,
    **headers: str,
) -> EmailMessage:
    """Return a letter to the association; `headers` take `_` for `-`."""
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = "Mon, 05 Oct 2026 10:00:00 +0200"
    if message_id:
        message["Message-ID"] = message_id
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message


def raw_letter(*lines: str | bytes, body: str | bytes = b"") -> bytes:
    """Return a letter written by hand, byte for byte, for what no library would write."""
    encode = lambda part: part if isinstance(part, bytes) else part.encode()  # noqa: E731
    return b"\r\n".join([*(encode(line) for line in lines), b"", encode(body)])


def a_bounce(of: EmailMessage | None = None, *, reference: str = "") -> bytes:
    """Return a delivery report (RFC 3464), with the headers of what came back."""
    original = f"Message-ID: <notice.{reference}.1@veille.example>\r\nSubject: Notification\r\n" if reference else (
        f"Message-ID: {of['Message-ID'] if of else '<receipt.1@veille.example>'}\r\nSubject: Votre signalement\r\n"
    )  # fmt: skip
    return raw_letter(
        "From: MAILER-DAEMON@mx.courriel.example", f"To: {OURS}", "Subject: Undelivered Mail Returned to Sender",
        "Message-ID: <b1@mx.courriel.example>", "Auto-Submitted: auto-replied", "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
        body=(
            "--b\r\nContent-Type: text/plain\r\n\r\nThe mail could not be delivered. See https://help.courriel.example/550\r\n"
            "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.courriel.example\r\n\r\n"
            "Final-Recipient: rfc822; x@courriel.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
            f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{original}\r\n--b--\r\n"
        ),
    )  # fmt: skip
