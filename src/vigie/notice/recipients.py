"""Where a notice about a content goes: what the registry knows, and the association's own address book."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import get_language

from vigie.casefile.models import Content
from vigie.notice.models import NoticeChannel, PlatformContact
from vigie.platforms.registry import Channel, NoticeForm, Platform, Verification, registry

WEB = "web"


@dataclass(frozen=True)
class Route:
    """How a notice reaches one recipient. `email` is empty when a person fills in a form."""

    platform: str
    site: str
    name: str
    channel: NoticeChannel
    email: str
    email_is_verified: bool
    takes_many: bool
    languages: tuple[str, ...]
    forms: tuple[NoticeForm, ...]
    menu: str
    note: str
    needs_login: bool | None

    def language_for(self, wanted: str) -> str:
        """Return `wanted` when the recipient reads it or nothing is known, else English, which all of them do."""
        return wanted if not self.languages or wanted in self.languages else "en"


def platform_of(slug: str) -> Platform:
    """Return what the registry says of a platform; what it does not know is a web site like another."""
    known = registry(settings.VIGIE_EXTRA_PLATFORMS or None)
    return known[slug if slug in known else WEB]


def site_of(content: Content) -> str:
    """Return the host that answers for a content, where the platform has many; "" where it has one."""
    platform = platform_of(content.platform)
    has_many = platform.slug == WEB or platform.addresses.is_any_host
    return (urlsplit(content.url).hostname or "") if has_many else ""


def route_of(content: Content) -> Route:
    """Return the way a notice about this content takes; an address kept by the association comes first."""
    platform, site = platform_of(content.platform), site_of(content)
    route = platform.notices.in_language(get_language() or "fr")
    contact = (
        PlatformContact.objects.of(content.organisation_id)
        .filter(platform=content.platform, site__in=[site, ""])
        .order_by("-site")
        .first()
    )
    by_mail = route.email if route.channel is Channel.EMAIL and route.email else ""
    email = contact.email if contact else by_mail
    return Route(
        platform=content.platform,
        site=site,
        name=f"{platform.name} ({site})" if site else platform.name,
        channel=NoticeChannel.EMAIL if email else NoticeChannel.BY_HAND,
        email=email,
        email_is_verified=bool(contact) or route.email_verification is Verification.READ,
        takes_many=route.takes_many_addresses is True,
        languages=route.languages,
        forms=route.forms,
        menu=route.menu,
        note=route.note,
        needs_login=route.needs_login,
    )


def groups_of(contents: Iterable[Content]) -> list[tuple[Route, Sequence[Content]]]:
    """Return what goes together: by recipient, and one by one where the recipient takes one address each."""
    groups: dict[tuple[str, ...], tuple[Route, list[Content]]] = {}
    for content in contents:
        route = route_of(content)
        place = (route.platform, route.site) if route.takes_many else (route.platform, route.site, content.key)
        groups.setdefault(place, (route, []))[1].append(content)
    return list(groups.values())
