"""The journal as sentences: one for each event, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from vigie.casefile.models import (
    CLOSING_LABELS,
    DANGER_LABELS,
    ONLINE_LABELS,
    PLATFORM_LABELS,
    STAGE_LABELS,
    JournalEntry,
)
from vigie.casefile.rules.closing import ClosingReason
from vigie.casefile.rules.events import Event
from vigie.casefile.rules.state import Danger, Online, PlatformSays, Stage
from vigie.core.words import N_
from vigie.organisations.models import ApiToken, Member

SENTENCES: dict[Event, str] = {
    # doors
    Event.REPORT_RECEIVED: N_("%(who)s a fait un signalement."),
    Event.REPORT_JOINED: N_("Un signalement a été joint à ce dossier."),
    Event.REPORT_REFERRED: N_("L’adresse a été mise de côté pour les autorités : rien n’a été ouvert ni copié."),
    Event.REPORT_SETTLED: N_("%(who)s a traité un signalement mis en attente."),
    Event.REFERRAL_MADE: N_(
        "%(who)s a confirmé et transmis l’adresse aux autorités : tout ce qui en était gardé est effacé."
    ),
    Event.REFERRAL_LIFTED: N_("%(who)s a levé la mise de côté : le contenu suit la voie ordinaire."),
    Event.REPORT_PURGED: N_("L’adresse transmise aux autorités a été effacée."),
    Event.MESSAGE_RECEIVED: N_("La personne qui a signalé a écrit."),
    Event.MESSAGE_SENT: N_("%(who)s a écrit à la personne qui a signalé."),
    Event.IDENTITY_OPENED: N_("%(who)s a ouvert l’identité de la personne qui a signalé."),
    Event.IDENTITY_ERASED: N_("L’identité de la personne qui a signalé a été effacée."),
    Event.IMPORT_DONE: N_("%(who)s a importé un fichier."),
    Event.IMPORT_UNDONE: N_("%(who)s a annulé un import."),
    Event.MAIL_KEPT: N_("Un courriel reçu a été conservé tel quel."),
    Event.MAIL_TO_TRAY: N_("Un courriel que Vigie n’a pas su lire attend quelqu’un."),
    Event.MAIL_SETTLED: N_("%(who)s a traité un courriel en attente."),
    # the case
    Event.CASE_OPENED: N_("Le dossier a été ouvert."),
    Event.CASE_CLAIMED: N_("%(holder)s a pris ce dossier."),
    Event.CASE_RELEASED: N_("%(who)s a rendu ce dossier à la file d’attente."),
    Event.CASE_ASSIGNED: N_("%(who)s a attribué ce dossier à %(holder)s."),
    Event.CASE_DANGER_SET: N_("%(who)s a fixé l’urgence."),
    Event.CASE_CLOSED: N_("%(who)s a clos ce dossier."),
    Event.CASE_REOPENED: N_("%(who)s a rouvert ce dossier."),
    Event.STATE_RESTORED: N_("%(who)s a annulé une action groupée."),
    Event.CASE_JOINED: N_("%(who)s a joint un autre dossier à celui-ci."),
    Event.CASE_PARTED: N_("%(who)s a séparé un dossier de celui-ci."),
    Event.CONTENT_ADDED: N_("%(who)s a ajouté un contenu."),
    Event.CONTENT_REMOVED: N_("%(who)s a retiré un contenu de ce dossier."),
    Event.CONTENT_TEXT_RECORDED: N_("Le texte du contenu a été relevé."),
    Event.CONTENT_PUBLISHED_AT_SET: N_("La date de publication a été notée."),
    Event.CONTENT_NEVER_FETCH: N_(
        "Le contenu a été mis de côté pour les autorités : tout est caché jusqu’à une décision."
    ),
    Event.LIMITATION_COUNTED: N_("La date de prescription a été comptée."),
    # evidence
    Event.CAPTURE_ASKED: N_("%(who)s a demandé une capture."),
    Event.CAPTURE_DONE: N_("La capture est faite et scellée."),
    Event.CAPTURE_PARTIAL: N_("La capture est faite en partie ; ce qui manque est dit."),
    Event.CAPTURE_FAILED: N_("La capture n’a pas pu être faite."),
    Event.CAPTURE_ERASED: N_("Une capture a été effacée : ce contenu ne peut pas être conservé."),
    Event.FILE_KEPT: N_("Un fichier a été conservé."),
    # the legal reading
    Event.READING_SAVED: N_("%(who)s a enregistré une lecture juridique."),
    Event.QUALIFIED: N_("%(who)s a qualifié le contenu."),
    Event.DECLINED: N_("%(who)s n’a pas retenu ce signalement."),
    Event.SECOND_OPINION_ASKED: N_("%(who)s a demandé un second avis."),
    Event.SECOND_OPINION_GIVEN: N_("%(who)s a donné un second avis."),
    Event.READING_REOPENED: N_("%(who)s a repris la lecture juridique."),
    # the notice
    Event.NOTICE_DRAFTED: N_("%(who)s a préparé une notification."),
    Event.NOTICE_CHECKED: N_("La notification a été vérifiée."),
    Event.NOTICE_APPROVED: N_("%(who)s a approuvé la notification."),
    Event.NOTICE_QUEUED: N_("%(who)s a mis la notification à l’envoi."),
    Event.NOTICE_SENT: N_("La notification est partie."),
    Event.NOTICE_SENT_BY_HAND: N_("%(who)s a envoyé la notification à la main."),
    Event.NOTICE_FAILED: N_("L’envoi de la notification a échoué."),
    Event.NOTICE_UNKNOWN: N_("On ne sait pas si la notification est partie : quelqu’un doit vérifier."),
    Event.NOTICE_UNKNOWN_SETTLED: N_("%(who)s a dit ce qu’il est advenu de la notification."),
    Event.NOTICE_WITHDRAWN: N_("%(who)s a retiré la notification."),
    Event.PHAROS_REFERENCE_NOTED: N_("%(who)s a noté la référence donnée par PHAROS."),
    # other mail
    Event.MAIL_QUEUED: N_("Un courriel a été mis à l’envoi."),
    Event.MAIL_SENT: N_("Un courriel est parti."),
    Event.MAIL_FAILED: N_("L’envoi d’un courriel a échoué."),
    Event.MAIL_UNKNOWN: N_("On ne sait pas si un courriel est parti : quelqu’un doit vérifier."),
    Event.MAIL_UNKNOWN_SETTLED: N_("%(who)s a dit ce qu’il est advenu d’un courriel."),
    # follow-up
    Event.REPLY_RECEIVED: N_("Une réponse est arrivée."),
    Event.REPLY_READ: N_("%(who)s a lu la réponse de la plateforme."),
    Event.CHECK_DONE: N_("La présence en ligne a été contrôlée."),
    Event.ONLINE_CHANGED: N_("L’état en ligne a changé."),
    Event.REMINDER_DUE: N_("Une relance est à faire."),
    Event.REMINDER_SENT: N_("%(who)s a relancé la plateforme."),
    Event.REMINDER_SETTLED: N_("%(who)s a réglé une relance."),
    # the watch
    Event.WATCH_SAVED: N_("%(who)s a écrit ou changé une veille."),
    Event.WATCH_PAUSED: N_("%(who)s a mis une veille en pause."),
    Event.WATCH_RESUMED: N_("%(who)s a repris une veille."),
    Event.WATCH_SOURCE_SAVED: N_("%(who)s a ajouté ou changé une source."),
    Event.CAMPAIGN_BEGUN: N_("%(who)s a ouvert une campagne."),
    Event.SURGE_CALLED: N_("Une hausse a été signalée par la veille."),
    Event.SURGE_SETTLED: N_("%(who)s a pris connaissance d’une hausse."),
    # the lexicon
    Event.LEXICON_TERM_SAVED: N_("%(who)s a changé un mot du lexique."),
    Event.DETECTOR_SCALED: N_("%(who)s a changé l’échelle des scores."),
    Event.EMERGING_SETTLED: N_("%(who)s a décidé d’un mot qui monte."),
    # the house
    Event.MEMBER_JOINED: N_("Un membre est arrivé."),
    Event.MEMBER_CHANGED: N_("%(who)s a modifié un membre."),
    Event.MEMBER_LEFT: N_("Un membre est parti."),
    Event.TOKEN_MADE: N_("%(who)s a créé une clé d’accès."),
    Event.TOKEN_REVOKED: N_("%(who)s a révoqué une clé d’accès."),
    Event.SETTINGS_CHANGED: N_("%(who)s a changé les réglages."),
    Event.FIGURES_EXPORTED: N_("%(who)s a exporté des chiffres."),
}


def _day(value: str) -> str:
    return formats.date_format(date.fromisoformat(value), "DATE_FORMAT")


def _moment(value: str) -> str:
    return formats.date_format(timezone.localtime(datetime.fromisoformat(value)), "DATETIME_FORMAT")


# What an entry adds after its sentence: the key in its data, and how its value is read aloud.
_DETAILS: dict[Event, tuple[str, Callable[[Any], Any]]] = {
    Event.CASE_DANGER_SET: ("danger", lambda value: DANGER_LABELS[Danger(value)]),
    Event.CASE_CLOSED: ("reason", lambda value: CLOSING_LABELS[ClosingReason(value)]),
    Event.STATE_RESTORED: ("stage", lambda value: STAGE_LABELS[Stage(value)]),
    Event.CONTENT_PUBLISHED_AT_SET: ("published_at", _moment),
    Event.LIMITATION_COUNTED: ("limitation_on", _day),
    Event.REPLY_READ: ("platform_says", lambda value: PLATFORM_LABELS[PlatformSays(value)]),
    Event.ONLINE_CHANGED: ("online", lambda value: ONLINE_LABELS[Online(value)]),
    Event.CHECK_DONE: ("online", lambda value: ONLINE_LABELS[Online(value)]),
    Event.NOTICE_SENT: ("reference", str),
    Event.NOTICE_SENT_BY_HAND: ("platform_reference", str),
    Event.NOTICE_DRAFTED: ("reference", str),
    Event.PHAROS_REFERENCE_NOTED: ("reference", str),
}


@dataclass(frozen=True)
class Line:
    """One entry, ready to be read."""

    at: datetime
    sentence: str
    event: str
    leads_to: str = ""
    """The reference of another case that the entry is about."""


def journal_lines(entries: Iterable[JournalEntry]) -> list[Line]:
    """Return the entries as sentences; asks for the names of their actors in at most two queries."""
    rows = list(entries)
    names = _names(rows)
    return [
        Line(row.at, sentence_of(row.event, row.actor, row.data, names), row.event, _other_case(row.data))
        for row in rows
    ]


def _other_case(data: Mapping[str, Any]) -> str:
    return next((data[key] for key in ("into", "joined", "opened") if data.get(key)), "")


def sentence_of(event: str, actor: str, data: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return what an entry says; `names` gives the people's names by actor (`member:12`)."""
    kind = Event(event)
    said = _(SENTENCES[kind]) % {
        "who": _who(actor, names),
        "holder": _who(f"member:{data.get('holder')}", names),
    }
    if kind is Event.CASE_RELEASED and data.get("expired"):
        said = _("Ce dossier est revenu dans la file d’attente : plus rien ne s’y passait.")
    if kind is Event.CASE_DANGER_SET and data.get("report"):
        said = _("Ce que dit le signalement rend ce dossier plus urgent.")
    if kind is Event.LIMITATION_COUNTED and data.get("withdrawn"):
        said = _("%(who)s ne retient plus l’un des fondements ; la prescription est comptée sur les autres.") % {
            "who": _who(actor, names)
        }
    key, read = _DETAILS.get(kind, ("", str))
    return f"{said} ({read(data[key])})" if data.get(key) not in (None, "") else said


def _who(actor: str, names: Mapping[str, str]) -> str:
    if actor == "public":
        return _("Quelqu’un, par le formulaire public,")
    if actor == "worker":
        return "Vigie"
    return names.get(actor) or _("Quelqu’un qui n’est plus là")


def _names(rows: Iterable[JournalEntry]) -> dict[str, str]:
    actors = {row.actor for row in rows} | {f"member:{row.data['holder']}" for row in rows if row.data.get("holder")}
    found = [match for actor in actors if (match := re.fullmatch(r"(member|token):(\d+)", actor))]
    members = [int(match[2]) for match in found if match[1] == "member"]
    tokens = [int(match[2]) for match in found if match[1] == "token"]
    names: dict[str, str] = {}
    if members:
        rows_of_members = Member.objects.filter(pk__in=members).values_list("pk", "display_name")
        names |= {f"member:{key}": name for key, name in rows_of_members}
    if tokens:
        rows_of_tokens = ApiToken.objects.filter(pk__in=tokens).values_list("pk", "name")
        names |= {f"token:{key}": name for key, name in rows_of_tokens}
    return names
