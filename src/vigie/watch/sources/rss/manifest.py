"""What feeds are, need and cost."""

from datetime import date, timedelta

from vigie.core.words import N_
from vigie.watch.ports import FieldKind, Manifest, SourceField

MANIFEST = Manifest(
    kind="rss",
    title=N_("Flux RSS ou Atom"),
    says=N_("Un blog, un forum, une chaîne YouTube : tout site qui publie un flux."),
    needs=N_("L’adresse du flux, rien d’autre."),
    limits=N_("Un flux ne montre que ses derniers articles : ce qui en sort entre deux lectures n’est pas vu."),
    cost=N_("Gratuit."),
    last_verified=date(2026, 11, 26),
    source="RFC 4287 (Atom); rssboard.org/rss-specification; feedparser 6.0.14",
    fields=(
        SourceField(
            "address",
            N_("Adresse du flux"),
            help=N_("Pour une chaîne YouTube : https://www.youtube.com/feeds/videos.xml?channel_id=…"),
            kind=FieldKind.TEXT,
        ),
    ),
    every=timedelta(minutes=10),
)
