"""Timed work: decisions become examples; what may not be kept goes."""

from __future__ import annotations

from datetime import datetime

from vigie.learning import forget
from vigie.learning.examples import pull
from vigie.organisations.models import Organisation


def pull_examples(now: datetime) -> bool:
    """Learn from the next decisions of each association."""
    return sum(pull(key) for key in Organisation.objects.values_list("pk", flat=True)) > 0


def erase_forbidden(now: datetime) -> bool:
    return forget.erase_forbidden()
