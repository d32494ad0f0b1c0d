"""What the Jetstream is, needs and costs."""

from datetime import date, timedelta

from vigie.core.words import N_
from vigie.watch.ports import FieldKind, Manifest, SourceField

PUBLIC = "wss://jetstream.us-east.bsky.network"

MANIFEST = Manifest(
    kind="bluesky",
    title=N_("Bluesky, en continu"),
    says=N_("Toutes les publications de Bluesky, au moment où elles paraissent."),
    needs=N_("Rien : le flux est public."),
    limits=N_("Après un arrêt, Vigie reprend où elle en était, jusqu’à 36 heures en arrière ; au-delà, il y a un trou, et c’est dit. La portée n’est pas connue."),
    cost=N_("Gratuit. Environ deux gigaoctets reçus par jour."),
    last_verified=date(2026, 11, 26),
    source="github.com/bluesky-social/jetstream, docs/README.md §5.2; lexicon network.bsky.jetstream.subscribeEvents",
    fields=(
        SourceField(
            "address", N_("Serveur Jetstream"), kind=FieldKind.TEXT, required=False, initial=PUBLIC,
            help=N_("Laissez l’adresse proposée si vous n’avez pas votre propre serveur."),
        ),
    ),
    every=timedelta(seconds=0),
    is_stream=True,
)  # fmt: skip
