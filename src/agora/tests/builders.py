"""Build what an association sends to Agora. Association, people and addresses are invented."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from agora.testing import RunningAgora

SENDER = "notifications@veilleurs.example"
ANSWERS_TO = "reponses+dossier12@veilleurs.example"


def notice(body: str, *, subject: str = "Notification VIG-2026-0012", **headers: str) -> EmailMessage:
    """Return a notice by mail; keywords are headers (`In_Reply_To`), empty to leave one out."""
    message = EmailMessage()
    defaults = {
        "From": f"Les Veilleurs <{SENDER}>",
        "To": "moderation@agora.example",
        "Reply-To": ANSWERS_TO,
        "Subject": subject,
        "Date": formatdate(),
        "Message-ID": make_msgid(domain="veilleurs.example"),
    }
    for name, value in (defaults | {name.replace("_", "-"): value for name, value in headers.items()}).items():
        if value:
            message[name] = value
    message.set_content(body)
    return message


def quoting(agora: RunningAgora, post_id: str) -> str:
    """Return the body of a notice that quotes the words of a post."""
    post = agora.post(post_id)
    return f"Bonjour,\nnous vous notifions {agora.address_of(post)}\nMots concernés : « {post.text} »\n"


def send(agora: RunningAgora, message: EmailMessage, *, sender: str = SENDER) -> None:
    with smtplib.SMTP(agora.smtp_host, agora.smtp_port, timeout=30) as client:
        client.send_message(message, from_addr=sender)
