"""What Agora's moderation does: receive, confirm, decide, answer. Each verb is one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from agora import letters, rules
from agora.rules import Address, Outcome, PostState
from agora.store import NewNotice, Notice, Store, Writing

# Stands for the address in the answer to a notice that names none.
_NO_ADDRESS = Address("")


@dataclass(frozen=True)
class Pace:
    """How long the moderation takes; `bot_decides` is off when a person plays the moderator."""

    receipt_after_seconds: float
    decision_after_seconds: float
    bot_decides: bool

    def receipt_due(self, now: datetime) -> float:
        return now.timestamp() + self.receipt_after_seconds

    def decision_due(self, now: datetime) -> float | None:
        return now.timestamp() + self.decision_after_seconds if self.bot_decides else None


def receive(store: Store, new: NewNotice, *, thread: Iterable[str] = (), pace: Pace, now: datetime) -> str:
    """Write down a notification, or a message that follows one, and return Agora's reference.

    `thread` holds the Message-IDs it answers. A message without anybody to answer (a bounce, an
    automatic reply) is kept and left alone: two machines must not write to each other for ever.
    """
    earlier = store.notice_of_message(tuple(thread))
    quoted = rules.reference_in(new.subject)
    if earlier is None and quoted:
        earlier = store.notice(quoted)
    with store.writing(now) as writing:
        if earlier is not None:
            decision_due = pace.decision_due(now) if new.answer_to else None
            writing.add_to_notice(earlier, new, decision_due=decision_due)
            return earlier.reference
        if not new.answer_to:
            return writing.add_notice(new, receipt_due=None, decision_due=None)
        return writing.add_notice(new, receipt_due=pace.receipt_due(now), decision_due=pace.decision_due(now))


def confirm_due_receipts(store: Store, *, now: datetime) -> None:
    """Write the receipts whose time has come."""
    for notice in store.receipts_due(now):
        with store.writing(now) as writing:
            _confirm(writing, notice)


def _confirm(writing: Writing, notice: Notice) -> None:
    if writing.claim_receipt(notice):
        letters.write_receipt(writing, notice)


def decide_due_notices(store: Store, *, now: datetime) -> None:
    """Let the automatic moderator decide the notices whose time has come."""
    for notice in store.decisions_due(now):
        answers = _automatic_answers(store, notice)
        with store.writing(now) as writing:
            if not writing.claim_decision(notice):
                continue
            if answers is None:
                writing.decision_is_taken(notice, waits_for_person=True)
            else:
                _answer(store, writing, notice, answers, by_person=False)


def _automatic_answers(store: Store, notice: Notice) -> list[tuple[Address, Outcome]] | None:
    """Return an outcome for each address; None when one of them needs a person, who then decides on all."""
    answers = []
    for address in notice.addresses:
        outcome = rules.decide(store.facts_about(address), notice=notice.text)
        if outcome is None:
            return None
        answers.append((address, _same_as_ours(notice, address, outcome)))
    return answers or [(_NO_ADDRESS, Outcome.MISSING_INFORMATION)]


def _same_as_ours(notice: Notice, address: Address, outcome: Outcome) -> Outcome:
    """Say again «removed», not «already gone», of what this very notice made us remove."""
    earlier = notice.outcomes.get(address.url)
    ours = (Outcome.REMOVED, Outcome.ACCOUNT_SUSPENDED)
    return earlier if outcome is Outcome.ALREADY_GONE and earlier in ours else outcome


def decide_by_hand(
    store: Store, notice: Notice, outcome: Outcome, *, addresses: Iterable[Address], note: str, now: datetime
) -> None:
    """Do and answer what a person playing the moderator has decided about the chosen addresses.

    Whoever is answered at all is first told that the notice was received.
    """
    with store.writing(now) as writing:
        if outcome is Outcome.SILENCE:
            writing.claim_receipt(notice)
            writing.decision_is_taken(notice)
            writing.add_decision(notice, url="", outcome=outcome, by_person=True)
            return
        _confirm(writing, notice)
        if outcome is Outcome.QUESTION:
            writing.decision_is_taken(notice, waits_for_person=True)
            writing.add_decision(notice, url="", outcome=outcome, by_person=True, note=note)
            letters.write_question(writing, notice, question=note)
            return
        answers = [(address, _possible(store, address, outcome)) for address in addresses]
        _answer(store, writing, notice, answers or [(_NO_ADDRESS, outcome)], by_person=True, note=note)


def _possible(store: Store, address: Address, outcome: Outcome) -> Outcome:
    """Return what `outcome` means for this address: nobody can remove what is not there."""
    facts = store.facts_about(address)
    if not facts.exists:
        return Outcome.NOT_FOUND
    return Outcome.ACCOUNT_SUSPENDED if facts.is_account and outcome is Outcome.REMOVED else outcome


def _answer(
    store: Store,
    writing: Writing,
    notice: Notice,
    answers: list[tuple[Address, Outcome]],
    *,
    by_person: bool,
    note: str = "",
) -> None:
    for address, outcome in answers:
        if outcome is Outcome.REMOVED and address.post_id:
            writing.set_post_state(address.post_id, PostState.REMOVED)
        elif outcome is Outcome.ACCOUNT_SUSPENDED and address.handle:
            writing.set_suspended(address.handle, True)
        elif outcome is Outcome.REFUSED and by_person:
            _put_back(store, writing, address)
        writing.add_decision(notice, url=address.url, outcome=outcome, by_person=by_person, note=note)
    writing.decision_is_taken(notice)
    outcomes = {address.url: outcome for address, outcome in answers}
    letters.write_decision(writing, notice, outcomes=outcomes, by_person=by_person, note=note)


def _put_back(store: Store, writing: Writing, address: Address) -> None:
    """Undo what the moderation did to a content that a person now judges lawful."""
    if address.handle:
        writing.set_suspended(address.handle, False)
    post = store.post(address.post_id) if address.post_id else None
    if post is not None and post.state is PostState.REMOVED:
        writing.set_post_state(post.id, PostState.ONLINE)
