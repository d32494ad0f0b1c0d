"""A question asked of every post: what it must say, and of which kind it must be. Pure.

Something named must be met (a term, a part of the lexicon, a hashtag, an account): any one of them is enough. Without
anything named, the score alone decides. Then all of the limits must hold: score, language, reach.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vigie.core.errors import UnusableInput
from vigie.core.words import N_
from vigie.detection.hints import Hint
from vigie.watch.rules.values import Post
from vigie.watch.rules.words import Finder, bare, folded, hashtags_of

MOST_TERMS = 5000
SENSE_MOST = 160


class EmptyQuestion(UnusableInput):
    """A question that every post would answer."""


@dataclass(frozen=True)
class Question:
    """What is asked; lists keep what the person wrote."""

    terms: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    """Parts of the lexicon, by whom their words are aimed at."""
    hashtags: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    least_score: float = 0.0
    languages: tuple[str, ...] = ()
    least_reach: int = 0

    def __post_init__(self) -> None:
        named = (self.terms, self.targets, self.hashtags, self.accounts)
        if not any(named) and not self.least_score:
            raise EmptyQuestion(
                N_("Dites au moins un mot, une partie du lexique, un mot-dièse, un compte ou un score : sans cela tout répondrait.")
            )  # fmt: skip
        if len(self.terms) > MOST_TERMS:
            raise UnusableInput(N_("Trop de mots : %(most)s au plus."), most=MOST_TERMS)

    @property
    def needs_hint(self) -> bool:
        """Say whether the detector must read a post before it can be said whether it answers."""
        return bool(self.targets) or not (self.terms or self.hashtags or self.accounts)

    def as_json(self) -> dict[str, Any]:
        return {name: list(value) if isinstance(value, tuple) else value for name, value in vars(self).items()}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Question:
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()
        }
        return cls(**values)


@dataclass(frozen=True)
class Reason:
    """One thing that made a post answer. `kind`: term, lexicon, hashtag, account or score."""

    kind: str
    what: str
    sense: str = ""
    target: str = ""

    def as_json(self) -> dict[str, str]:
        return {name: value for name, value in vars(self).items() if value}


@dataclass
class Reader:
    """One question, ready to be asked of many posts."""

    question: Question
    _finder: Finder = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._finder = Finder(self.question.terms)
        self._hashtags = {bare(tag): tag for tag in self.question.hashtags}
        self._accounts = {bare_account(one): one for one in self.question.accounts}

    def may_answer(self, post: Post, text: str) -> bool:
        """Say whether a post is worth the detector's time; `text` is its folded text."""
        question = self.question
        if question.languages and post.language and post.language[:2].lower() not in question.languages:
            return False
        if question.least_reach and (post.reach is None or post.reach < question.least_reach):
            return False
        return question.needs_hint or bool(self._named(post, text))

    def answer(self, post: Post, text: str, hint: Hint) -> list[Reason] | None:
        """Return why a post answers; None when it does not."""
        question = self.question
        if question.languages and (post.language or hint.lang)[:2].lower() not in question.languages:
            return None
        if hint.score < question.least_score:
            return None
        reasons = self._named(post, text)
        if question.targets:
            reasons += [
                Reason("lexicon", match.term, match.sense[:SENSE_MOST], match.target.value)
                for match in _once(hint)
                if match.target.value in question.targets
            ]
        if question.terms or question.targets or question.hashtags or question.accounts:
            return reasons or None
        return [Reason("score", f"{hint.score:.2f}")]

    def _named(self, post: Post, text: str) -> list[Reason]:
        reasons = [Reason("term", term) for term in sorted(self._finder.found(text))]
        if self._hashtags:
            tags = {bare(tag) for tag in post.hashtags} | set(hashtags_of(post.text))
            reasons += [Reason("hashtag", self._hashtags[tag]) for tag in sorted(tags & self._hashtags.keys())]
        if self._accounts and bare_account(post.author) in self._accounts:
            reasons.append(Reason("account", self._accounts[bare_account(post.author)]))
        return reasons


def bare_account(account: str) -> str:
    """Return an account as it is compared: a handle without its sign, in lower case."""
    return account.strip().lstrip("@").casefold()


def _once(hint: Hint) -> Iterable[Any]:
    return {match.term: match for match in hint.matches}.values()


def texts_to_read(posts: Sequence[Post], readers: Iterable[Reader]) -> list[tuple[int, str]]:
    """Return the places of the posts that at least one question may want, with their folded texts."""
    asked = list(readers)
    found = []
    for place, post in enumerate(posts):
        text = folded(post.text)
        if any(reader.may_answer(post, text) for reader in asked):
            found.append((place, text))
    return found
