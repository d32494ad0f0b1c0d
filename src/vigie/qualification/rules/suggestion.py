"""From a few plain facts to the grounds worth reading first. A suggestion qualifies nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .values import Bilingual, Catalogue

ORIGIN = frozenset({"origin", "ethnicity", "nation", "alleged-race", "religion"})
SEX = frozenset({"sex", "sexual-orientation", "gender-identity", "disability"})


class Act(StrEnum):
    """What the words do, in the plainest terms."""

    INSULTS = "insults"
    IMPUTES = "imputes"
    CALLS = "calls"
    CALLS_CRIME = "calls-crime"
    THREATENS = "threatens"
    THREATENS_DEATH = "threatens-death"
    THREATENS_TO_OBTAIN = "threatens-to-obtain"
    THREATENS_PLACE = "threatens-place"
    DENIES = "denies"
    DENIES_OTHER = "denies-other"
    PRAISES_CRIME = "praises-crime"
    PRAISES_TERROR = "praises-terror"
    CALLS_TERROR = "calls-terror"
    HARASSES = "harasses"
    PILES_ON = "piles-on"
    HARASSES_SEXUALLY = "harasses-sexually"
    DISCLOSES = "discloses"
    SHARES_INTIMATE = "shares-intimate"
    BLACKMAILS = "blackmails"
    FAKES = "fakes"
    FAKES_SEXUAL = "fakes-sexual"
    IMPERSONATES = "impersonates"
    SHOWS_VIOLENCE = "shows-violence"
    PUSHES_TO_SUICIDE = "pushes-to-suicide"
    SEXUALISES_MINOR = "sexualises-minor"
    REFUSES_SERVICE = "refuses-service"
    PROMISES_CONVERSION = "promises-conversion"
    DISPLAYS_SYMBOL = "displays-symbol"
    DESECRATES = "desecrates"
    OBSTRUCTS = "obstructs"
    STATES_HOSTILITY = "states-hostility"
    QUOTES_TO_DENOUNCE = "quotes-to-denounce"
    JOKES = "jokes"
    INFORMS = "informs"


class Target(StrEnum):
    """Whom or what the words aim at."""

    PERSON = "person"
    GROUP = "group"
    OFFICIAL = "official"
    BELIEF = "belief"
    STATE = "state"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a content before reading the law. None is «not known», never «no»."""

    acts: frozenset[Act] = frozenset()
    is_public: bool | None = None
    target: Target | None = None
    criteria: frozenset[str] = frozenset()
    is_outside_remit: bool = False
    is_reachable: bool = True


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An entry worth reading, why, and how many of its conditions are known to hold."""

    ground_id: str
    known_conditions: int
    reasons: tuple[Bilingual, ...]


@dataclass(frozen=True, slots=True)
class _Clue:
    """One row: an act, in public or not, for these criteria, towards such a target, points to a ground."""

    act: Act
    ground_id: str
    public: bool | None = None
    criteria: frozenset[str] | None = None
    no_criteria: bool = False
    targets: frozenset[Target] | None = None


_PEOPLE = frozenset({Target.PERSON, Target.GROUP, Target.OFFICIAL})
# In the order of gravity: among equally certain suggestions the graver one is read first.
_CLUES = (
    _Clue(Act.SEXUALISES_MINOR, "csam-referral"),
    _Clue(Act.CALLS_TERROR, "terrorism-apology-provocation"),
    _Clue(Act.PRAISES_TERROR, "terrorism-apology-provocation"),
    _Clue(Act.CALLS_TERROR, "tco-terrorist-content", public=True),
    _Clue(Act.THREATENS_DEATH, "threat-death", targets=_PEOPLE),
    _Clue(Act.THREATENS_PLACE, "threat-property-place-worship"),
    _Clue(Act.PUSHES_TO_SUICIDE, "suicide-provocation"),
    _Clue(Act.DISCLOSES, "doxxing", targets=_PEOPLE),
    _Clue(Act.THREATENS_TO_OBTAIN, "threat-condition", targets=_PEOPLE),
    _Clue(Act.THREATENS, "threat-official-elected", targets=frozenset({Target.OFFICIAL})),
    _Clue(Act.THREATENS_DEATH, "threat-official-elected", targets=frozenset({Target.OFFICIAL})),
    _Clue(Act.THREATENS, "threat-crime", targets=_PEOPLE),
    _Clue(Act.CALLS_CRIME, "provocation-crimes-offences", public=True),
    _Clue(Act.CALLS_CRIME, "provocation-hatred-origin-religion", public=True, criteria=ORIGIN, targets=_PEOPLE),
    _Clue(
        Act.CALLS_CRIME,
        "provocation-hatred-sex-orientation-disability",
        public=True,
        criteria=SEX,
        targets=_PEOPLE,
    ),
    _Clue(Act.CALLS, "provocation-hatred-origin-religion", public=True, criteria=ORIGIN, targets=_PEOPLE),
    _Clue(Act.CALLS, "provocation-hatred-sex-orientation-disability", public=True, criteria=SEX, targets=_PEOPLE),
    _Clue(Act.CALLS, "provocation-non-public", public=False, criteria=ORIGIN | SEX, targets=_PEOPLE),
    _Clue(Act.CALLS_CRIME, "provocation-non-public", public=False, criteria=ORIGIN | SEX, targets=_PEOPLE),
    _Clue(Act.DENIES, "holocaust-denial", public=True),
    _Clue(Act.DENIES_OTHER, "genocide-denial-other", public=True),
    _Clue(Act.PRAISES_CRIME, "apologia-crimes", public=True),
    _Clue(Act.DISPLAYS_SYMBOL, "apologia-crimes", public=True),
    _Clue(Act.INSULTS, "insult-public-origin-religion", public=True, criteria=ORIGIN, targets=_PEOPLE),
    _Clue(Act.INSULTS, "insult-public-sex-orientation-disability", public=True, criteria=SEX, targets=_PEOPLE),
    _Clue(Act.INSULTS, "insult-non-public", public=False, criteria=ORIGIN | SEX, targets=_PEOPLE),
    _Clue(Act.IMPUTES, "defamation-public-origin-religion", public=True, criteria=ORIGIN, targets=_PEOPLE),
    _Clue(
        Act.IMPUTES,
        "defamation-public-sex-orientation-disability",
        public=True,
        criteria=SEX,
        targets=_PEOPLE,
    ),
    _Clue(Act.IMPUTES, "defamation-non-public", public=False, criteria=ORIGIN | SEX, targets=_PEOPLE),
    _Clue(Act.BLACKMAILS, "sextortion"),
    _Clue(Act.SHARES_INTIMATE, "revenge-porn"),
    _Clue(Act.FAKES_SEXUAL, "deepfake-sexual"),
    _Clue(Act.SHOWS_VIOLENCE, "happy-slapping"),
    _Clue(Act.SHOWS_VIOLENCE, "minor-exposure-violence", public=True),
    _Clue(Act.PILES_ON, "raid-numerique"),
    _Clue(Act.HARASSES_SEXUALLY, "sexual-harassment-online"),
    _Clue(Act.HARASSES_SEXUALLY, "sexist-outrage"),
    _Clue(Act.HARASSES, "harassment-online"),
    _Clue(Act.HARASSES, "harassment-school"),
    _Clue(Act.FAKES, "deepfake"),
    _Clue(Act.IMPERSONATES, "identity-theft"),
    _Clue(Act.REFUSES_SERVICE, "discrimination"),
    _Clue(Act.PROMISES_CONVERSION, "conversion-practices"),
    _Clue(Act.DESECRATES, "desecration"),
    _Clue(Act.OBSTRUCTS, "obstruction-freedoms"),
    _Clue(Act.DISPLAYS_SYMBOL, "nazi-insignia", public=True),
    _Clue(Act.INSULTS, "outrage-public-official", public=False, targets=frozenset({Target.OFFICIAL})),
    _Clue(Act.INSULTS, "insult-public-simple", public=True, no_criteria=True, targets=_PEOPLE),
    _Clue(Act.IMPUTES, "defamation-public-simple", public=True, no_criteria=True, targets=_PEOPLE),
)

_ACT_TEXT = {
    Act.INSULTS: Bilingual("une injure ou un terme de mépris", "an insult or a term of contempt"),
    Act.IMPUTES: Bilingual("un fait précis est imputé", "a precise fact is imputed"),
    Act.CALLS: Bilingual(
        "un appel à la haine, à la discrimination ou à la violence",
        "a call to hatred, discrimination or violence",
    ),
    Act.CALLS_CRIME: Bilingual("un appel à commettre un acte déterminé", "a call to commit a definite act"),
    Act.THREATENS: Bilingual("une menace", "a threat"),
    Act.THREATENS_DEATH: Bilingual("une menace de mort", "a death threat"),
    Act.THREATENS_TO_OBTAIN: Bilingual("une menace assortie d’une exigence", "a threat that demands something"),
    Act.THREATENS_PLACE: Bilingual("une menace contre un lieu", "a threat against a place"),
    Act.DENIES: Bilingual("la contestation de la Shoah", "denial of the Holocaust"),
    Act.DENIES_OTHER: Bilingual("la négation d’un autre génocide", "denial of another genocide"),
    Act.PRAISES_CRIME: Bilingual("l’éloge d’un crime", "praise of a crime"),
    Act.PRAISES_TERROR: Bilingual("l’éloge d’un acte terroriste", "praise of an act of terrorism"),
    Act.CALLS_TERROR: Bilingual("un appel au terrorisme", "a call to terrorism"),
    Act.HARASSES: Bilingual("des messages répétés contre une personne", "repeated messages against one person"),
    Act.PILES_ON: Bilingual("plusieurs auteurs contre une même personne", "several authors against one person"),
    Act.HARASSES_SEXUALLY: Bilingual("des propos sexuels ou sexistes imposés", "sexual or sexist words imposed"),
    Act.DISCLOSES: Bilingual("des informations privées divulguées", "private information disclosed"),
    Act.SHARES_INTIMATE: Bilingual("une image intime diffusée", "an intimate image shared"),
    Act.BLACKMAILS: Bilingual("un chantage à l’image intime", "blackmail with an intimate image"),
    Act.FAKES: Bilingual("un montage ou un hypertrucage", "a montage or deepfake"),
    Act.FAKES_SEXUAL: Bilingual("un montage à caractère sexuel", "a sexual montage"),
    Act.IMPERSONATES: Bilingual("une identité usurpée", "a usurped identity"),
    Act.SHOWS_VIOLENCE: Bilingual("des images de violences réelles", "images of real violence"),
    Act.PUSHES_TO_SUICIDE: Bilingual("une incitation au suicide", "encouragement to suicide"),
    Act.SEXUALISES_MINOR: Bilingual("un mineur sexualisé, d’après la description", "a sexualised minor, as described"),
    Act.REFUSES_SERVICE: Bilingual("un refus de bien, d’emploi ou de service", "goods, a job or a service refused"),
    Act.PROMISES_CONVERSION: Bilingual("une « thérapie de conversion »", "a ‘conversion therapy’"),
    Act.DISPLAYS_SYMBOL: Bilingual("un symbole nazi ou d’un crime", "a Nazi symbol, or one of a crime"),
    Act.DESECRATES: Bilingual("une profanation montrée ou revendiquée", "a desecration shown or claimed"),
    Act.OBSTRUCTS: Bilingual("une action concertée pour empêcher", "concerted action to prevent"),
}
_PUBLIC = {
    True: Bilingual("le contenu est public", "the content is public"),
    False: Bilingual("le contenu n’est pas public", "the content is not public"),
}
_AIMED_AT_PEOPLE = Bilingual("des personnes sont visées", "persons are targeted")
_NO_CRITERION = Bilingual(
    "aucun critère protégé reconnu : à vous de lire", "no protected criterion recognised: read for yourself"
)


def suggest_grounds(facts: Facts, catalogue: Catalogue) -> tuple[Suggestion, ...]:
    """Return the grounds that fit the facts, the most certain first, then the gravest.

    What is not known neither excludes a ground nor counts for it. Words aimed only at a State, a belief or
    nobody suggest no ground that protects persons.

    Source: catalogue, elements of each ground. A Nazi symbol posted as an image suggests apologia before
    R. 645-1: Cass. crim., 5 Sept 2023, no 22-85.540.
    """
    found: dict[str, Suggestion] = {}
    for clue in _CLUES:
        if clue.ground_id not in catalogue.grounds or not catalogue.ground(clue.ground_id).can_stand_alone:
            continue
        suggestion = _follow(clue, facts, catalogue)
        if suggestion is None:
            continue
        already = found.get(clue.ground_id)
        if already is None or already.known_conditions < suggestion.known_conditions:
            found[clue.ground_id] = suggestion
    return tuple(sorted(found.values(), key=lambda one: -one.known_conditions))


def suggest_declines(facts: Facts, catalogue: Catalogue) -> tuple[Suggestion, ...]:
    """Return the reasons to decline that fit the facts. A person reads them beside the grounds, and decides.

    Source: catalogue, entries `not-illegal-…`; Cass. crim., 20 June 2023, for words without appeal.
    """
    found = [
        Suggestion(reason, 1, (catalogue.ground(reason).title,))
        for reason, holds in _declines(facts)
        if holds and reason in catalogue.grounds
    ]
    return tuple(found)


def _declines(facts: Facts) -> tuple[tuple[str, bool], ...]:
    acts = facts.acts
    hostile_only = Act.STATES_HOSTILITY in acts and acts <= {Act.STATES_HOSTILITY, Act.JOKES}
    return (
        ("not-illegal-unsubstantiated", not facts.is_reachable),
        ("not-illegal-private-dispute", facts.is_outside_remit),
        ("not-illegal-counter-speech", Act.QUOTES_TO_DENOUNCE in acts),
        ("not-illegal-news-history", Act.INFORMS in acts),
        ("not-illegal-irony-satire", Act.JOKES in acts),
        ("not-illegal-state-criticism", facts.target is Target.STATE),
        ("not-illegal-religion-criticism", facts.target is Target.BELIEF),
        ("not-illegal-racist-no-call", hostile_only and bool(facts.criteria)),
        ("not-illegal-opinion", hostile_only and not facts.criteria),
        ("not-illegal-simple-insult", Act.INSULTS in acts and not facts.criteria & (ORIGIN | SEX)),
    )


def _follow(clue: _Clue, facts: Facts, catalogue: Catalogue) -> Suggestion | None:
    if clue.act not in facts.acts:
        return None
    reasons = [_ACT_TEXT[clue.act]]
    if clue.public is not None and facts.is_public is not None:
        if clue.public is not facts.is_public:
            return None
        reasons.append(_PUBLIC[facts.is_public])
    if clue.criteria is not None:
        shared = [code for code in catalogue.criteria if code in clue.criteria & facts.criteria]
        if not shared:
            return None
        reasons.extend(catalogue.criteria[code] for code in shared[:1])
    if clue.no_criteria:
        if facts.criteria & (ORIGIN | SEX):
            return None
        reasons.append(_NO_CRITERION)
    if clue.targets is not None and facts.target is not None:
        if facts.target not in clue.targets:
            return None
        reasons.append(_AIMED_AT_PEOPLE)
    return Suggestion(clue.ground_id, len(reasons), tuple(reasons))
