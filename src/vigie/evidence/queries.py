"""Questions about captures, asked on behalf of an actor."""

from __future__ import annotations

import io
import zipfile

from vigie.casefile import files
from vigie.casefile.models import Case, Content
from vigie.casefile.queries import access_case, contents_of, once
from vigie.core.errors import NotFound
from vigie.core.words import N_
from vigie.evidence.models import Capture
from vigie.evidence.pictures import PICTURE_TYPES
from vigie.evidence.rules.lease import State
from vigie.intake.models import Attachment
from vigie.intake.queries import hidden_reports
from vigie.organisations.rules.policy import Actor
from vigie.organisations.tenancy import OwnedQuerySet

LATEST = 10  # captures that the page of a case lists


def access_capture(actor: Actor, ref: str, capture_id: int) -> Capture:
    """Return a capture of a content of that case.

    Raises:
        NotAllowed: this actor sees no case at all.
        NotFound: there is none, it is another association's, or it may not be shown.
    """
    case = access_case(actor, ref)
    found = captures_of(case).filter(pk=capture_id).first()
    if found is None:
        raise NotFound(N_("Cette capture n’existe pas."))
    capture: Capture = found
    return capture


def captures_of(case: Case) -> OwnedQuerySet:
    """Return the captures of the contents of a case, latest first; none of what may not be shown."""
    shown = [content.pk for content in contents_of(case) if not content.never_fetch]
    captures = Capture.objects.of(case.organisation_id).filter(content__in=shown).exclude(state=State.PURGED)
    return captures.order_by("-asked_at", "-pk")


def latest_captures(case: Case) -> tuple[list[Capture], bool]:
    """Return the latest captures of a case's contents, and whether these are all."""
    captures = once(case, "captures", lambda: list(captures_of(case)[: LATEST + 1]))
    return captures[:LATEST], len(captures) <= LATEST


def under_way(content: Content) -> Capture | None:
    """Return the capture of a content that waits or runs."""
    found: Capture | None = (
        Capture.objects.of(content.organisation_id)
        .filter(content=content, state__in=[State.WAITING, State.RUNNING])
        .first()
    )
    return found


def latest_of(content: Content) -> Capture | None:
    """Return the latest capture of a content that kept something: what a notice may cite."""
    if content.never_fetch:
        return None
    found: Capture | None = (
        Capture.objects.of(content.organisation_id)
        .filter(content=content, state__in=[State.DONE, State.PARTIAL])
        .order_by("-ended_at", "-pk")
        .first()
    )
    return found


def latest_of_each(case: Case, *, at_most: int) -> list[Capture]:
    """Return the latest capture that kept something of each of a case's first contents, in their order."""
    contents = [content.pk for content in contents_of(case)[:at_most]]
    latest: dict[int, Capture] = {}
    captures, are_all = latest_captures(case)
    if not are_all:
        kept = captures_of(case).filter(content__in=contents, state__in=[State.DONE, State.PARTIAL])
        captures = list(kept.exclude(bundle_sha256=""))
    for capture in captures:
        if capture.state in {State.DONE, State.PARTIAL} and capture.bundle_sha256:
            latest.setdefault(capture.content_id, capture)
    return [latest[pk] for pk in contents if pk in latest]


def pictures_of(case: Case) -> list[Attachment]:
    """Return the pictures that came with the reports of a case; none when a content of it may not be shown."""
    if any(content.never_fetch for content in contents_of(case)):
        return []
    pictures = (
        Attachment.objects.of(case.organisation_id)
        .filter(report__report_cases__case=case, media_type__in=PICTURE_TYPES)
        .distinct()
        .order_by("pk")
    )
    hidden = hidden_reports(case.organisation_id, [picture.report_id for picture in pictures])
    return [picture for picture in pictures if picture.report_id not in hidden]


def access_picture(actor: Actor, ref: str, attachment_id: int) -> Attachment:
    """Return a picture that came with a report of that case.

    Raises:
        NotFound: there is none, it is another association's, or it may not be shown.
    """
    case = access_case(actor, ref)
    for attachment in pictures_of(case):
        if attachment.pk == attachment_id:
            return attachment
    raise NotFound(N_("Cette image n’existe pas."))


def member_of_bundle(capture: Capture, name: str) -> bytes:
    """Return one file of a capture's bundle, such as `evidence/text.txt`, from the sealed bytes.

    Raises:
        NotFound: the capture kept no such file.
        FileAltered: the bundle on the disk is no longer the one that was sealed.
    """
    if not capture.bundle_sha256:
        raise NotFound(N_("Cette capture n’a rien gardé."))
    with zipfile.ZipFile(io.BytesIO(files.read(capture.bundle_sha256))) as bundle:
        try:
            return bundle.read(name)
        except KeyError:
            raise NotFound(N_("Cette capture n’a pas gardé cette partie de la page.")) from None
