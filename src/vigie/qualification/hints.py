"""What is known of a case before anybody reads it: what people said it is about, and signs in its text."""

from __future__ import annotations

from dataclasses import dataclass

from vigie.casefile.models import Case, Content
from vigie.detection.hints import Hint, Kind
from vigie.detection.hints import Target as Aimed
from vigie.intake.models import Report, ReportCase
from vigie.intake.rules.values import About
from vigie.learning.detectors import detector_of
from vigie.qualification.rules.cues import cues_in, facts_of, joined
from vigie.qualification.rules.suggestion import ORIGIN, SEX, Act, Facts, Suggestion, suggest_declines, suggest_grounds
from vigie.qualification.rules.values import Bilingual, Catalogue

_ABOUT: dict[str, Facts] = {
    About.ANTISEMITISM: Facts(criteria=frozenset({"religion"})),
    About.ANTI_MUSLIM: Facts(criteria=frozenset({"religion"})),
    About.RELIGION: Facts(criteria=frozenset({"religion"})),
    About.RACISM: Facts(criteria=frozenset({"origin"})),
    About.LGBT: Facts(criteria=frozenset({"sexual-orientation"})),
    About.SEXISM: Facts(criteria=frozenset({"sex"})),
    About.DISABILITY: Facts(criteria=frozenset({"disability"})),
    About.THREAT: Facts(acts=frozenset({Act.THREATENS})),
    About.HARASSMENT: Facts(acts=frozenset({Act.HARASSES})),
    About.TERRORISM: Facts(acts=frozenset({Act.PRAISES_TERROR})),
    About.CHILD_ABUSE: Facts(acts=frozenset({Act.SEXUALISES_MINOR})),
}
_CRITERION = {
    Aimed.JEWS: "religion", Aimed.MUSLIMS: "religion", Aimed.ARABS: "origin", Aimed.BLACK_PEOPLE: "origin",
    Aimed.ASIANS: "origin", Aimed.ROMA: "origin", Aimed.MIGRANTS: "origin", Aimed.OTHER_ORIGINS: "origin",
    Aimed.WOMEN: "sex", Aimed.LGBT: "sexual-orientation", Aimed.DISABLED_PEOPLE: "disability",
}  # fmt: skip
_FIRST_READ = (
    (ORIGIN, ("insult-public-origin-religion", "provocation-hatred-origin-religion")),
    (SEX, ("insult-public-sex-orientation-disability", "provocation-hatred-sex-orientation-disability")),
)
_ALONE_IN = (("fr", "seul un critère protégé se lit : {}"), ("en", "only a protected criterion shows: {}"))
_TERM = Bilingual("un terme du lexique", "a term of the lexicon")
SUGGESTED = 4


@dataclass(frozen=True, slots=True)
class Hints:
    """Where to begin reading, and why. `detector` is the version of what read the text."""

    facts: Facts
    points_to_one: bool  # False when nothing tells what the words do: then a person chooses the ground
    grounds: tuple[Suggestion, ...]
    declines: tuple[Suggestion, ...]
    detector: str


def hints_of(case: Case, content: Content, book: Catalogue, *, said: Facts | None = None) -> Hints:
    """Return the hints for one content of a case; reads its reports.

    Args:
        said: what a person answered to the plain questions. When given, nothing else is believed.
    """
    hint = detector_of(case.organisation_id).read(content.text, lang=content.language or None)
    if said is not None:
        grounds, declines = suggest_grounds(said, book), suggest_declines(said, book)
        return Hints(said, bool(grounds), grounds[:SUGGESTED], declines, hint.detector_version)
    shown = joined(facts_of(cues_in(content.text)), _facts_of_hint(hint))
    # What people said may complete what the text shows; alone it serves only when the text shows nothing.
    facts = joined(shown, *_reported(case))
    grounds = suggest_grounds(facts, book)
    known = {one.ground_id for one in grounds}
    pointed = [Suggestion(one, 0, (_TERM,)) for one in hint.grounds if one in book.grounds and one not in known]
    points_to_one = bool(grounds or pointed)
    found = (*grounds, *pointed) or _by_criterion(facts, book)
    return Hints(facts, points_to_one, found[:SUGGESTED], suggest_declines(shown, book), hint.detector_version)


def _by_criterion(facts: Facts, book: Catalogue) -> tuple[Suggestion, ...]:
    """Return where to begin when a criterion is named but nothing tells what the words do."""
    found = []
    for family, grounds in _FIRST_READ:
        named = [code for code in book.criteria if code in family & facts.criteria]
        if named:
            why = Bilingual(*(said.format(book.criteria[named[0]].said_in(lang)) for lang, said in _ALONE_IN))
            found += [Suggestion(one, 0, (why,)) for one in grounds if one in book.grounds]
    return tuple(found)


def _facts_of_hint(hint: Hint) -> Facts:
    """Return what the terms that need no context say."""
    plain = [match for match in hint.matches if not match.needs_context]
    return Facts(
        acts=frozenset({Act.INSULTS} if any(match.kind is Kind.SLUR for match in plain) else ()),
        criteria=frozenset(_CRITERION[match.target] for match in plain if match.target in _CRITERION),
    )


def _reported(case: Case) -> list[Facts]:
    rows = ReportCase.objects.of(case.organisation_id).filter(case=case).values("report_id")
    abouts = Report.objects.of(case.organisation_id).filter(pk__in=rows).values_list("about", flat=True).distinct()
    return [_ABOUT[about] for about in abouts if about in _ABOUT]
