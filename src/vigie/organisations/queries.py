"""Questions about associations that any room may ask."""

from __future__ import annotations

from django.conf import settings

from vigie.organisations.models import Organisation


def public_organisation() -> Organisation | None:
    """Return the association that receives what the public reports: the one set, else the first that wants to."""
    slug = settings.VIGIE_PUBLIC_ORGANISATION
    receiving = Organisation.objects.filter(receives_public_reports=True)
    return (receiving.filter(slug=slug) if slug else receiving.order_by("pk")).first()
