"""The people and the posts of Agora. ALL OF IT IS INVENTED: no real person, place or event.

Valdor and its people, the Valdorians, do not exist; they stand where a real group would be named.
About ten posts break French law, each in as few words as the kind needs, so that the demonstration
has something to report; a real group is named only where the rule has no sense without it. The
others are ordinary talk, and the look-alikes that a desk must not report: quotation, news, counter-speech,
a word claimed back, criticism of a religion or of a State.

Ids are written here and never change, so that tests and documentation can name a post.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Verdict(StrEnum):
    """What Agora's automatic moderator will find when somebody notifies this."""

    ILLEGAL = "illegal"
    LAWFUL = "lawful"
    ASK_A_PERSON = "ask_a_person"


@dataclass(frozen=True)
class InventedAccount:
    handle: str
    name: str
    bio: str
    verdict: Verdict = Verdict.LAWFUL


@dataclass(frozen=True)
class InventedPost:
    """`kind` names what the post is an example of; `age` is how long before the first start it was published."""

    id: str
    handle: str
    kind: str
    text: str
    age: timedelta
    lang: str = "fr"
    verdict: Verdict = Verdict.LAWFUL
    reply_to: str | None = None
    media: str | None = None
    media_alt: str = ""
    media_words: str = ""
    edited_after: timedelta | None = None


def _days(days: float) -> timedelta:
    return timedelta(days=days)


def _illegal(
    post_id: str,
    handle: str,
    kind: str,
    text: str,
    days: float,
    *,
    lang: str = "fr",
    reply_to: str | None = None,
    media: str | None = None,
    media_alt: str = "",
    media_words: str = "",
) -> InventedPost:
    return InventedPost(
        post_id,
        handle,
        kind,
        text,
        _days(days),
        lang=lang,
        verdict=Verdict.ILLEGAL,
        reply_to=reply_to,
        media=media,
        media_alt=media_alt,
        media_words=media_words,
    )


VISITOR = "visiteur"

ACCOUNTS = (
    InventedAccount("lison_m", "Lison Marchenoir", "La matinale de Radio Parvis. Compte inventé."),
    InventedAccount("nadia_v", "Nadia Valdorine", "Née à Valdor, vit ici. Couture, trams et recettes. Compte inventé."),
    InventedAccount("bruno_potager", "Bruno au potager", "Tomates, limaces et patience. Compte inventé."),
    InventedAccount("gazette", "La Gazette d’Agora", "Les nouvelles du Parvis et d’ailleurs. Titre inventé."),
    InventedAccount("theo_manga", "Théo lit des mangas", "Un tome par soir. Compte inventé."),
    InventedAccount("mme_horloge", "Madame Horloge", "Professeure d’histoire à la retraite. Compte inventé."),
    InventedAccount("collectif_parvis", "Collectif du Parvis", "On répond à la haine, calmement. Collectif inventé."),
    InventedAccount("libre_penseur", "Gaspard, libre penseur", "Ni dieu ni maître, mais du café. Compte inventé."),
    InventedAccount("emma_in_leeds", "Emma in Leeds", "Choir, rain, chips. Invented account."),
    InventedAccount("rempart_du_val", "Rempart du Val", "Compte inventé, pour la démonstration."),
    InventedAccount("corbeau_gris", "Corbeau gris", "Compte inventé, pour la démonstration."),
    InventedAccount("vent_mauvais", "Vent mauvais", "Compte inventé, pour la démonstration."),
    InventedAccount(
        "meute_404",
        "Meute 404",
        "Ici on chasse les Valdoriens, rejoignez la meute. (Compte inventé.)",
        verdict=Verdict.ILLEGAL,
    ),
    InventedAccount(VISITOR, "Visiteur", "Ce qui est écrit par la page « Écrire » de la démonstration."),
)

POSTS = (
    # --- Ordinary talk -------------------------------------------------------------------------------------
    InventedPost(
        "4001",
        "bruno_potager",
        "chatter",
        "Première gelée sur le potager. J’ai rentré les derniers poireaux en pestant.",
        _days(0.3),
        media="potager",
        media_alt="Dessin : trois rangs de poireaux sous un ciel gris.",
    ),
    InventedPost(
        "4002",
        "nadia_v",
        "chatter",
        "Le tram 4 est encore en retard. J’ai eu le temps de finir mon ourlet.",
        _days(0.5),
    ),
    InventedPost(
        "4003",
        "theo_manga",
        "chatter",
        "Tome 104 terminé à deux heures du matin. Aucun regret, beaucoup de café.",
        _days(1.1),
    ),
    InventedPost(
        "4004",
        "lison_m",
        "chatter",
        "Demain à la matinale : pourquoi les horloges du Parvis ne sont jamais d’accord.",
        _days(1.2),
    ),
    InventedPost(
        "4005",
        "mme_horloge",
        "chatter",
        "Parce qu’il y en a quatre et un seul horloger. Bonne émission !",
        _days(1.15),
        reply_to="4004",
    ),
    InventedPost(
        "4006",
        "bruno_potager",
        "chatter",
        "J’avance la mienne de cinq minutes pour tuer le temps plus vite.",
        _days(1.1),
        reply_to="4004",
    ),
    InventedPost(
        "4007",
        "emma_in_leeds",
        "chatter",
        "Choir practice tonight. We murdered Mozart again, and he forgave us.",
        _days(1.9),
        lang="en",
    ),
    InventedPost(
        "4008",
        "libre_penseur",
        "chatter",
        "Qui a une bonne adresse pour faire ressemeler des souliers ?",
        _days(2.4),
    ),
    InventedPost(
        "4009",
        "nadia_v",
        "chatter",
        "Chez Fil & Pas, rue des Lavoirs. Il est lent mais il est bon.",
        _days(2.35),
        reply_to="4008",
    ),
    InventedPost(
        "4010",
        "bruno_potager",
        "chatter",
        "Recette du soir : soupe de poireaux, noix, et la fin du pain noir. (Correction : deux noix, pas vingt.)",
        _days(3.2),
        edited_after=timedelta(minutes=40),
    ),
    InventedPost(
        "4011",
        "emma_in_leeds",
        "chatter",
        "Learning French with a children’s radio show. I now know every farm animal.",
        _days(4.0),
        lang="en",
    ),
    InventedPost(
        "4012",
        "lison_m",
        "chatter",
        "Merci pour vos 212 messages sur les horloges. Nous ne les lirons pas tous.",
        _days(4.4),
    ),
    # --- News, memory, quotation ---------------------------------------------------------------------------
    InventedPost(
        "4020",
        "gazette",
        "news",
        "Concert du dimanche au kiosque : la fanfare du Parvis jouera quoi qu’en dise la météo.",
        _days(0.8),
        media="concert",
        media_alt="Affiche : CONCERT AU KIOSQUE, DIMANCHE 15 H.",
        media_words="CONCERT AU KIOSQUE DIMANCHE 15 H",
    ),
    InventedPost(
        "4021",
        "gazette",
        "quotation",
        "Tribunal de Bourgneuf-sur-Rien : un homme condamné pour avoir écrit « sale Arabe » à un commerçant du marché.",
        _days(2.0),
    ),
    InventedPost(
        "4022",
        "gazette",
        "news",
        "Incendie du foyer de la rue Basse : deux suspects mis en examen, dit le parquet.",
        _days(5.0),
    ),
    InventedPost(
        "4023",
        "mme_horloge",
        "memory",
        "Visite du mémorial avec mes anciens élèves. Ils ont lu les noms à voix haute, un par un.",
        _days(6.0),
    ),
    InventedPost(
        "4024",
        "mme_horloge",
        "education",
        "« Les chambres à gaz n’ont pas existé » : voici, pièce par pièce, pourquoi cette phrase est un mensonge.",
        _days(5.6),
    ),
    InventedPost(
        "4025",
        "theo_manga",
        "look-alike",
        "Chapitre 906 : les Dragons célestes sont les pires personnages du manga, et c’est voulu.",
        _days(2.9),
    ),
    # --- Counter-speech, words claimed back ----------------------------------------------------------------
    InventedPost(
        "4030",
        "nadia_v",
        "counter-speech",
        "Hier on m’a traitée de « sale Valdorienne » dans le tram. J’ai noté l’heure et j’ai porté plainte.",
        _days(3.0),
    ),
    InventedPost(
        "4031",
        "collectif_parvis",
        "counter-speech",
        "Si vous êtes visé par une meute : captures, dates, proches, et le 3018 si vous êtes mineur.",
        _days(2.6),
    ),
    InventedPost(
        "4032",
        "collectif_parvis",
        "claimed-back",
        "« Pédé » sur un mur, c’est une injure. Sur notre char de la marche, c’est un mot repris.",
        _days(7.0),
    ),
    InventedPost(
        "4033",
        "lison_m",
        "counter-speech",
        "À ceux qui m’écrivent de partir : je serai au micro demain à sept heures, comme chaque jour.",
        _days(1.6),
    ),
    # --- Criticism, bad taste, false alarms: lawful --------------------------------------------------------
    InventedPost(
        "4040",
        "libre_penseur",
        "criticism-religion",
        "Toutes les religions, la mienne comprise quand j’en avais une, sont des contes pour se tenir chaud.",
        _days(3.7),
    ),
    InventedPost(
        "4041",
        "libre_penseur",
        "criticism-state",
        "Le gouvernement de Valdor affame ses propres villes. C’est un crime d’État et il faut le dire.",
        _days(4.6),
    ),
    InventedPost("4042", "rempart_du_val", "opinion", "Vivement la remigration.", _days(8.0)),
    InventedPost(
        "4043",
        "libre_penseur",
        "simple-insult",
        "Notre maire est un incapable et un paresseux, dans cet ordre.",
        _days(5.2),
    ),
    InventedPost(
        "4044",
        "emma_in_leeds",
        "criticism-religion",
        "I left my church because it would not let women speak. I do not miss the sermons.",
        _days(6.5),
        lang="en",
    ),
    # --- What breaks the law, one of each kind, sober and short --------------------------------------------
    _illegal("4101", "rempart_du_val", "insult-origin", "Le vendeur de la place n’est qu’un sale Arabe.", 0.6),
    _illegal(
        "4102",
        "corbeau_gris",
        "provocation",
        "Samedi, frappez tous les Valdoriens que vous croisez. Un chacun.",
        0.9,
    ),
    _illegal(
        "4103",
        "vent_mauvais",
        "threat",
        "@lison_m je sais à quelle heure tu sors de ta radio. Je vais te tuer.",
        1.0,
    ),
    _illegal("4104", "corbeau_gris", "holocaust-denial", "Les chambres à gaz n’ont pas existé.", 1.7),
    _illegal("4105", "rempart_du_val", "insult-sexist", "Les femmes au micro : toutes des garces.", 2.1),
    _illegal("4106", "vent_mauvais", "insult-homophobic", "Les deux de l’affiche : des sales pédés.", 2.2),
    _illegal(
        "4107",
        "corbeau_gris",
        "apologia",
        "Ceux qui ont mis le feu au foyer de la rue Basse sont des héros. Bravo à eux.",
        4.8,
    ),
    _illegal(
        "4108",
        "vent_mauvais",
        "doxxing",
        "Elle s’appelle Odile Fictive, 12 rue des Tilleuls-Inventés à Bourgneuf-sur-Rien. Allez la voir cette nuit.",
        1.3,
    ),
    _illegal(
        "4109",
        "rempart_du_val",
        "raid",
        "@lison_m on ne veut plus t’entendre, on viendra tous les jours jusqu’à ce que tu partes.",
        1.40,
        reply_to="4033",
    ),
    _illegal(
        "4110",
        "vent_mauvais",
        "raid",
        "@lison_m on veut plus t’entendre, on viendra tous les jours jusqu’à ce que tu partes !",
        1.39,
        reply_to="4033",
    ),
    _illegal(
        "4111",
        "meute_404",
        "raid",
        "@lison_m on ne veut plus t’entendre… on viendra tous les jours jusqu’à ce que tu partes",
        1.38,
        reply_to="4033",
    ),
    _illegal(
        "4112",
        "corbeau_gris",
        "coded",
        "La radio, la banque, le journal : encore les « dragons célestes ». Dehors, tous.",
        2.8,
    ),
    _illegal(
        "4113",
        "meute_404",
        "image",
        "À imprimer et à coller.",
        3.3,
        media="mot-d-ordre",
        media_alt="Image de texte, blanc sur rouge : VALDORIENS DEHORS, SINON ON VOUS SORT A COUPS DE BATON.",
        media_words="VALDORIENS DEHORS SINON ON VOUS SORT A COUPS DE BATON",
    ),
    _illegal(
        "4114",
        "meute_404",
        "video",
        "Écoutez jusqu’au bout.",
        3.6,
        media="video",
        media_alt="Vidéo de 14 secondes (image fixe dans la démonstration). Une voix dit : « Les handicapés, des déchets. »",
        media_words="Les handicapés, des déchets.",
    ),
    _illegal("4115", "rempart_du_val", "insult-origin", "Go home, you filthy Valdorians.", 4.2, lang="en"),
)
