"""What reading X costs, and how the budget holds."""

from datetime import date, timedelta

from vigie.core.words import N_
from vigie.watch.ports import FieldKind, Manifest, SourceField

MANIFEST = Manifest(
    kind="x",
    title=N_("X, à l’usage"),
    says=N_("Ce qui répond à une recherche sur X, dans les sept derniers jours."),
    needs=N_("Un compte développeur X « pay per use » et son jeton d’application (Bearer)."),
    limits=N_("Environ 0,005 $ par publication lue en avril 2026, d’après plusieurs sources secondaires : vérifiez le tarif dans votre console et écrivez-le ici. Le nom des comptes n’est pas demandé : il coûterait le double."),
    cost=N_("Payant. Ce que coûte chaque appel est mis de côté avant de le faire ; au-delà du budget du mois, rien n’est demandé."),
    last_verified=date(2026, 11, 26),
    source="docs.x.com/x-api/posts/search-recent-posts; rates: secondary pages of April 2026, to be checked in the Developer Console",
    fields=(
        SourceField("query", N_("Recherche"), help=N_("Dans l’écriture de X, par exemple : (mot OR \"deux mots\") lang:fr -is:retweet")),
        SourceField("token", N_("Jeton"), kind=FieldKind.SECRET),
        SourceField("budget", N_("Budget par mois, en dollars"), kind=FieldKind.NUMBER, initial="20"),
        SourceField("price", N_("Prix de mille publications lues, en dollars"), kind=FieldKind.NUMBER, initial="5"),
    ),
    every=timedelta(minutes=10),
    period="month",
)  # fmt: skip
