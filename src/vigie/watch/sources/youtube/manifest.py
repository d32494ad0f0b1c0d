"""What YouTube's comments need and cost."""

from datetime import date, timedelta

from vigie.core.words import N_
from vigie.watch.ports import FieldKind, Manifest, SourceField

MANIFEST = Manifest(
    kind="youtube",
    title=N_("Commentaires YouTube"),
    says=N_("Les commentaires de certaines vidéos, ou de toutes les vidéos d’une chaîne."),
    needs=N_("Une clé de l’interface YouTube Data v3 (console Google Cloud), gratuite."),
    limits=N_("10 000 unités par jour et par clé ; une lecture de cent commentaires en coûte une. Les réponses au-delà de cinq par commentaire ne sont pas lues."),
    cost=N_("Gratuit dans cette limite ; le plafond que vous fixez ne peut pas être dépassé."),
    last_verified=date(2026, 11, 26),
    source="developers.google.com/youtube/v3/docs/commentThreads/list (discovery revision 20261104)",
    fields=(
        SourceField("places", N_("Vidéos ou chaînes"), kind=FieldKind.LINES, help=N_("Une adresse de vidéo, ou un identifiant de chaîne (UC…), par ligne.")),
        SourceField("key", N_("Clé"), kind=FieldKind.SECRET),
        SourceField("most", N_("Unités par jour, au plus"), kind=FieldKind.NUMBER, initial="5000"),
    ),
    every=timedelta(minutes=5),
    period="day",
)  # fmt: skip
