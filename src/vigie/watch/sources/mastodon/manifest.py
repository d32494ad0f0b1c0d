"""What a Mastodon server's hashtags are, need and cost."""

from datetime import date, timedelta

from vigie.core.words import N_
from vigie.watch.ports import FieldKind, Manifest, SourceField

MANIFEST = Manifest(
    kind="mastodon",
    title=N_("Mastodon, par mots-dièses"),
    says=N_(
        "Les publications publiques d’un serveur Mastodon qui portent certains mots-dièses, au moment où elles paraissent."
    ),
    needs=N_(
        "Un compte sur ce serveur et un jeton d’accès (Préférences, Développement, nouvelle application, droit read:statuses)."
    ),
    limits=N_("Ce que ce serveur reçoit des autres, pas tout Mastodon. 300 demandes en cinq minutes et par compte."),
    cost=N_("Gratuit."),
    last_verified=date(2026, 11, 26),
    source="docs.joinmastodon.org/methods/streaming, /methods/timelines, /api/rate-limits",
    fields=(
        SourceField("server", N_("Serveur"), help=N_("Par exemple https://piaille.fr")),
        SourceField("tags", N_("Mots-dièses"), kind=FieldKind.LINES, help=N_("Un par ligne, vingt au plus.")),
        SourceField("token", N_("Jeton d’accès"), kind=FieldKind.SECRET),
    ),
    every=timedelta(seconds=1),
    is_stream=True,
)
