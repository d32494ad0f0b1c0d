"""What a person may join to a report: a picture of the screen, a mail, a PDF; told by content, never by name."""

from __future__ import annotations

from collections.abc import Sequence

from vigie.casefile.files import media_type_of
from vigie.core.errors import UnusableInput
from vigie.core.words import N_
from vigie.intake.rules.values import Upload

MAX_FILES = 5
MAX_BYTES = 10 * 1024 * 1024
ALLOWED = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif", "application/pdf", "message/rfc822"})


class UnusableFile(UnusableInput):
    """A file of a kind or size that is not taken."""


def checked_media_type(upload: Upload) -> str:
    """Return what the file is, by its content.

    Raises:
        UnusableFile: empty, too large or of another kind; the sentence names the file.
    """
    if not upload.content:
        raise UnusableFile(N_("Le fichier « %(name)s » est vide."), name=upload.name)
    if len(upload.content) > MAX_BYTES:
        raise UnusableFile(N_("Le fichier « %(name)s » dépasse 10 Mo."), name=upload.name)
    media_type = media_type_of(upload.content)
    if media_type not in ALLOWED:
        raise UnusableFile(
            N_("Le fichier « %(name)s » n’est ni une image (PNG, JPEG, WebP, GIF), ni un PDF, ni un courriel (.eml)."),
            name=upload.name,
        )
    return media_type


def check_number(uploads: Sequence[Upload]) -> None:
    """Refuse more files than one report may bring."""
    if len(uploads) > MAX_FILES:
        raise UnusableFile(N_("Cinq fichiers au plus par signalement."))
