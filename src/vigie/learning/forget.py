"""What this room holds that may not be kept: examples, which hold no word and go with their content.

Terms are words of a language, written by a member; versions keep who wrote them by their number. Both stay.
Examples of a term are sentences that an analyst writes, to be invented; nothing of a case is copied there by itself.
"""

from __future__ import annotations

from vigie.casefile.models import Content
from vigie.learning.models import Example


def erase_forbidden() -> bool:
    """Erase what was learnt of contents that a person confirmed to be child abuse; say whether there was anything."""
    forbidden = Content.across_associations.filter(forbidden_at__isnull=False)
    gone, _ = Example.across_associations.filter(content__in=forbidden).delete()
    return bool(gone)
