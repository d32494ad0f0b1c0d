"""Verbs of the lexicon: a term is written, changed, ended, and brought back to what it was."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from vigie.casefile.journal import record
from vigie.casefile.rules.events import Event
from vigie.core.errors import Conflict, NotFound, UnusableInput
from vigie.core.words import N_
from vigie.learning.models import LexiconState, OwnTerm, TermVersion
from vigie.learning.rules.terms import Does, Standing, TermState, does
from vigie.organisations.rules.policy import Action, Actor, require

VARIANTS_MOST = 200
WORD_LONGEST = 120


class SameName(Conflict):
    """Another term of the association is called so."""

    def __init__(self) -> None:
        super().__init__(N_("Ce mot est déjà dans votre lexique : ouvrez-le pour le changer."))


class TwoAtOnce(Conflict):
    def __init__(self) -> None:
        super().__init__(N_("Quelqu’un d’autre vient de changer ce terme : relisez-le avant de recommencer."))


def check(state: TermState) -> None:
    """Let a term pass that texts can be read for.

    Raises:
        UnusableInput: what is missing or too much.
    """
    term = state.term
    if len(state.name) < 2 and not any(ord(letter) > 0x2000 for letter in term.term):
        raise UnusableInput(N_("Un mot d’une seule lettre se trouverait partout : écrivez-en au moins deux."))
    if not term.sense.strip():
        raise UnusableInput(N_("Dites ce que le mot veut dire : c’est ce que lira qui trie."))
    if len(term.variants) > VARIANTS_MOST:
        raise UnusableInput(N_("Deux cents écritures au plus pour un terme."))
    if any(len(writing) > WORD_LONGEST for writing in term.writings):
        raise UnusableInput(N_("Une écriture a plus de cent vingt caractères : raccourcissez-la."))
    if term.since and term.until and term.until < term.since:
        raise UnusableInput(N_("La date de fin vient avant la date de début."))


def save_term(
    *, actor: Actor, state: TermState, now: datetime, term: OwnTerm | None = None, seen_version: int | None = None
) -> OwnTerm:
    """Add a term, or give one a new version; texts are read for it from now on.

    Args:
        seen_version: the version that was on the screen; another one since refuses the change.

    Raises:
        SameName: another term is called so.
        TwoAtOnce: somebody changed it meanwhile.
        UnusableInput: something is missing.
    """
    require(actor, Action.MANAGE_LEXICON, actor.organisation_id)
    check(state)
    with transaction.atomic():
        lexicon = locked_lexicon(actor.organisation_id, now)
        before = _locked_term(term, seen_version) if term else None
        same = OwnTerm.objects.of(actor.organisation_id).filter(name=state.name)
        if same.exclude(pk=before.pk if before else None).exists():
            raise SameName
        if before is not None and before.state() == state:
            return before
        done = does(before.state() if before else None, state)
        return _write(actor, lexicon, before, state, done, now)


def restore_previous(*, actor: Actor, term: OwnTerm, now: datetime) -> OwnTerm:
    """Bring a term back to what it was before its last change; again, and the change is back.

    A term that was only just added ends.
    """
    require(actor, Action.MANAGE_LEXICON, term.organisation_id)
    with transaction.atomic():
        lexicon = locked_lexicon(actor.organisation_id, now)
        locked = _locked_term(term, None)
        earlier = TermVersion.objects.of(actor.organisation_id).filter(term=locked, number=locked.version - 1).first()
        state = earlier.state() if earlier else TermState(locked.state().term, Standing.ENDED)
        same = OwnTerm.objects.of(actor.organisation_id).filter(name=state.name)
        if same.exclude(pk=locked.pk).exists():
            raise SameName
        return _write(actor, lexicon, locked, state, Does.RESTORED, now)


def locked_lexicon(organisation_id: int, now: datetime) -> LexiconState:
    """Take the one lock of a lexicon: its terms change one after the other."""
    LexiconState.objects.bulk_create(
        [LexiconState(organisation_id=organisation_id, changed_at=now)], ignore_conflicts=True
    )
    locked: LexiconState = LexiconState.objects.of(organisation_id).select_for_update().get()
    return locked


def touch(lexicon: LexiconState, now: datetime) -> None:
    """Say that the association's detector is another one from now on."""
    lexicon.version += 1
    lexicon.changed_at = now
    lexicon.save(update_fields=["version", "changed_at"])


def _locked_term(term: OwnTerm, seen_version: int | None) -> OwnTerm:
    locked: OwnTerm | None = OwnTerm.objects.of(term.organisation_id).select_for_update().filter(pk=term.pk).first()
    if locked is None:
        raise NotFound(N_("Ce terme n’est pas dans votre lexique."))
    if seen_version is not None and locked.version != seen_version:
        raise TwoAtOnce
    return locked


def _write(
    actor: Actor, lexicon: LexiconState, term: OwnTerm | None, state: TermState, done: Does, now: datetime
) -> OwnTerm:
    columns: dict[str, Any] = {
        "name": state.name, "content": state.as_json(), "standing": state.standing.value,
        "is_public": state.is_public, "changed_at": now,
    }  # fmt: skip
    if term is None:
        term = OwnTerm.objects.create(organisation_id=actor.organisation_id, version=1, **columns)
    else:
        for name, value in columns.items():
            setattr(term, name, value)
        term.version += 1
        term.save()
    TermVersion.objects.create(
        organisation_id=actor.organisation_id, term=term, number=term.version, content=columns["content"],
        does=done.value, at=now, member_id=actor.member_id,
    )  # fmt: skip
    touch(lexicon, now)
    record(
        Event.LEXICON_TERM_SAVED, actor=actor, now=now,
        data={
            "term": term.pk, "version": term.version, "lexicon": lexicon.version, "does": done.value,
            "standing": state.standing.value, "public": state.is_public,
        },
    )  # fmt: skip
    return term
