"""What the previews of Telegram's public channels are, and what they do not show."""

from datetime import date, timedelta

from vigie.core.words import N_
from vigie.watch.ports import FieldKind, Manifest, SourceField

MANIFEST = Manifest(
    kind="telegram",
    title=N_("Canaux publics Telegram"),
    says=N_("Ce que publient des canaux publics, par leur aperçu sur t.me."),
    needs=N_("Rien : ni compte, ni téléphone."),
    limits=N_("Les canaux seulement, pas les groupes ni les commentaires ; certains canaux interdisent l’aperçu. Un canal muet deux jours se lit quand même en entier à la reprise, cent messages au plus à la fois."),
    cost=N_("Gratuit."),
    last_verified=date(2026, 11, 26),
    source="t.me/s/<channel>, as fetched without an account; core.telegram.org/widgets/post",
    fields=(
        SourceField("channels", N_("Canaux"), kind=FieldKind.LINES, help=N_("Un par ligne : @canal ou https://t.me/canal.")),
    ),
    every=timedelta(minutes=3),
)  # fmt: skip
