"""The words of this room on screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vigie.casefile.rules.masking import pieces
from vigie.casefile.web.masking import masked_html, spans_to_mask
from vigie.detection.hints import Target
from vigie.watch.models import Source, Surge
from vigie.watch.queries import WallItem
from vigie.watch.rules.question import Reason

TARGET_LABELS = {
    "jews": gettext_lazy("Juifs"),
    "muslims": gettext_lazy("musulmans"),
    "arabs": gettext_lazy("Arabes"),
    "black-people": gettext_lazy("Noirs"),
    "asians": gettext_lazy("Asiatiques"),
    "roma": gettext_lazy("Roms"),
    "migrants": gettext_lazy("personnes migrantes"),
    "other-origins": gettext_lazy("autres origines"),
    "women": gettext_lazy("femmes"),
    "lgbt": gettext_lazy("personnes LGBT"),
    "disabled-people": gettext_lazy("personnes handicapées"),
    "neo-nazi": gettext_lazy("signes néonazis"),
    "political": gettext_lazy("politique"),
    "any": gettext_lazy("sans cible précise"),
}
REASONS_SAID = 4


def masked_name(name: str) -> str:
    """Return a name for a list of choices, where no markup may stand: its slurs veiled."""
    cut = pieces(name, masked=spans_to_mask(name))
    return "".join(piece.veiled if piece.masked else piece.text for piece in cut)


def target_label(target: str) -> str:
    """Return what people call a part of the lexicon; its name when it is not known here."""
    return str(TARGET_LABELS.get(target, target))


def target_choices() -> list[tuple[str, str]]:
    return [(target.value, target_label(target.value)) for target in Target]


def why(reasons: Sequence[Reason], *, shown: bool = False) -> SafeString:
    """Return why a post is on the wall, as a sentence; its words are masked like those of the post."""
    said = [_said(reason, shown=shown) for reason in reasons[:REASONS_SAID]]
    if len(reasons) > REASONS_SAID:
        more = len(reasons) - REASONS_SAID
        said.append(
            format_html("{}", ngettext("%(more)s autre motif", "%(more)s autres motifs", more) % {"more": more})
        )
    return format_html_join(" ; ", "{}", ((one,) for one in said))


def _said(reason: Reason, *, shown: bool) -> SafeString:
    word = masked_html(reason.what, shown=shown)
    match reason.kind:
        case "term":
            return format_html(_("contient « {} »"), word)
        case "hashtag":
            return format_html(_("porte le mot-dièse « {} »"), word)
        case "account":
            return format_html(_("vient d’un compte suivi"))
        case "score":
            return format_html(_("le détecteur le juge haineux à {} %"), round(100 * float(reason.what)))
    if reason.sense:
        return format_html(
            _("contient « {} », du lexique ({} : {})"), word, target_label(reason.target), masked_html(reason.sense, shown=shown)
        )  # fmt: skip
    return format_html(_("contient « {} », du lexique ({})"), word, target_label(reason.target))


def surge_name(surge: Surge) -> SafeString:
    """Return what rises, masked."""
    watch = masked_html(surge.watch.name)
    match surge.kind:
        case "term":
            return format_html(_("« {} » ({})"), masked_html(surge.name), watch)
        case "target":
            return format_html(_("ce qui vise : {} ({})"), target_label(surge.name), watch)
        case "source":
            source = Source.objects.of(surge.organisation_id).filter(pk=int(surge.name)).first()
            return format_html(_("source {} ({})"), masked_html(source.name if source else "?"), watch)
    return format_html(_("toute la veille {}"), watch)


def surge_said(surge: Surge) -> str:
    """Return how much it rises, as a sentence."""
    return _("%(seen)s publications en %(minutes)s minutes, contre %(expected)s d’habitude à cette heure.") % {
        "seen": number_format(surge.seen),
        "minutes": surge.window_minutes,
        "expected": number_format(round(surge.expected, 1 if surge.expected < 10 else 0)),
    }


def spread(item: WallItem, now: datetime) -> str:
    """Return how many posts say it, how fast and how far, as one sentence."""
    said = ngettext("%(count)s publication", "%(count)s publications", item.count) % {
        "count": number_format(item.count)
    }
    parts = [said]
    if item.count > 1:
        parts.append(_("%(lately)s dans la dernière heure") % {"lately": number_format(item.lately)})
    if item.reach is None:
        parts.append(_("portée inconnue"))
    else:
        parts.append(_("portée d’au plus %(reach)s") % {"reach": number_format(item.reach)})
    if item.gone:
        gone = ngettext("%(gone)s retirée par son auteur", "%(gone)s retirées par leur auteur", item.gone)
        parts.append(gone % {"gone": number_format(item.gone)})
    return ", ".join(parts)
