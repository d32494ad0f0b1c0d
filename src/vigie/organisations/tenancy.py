"""Rows of work belong to an association, and answer to nobody else.

`Case.objects.all()` is empty; `Case.objects.of(organisation)` is the way in. What must look across
associations (the worker, the verification of the journal) says so by name, `Case.across_associations`;
tests/architecture keeps the list of the places that may.
"""

from __future__ import annotations

from typing import Any, Self

from django.db import models

from vigie.organisations.models import Organisation


class OwnedQuerySet(models.QuerySet[Any]):
    def of(self, organisation: Organisation | int) -> Self:
        """Return the rows of that association only."""
        key = organisation if isinstance(organisation, int) else organisation.pk
        return self.filter(organisation_id=key)


class OwnedManager(models.Manager[Any]):
    """Answers nothing until asked on behalf of an association."""

    def get_queryset(self) -> OwnedQuerySet:
        return OwnedQuerySet(self.model, using=self._db).none()

    def of(self, organisation: Organisation | int) -> OwnedQuerySet:
        return OwnedQuerySet(self.model, using=self._db).of(organisation)

    def create(self, **fields: Any) -> Any:
        """Insert a row; its association is a required column."""
        return OwnedQuerySet(self.model, using=self._db).create(**fields)


class Owned(models.Model):
    """A row of work of one association."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")

    objects = OwnedManager()
    across_associations: models.Manager[Any] = models.Manager()

    class Meta:
        abstract = True
        base_manager_name = "across_associations"  # following a key from a row already reached
