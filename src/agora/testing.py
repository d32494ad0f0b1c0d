"""Run Agora inside a test, on free ports, and play its moderators, its authors and its failures.

with running_agora(tmp_path) as agora:
    post = agora.example_of("insult-origin")
    …notify agora.address_of(post) by mail to moderation@agora.example on agora.smtp_port…
    notice = agora.wait_for_notice()
    letters = agora.wait_for_mail("reponses@veilleurs.example", count=2)
"""

from __future__ import annotations

import mailbox
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import TypeVar

from agora import moderation
from agora.letters import MAILBOX
from agora.rules import Outcome, PostState
from agora.service import Agora, Options
from agora.store import Letter, Notice, Post, Writing

_T = TypeVar("_T")
_POLL_SECONDS = 0.02


class RunningAgora:
    """A started Agora, with the verbs a test needs."""

    mailbox = MAILBOX
    smtp_host = "127.0.0.1"

    def __init__(self, agora: Agora) -> None:
        self._agora = agora
        self.url = agora.url
        self.smtp_port = agora.smtp_port
        self.mail_folder = agora.mail_folder

    # What stands on Agora

    def posts(self) -> list[Post]:
        return self._agora.store.posts()

    def post(self, post_id: str) -> Post:
        post = self._agora.store.post(post_id)
        if post is None:
            raise LookupError(f"Agora has no post {post_id}")
        return post

    def example_of(self, kind: str) -> Post:
        """Return the first invented post of a kind, see `agora.invented`: `insult-origin`, `quotation`, …"""
        for post in self.posts():
            if post.kind == kind:
                return post
        raise LookupError(f"no invented post is an example of {kind!r}")

    def address_of(self, post: Post) -> str:
        return self.url + post.path

    def address_of_account(self, handle: str) -> str:
        return f"{self.url}/@{handle}"

    # What becomes of it

    def remove(self, post: Post) -> None:
        """Remove a post by moderation: 410."""
        self._set(post, PostState.REMOVED)

    def delete_by_author(self, post: Post) -> None:
        """Delete a post as its author: 404."""
        self._set(post, PostState.DELETED)

    def make_unavailable(self, post: Post) -> None:
        """Answer 503 at the address of a post."""
        self._set(post, PostState.UNAVAILABLE)

    def login_wall(self, post: Post, *, status: int = 401) -> None:
        """Show a log-in page instead of a post, with 401 or, as some networks do, 200."""
        self._set(post, {401: PostState.LOGIN_WALL, 200: PostState.LOGIN_WALL_200}[status])

    def restore(self, post: Post) -> None:
        self._set(post, PostState.ONLINE)

    def edit(self, post: Post, text: str) -> None:
        with self._writing() as writing:
            writing.edit_post(post.id, text)

    def suspend_account(self, handle: str) -> None:
        with self._writing() as writing:
            writing.set_suspended(handle, True)

    def _set(self, post: Post, state: PostState) -> None:
        with self._writing() as writing:
            writing.set_post_state(post.id, state)

    # What was received, and what the moderation answers

    def notices(self) -> list[Notice]:
        """Return what was notified, the oldest first; each message as received is in `messages[n].raw`."""
        return self._agora.store.notices()[::-1]

    def wait_for_notice(self, *, count: int = 1, timeout: float = 60) -> Notice:
        """Wait until `count` notices have come; return the latest."""
        return _wait(lambda: self.notices()[-1] if len(self.notices()) >= count else None, timeout, "a notice")

    def decide(self, notice: Notice, outcome: Outcome, *, note: str = "") -> None:
        """Decide by hand, for all addresses of the notice, and send the answer."""
        moderation.decide_by_hand(self._agora.store, notice, outcome, addresses=notice.addresses, note=note, now=_now())

    def refuse(self, notice: Notice, *, note: str = "") -> None:
        self.decide(notice, Outcome.REFUSED, note=note)

    def ask(self, notice: Notice, question: str) -> None:
        self.decide(notice, Outcome.QUESTION, note=question)

    def stay_silent(self, notice: Notice) -> None:
        self.decide(notice, Outcome.SILENCE)

    def letters(self) -> list[Letter]:
        """Return all that Agora wrote, sent or not."""
        return [letter for notice in self.notices() for letter in notice.letters]

    # Mail of everybody else

    def mail_of(self, address: str) -> list[EmailMessage]:
        """Return what was delivered to an address outside Agora, the oldest first."""
        return [message_from_bytes(raw, policy=default) for raw in self.raw_mail_of(address)]

    def raw_mail_of(self, address: str) -> list[bytes]:
        path = self._maildir_of(address)
        if not path.is_dir():
            return []
        with closing(mailbox.Maildir(path, create=False)) as maildir:
            return [maildir.get_bytes(key) for key in sorted(maildir.keys(), key=_delivery_order)]

    def _maildir_of(self, address: str) -> Path:
        local_part, _, domain = address.lower().rpartition("@")
        return self.mail_folder / domain / local_part.partition("+")[0]

    def wait_for_mail(self, address: str, *, count: int = 1, timeout: float = 60) -> list[EmailMessage]:
        """Wait until `count` messages have been delivered to `address`; return all of them."""

        def enough() -> list[EmailMessage] | None:
            maildir = self._maildir_of(address)
            arrived = [*maildir.glob("new/*"), *maildir.glob("cur/*")]
            return self.mail_of(address) if len(arrived) >= count else None

        return _wait(enough, timeout, f"{count} messages to {address}")

    def answer_smtp_with(self, answer: str | None) -> None:
        """Answer every message with, say, `451 4.7.1 later` instead of taking it; None for usual service."""
        self._agora.mail_server.forced_answer = answer

    @contextmanager
    def _writing(self) -> Iterator[Writing]:
        with self._agora.store.writing(_now()) as writing:
            yield writing


@contextmanager
def running_agora(
    data: Path,
    *,
    manual: bool = False,
    receipt_after: float = 0,
    decision_after: float = 0,
    port: int = 0,
    smtp_port: int = 0,
    relay: tuple[str, int] | None = None,
) -> Iterator[RunningAgora]:
    """Run Agora on 127.0.0.1 for the time of the block; what it keeps is in `data`."""
    agora = Agora(
        Options(
            data=data,
            port=port,
            smtp_port=smtp_port,
            receipt_after_seconds=receipt_after,
            decision_after_seconds=decision_after,
            manual=manual,
            relay=relay,
        )
    )
    agora.start()
    try:
        yield RunningAgora(agora)
    finally:
        agora.stop()


def _wait(ask: Callable[[], _T | None], timeout: float, what: str) -> _T:
    until = time.monotonic() + timeout
    while time.monotonic() < until:
        answer = ask()
        if answer is not None:
            return answer
        time.sleep(_POLL_SECONDS)
    raise TimeoutError(f"waited {timeout} s in vain for {what}")


def _delivery_order(key: str) -> tuple[int, ...]:
    """Return the time and counter that `mailbox.Maildir` writes into a key: SECONDS.M…P…Q….host."""
    seconds, unique = key.split(".")[:2]
    microseconds, _, rest = unique.removeprefix("M").partition("P")
    return int(seconds), int(microseconds), int(rest.partition("Q")[2])


def _now() -> datetime:
    return datetime.now(UTC)
