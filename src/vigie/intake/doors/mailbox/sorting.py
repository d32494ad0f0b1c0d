"""Say what a letter is: a report, an answer to something we sent, or a matter for a person. Pure.

A machine's letter is never a report, and nothing is ever thrown away: whatever is neither clearly a report nor
clearly an answer goes to the tray with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from vigie.core.references import NOTICE_REF
from vigie.core.words import N_
from vigie.intake.doors.mailbox.letter import Letter, Trouble
from vigie.platforms.address import UnreadableAddress, read_address, registrable_domain
from vigie.platforms.find import find_addresses
from vigie.platforms.resolve import resolve

MOST_ADDRESSES = 50
"""A letter that names more is an export, which has a door of its own with a preview."""


class MailKind(StrEnum):
    REPORT = "report"
    ANSWER = "answer"
    TRAY = "tray"


class Reason(StrEnum):
    """Why a letter lies in the tray."""

    EMPTY = "empty"
    ENCRYPTED = "encrypted"
    TNEF = "tnef"
    DAMAGED = "damaged"
    TOO_DEEP = "too-deep"
    TOO_BIG = "too-big"
    UNREADABLE = "unreadable"
    NO_ADDRESS = "no-address"
    TOO_MANY_ADDRESSES = "too-many-addresses"
    AUTOMATIC = "automatic"
    FROM_OURSELVES = "from-ourselves"
    TO_OUR_MAIL = "to-our-mail"
    NO_SUCH_NOTICE = "no-such-notice"
    FROM_A_RECIPIENT = "from-a-recipient"
    REFUSED = "refused"
    CHILD_ABUSE = "child-abuse"


REASONS = {
    Reason.EMPTY: N_("Le message est vide."),
    Reason.ENCRYPTED: N_("Le message est chiffré : Vigie ne peut pas le lire."),
    Reason.TNEF: N_("Les pièces jointes sont dans un fichier winmail.dat, que Vigie ne lit pas."),
    Reason.DAMAGED: N_("Le message est abîmé : une partie manque ou ne se lit pas."),
    Reason.TOO_DEEP: N_("Le message contient trop de messages emboîtés."),
    Reason.TOO_BIG: N_("Le message est trop gros. Il attend dans la boîte aux lettres, dossier « A-trier »."),
    Reason.UNREADABLE: N_("Le message n’a pas pu être lu."),
    Reason.NO_ADDRESS: N_("Aucune adresse de contenu n’a été trouvée."),
    Reason.TOO_MANY_ADDRESSES: N_("Le message contient trop d’adresses : passez plutôt par un import."),
    Reason.AUTOMATIC: N_("Réponse automatique, sans référence de notification."),
    Reason.FROM_OURSELVES: N_("Le message vient de notre propre adresse."),
    Reason.TO_OUR_MAIL: N_("Réponse à un message que nous avons envoyé, sans adresse de contenu."),
    Reason.NO_SUCH_NOTICE: N_("La référence citée ne correspond à aucune notification."),
    Reason.FROM_A_RECIPIENT: N_("Vient d’une plateforme que nous avons notifiée, sans référence de notification."),
    Reason.REFUSED: N_("Le signalement n’a pas pu être enregistré tel quel."),
    Reason.CHILD_ABUSE: N_(
        "Les mots du message évoquent des abus sexuels sur des enfants, sans adresse lisible. Vigie n’en a rien gardé. "
        "Il attend dans la boîte aux lettres, dossier « A-trier »."
    ),
}


@dataclass(frozen=True)
class House:
    """What the association must not take for a report: its own addresses of mail, and its own sites."""

    addresses: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Sorted:
    """What a letter is. `addresses` are those it speaks of, also when it went to the tray."""

    kind: MailKind
    reason: Reason | None = None
    references: tuple[str, ...] = ()
    addresses: tuple[str, ...] = field(default=())


def sort_letter(letter: Letter, *, house: House, sent: Mapping[str, str], is_from_a_recipient: bool = False) -> Sorted:
    """Say what `letter` is.

    Args:
        sent: Message-IDs of what we sent, among those the letter names, with the reference each carried
            ("" for a mail that carried none, such as a receipt).
        is_from_a_recipient: whoever writes has had notices from us; what they write is no report.
    """
    addresses = addresses_of(letter, house=house)
    references = references_of(letter, sent=sent)
    if references:
        return Sorted(MailKind.ANSWER, references=references, addresses=addresses)
    if is_from_a_recipient:
        return Sorted(MailKind.TRAY, reason=Reason.FROM_A_RECIPIENT, addresses=addresses)
    reason = _why_a_person(letter, addresses, house=house, sent=sent)
    if reason is not None:
        return Sorted(MailKind.TRAY, reason=reason, addresses=addresses)
    return Sorted(MailKind.REPORT, addresses=addresses)


def _why_a_person(
    letter: Letter, addresses: tuple[str, ...], *, house: House, sent: Mapping[str, str]
) -> Reason | None:
    if letter.is_auto_reply:
        return Reason.AUTOMATIC
    if letter.sender in house.addresses:
        return Reason.FROM_OURSELVES
    for trouble in Trouble:
        if trouble in letter.all_troubles():
            return Reason(trouble.value)
    if not addresses:
        return Reason.TO_OUR_MAIL if sent else Reason.NO_ADDRESS
    if len(addresses) > MOST_ADDRESSES:
        return Reason.TOO_MANY_ADDRESSES
    return None


# --- whose answer --------------------------------------------------------------------------------------------

_PLUS = re.compile(r"\+(N-[0-9A-Z]{4}-[0-9A-Z]{4})@", re.IGNORECASE)


def references_of(letter: Letter, *, sent: Mapping[str, str]) -> tuple[str, ...]:
    """Return the notices that the letter answers; several where a platform answers several at once.

    The surest sign alone: the address we gave for answers, then the thread, then what is written.
    """
    letters = list(letter.all_letters())
    by_address = [match[1] for one in letters for address in one.recipients if (match := _PLUS.search(address))]
    by_thread = [
        reference
        for message_id in sorted(letter.message_ids())
        # Some servers put Message-IDs in small letters.
        for reference in ([sent[message_id]] if sent.get(message_id) else NOTICE_REF.findall(message_id.upper()))
    ]
    written = [
        reference for one in letters for words in (one.subject, one.text) for reference in NOTICE_REF.findall(words)
    ]
    for signs in (by_address, by_thread, written):
        found = [sign.upper() for sign in signs if NOTICE_REF.fullmatch(sign.upper())]
        if found:
            return tuple(dict.fromkeys(found))[:MOST_ADDRESSES]
    return ()


_SHARED_MAIL = frozenset([
    "aol.com", "free.fr", "gmail.com", "gmx.com", "gmx.de", "gmx.fr", "googlemail.com", "hotmail.com", "hotmail.fr",
    "icloud.com", "laposte.net", "live.com", "live.fr", "mail.com", "mail.ru", "mailo.com", "me.com", "msn.com", "neuf.fr",
    "orange.fr", "outlook.com", "outlook.fr", "pm.me", "proton.me", "protonmail.com", "sfr.fr", "tutanota.com", "wanadoo.fr",
    "web.de", "yahoo.com", "yahoo.fr", "yandex.ru", "ymail.com",
])  # fmt: skip
"""Where anybody has an address: two people there are not of one house."""


def is_same_house(sender: str, other: str) -> bool:
    """Say whether two addresses of mail belong to one organisation: the same domain, or one below it."""
    site = registrable_domain(sender.rpartition("@")[2].lower())
    if not site or site in _SHARED_MAIL:
        return bool(sender) and sender.lower() == other.lower()
    return site == registrable_domain(other.rpartition("@")[2].lower())


# --- what it speaks of ---------------------------------------------------------------------------------------


def addresses_of(letter: Letter, *, house: House) -> tuple[str, ...]:
    """Return the addresses of contents in the letter and those inside it, each content once, in their order.

    Left out: our own sites; unsubscribe links; and, when something more precise is there too, bare front
    pages and the site of whoever writes, which are signatures.
    """
    found: dict[str, str] = {}
    signatures: dict[str, str] = {}
    for one in letter.all_letters():
        own_site = one.sender.rpartition("@")[2]
        for address in _written_in(one):
            try:
                key, site = resolve(address).key, read_address(address).host
            except UnreadableAddress:
                continue
            if _is_within(site, house.sites) or _LEAVE.search(address):
                continue
            is_signature = _is_front_page(address) or (own_site and _is_within(site, [own_site]))
            (signatures if is_signature else found).setdefault(key, address)
    return tuple((found or signatures).values())


def _written_in(letter: Letter) -> Iterable[str]:
    # The subject too: phones that «share» an address put it there.
    return [found.address for found in find_addresses(f"{letter.searched}\n\n{letter.subject}")]


def _is_within(host: str, sites: Iterable[str]) -> bool:
    return any(host == site or host.endswith(f".{site}") for site in sites)


def _is_front_page(address: str) -> bool:
    read = read_address(address)
    return read.path in {"", "/"} and not read.query and not read.fragment


_LEAVE = re.compile(r"unsubscribe|desabonn|desinscri|d%C3%A9sabonn|optout|opt-out|email[-_]?preferences", re.IGNORECASE)
