"""What comes in from the pages of the queue, read into values."""

from __future__ import annotations

from django.http import HttpRequest, QueryDict

from vigie.casefile.rules.closing import ClosingReason
from vigie.casefile.rules.state import Danger
from vigie.core.errors import UnusableInput
from vigie.core.words import N_
from vigie.triage.rules.filters import Filter
from vigie.triage.rules.moves import Kind, Move


def read_move(form: QueryDict, kind: Kind) -> Move:
    """Return the move a form asks for; what the move needs and the form lacks is refused by the action."""
    return Move(
        kind=kind,
        to=_number(form, "a") if kind is Kind.ASSIGN else None,
        danger=_danger(form) if kind is Kind.SET_DANGER else None,
        reason=_reason(form) if kind is Kind.CLOSE else None,
        into=form.get("dans", "")[:11] if kind is Kind.TOGETHER else None,
    )


def read_kind(value: str) -> Kind:
    try:
        return Kind(value)
    except ValueError:
        raise UnusableInput(N_("Choisissez une action.")) from None


def carried_filter(request: HttpRequest) -> tuple[Filter, str]:
    """Return the filter of the queue somebody came from, and its address: carried along as `file=…`."""
    written = (request.POST if request.method == "POST" else request.GET).get("file", "")
    wanted = Filter.read(QueryDict(written).dict())  # type: ignore[arg-type]
    return wanted, wanted.query()


def _number(form: QueryDict, name: str) -> int | None:
    value = form.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None


def _danger(form: QueryDict) -> Danger | None:
    number = _number(form, "danger")
    return Danger(number) if number in set(Danger) else None


def _reason(form: QueryDict) -> ClosingReason | None:
    value = form.get("raison", "")
    return ClosingReason(value) if value in set(ClosingReason) else None
