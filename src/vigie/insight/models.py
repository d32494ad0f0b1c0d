"""What the journal adds up to, kept so that nobody waits for it to be read: both tables may be thrown away at any time."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from django.db import models

from vigie.casefile.models import Case
from vigie.insight.rules.definitions import MOMENTS
from vigie.organisations.models import Organisation
from vigie.organisations.tenancy import Owned


class Mark(NamedTuple):
    """A place in an association's journal."""

    seq: int
    digest: str  # of that entry: another journal (a backup that was restored) has another one


class KeptTally(models.Model):
    """What an association's cases add up to, up to one entry of its journal."""

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="+", primary_key=True)
    seq = models.BigIntegerField(db_comment="the entry of the journal up to which it was read")
    digest = models.CharField(max_length=64, blank=True, db_comment="of that entry")
    definitions = models.CharField(max_length=120, db_comment="what it was counted under; under others, anew")
    through = models.BigIntegerField(
        null=True, db_comment="the last case whose facts are kept, while they are being counted; null: all are"
    )
    tally = models.JSONField(default=dict)

    @property
    def mark(self) -> Mark:
        return Mark(self.seq, self.digest)


class KeptFacts(Owned):
    """The facts of one case, up to the entry that the tally was counted up to."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="+", primary_key=True)
    facts = models.JSONField()
    counted_in = models.IntegerField(db_comment="a bit for each figure and delay that it stands behind, in their order")
    # When what is counted happened last, and of what may happen several times first: microseconds since 1970, in half
    # the room of a date. The cases behind a figure are read from the latest on, and no further than the page goes.
    opened = models.BigIntegerField(null=True)
    received = models.BigIntegerField(null=True)
    received_first = models.BigIntegerField(null=True)
    treated = models.BigIntegerField(null=True)
    qualified = models.BigIntegerField(null=True)
    declined = models.BigIntegerField(null=True)
    sent = models.BigIntegerField(null=True)
    sent_first = models.BigIntegerField(null=True)
    gone = models.BigIntegerField(null=True)

    class Meta(Owned.Meta):
        abstract = False
        indexes: ClassVar = [
            models.Index(
                fields=["organisation", f"-{moment}", "-case"],
                condition=models.Q((f"{moment}__isnull", False)),
                name=f"facts_{moment}",
            )
            for moment in MOMENTS
        ]
