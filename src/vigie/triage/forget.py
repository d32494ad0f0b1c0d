"""What this room holds of contents that may not be kept: marks of their words, filters that search for their address."""

from __future__ import annotations

from urllib.parse import parse_qs

from vigie.casefile.keys import hidden_key, stored_key
from vigie.casefile.models import Content
from vigie.platforms.resolve import UnreadableAddress, resolve
from vigie.triage.models import SavedFilter, TextMark


def erase_forbidden() -> bool:
    """Erase both, of what a person confirmed to be child abuse; say whether there was anything."""
    forbidden = Content.across_associations.filter(forbidden_at__isnull=False)
    marks, _ = TextMark.across_associations.filter(content__in=forbidden).delete()
    keys = set(forbidden.values_list("organisation_id", "key"))
    if not keys:
        return bool(marks)
    searches = SavedFilter.across_associations.filter(query__contains="q=")
    found = [one.pk for one in searches if any((one.organisation_id, key) in keys for key in _hidden_keys(one.query))]
    SavedFilter.across_associations.filter(pk__in=found).delete()
    return bool(marks or found)


def _hidden_keys(query: str) -> list[str]:
    try:
        return [hidden_key(stored_key(resolve(search).key)) for search in parse_qs(query).get("q", [])]
    except UnreadableAddress:
        return []
