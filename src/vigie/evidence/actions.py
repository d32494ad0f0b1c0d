"""Ask for captures, make them, and erase those that may not be kept."""

from __future__ import annotations

import logging
import shutil
import socket
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from vigie.casefile import files
from vigie.casefile.actions import record_text, set_published_at
from vigie.casefile.journal import record
from vigie.casefile.models import Case, CaseContent, Content
from vigie.casefile.rules.events import Event
from vigie.core.errors import Refusal, kind_and_place
from vigie.core.words import N_
from vigie.evidence import queries
from vigie.evidence.captures.page import DOM, SCREENSHOT, TEXT
from vigie.evidence.captures.turn import our_turn
from vigie.evidence.capturing import CaptureResult, capture_url
from vigie.evidence.guard import Blocked
from vigie.evidence.means import Means
from vigie.evidence.models import Capture
from vigie.evidence.rules.lease import MAX_ATTEMPTS, State, Why, after_our_fault, lease, rank_on_arrival
from vigie.evidence.rules.post_text import read_post
from vigie.evidence.rules.reasons import Missing, Reason
from vigie.evidence.rules.seen import marks
from vigie.organisations.rules.policy import Action, Actor, require

logger = logging.getLogger("vigie.evidence")

LOOK_BACK = 3000  # contents: those that a busy hour brings
BATCH = 200
LEFT_LYING = timedelta(hours=6)  # far longer than any capture or upload lasts
EVENTS = {
    State.DONE: Event.CAPTURE_DONE,
    State.PARTIAL: Event.CAPTURE_PARTIAL,
    State.FAILED: Event.CAPTURE_FAILED,
}


class NotCaptured(Refusal):
    """This content is not one that may, or can, be captured."""


def ask_capture(*, actor: Actor, case: Case, content: Content, now: datetime) -> Capture:
    """Ask for a capture; the worker makes it. One already under way is returned instead.

    Raises:
        NotAllowed: the role does not carry it.
        NotCaptured: possible child abuse is never fetched; a content without a web address cannot be.
    """
    require(actor, Action.CAPTURE, case.organisation_id)
    with transaction.atomic():
        content = Content.objects.of(case.organisation_id).select_for_update().get(pk=content.pk)
        _require_fetchable(content)
        under_way = queries.under_way(content)
        if under_way is not None:
            if under_way.state == State.WAITING:
                under_way.rank, under_way.taken_until = 0, None
                under_way.save(update_fields=["rank", "taken_until"])
            return under_way
        capture: Capture = Capture.objects.create(
            organisation_id=case.organisation_id, content=content, case=case, address=content.url,
            why=Why.ASKED.value, asked_by=actor.name, asked_at=now,
        )  # fmt: skip
        record(
            Event.CAPTURE_ASKED, actor=actor, now=now, case=case,
            data={"capture": capture.pk, "content": content.reference},
        )  # fmt: skip
        return capture


def _require_fetchable(content: Content) -> None:
    if content.never_fetch:
        raise NotCaptured(
            N_("Ce contenu n’est jamais ouvert ni copié : seule son adresse est transmise aux autorités.")
        )
    if not content.url.startswith(("http://", "https://")):
        raise NotCaptured(N_("Ce contenu n’a pas d’adresse web à capturer."))


def ask_for_arrivals(now: datetime) -> bool:
    """Put the contents that came lately on the list of captures to make; say whether there were any."""
    found = _without_capture()
    with transaction.atomic():
        Capture.across_associations.bulk_create(
            [
                Capture(
                    organisation_id=case.organisation_id, content=content, case=case, address=content.url,
                    why=Why.ARRIVAL.value, asked_by="worker", asked_at=now,
                    rank=rank_on_arrival(danger=case.danger, door=case.door),
                )
                for content, case in found
            ],
            ignore_conflicts=True,
        )  # fmt: skip
    return bool(found)


def _without_capture() -> Sequence[tuple[Content, Case]]:
    """Return contents that no capture was ever asked for, each with the case to tell it to.

    Of what came lately, by any door but the import; of what was imported, once somebody has taken the case: a
    file of thousands of posts must not stand before the report of a person. Looks at the latest contents and at
    the cases in hand, not at the whole archive.
    """
    newest = Content.across_associations.aggregate(newest=Max("pk"))["newest"] or 0
    lately = CaseContent.across_associations.filter(content_id__gt=newest - LOOK_BACK).exclude(case__door="import")
    in_hand = CaseContent.across_associations.filter(case__holder__isnull=False)
    first: dict[int, tuple[Content, Case]] = {}
    for rows in (in_hand, lately):  # two questions: together they would read every row of the archive
        for row in _uncaptured(rows):
            first.setdefault(row.content_id, (row.content, row.case))
    return list(first.values())


def _uncaptured(rows: QuerySet[CaseContent]) -> QuerySet[CaseContent]:
    known = Capture.across_associations.exclude(state=State.PURGED)  # what was flagged by mistake is captured again
    return (
        rows.filter(content__never_fetch=False, content__url__startswith="http")
        .filter(~Exists(known.filter(content_id=OuterRef("content_id"))))
        .select_related("content", "case")
        .order_by("-case__danger", "pk")[:BATCH]
    )


def work_once(now: datetime) -> bool:
    """Make the capture that comes first; say whether there was one. Never two at once on one machine."""
    with our_turn(wait=False) as is_ours:
        if not is_ours:
            return False
        means: Means = settings.VIGIE_CAPTURE_MEANS
        capture = _take(now, means)
        if capture is None:
            return False
        shutil.rmtree(_scratch(capture), ignore_errors=True)  # of whoever was killed over it
        try:
            if capture.attempts > MAX_ATTEMPTS:
                _give_up(capture, now)
            else:
                _run(capture, means)
        except (OperationalError, InterfaceError):
            raise
        except Exception as fault:  # noqa: BLE001 the same capture would come first again, before all others
            _after_fault(capture, fault, now)
        return True


def _take(now: datetime, means: Means) -> Capture | None:
    """Hold the first free capture for the length of a lease, in a short transaction of its own.

    We have this machine's turn: a capture that a worker of this machine still holds has lost that worker.
    """
    machine = socket.gethostname()
    is_left = Q(taken_until__lt=now) | Q(taken_by=machine)
    is_ready = Q(taken_until=None) | Q(taken_until__lt=now)
    free = Q(is_ready, state=State.WAITING) | Q(is_left, state=State.RUNNING)
    with transaction.atomic():
        # On PostgreSQL several machines take different rows; SQLite has one writer at a time anyway.
        skip = connection.features.has_select_for_update_skip_locked
        waiting = Capture.across_associations.filter(free, content__never_fetch=False)
        waiting = waiting.order_by("rank", "asked_at", "pk")
        capture: Capture | None = waiting.select_for_update(skip_locked=skip, of=("self",)).first()
        if capture is not None:
            capture.state, capture.taken_until = State.RUNNING.value, now + lease(means.limits.seconds)
            capture.taken_by, capture.started_at = machine, now
            capture.attempts += 1
            capture.save(update_fields=["state", "taken_until", "taken_by", "attempts", "started_at"])
        return capture


def _run(capture: Capture, means: Means) -> None:
    content = Content.across_associations.get(pk=capture.content_id)
    if content.never_fetch:  # it was said since the capture was taken
        with transaction.atomic():
            _put_back(_still_held(capture))
        return
    work = _scratch(capture)
    work.mkdir(mode=0o700, parents=True)
    try:
        try:
            about = {"capture": str(capture.pk), "case": capture.case.ref, "content": content.key}
            result = capture_url(capture.address, out_dir=work / "out", means=means, about=about)
        except Blocked as blocked:
            _fail(capture, Missing("page", blocked.reason))
            return
        _keep(capture, result)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _scratch(capture: Capture) -> Path:
    return Path(settings.VIGIE_DATA) / "captures" / f"capture-{capture.pk}"


def _keep(capture: Capture, result: CaptureResult) -> None:
    # Written before the transaction: the database never names a file that the disk does not hold.
    with result.bundle.path.open("rb") as bundle:
        kept = files.keep(bundle)
    visit, timestamp = result.visit, result.bundle.timestamp
    with transaction.atomic():
        fresh = _still_held(capture)
        content = Content.objects.of(capture.organisation_id).select_for_update().get(pk=capture.content_id)
        if fresh is None or content.never_fetch:
            transaction.on_commit(partial(files.forget, kept.sha256))
            _put_back(fresh)
            return
        page_text = _text(result.folder / TEXT)
        fresh.final_address, fresh.http_status = visit.final, visit.status
        fresh.marks = list(marks(visit.title, page_text, final_url=visit.final))
        fresh.bundle_sha256, fresh.bundle_size = kept.sha256, kept.size
        fresh.manifest_sha256 = result.bundle.manifest_sha256
        fresh.has_screenshot = (result.folder / SCREENSHOT).exists()
        if timestamp is not None:
            fresh.timestamped_at, fresh.authority = timestamp.at, timestamp.authority
        fresh.missing = [entry.as_json() for entry in visit.missing]
        _settle(fresh, State(result.status))
        if visit.status is not None and visit.status < 400 and not fresh.marks:
            _tell_the_content(fresh, content, page_text, _text(result.folder / DOM))


def _put_back(capture: Capture | None) -> None:
    """Let a capture wait as it did: its content was set aside. It is made if a lead lifts that, else erased."""
    if capture is not None:
        capture.state, capture.taken_until, capture.attempts = State.WAITING.value, None, capture.attempts - 1
        capture.save(update_fields=["state", "taken_until", "attempts"])


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def _tell_the_content(capture: Capture, content: Content, page_text: str, html: str) -> None:
    """Note the words and the date that the page shows, where nobody gave them."""
    post = read_post(html, page_text)
    worker = Actor(name="worker", organisation_id=capture.organisation_id)
    now = timezone.now()
    if not content.text and post.text:
        record_text(
            actor=worker, case=capture.case, content=content, text=post.text, source="capture",
            language=content.language or post.language, now=now,
        )  # fmt: skip
    if content.published_at is None and post.published_at is not None and post.published_at <= now:
        set_published_at(
            actor=worker, case=capture.case, content=content, published_at=post.published_at, source="capture", now=now
        )


def _fail(capture: Capture, missing: Missing) -> None:
    with transaction.atomic():
        fresh = _still_held(capture)
        if fresh is not None:
            fresh.missing = [missing.as_json()]
            _settle(fresh, State.FAILED)


def _give_up(capture: Capture, now: datetime) -> None:
    """A capture that took its worker down with it three times is not tried again by itself."""
    logger.warning("capture %s given up after %s attempts", capture.pk, MAX_ATTEMPTS)
    _fail(capture, Missing("page", Reason("browser_failed", f"{MAX_ATTEMPTS} essais interrompus")))


def _after_fault(capture: Capture, fault: Exception, now: datetime) -> None:
    """Try again later what a fault of ours stopped; after as many attempts as any other it failed, and says so."""
    logger.error("capture %s: %s", capture.pk, kind_and_place(fault))
    held = Capture.across_associations.filter(pk=capture.pk, state=State.RUNNING, attempts=capture.attempts)
    # Away from the head of the list first: should what follows stumble as well, the next capture goes on.
    held.update(taken_by="", taken_until=now + after_our_fault(capture.attempts))
    if capture.attempts < MAX_ATTEMPTS:
        held.update(state=State.WAITING)
    else:
        _fail(capture, Missing("page", Reason("our_fault", kind_and_place(fault))))


def _still_held(capture: Capture) -> Capture | None:
    """Return the row under lock, if nobody took it over when our lease had run out."""
    held = Capture.across_associations.select_for_update().filter(
        pk=capture.pk, state=State.RUNNING, attempts=capture.attempts
    )
    fresh: Capture | None = held.first()
    return fresh


def _settle(capture: Capture, state: State) -> None:
    """Give a capture its end, and witness it."""
    now = timezone.now()
    with transaction.atomic():
        capture.state, capture.ended_at, capture.taken_until = state.value, now, None
        capture.save()
        if state not in EVENTS:
            return
        worker = Actor(name="worker", organisation_id=capture.organisation_id)
        record(
            EVENTS[state], actor=worker, now=now, case=capture.case,
            data={
                "capture": capture.pk,
                "bundle": capture.bundle_sha256,
                "manifest": capture.manifest_sha256,
                "timestamp": capture.timestamped_at.astimezone(UTC).isoformat() if capture.timestamped_at else "",
                "missing": sorted({entry["code"] for entry in capture.missing}),
            },
        )  # fmt: skip


def erase_forbidden(now: datetime) -> bool:
    """Erase the captures of contents that a person confirmed to be what may not be kept; say whether there were any."""
    forbidden = Capture.across_associations.filter(content__forbidden_at__isnull=False)
    is_at_work = Q(state=State.RUNNING, taken_until__gte=now)
    found = list(forbidden.exclude(is_at_work).exclude(address="").values_list("pk", flat=True)[:50])
    for pk in found:
        with transaction.atomic():
            capture = Capture.across_associations.select_for_update().get(pk=pk)
            sha256 = capture.bundle_sha256
            capture.address, capture.final_address, capture.bundle_sha256 = "", "", ""
            capture.missing, capture.marks = [], []
            _settle(capture, State.PURGED)
            if sha256:
                worker = Actor(name="worker", organisation_id=capture.organisation_id)
                record(Event.CAPTURE_ERASED, actor=worker, now=now, case=capture.case, data={"capture": pk})
                transaction.on_commit(partial(files.forget, sha256, forbidden_in=capture.organisation_id))
    _sweep(now)
    return bool(found)


def _sweep(now: datetime) -> None:
    """Remove what a worker that was killed left of a capture half made."""
    scratch = Path(settings.VIGIE_DATA) / "captures"
    for folder in scratch.iterdir() if scratch.exists() else ():
        if folder.stat().st_mtime < (now - LEFT_LYING).timestamp():
            shutil.rmtree(folder, ignore_errors=True)
    files.forget_drafts(now - LEFT_LYING)
