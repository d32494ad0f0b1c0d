"""The keys of the wall that have no button of their own."""

from __future__ import annotations

from django.utils.translation import gettext as _


def wall_keys(reasons: int) -> list[tuple[str, str, str, str]]:
    """Return key, what the script does, which button of the row it presses, and its words."""
    return [
        ("j", "next-row", "", _("Descendre d’un repérage")),
        ("k", "previous-row", "", _("Monter d’un repérage")),
        ("o", "open-row", "", _("Voir les publications de la vague")),
        ("c", "press-in-row", "c", _("En faire un dossier")),
        *[
            (str(n), "press-in-row", str(n), _("L’écarter, pour le motif numéro %(n)s") % {"n": n})
            for n in range(1, reasons + 1)
        ],
    ]
