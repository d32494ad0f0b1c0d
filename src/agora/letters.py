"""The letters of Agora's moderation: receipts, decisions, questions, in French and in English.

Their shape is what real platforms send: the reference in the subject, plain words, the way to contest.
README.md states it exactly; change both together.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from agora.rules import Outcome
from agora.store import Notice, Writing, new_message_id

MAILBOX = "moderation@agora.example"
_SENDER = {"fr": f"Modération d’Agora <{MAILBOX}>", "en": f"Agora moderation <{MAILBOX}>"}

TITLES: Mapping[str, Mapping[Outcome, str]] = {
    "fr": {
        Outcome.REMOVED: "contenu retiré",
        Outcome.ACCOUNT_SUSPENDED: "compte suspendu",
        Outcome.REFUSED: "aucune infraction constatée",
        Outcome.NOT_FOUND: "adresse introuvable",
        Outcome.ALREADY_GONE: "contenu déjà indisponible",
        Outcome.MISSING_INFORMATION: "informations manquantes",
        Outcome.QUESTION: "question",
        Outcome.SILENCE: "aucune réponse",
    },
    "en": {
        Outcome.REMOVED: "content removed",
        Outcome.ACCOUNT_SUSPENDED: "account suspended",
        Outcome.REFUSED: "no violation found",
        Outcome.NOT_FOUND: "URL not found",
        Outcome.ALREADY_GONE: "content already unavailable",
        Outcome.MISSING_INFORMATION: "missing information",
        Outcome.QUESTION: "question",
        Outcome.SILENCE: "no answer",
    },
}

_PHRASES: Mapping[str, Mapping[Outcome, str]] = {
    "fr": {
        Outcome.REMOVED: "Après examen, nous avons retiré ce contenu, car il enfreint la loi.",
        Outcome.ACCOUNT_SUSPENDED: "Après examen, nous avons suspendu ce compte. Ses publications ne sont plus accessibles.",
        Outcome.REFUSED: "Après examen, nous n’avons pas constaté d’infraction à la loi ni à nos règles."
        " Ce contenu reste en ligne.",
        Outcome.NOT_FOUND: "Nous n’avons trouvé aucun contenu à cette adresse (URL not found). Vérifiez-la, puis écrivez-nous de nouveau.",
        Outcome.ALREADY_GONE: "Ce contenu n’était déjà plus accessible quand nous avons examiné votre notification.",
        Outcome.MISSING_INFORMATION: "Nous ne pouvons pas nous prononcer : il manque l’adresse exacte sur Agora, ou les mots précis"
        " que vous estimez illicites. Répondez à ce message en les citant.",
    },
    "en": {
        Outcome.REMOVED: "After review, we have removed this content because it breaks the law.",
        Outcome.ACCOUNT_SUSPENDED: "After review, we have suspended this account. Its posts can no longer be seen.",
        Outcome.REFUSED: "After review, we found no violation of the law or of our rules. This content stays online.",
        Outcome.NOT_FOUND: "We found no content at this address (URL not found). Please check it and write to us again.",
        Outcome.ALREADY_GONE: "This content was already unavailable when we reviewed your notice.",
        Outcome.MISSING_INFORMATION: "We cannot decide: the exact address on Agora, or the exact words you consider illegal,"
        " are missing. Please answer this message and quote them.",
    },
}

_WORDS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "hello": "Bonjour,",
        "receipt_subject": "Accusé de réception",
        "decision_subject": "Décision",
        "several": "plusieurs contenus",
        "question_subject": "Question sur votre notification",
        "receipt": "Nous avons bien reçu votre notification. Nous l’examinerons dans les meilleurs délais et vous ferons part"
        " de notre décision à cette adresse.",
        "again": "Nous avons réexaminé votre notification.",
        "question": "Avant de nous prononcer, nous avons besoin d’une précision :",
        "answer": "Répondez à ce message sans en changer l’objet.",
        "reference": "Référence",
        "subject": "Objet de votre message",
        "received": "Reçue le",
        "address": "Adresse",
        "no_address": "(aucune adresse d’Agora dans votre message)",
        "decision": "Décision",
        "reason": "Motif",
        "automatic": "Cette décision a été prise par un moyen automatisé.",
        "by_person": "Cette décision a été prise par une personne.",
        "redress": "Vous pouvez la contester pendant six mois en répondant à ce message (article 20 du règlement (UE) 2022/2065),"
        " saisir un organe de règlement extrajudiciaire (article 21) ou un tribunal.",
        "bye": "La modération d’Agora",
    },
    "en": {
        "hello": "Hello,",
        "receipt_subject": "Confirmation of receipt",
        "decision_subject": "Decision",
        "several": "several contents",
        "question_subject": "Question about your notice",
        "receipt": "We have received your notice. We will review it without undue delay and tell you our decision"
        " at this address.",
        "again": "We have reviewed your notice again.",
        "question": "Before we decide, we need one more detail:",
        "answer": "Please answer this message without changing its subject.",
        "reference": "Reference",
        "subject": "Subject of your message",
        "received": "Received on",
        "address": "Address",
        "no_address": "(no address of Agora in your message)",
        "decision": "Decision",
        "reason": "Reason",
        "automatic": "This decision was taken by automated means.",
        "by_person": "This decision was taken by a person.",
        "redress": "You can contest it within six months by answering this message (Article 20 of Regulation (EU) 2022/2065),"
        " go to an out-of-court dispute settlement body (Article 21) or to a court.",
        "bye": "Agora moderation",
    },
}


def write_receipt(writing: Writing, notice: Notice) -> None:
    """Write the confirmation of receipt of DSA art. 16(4)."""
    words = _WORDS[notice.language]
    body = [words["hello"], words["receipt"], _head(notice), words["bye"]]
    _write(writing, notice, kind="receipt", title=words["receipt_subject"], paragraphs=body, automatic=True)


def write_decision(
    writing: Writing, notice: Notice, *, outcomes: Mapping[str, Outcome], by_person: bool, note: str = ""
) -> None:
    """Write the decision on each address, with the redress of DSA art. 16(5) and the means of art. 16(6).

    `outcomes` is keyed by address; the empty address stands for a notice that names none.
    """
    words, titles, phrases = _WORDS[notice.language], TITLES[notice.language], _PHRASES[notice.language]
    kinds = set(outcomes.values())
    what = titles[next(iter(kinds))] if len(kinds) == 1 else words["several"]
    body = [words["hello"]]
    if any(decision.outcome not in (Outcome.QUESTION, Outcome.SILENCE) for decision in notice.decisions):
        body.append(words["again"])
    body.append(_head(notice))
    for url, outcome in outcomes.items():
        body.append(
            f"{_label(words, 'address', notice)}{url or words['no_address']}\n"
            f"{_label(words, 'decision', notice)}{titles[outcome]}\n{phrases[outcome]}"
        )
    if note:
        body.append(_label(words, "reason", notice) + note)
    body += [words["by_person" if by_person else "automatic"] + " " + words["redress"], words["bye"]]
    title = _label(words, "decision_subject", notice) + what
    _write(writing, notice, kind="decision", title=title, paragraphs=body)


def write_question(writing: Writing, notice: Notice, *, question: str) -> None:
    words = _WORDS[notice.language]
    body = [words["hello"], words["question"], question, words["answer"], _head(notice), words["bye"]]
    _write(writing, notice, kind="question", title=words["question_subject"], paragraphs=body)


def _label(words: Mapping[str, str], key: str, notice: Notice) -> str:
    return words[key] + ("\N{NO-BREAK SPACE}: " if notice.language == "fr" else ": ")


def _head(notice: Notice) -> str:
    words = _WORDS[notice.language]
    lines = [_label(words, "reference", notice) + notice.reference]
    if notice.subject:
        lines.append(_label(words, "subject", notice) + notice.subject)
    lines.append(_label(words, "received", notice) + f"{notice.received_at:%Y-%m-%d %H:%M:%S} UTC")
    return "\n".join(lines)


def _write(
    writing: Writing, notice: Notice, *, kind: str, title: str, paragraphs: list[str], automatic: bool = False
) -> None:
    """Put a letter among those that must leave, in the transaction that decided it."""
    if not notice.answer_to:
        return
    subject = f"[{notice.reference}] {title}"
    if notice.subject:
        subject += f" — Re: {notice.subject}"
    body = "\n\n".join(paragraphs) + "\n"
    message_id = new_message_id(notice, kind)
    message = _message(notice, subject=subject, body=body, message_id=message_id, date=writing.now)
    if automatic:
        message["Auto-Submitted"] = "auto-replied"
    writing.add_letter(
        notice,
        kind=kind,
        recipient=notice.answer_to,
        message_id=message_id,
        subject=subject,
        body=body,
        raw=message.as_bytes(policy=SMTP),
    )


def _message(notice: Notice, *, subject: str, body: str, message_id: str, date: datetime) -> EmailMessage:
    message = EmailMessage()
    message["From"] = _SENDER[notice.language]
    message["To"] = notice.answer_to
    message["Subject"] = subject
    message["Date"] = format_datetime(date)
    message["Message-ID"] = message_id
    theirs = [m.message_id for m in notice.messages if m.message_id]
    if theirs:
        # The thread: their first message, ours, and last the one that is answered.
        ours = [letter.message_id for letter in notice.letters]
        references = dict.fromkeys([theirs[0], *ours, theirs[-1]])
        message["In-Reply-To"] = theirs[-1]
        message["References"] = " ".join([*(r for r in references if r != theirs[-1]), theirs[-1]])
    message.set_content(body)
    message["Content-Language"] = notice.language
    return message
