"""The letter that follows silence: short, about one notice, in the same conversation. Pure.

Source: Regulation (EU) 2022/2065, art. 16(4) (confirmation of receipt), 16(5) and (6) (decision without undue delay).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vigie.notice.rules.letter import Letter, moment_text
from vigie.qualification.rules.values import Language


@dataclass(frozen=True)
class Silence:
    """A notice that was sent, and what has not come back."""

    reference: str
    subject: str
    sent_at: datetime
    urls: Sequence[str]
    notifier_name: str
    notifier_email: str
    was_received: bool
    platform_reference: str = ""


_FR = {
    "subject": "Relance : {subject}",
    "greeting": "Madame, Monsieur,",
    "no_receipt": (
        "Le {moment}, nous vous avons notifié, en application de l’article 16 du règlement (UE) 2022/2065 (DSA), "
        "ce qui suit. Nous n’en avons reçu à ce jour ni accusé de réception (article 16, paragraphe 4) ni décision."
    ),
    "no_decision": (
        "Le {moment}, nous vous avons notifié, en application de l’article 16 du règlement (UE) 2022/2065 (DSA), "
        "ce qui suit. Vous en avez accusé réception, mais aucune décision ne nous est parvenue à ce jour."
    ),
    "address": "Adresse exacte : {url}",
    "reference": "Notre référence : {reference}",
    "theirs": "Votre référence : {reference}",
    "asking": (
        "Nous vous demandons de statuer dans les meilleurs délais et de nous notifier votre décision et les possibilités "
        "de recours (article 16, paragraphes 5 et 6)."
    ),
}
_EN = {
    "subject": "Reminder: {subject}",
    "greeting": "Dear Sir or Madam,",
    "no_receipt": (
        "On {moment} we notified you, under Article 16 of Regulation (EU) 2022/2065 (DSA), of the following. To date "
        "we have received neither a confirmation of receipt (Article 16(4)) nor a decision."
    ),
    "no_decision": (
        "On {moment} we notified you, under Article 16 of Regulation (EU) 2022/2065 (DSA), of the following. You "
        "confirmed receipt, but no decision has reached us to date."
    ),
    "address": "Exact address: {url}",
    "reference": "Our reference: {reference}",
    "theirs": "Your reference: {reference}",
    "asking": (
        "We ask you to decide without undue delay and to notify us of your decision and of the available redress "
        "(Article 16(5) and (6))."
    ),
}


def compose_reminder(silence: Silence, language: str) -> Letter:
    """Return the reminder; any language but French gives the English one."""
    written: Language = "fr" if language.lower().startswith("fr") else "en"
    words = _FR if written == "fr" else _EN
    opening = words["no_decision" if silence.was_received else "no_receipt"]
    facts = [words["address"].format(url=url) for url in silence.urls]
    facts.append(words["reference"].format(reference=silence.reference))
    if silence.platform_reference:
        facts.append(words["theirs"].format(reference=silence.platform_reference))
    blocks = [
        words["greeting"],
        opening.format(moment=moment_text(silence.sent_at, written)),
        "\n".join(facts),
        words["asking"],
        f"{silence.notifier_name}\n{silence.notifier_email}",
    ]
    return Letter(
        subject=words["subject"].format(subject=silence.subject), body_text="\n\n".join(blocks) + "\n", language=written
    )
