"""What points to sexual abuse of children, by table. All sentences are invented, and none quotes such a content."""

import pytest

from vigie.intake.rules.child_abuse import points_to_child_abuse
from vigie.intake.rules.values import About

REFERRED = [
    "C’est du contenu pédopornographique.",
    "pédoporno sur ce compte",
    "Réseau pédocriminel",
    "pédo-criminalité",
    "Des images sexuelles d’enfants",
    "Vidéo d'une fillette nue",
    "Il montre des enfants dans des poses sexuelles",
    "un dessin porno avec des petites filles",
    "une fille de 12 ans nue",
    "photos dénudées d’une collégienne",
    "On partage une photo de moi nue, j’ai 15 ans",
    "je suis mineure et mon ex publie mes nudes",
    "il propose à des mineurs des relations sexuelles",
    "viol d’un bébé en vidéo",
    "des hommes qui violent des enfants, en vidéo",
    "il se vante d’avoir abusé d’un enfant",
    "images pédophiles",
    "contenu à caractère pédophile",
    "groupe pédo sur une messagerie",
    "liens cp à vendre",
    "vends CP",
    "loli nsfw",
    "inceste avec sa fille de 9 ans",
    "p3doporno",
    "pédop0rno",
    "This is child porn",
    "childporn",
    "CSAM",
    "child sexual abuse material",
    "naked pictures of a little girl",
    "a 14-year-old girl, nude",
    "They share explicit videos of kids",
    "underage nudes",
    "grooming of minors",
    "sexualised drawings of children",
    "pedo ring sharing files",
    "teenagers in a sexual video",
    "Kinderpornografie",
    "https://forum.example/preteen-gallery",
]
TREATED = [
    "",
    "Insultes racistes contre une famille.",
    "Il traite les homosexuels de pédophiles.",
    "Tweet homophobe : « tous des pédophiles »",
    "He calls gay people paedophiles.",
    "Je suis mineure et on m’insulte à cause de mon orientation sexuelle.",
    "Un message violent contre les enfants juifs de l’école",
    "Menaces de mort contre un lycéen",
    "Des propos violents envers une mère et son enfant",
    "Il dit que l’éducation sexuelle pervertit les enfants",
    "harcèlement d’une collégienne noire par sa classe",
    "Propos sexistes et injures",
    "A 17 ans de prison : appel à la haine contre les migrants",
    "antisémite, 3 commentaires sous la vidéo",
    "An antisemitic post about children of a school.",
    "My daughter is a minor and gets racist abuse at school.",
    "same-sex parents and their children insulted",
    "Le sexe opposé est insulté",
    "viol de la loi",
    "violence contre des enfants roms",
    "la CP de l’école",
    "https://x.com/essai/status/1234567890123456789",
    "abus de pouvoir contre une enfant du voyage",
]


@pytest.mark.parametrize("text", REFERRED)
def test_words_of_childhood_and_sexuality_lead_to_the_referral(text: str) -> None:
    assert points_to_child_abuse("", [text])


@pytest.mark.parametrize("text", TREATED)
def test_insults_and_the_words_of_those_targeted_do_not(text: str) -> None:
    assert not points_to_child_abuse(About.OTHER, [text])


def test_the_category_alone_is_enough() -> None:
    assert points_to_child_abuse(About.CHILD_ABUSE, [])
    assert not points_to_child_abuse(About.RACISM, [])


def test_any_of_the_texts_is_enough_but_two_words_in_two_texts_are_not() -> None:
    assert points_to_child_abuse("", ["Bonjour", "images pédophiles"])
    assert not points_to_child_abuse("", ["Un enfant est insulté", "Publicité porno"])


def test_words_far_apart_do_not_count() -> None:
    assert not points_to_child_abuse("", ["enfant " + "mot " * 12 + "sexuel"])
