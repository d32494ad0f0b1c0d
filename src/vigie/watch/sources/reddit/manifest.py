"""What reading Reddit needs."""

from datetime import date, timedelta

from vigie.core.words import N_
from vigie.watch.ports import FieldKind, Manifest, SourceField

MANIFEST = Manifest(
    kind="reddit",
    title=N_("Communautés Reddit"),
    says=N_("Les nouvelles publications et les nouveaux commentaires de certaines communautés."),
    needs=N_("Une application Reddit (identifiant et secret). Reddit approuve les nouvelles depuis fin 2025 : demandez-la tôt."),
    limits=N_("100 demandes par minute. Une liste montre au plus mille publications : après un long arrêt, il peut y avoir un trou, et c’est dit."),
    cost=N_("Gratuit dans cette limite."),
    last_verified=date(2026, 11, 26),
    source="reddit.com/dev/api (listings, OAuth); approval rules from memory, to be checked",
    fields=(
        SourceField("places", N_("Communautés"), kind=FieldKind.LINES, help=N_("Une par ligne : r/france, trente au plus.")),
        SourceField("client", N_("Identifiant de l’application")),
        SourceField("secret", N_("Secret de l’application"), kind=FieldKind.SECRET),
    ),
    every=timedelta(minutes=2),
)  # fmt: skip
