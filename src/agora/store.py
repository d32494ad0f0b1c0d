"""Agora's memory: one SQLite file. What is committed here survives a `kill -9` and a power cut.

Every write is one immediate transaction with a full sync; a notice is answered with SMTP 250 only
after its row is committed, and a letter that must leave is a row before it is a message.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agora import invented
from agora.invented import Verdict
from agora.rules import Address, Facts, Outcome, PostState

_SCHEMA = """
CREATE TABLE IF NOT EXISTS account (
    handle TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    bio TEXT NOT NULL,
    verdict TEXT NOT NULL,
    is_suspended INTEGER NOT NULL DEFAULT 0,
    is_invented INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS post (
    id INTEGER PRIMARY KEY,
    handle TEXT NOT NULL REFERENCES account (handle),
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    lang TEXT NOT NULL,
    verdict TEXT NOT NULL,
    published_at REAL NOT NULL,
    edited_at REAL,
    reply_to INTEGER REFERENCES post (id),
    media TEXT,
    media_alt TEXT NOT NULL DEFAULT '',
    media_words TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'online'
) STRICT;
CREATE INDEX IF NOT EXISTS post_by_account ON post (handle, published_at);
CREATE INDEX IF NOT EXISTS post_by_parent ON post (reply_to);
CREATE TABLE IF NOT EXISTS notice (
    id INTEGER PRIMARY KEY,
    reference TEXT NOT NULL UNIQUE,
    door TEXT NOT NULL,
    received_at REAL NOT NULL,
    sender TEXT NOT NULL,
    answer_to TEXT NOT NULL,
    subject TEXT NOT NULL,
    language TEXT NOT NULL,
    addresses TEXT NOT NULL,
    receipt_due REAL,
    decision_due REAL,
    waits_for_person INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS notice_receipt_due ON notice (receipt_due) WHERE receipt_due IS NOT NULL;
CREATE INDEX IF NOT EXISTS notice_decision_due ON notice (decision_due) WHERE decision_due IS NOT NULL;
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY,
    notice INTEGER NOT NULL REFERENCES notice (id),
    received_at REAL NOT NULL,
    message_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    raw BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS message_by_notice ON message (notice);
CREATE INDEX IF NOT EXISTS message_by_message_id ON message (message_id);
CREATE TABLE IF NOT EXISTS decision (
    id INTEGER PRIMARY KEY,
    notice INTEGER NOT NULL REFERENCES notice (id),
    decided_at REAL NOT NULL,
    by_person INTEGER NOT NULL,
    url TEXT NOT NULL,
    outcome TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX IF NOT EXISTS decision_by_notice ON decision (notice);
CREATE TABLE IF NOT EXISTS letter (
    id INTEGER PRIMARY KEY,
    notice INTEGER NOT NULL REFERENCES notice (id),
    kind TEXT NOT NULL,
    written_at REAL NOT NULL,
    recipient TEXT NOT NULL,
    message_id TEXT NOT NULL UNIQUE,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    raw BLOB NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt REAL,
    sent_at REAL,
    last_error TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX IF NOT EXISTS letter_by_notice ON letter (notice);
CREATE INDEX IF NOT EXISTS letter_due ON letter (next_attempt) WHERE next_attempt IS NOT NULL;
"""

# Ids of posts written by visitors begin here, well above the invented ones.
_FIRST_VISITOR_POST = 900001


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


@dataclass(frozen=True)
class Account:
    handle: str
    name: str
    bio: str
    verdict: Verdict
    is_suspended: bool


@dataclass(frozen=True)
class Post:
    id: str
    handle: str
    name: str
    kind: str
    text: str
    lang: str
    verdict: Verdict
    published_at: datetime
    edited_at: datetime | None
    reply_to: str | None
    media: str | None
    media_alt: str
    media_words: str
    state: PostState
    account_is_suspended: bool
    replies: int

    @property
    def path(self) -> str:
        return f"/@{self.handle}/posts/{self.id}"

    @property
    def is_online(self) -> bool:
        return self.state is PostState.ONLINE and not self.account_is_suspended


@dataclass(frozen=True)
class Message:
    received_at: datetime
    message_id: str
    subject: str
    body: str
    raw: bytes


@dataclass(frozen=True)
class Decision:
    decided_at: datetime
    by_person: bool
    url: str
    outcome: Outcome
    note: str


@dataclass(frozen=True)
class Letter:
    id: int
    kind: str
    written_at: datetime
    recipient: str
    message_id: str
    subject: str
    body: str
    raw: bytes
    attempts: int
    next_attempt: datetime | None
    sent_at: datetime | None
    last_error: str


@dataclass(frozen=True)
class Notice:
    """A notification and all that followed; `answer_to` is empty when nobody must be answered."""

    id: int
    reference: str
    door: str
    received_at: datetime
    sender: str
    answer_to: str
    subject: str
    language: str
    addresses: tuple[Address, ...]
    receipt_due: datetime | None
    decision_due: datetime | None
    waits_for_person: bool
    messages: tuple[Message, ...]
    decisions: tuple[Decision, ...]
    letters: tuple[Letter, ...]

    @property
    def text(self) -> str:
        """All that the notifier wrote, the later messages included."""
        return "\n\n".join(message.body for message in self.messages)

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """The latest outcome for each address."""
        return {decision.url: decision.outcome for decision in self.decisions}


@dataclass(frozen=True)
class NewNotice:
    """What a door understood of a notification, before it has a reference."""

    door: str
    sender: str
    answer_to: str
    subject: str
    language: str
    addresses: tuple[Address, ...]
    body: str
    message_id: str = ""
    raw: bytes = b""


_POSTS = """
SELECT post.*, account.name, account.is_suspended,
       (SELECT count(*) FROM post AS reply JOIN account AS a ON a.handle = reply.handle
         WHERE reply.reply_to = post.id AND reply.state = 'online' AND NOT a.is_suspended) AS replies
FROM post JOIN account ON account.handle = post.handle
"""


def _post(row: sqlite3.Row) -> Post:
    published_at = _moment(row["published_at"])
    assert published_at is not None  # noqa: S101 — the column is NOT NULL
    return Post(
        id=str(row["id"]),
        handle=row["handle"],
        name=row["name"],
        kind=row["kind"],
        text=row["text"],
        lang=row["lang"],
        verdict=Verdict(row["verdict"]),
        published_at=published_at,
        edited_at=_moment(row["edited_at"]),
        reply_to=None if row["reply_to"] is None else str(row["reply_to"]),
        media=row["media"],
        media_alt=row["media_alt"],
        media_words=row["media_words"],
        state=PostState(row["state"]),
        account_is_suspended=bool(row["is_suspended"]),
        replies=row["replies"],
    )


class Writing:
    """The verbs of one write transaction; obtained from `Store.writing()`."""

    def __init__(self, db: sqlite3.Connection, now: datetime) -> None:
        self._db = db
        self.now = now
        self._seconds = now.timestamp()

    # Posts and accounts

    def set_post_state(self, post_id: str, state: PostState) -> None:
        self._db.execute("UPDATE post SET state = ? WHERE id = ?", (state, int(post_id)))

    def set_suspended(self, handle: str, is_suspended: bool) -> None:
        self._db.execute("UPDATE account SET is_suspended = ? WHERE handle = ?", (is_suspended, handle))

    def edit_post(self, post_id: str, text: str) -> None:
        self._db.execute("UPDATE post SET text = ?, edited_at = ? WHERE id = ?", (text, self._seconds, int(post_id)))

    def add_post(self, *, handle: str, name: str, text: str, lang: str, verdict: Verdict, reply_to: str | None) -> str:
        """Publish a visitor's post and return its id."""
        self._db.execute(
            "INSERT INTO account (handle, name, bio, verdict) VALUES (?, ?, '', ?) ON CONFLICT DO NOTHING",
            (handle, name, Verdict.LAWFUL),
        )
        row = self._db.execute("SELECT max(max(id) + 1, ?) FROM post", (_FIRST_VISITOR_POST,)).fetchone()
        self._db.execute(
            "INSERT INTO post (id, handle, kind, text, lang, verdict, published_at, reply_to)"
            " VALUES (?, ?, 'visitor', ?, ?, ?, ?, ?)",
            (row[0], handle, text, lang, verdict, self._seconds, None if reply_to is None else int(reply_to)),
        )
        return str(row[0])

    # Notices

    def add_notice(self, new: NewNotice, *, receipt_due: float | None, decision_due: float | None) -> str:
        """Write a notice down and return its reference."""
        row = self._db.execute("SELECT coalesce(max(id), 0) + 1 FROM notice").fetchone()
        reference = f"AGORA-{self.now.year}-{row[0]:06d}"
        self._db.execute(
            "INSERT INTO notice (id, reference, door, received_at, sender, answer_to, subject, language,"
            " addresses, receipt_due, decision_due) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                row[0],
                reference,
                new.door,
                self._seconds,
                new.sender,
                new.answer_to,
                new.subject,
                new.language,
                _addresses_json(new.addresses),
                receipt_due,
                decision_due,
            ),
        )
        self._add_message(row[0], new)
        return reference

    def add_to_notice(self, notice: Notice, new: NewNotice, *, decision_due: float | None) -> None:
        """Join a later message (an answer, a reminder, a complaint) to the notice it is about."""
        known = {(address.handle, address.post_id) for address in notice.addresses}
        later = tuple(a for a in new.addresses if a.handle and (a.handle, a.post_id) not in known)
        self._db.execute(
            "UPDATE notice SET addresses = ?, decision_due = ? WHERE id = ?",
            (_addresses_json(notice.addresses + later), decision_due, notice.id),
        )
        self._add_message(notice.id, new)

    def _add_message(self, notice_id: int, new: NewNotice) -> None:
        self._db.execute(
            "INSERT INTO message (notice, received_at, message_id, subject, body, raw) VALUES (?, ?, ?, ?, ?, ?)",
            (notice_id, self._seconds, new.message_id, new.subject, new.body, new.raw),
        )

    def claim_receipt(self, notice: Notice) -> bool:
        """Take upon oneself to confirm a notice; False when that is done, or will not be."""
        claimed = self._db.execute(
            "UPDATE notice SET receipt_due = NULL WHERE id = ? AND receipt_due IS NOT NULL", (notice.id,)
        )
        return claimed.rowcount == 1

    def claim_decision(self, notice: Notice) -> bool:
        """Take upon oneself a decision that is due; False when a person was quicker, or more was written since."""
        claimed = self._db.execute(
            "UPDATE notice SET decision_due = NULL WHERE id = ? AND decision_due <= ?", (notice.id, self._seconds)
        )
        return claimed.rowcount == 1

    def decision_is_taken(self, notice: Notice, *, waits_for_person: bool = False) -> None:
        self._db.execute(
            "UPDATE notice SET decision_due = NULL, waits_for_person = ? WHERE id = ?", (waits_for_person, notice.id)
        )

    def add_decision(self, notice: Notice, *, url: str, outcome: Outcome, by_person: bool, note: str = "") -> None:
        self._db.execute(
            "INSERT INTO decision (notice, decided_at, by_person, url, outcome, note) VALUES (?, ?, ?, ?, ?, ?)",
            (notice.id, self._seconds, by_person, url, outcome, note),
        )

    # Letters

    def add_letter(
        self,
        notice: Notice,
        *,
        kind: str,
        recipient: str,
        message_id: str,
        subject: str,
        body: str,
        raw: bytes,
    ) -> None:
        self._db.execute(
            "INSERT INTO letter (notice, kind, written_at, recipient, message_id, subject, body, raw,"
            " next_attempt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (notice.id, kind, self._seconds, recipient, message_id, subject, body, raw, self._seconds),
        )

    def letter_is_sent(self, letter: Letter) -> None:
        self._db.execute(
            "UPDATE letter SET attempts = attempts + 1, sent_at = ?, next_attempt = NULL, last_error = '' WHERE id = ?",
            (self._seconds, letter.id),
        )

    def letter_has_failed(self, letter: Letter, *, error: str, next_attempt: float | None) -> None:
        self._db.execute(
            "UPDATE letter SET attempts = attempts + 1, next_attempt = ?, last_error = ? WHERE id = ?",
            (next_attempt, error, letter.id),
        )


def _addresses_json(addresses: tuple[Address, ...]) -> str:
    return json.dumps([[address.url, address.handle, address.post_id] for address in addresses])


class Store:
    """The SQLite file and its questions. Each call opens its own connection: any thread may ask."""

    def __init__(self, path: Path, *, now: datetime) -> None:
        self._path = path
        # Kept open, never asked anything: else each last close would fold the write-ahead log back.
        self._keeper = sqlite3.connect(path, check_same_thread=False)
        with self._connection() as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(_SCHEMA)
        with self.writing(now) as writing:
            _write_invented_world(writing)

    def close(self) -> None:
        self._keeper.close()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self._path, timeout=10, isolation_level=None)
        try:
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA foreign_keys = ON")
            yield db
        finally:
            db.close()

    @contextmanager
    def writing(self, now: datetime) -> Iterator[Writing]:
        """One transaction: all of it is on the disk when the block ends, or none of it."""
        with self._connection() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield Writing(db, now)
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    def _rows(self, question: str, *values: object) -> list[sqlite3.Row]:
        with self._connection() as db:
            return db.execute(question, values).fetchall()

    # Posts and accounts

    def account(self, handle: str) -> Account | None:
        rows = self._rows("SELECT * FROM account WHERE handle = ?", handle)
        if not rows:
            return None
        row = rows[0]
        return Account(row["handle"], row["name"], row["bio"], Verdict(row["verdict"]), bool(row["is_suspended"]))

    def is_invented(self, handle: str) -> bool:
        return bool(self._rows("SELECT 1 FROM account WHERE handle = ? AND is_invented", handle))

    def post(self, post_id: str) -> Post | None:
        rows = self._rows(_POSTS + "WHERE post.id = ?", int(post_id))
        return _post(rows[0]) if rows else None

    def posts(self) -> list[Post]:
        return [_post(row) for row in self._rows(_POSTS + "ORDER BY post.id")]

    def timeline(self, *, page: int, size: int) -> tuple[list[Post], bool]:
        """Return one page of the posts online that answer nobody, newest first, and whether there is more."""
        rows = self._rows(
            _POSTS + "WHERE post.reply_to IS NULL AND post.state = 'online' AND NOT account.is_suspended"
            " ORDER BY post.published_at DESC LIMIT ? OFFSET ?",
            size + 1,
            (page - 1) * size,
        )
        return [_post(row) for row in rows[:size]], len(rows) > size

    def posts_of(self, handle: str) -> list[Post]:
        rows = self._rows(
            _POSTS + "WHERE post.handle = ? AND post.state = 'online' ORDER BY post.published_at DESC LIMIT 100",
            handle,
        )
        return [_post(row) for row in rows]

    def replies_to(self, post_id: str) -> list[Post]:
        rows = self._rows(_POSTS + "WHERE post.reply_to = ? ORDER BY post.published_at LIMIT 200", int(post_id))
        return [_post(row) for row in rows]

    def facts_about(self, address: Address) -> Facts:
        """Return what the moderator needs to know about a notified address."""
        nothing = Facts(exists=False, is_account=False, is_gone=False, verdict=Verdict.LAWFUL, words=())
        account = self.account(address.handle) if address.handle else None
        if account is None:
            return nothing
        if address.post_id is None:
            words = (account.name, account.bio, *(post.text for post in self.posts_of(account.handle)))
            return Facts(True, True, account.is_suspended, account.verdict, words)
        post = self.post(address.post_id)
        if post is None or post.handle != account.handle:
            return nothing
        is_gone = account.is_suspended or post.state in (PostState.REMOVED, PostState.DELETED)
        return Facts(True, False, is_gone, post.verdict, (post.text, post.media_words))

    # Notices and letters

    def notices(self) -> list[Notice]:
        """Return the two hundred latest notices, the newest first."""
        return self._notices("ORDER BY id DESC LIMIT 200")

    def notice(self, reference: str) -> Notice | None:
        return next(iter(self._notices("WHERE reference = ?", reference)), None)

    def notice_of_message(self, message_ids: tuple[str, ...]) -> Notice | None:
        """Return the notice that one of these messages belongs to, whoever wrote it."""
        for message_id in message_ids:
            found = self._notices(
                "WHERE id IN (SELECT notice FROM letter WHERE message_id = ?1"
                " UNION SELECT notice FROM message WHERE message_id = ?1) ORDER BY id LIMIT 1",
                message_id,
            )
            if found:
                return found[0]
        return None

    def receipts_due(self, now: datetime) -> list[Notice]:
        return self._notices("WHERE receipt_due <= ? ORDER BY id LIMIT 50", now.timestamp())

    def decisions_due(self, now: datetime) -> list[Notice]:
        return self._notices("WHERE decision_due <= ? AND receipt_due IS NULL ORDER BY id LIMIT 50", now.timestamp())

    def _notices(self, which: str, *values: object) -> list[Notice]:
        with self._connection() as db:
            rows = db.execute(f"SELECT * FROM notice {which}", values).fetchall()  # noqa: S608 — written above
            return [_notice(db, row) for row in rows]

    def letters_due(self, now: datetime) -> list[Letter]:
        rows = self._rows("SELECT * FROM letter WHERE next_attempt <= ? ORDER BY id LIMIT 50", now.timestamp())
        return [_letter(row) for row in rows]


def _notice(db: sqlite3.Connection, row: sqlite3.Row) -> Notice:
    messages = db.execute("SELECT * FROM message WHERE notice = ? ORDER BY id", (row["id"],))
    decisions = db.execute("SELECT * FROM decision WHERE notice = ? ORDER BY id", (row["id"],))
    letters = db.execute("SELECT * FROM letter WHERE notice = ? ORDER BY id", (row["id"],))
    return Notice(
        id=row["id"],
        reference=row["reference"],
        door=row["door"],
        received_at=datetime.fromtimestamp(row["received_at"], UTC),
        sender=row["sender"],
        answer_to=row["answer_to"],
        subject=row["subject"],
        language=row["language"],
        addresses=tuple(Address(*address) for address in json.loads(row["addresses"])),
        receipt_due=_moment(row["receipt_due"]),
        decision_due=_moment(row["decision_due"]),
        waits_for_person=bool(row["waits_for_person"]),
        messages=tuple(
            Message(
                datetime.fromtimestamp(m["received_at"], UTC),
                m["message_id"],
                m["subject"],
                m["body"],
                m["raw"],
            )
            for m in messages
        ),
        decisions=tuple(
            Decision(
                datetime.fromtimestamp(d["decided_at"], UTC),
                bool(d["by_person"]),
                d["url"],
                Outcome(d["outcome"]),
                d["note"],
            )
            for d in decisions
        ),
        letters=tuple(map(_letter, letters)),
    )


def _letter(row: sqlite3.Row) -> Letter:
    return Letter(
        id=row["id"],
        kind=row["kind"],
        written_at=datetime.fromtimestamp(row["written_at"], UTC),
        recipient=row["recipient"],
        message_id=row["message_id"],
        subject=row["subject"],
        body=row["body"],
        raw=row["raw"],
        attempts=row["attempts"],
        next_attempt=_moment(row["next_attempt"]),
        sent_at=_moment(row["sent_at"]),
        last_error=row["last_error"],
    )


def new_message_id(notice: Notice, kind: str) -> str:
    """Return a Message-ID that no other run of Agora, even on an emptied folder, will use again."""
    return f"<{notice.reference.lower()}.{kind}.{secrets.token_hex(8)}@agora.example>"


def _write_invented_world(writing: Writing) -> None:
    """Write the invented accounts and posts once; what happened to them since is kept."""
    db = writing._db
    db.executemany(
        "INSERT INTO account (handle, name, bio, verdict, is_invented) VALUES (?, ?, ?, ?, 1) ON CONFLICT DO NOTHING",
        [(a.handle, a.name, a.bio, a.verdict) for a in invented.ACCOUNTS],
    )
    for post in sorted(invented.POSTS, key=lambda post: post.reply_to is not None):
        published_at = (writing.now - post.age).timestamp() // 60 * 60
        edited_at = None if post.edited_after is None else published_at + post.edited_after.total_seconds()
        db.execute(
            "INSERT INTO post (id, handle, kind, text, lang, verdict, published_at, edited_at, reply_to,"
            " media, media_alt, media_words)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                int(post.id),
                post.handle,
                post.kind,
                post.text,
                post.lang,
                post.verdict,
                published_at,
                edited_at,
                None if post.reply_to is None else int(post.reply_to),
                post.media,
                post.media_alt,
                post.media_words,
            ),
        )
