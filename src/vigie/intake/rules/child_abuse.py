"""Does what somebody wrote point to sexual abuse of children? Pure.

Read before anything is kept or fetched. When the answer is yes, only the address stays, for the referral to
PHAROS or Point de Contact. Too wide costs a person one decision at the desk; too narrow could make the house
keep what nobody may keep. So the rule is wide: any word of childhood near any word of sexuality, either way
round, in French or in English.
A few turns of phrase that people targeted by hate really write («je suis mineure, insultée pour mon orientation
sexuelle») are set aside first, and «pédophile» alone, which is an everyday insult, is not enough.

Source: Code pénal, art. 227-23 (holding or showing such an image is an offence, whatever the intention);
catalogue entry `csam-referral`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from vigie.intake.rules.values import About

# Words between the word of childhood and the word of sexuality, at most.
WORDS_BETWEEN = 9


def _any(*turns: str, inside_words: bool = False) -> re.Pattern[str]:
    joined = "|".join(turns)
    return re.compile(joined if inside_words else rf"\b(?:{joined})\b")


# Said alone, each of these is enough.
_UNMISTAKABLE = _any(
    r"pedo ?porno", r"pedo ?crim", r"pedo ?sex", r"pedo ?piege", r"porno\w* (?:infantil|juvenil|enfantin)",
    r"child ?porn", r"kid(?:s|die)? ?porn", r"teen ?porn", r"baby ?porn",
    r"porn\w* (?:of |with )?(?:child|kid|minor|teen)", r"kinder ?porn", r"child(?:ren)? sex", r"pre ?teen",
    r"\b(?:csam|csem|pthc|ptsc|jailbait|lolicon|lolis?|shotacon|shotas?)\b",
    r"\bcp (?:links?|liens?|videos?|vids?|pics?|trad(?:e|ing)|content|contenus?|packs?|dispo)\b",
    r"\b(?:links?|liens?|videos?|vends?|vente|trad(?:e|ing)|echange) (?:de |du |of )?cp\b", inside_words=True,
)  # fmt: skip
_PEDO = r"(?:pedo(?:s|phil\w*)?|paedo(?:s|phil\w*)?)"
_MATERIAL = (
    r"(?:images?|photos?|videos?|contenus?|films?|fichiers?|materiel|groupes?|canal|canaux|salons?|reseaux?|forums?|sites?"
    r"|dessins?|echanges?|pictures?|pics?|content|material|groups?|channels?|networks?|rings?|files?|drawings?)"
)
_LINKS = r"(?: (?:a|de|du|d|des|caractere|nature|type|of|clairement|vraiment|tres|clearly|very))*"
_PEDO_MATERIAL = _any(rf"{_MATERIAL}{_LINKS} {_PEDO}", rf"{_PEDO} {_MATERIAL}")

_AGE = r"(?:[0-9]|1[0-7])"
_CHILDHOOD = _any(
    r"enfants?", r"mineure?s?", r"gamine?s?", r"gosses?", r"momes?", r"fillettes?", r"garconnets?",
    r"petite?s? filles?", r"petits? garcons?", r"jeunes? filles?", r"jeunes? garcons?", r"bebes?", r"nourrissons?",
    r"(?:pre ?)?ados?", r"(?:pre ?)?adolescente?s?", r"collegien(?:ne)?s?", r"ecolier(?:e)?s?", r"lyceen(?:ne)?s?",
    r"infantiles?", r"moins de (?:15|18|quinze|dix huit) ans", rf"{_AGE} ans", rf"{_AGE} mois", r"child(?:ren|s)?",
    r"kids?", r"kidd(?:y|ies)", r"minors?", r"under ?aged?", r"toddlers?", r"infants?", r"bab(?:y|ies)",
    r"little (?:girl|boy)s?", r"young (?:girl|boy)s?", r"school ?(?:girl|boy)s?", r"teen(?:s|age|aged|agers?)?",
    rf"{_AGE} (?:years? old|year ?olds?|yo|y o|yrs?)", r"under (?:15|16|18)",
)  # fmt: skip
_SEXUALITY = _any(
    r"sexuel\w*", r"sexualis\w*", r"sexes?", r"sexy", r"porn\w*", r"nue?s?", r"a poil", r"nudes?", r"nudite\w*",
    r"nudity", r"denude\w*", r"deshabill\w*", r"devetue?s?", r"viols?", r"viole[es]?s?", r"violer",
    r"violent (?:des|les|un|une|leurs?|cet|cette|ces|son|sa|ses)", r"violant", r"violait", r"violeurs?", r"abus",
    r"abus(?:er|e|es|ee|ees|ent|ait|ant|eurs?)", r"attouch\w*", r"incest\w*", r"fellation\w*", r"masturb\w*",
    r"penetr\w*", r"erotique\w*", r"erotis\w*", r"obscene\w*", r"sodom\w*", r"baise[rs]?", r"baisee?s?", r"sucer?",
    r"lubrique\w*", r"libidin\w*", r"hentai", r"nsfw", r"onlyfans", r"sextapes?", r"sexual\w*", r"sex", r"naked",
    r"undress\w*", r"raped?", r"rapes", r"raping", r"rapist\w*", r"molest\w*", r"abused", r"abusing", r"groom\w*",
    r"erotic\w*", r"explicit", r"lewd\w*", r"topless", r"sexting",
)  # fmt: skip
# What people targeted by hate really write; blanked before looking for the two words near one another.
_HARMLESS = _any(
    r"(?:orientations?|identites?|minorites?|preferences?) sexuelles?", r"educations? (?:a la )?sexuelles?",
    r"chang\w+ (?:de|leur) sexe", r"(?:du |de )?meme sexe", r"(?:a cause de|contre) (?:mon|leur|son) sexe",
    r"sexual (?:orientations?|identity|identities|minorit(?:y|ies))", r"sex (?:education|change|reassignment)",
    r"same sex", r"interdite?s? aux (?:mineurs|moins de 1[5-8] ans)",
    r"abus(?:e|er)? (?:de langage|de pouvoir|de position|de droit|de patience)",
    r"viols? de (?:la loi|domicile|la vie privee)", r"verbal(?:ly)? abused?",
    r"(?:racist|online|antisemitic|homophobic|islamophobic|transphobic|hateful) abuse", r"abuse and insults",
)  # fmt: skip
_DISGUISES = str.maketrans(
    {"0": "o", "3": "e", "@": "a", "$": "s", "1": "i", "4": "a", "ß": "ss", "œ": "oe", "æ": "ae"}
)


def points_to_child_abuse(about: str, texts: Iterable[str]) -> bool:
    """Say whether a report must be referred instead of treated.

    Args:
        about: the category the person chose.
        texts: all that came with it in words: the description, the addresses, a mail's subject.
    """
    return about == About.CHILD_ABUSE or any(_says_so(text) for text in texts)


def _says_so(text: str) -> bool:
    plain = _plain(text)
    # Both as written (ages are digits) and with the usual disguises of letters taken off.
    return any(_reads_so(written) for written in (_spaced(plain), _spaced(plain.translate(_DISGUISES))))


def _reads_so(written: str) -> bool:
    if _UNMISTAKABLE.search(written) or _PEDO_MATERIAL.search(written):
        return True
    rest = _HARMLESS.sub(" … ", written)
    childhood = [_words_before(rest, match.start()) for match in _CHILDHOOD.finditer(rest)]
    if not childhood:
        return False
    sexuality = [_words_before(rest, match.start()) for match in _SEXUALITY.finditer(rest)]
    return any(abs(one - other) <= WORDS_BETWEEN + 1 for one in childhood for other in sexuality)


def _words_before(text: str, position: int) -> int:
    return text.count(" ", 0, position)


def _plain(text: str) -> str:
    unaccented = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in unaccented if not unicodedata.combining(letter))


def _spaced(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text))
