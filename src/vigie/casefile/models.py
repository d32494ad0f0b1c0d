"""The case, what it is about, and the journal."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from vigie.casefile.keys import reference_of
from vigie.casefile.rules.closing import ClosingReason
from vigie.casefile.rules.state import CaseState, Danger, Online, PlatformSays, Referral, Sending, Stage
from vigie.organisations.models import Organisation
from vigie.organisations.tenancy import Owned


class Content(Owned):
    """One thing online. `key` is the same whichever address it was given by."""

    key = models.CharField(max_length=700)
    platform = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    url = models.TextField(db_comment="canonical address")
    account = models.CharField(max_length=300, blank=True, db_comment="the author's handle, for the notice only")
    text = models.TextField(blank=True, db_comment="the latest text known")
    text_from = models.CharField(max_length=40, blank=True, db_comment="report, import, capture or member")
    language = models.CharField(max_length=8, blank=True)
    published_at = models.DateTimeField(null=True, db_comment="by the platform's clock; null is unknown")
    published_from = models.CharField(max_length=40, blank=True)
    never_fetch = models.BooleanField(default=False, db_comment="child abuse suspected: hidden, never opened nor sent")
    forbidden_at = models.DateTimeField(
        null=True, db_comment="when a person confirmed it: each room erases what it holds of it; null: not confirmed"
    )
    searched_at = models.DateTimeField(null=True, db_comment="since then, files and letters that wait were searched")
    created_at = models.DateTimeField()

    class Meta(Owned.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint("organisation", "key", name="content_key_once")]
        indexes: ClassVar = [
            # The very few: what each room asks about every ten seconds.
            models.Index(
                fields=["forbidden_at"], condition=models.Q(forbidden_at__isnull=False), name="content_forbidden"
            )
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def reference(self) -> str:
        """Return what the journal calls it: the journal forgets nothing, and a key may hold an address."""
        return reference_of(self.key)


class Case(Owned):
    """The unit of work. Its state columns repeat what the journal says; `journal.record` alone writes them."""

    ref = models.CharField(max_length=11, unique=True)
    opened_at = models.DateTimeField()
    remembered: dict[str, Any] | None = None  # see queries.remember_contents
    contents = models.ManyToManyField(Content, through="CaseContent", related_name="cases")
    platform = models.CharField(max_length=40, db_comment="of the first content, for filters")
    door = models.CharField(max_length=20, db_comment="by which the first report came")

    stage = models.CharField(max_length=12, default=Stage.NEW.value)
    sending = models.CharField(max_length=12, default=Sending.NONE.value)
    platform_says = models.CharField(max_length=12, default=PlatformSays.NOTHING.value)
    online = models.CharField(max_length=24, default=Online.NOT_CHECKED.value)
    danger = models.SmallIntegerField(default=Danger.STANDARD.value)
    limitation_on = models.DateField(null=True, db_comment="earliest of the grounds; null is unknown")
    # Two columns that only serve the order of the queue, where neither database would sort by an expression fast.
    in_queue = models.BooleanField(default=True, db_comment="new, in triage, or set aside")
    limitation_order = models.DateField(default=date.max, db_comment="limitation_on, or the end of time when unknown")
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    held_since = models.DateTimeField(null=True)
    second_opinion_asked = models.BooleanField(default=False)
    reports_count = models.PositiveIntegerField(default=0)
    closed_at = models.DateTimeField(null=True)
    referral = models.CharField(max_length=8, default=Referral.NONE.value, blank=True)
    joined_into = models.CharField(
        max_length=11, default="", blank=True, db_comment="reference of the case in which this closed one is handled"
    )

    class Meta(Owned.Meta):
        abstract = False
        indexes: ClassVar = [
            # The queue: danger first, then the limitation date (unknown last), then age.
            models.Index(
                fields=["organisation", "in_queue", "-danger", "limitation_order", "opened_at", "id"],
                name="case_queue",
            ),
            models.Index(
                fields=["organisation", "platform", "in_queue", "-danger", "limitation_order", "opened_at", "id"],
                name="case_queue_platform",
            ),
            # The few among the many: what somebody holds, what waits for a second opinion.
            models.Index(
                fields=["organisation", "in_queue", "-danger", "limitation_order", "opened_at", "id"],
                condition=models.Q(holder__isnull=False),
                name="case_queue_held",
            ),
            models.Index(
                fields=["organisation", "in_queue", "-danger", "limitation_order", "opened_at", "id"],
                condition=models.Q(second_opinion_asked=True),
                name="case_queue_opinion",
            ),
            models.Index(fields=["organisation"], condition=models.Q(referral="waiting"), name="case_set_aside"),
            models.Index(
                fields=["organisation", "joined_into"], condition=~models.Q(joined_into=""), name="case_joined"
            ),
            models.Index(fields=["organisation", "opened_at"], name="case_opened"),
            models.Index(fields=["organisation", "holder"], name="case_holder"),
        ]

    def __str__(self) -> str:
        return self.ref

    def state(self) -> CaseState:
        """Return the state columns as the value the rules work on."""
        return CaseState(
            stage=Stage(self.stage),
            sending=Sending(self.sending),
            platform_says=PlatformSays(self.platform_says),
            online=Online(self.online),
            danger=Danger(self.danger),
            limitation_on=self.limitation_on,
            holder_id=self.holder_id,
            held_since=self.held_since,
            second_opinion_asked=self.second_opinion_asked,
            reports_count=self.reports_count,
            closed_at=self.closed_at,
            referral=Referral(self.referral),
            joined_into=self.joined_into,
        )

    def write_state(self, state: CaseState) -> None:
        """Save the columns that differ from `state`."""
        changed = self.show_state(state)
        if changed:
            self.save(update_fields=changed)

    def show_state(self, state: CaseState) -> list[str]:
        """Bring the columns to `state` without saving, and return those that differed."""
        changed = []
        columns = {
            **vars(state),
            "in_queue": state.is_in_queue,
            "limitation_order": state.limitation_on or date.max,
        }
        for name, value in columns.items():
            plain: Any = getattr(value, "value", value)
            if getattr(self, name) != plain:
                setattr(self, name, plain)
                changed.append(name)
        return changed


class CaseContent(Owned):
    """A content handled in a case."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="case_contents")
    content = models.ForeignKey(Content, on_delete=models.PROTECT, related_name="case_contents")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta(Owned.Meta):
        abstract = False
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [models.UniqueConstraint("case", "content", name="content_once_in_a_case")]


class JournalHead(models.Model):
    """The end of an association's chain: locked while an entry is added, sealed with a key outside the database."""

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="+", primary_key=True)
    seq = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64)
    seal = models.CharField(max_length=64)


class JournalEntry(Owned):
    """Who did what, when, to which case. Never altered: the database itself refuses (see migration 0002)."""

    seq = models.BigIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=60, db_comment="member:12, token:3, public, worker; never a name")
    event = models.CharField(max_length=40)
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="journal")
    data = models.JSONField(default=dict, db_comment="references and values; no personal data, no quoted content")
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta(Owned.Meta):
        abstract = False
        ordering: ClassVar = ["seq"]
        constraints: ClassVar = [models.UniqueConstraint("organisation", "seq", name="journal_seq_once")]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "event", "at"], name="journal_event"),
            models.Index(fields=["organisation", "case", "seq"], name="journal_of_case"),
        ]


STAGE_LABELS = {
    Stage.NEW: _("nouveau"),
    Stage.TRIAGE: _("en cours de tri"),
    Stage.QUALIFIED: _("qualifié"),
    Stage.DECLINED: _("non retenu"),
    Stage.CLOSED: _("clos"),
}
SENDING_LABELS = {
    Sending.NONE: _("aucune notification"),
    Sending.DRAFT: _("brouillon"),
    Sending.CHECKED: _("vérifiée"),
    Sending.APPROVED: _("approuvée"),
    Sending.QUEUED: _("en cours d’envoi"),
    Sending.SENT: _("envoyée"),
    Sending.FAILED: _("échec d’envoi"),
    Sending.UNKNOWN: _("sort inconnu"),
}
PLATFORM_LABELS = {
    PlatformSays.NOTHING: _("rien"),
    PlatformSays.RECEIVED: _("reçue"),
    PlatformSays.REMOVED: _("retiré"),
    PlatformSays.RESTRICTED: _("restreint"),
    PlatformSays.REFUSED: _("refusé"),
    PlatformSays.DISPUTED: _("contesté"),
    PlatformSays.ERROR: _("erreur"),
    PlatformSays.QUESTION: _("question"),
}
ONLINE_LABELS = {
    Online.NOT_CHECKED: _("pas encore contrôlé"),
    Online.PRESENT: _("en ligne"),
    Online.EDITED: _("modifié"),
    Online.REMOVED_BY_PLATFORM: _("retiré par la plateforme"),
    Online.DELETED_BY_AUTHOR: _("supprimé par son auteur"),
    Online.ACCOUNT_SUSPENDED: _("compte suspendu"),
    Online.UNAVAILABLE_FROM_HERE: _("indisponible d’ici"),
    Online.BEHIND_LOGIN: _("derrière une connexion"),
    Online.NOT_DETERMINED: _("non déterminé"),
}
DANGER_LABELS = {
    Danger.STANDARD: _("ordinaire"),
    Danger.HIGH: _("à traiter aujourd’hui"),
    Danger.TERRORIST: _("terrorisme"),
    Danger.IMMINENT: _("danger immédiat"),
}
CLOSING_LABELS = {
    ClosingReason.DONE: _("traité jusqu’au bout"),
    ClosingReason.DUPLICATE: _("traité dans un autre dossier"),
    ClosingReason.GONE: _("plus en ligne avant que nous agissions"),
    ClosingReason.ELSEWHERE: _("suivi par une autre association ou une autorité"),
    ClosingReason.MISTAKE: _("erreur, essai ou publicité"),
}
# The kinds that `vigie.platforms` gives.
CONTENT_KIND_LABELS = {
    "post": _("publication"),
    "comment": _("commentaire"),
    "video": _("vidéo"),
    "photo": _("photo"),
    "story": _("story"),
    "live": _("direct"),
    "message": _("message"),
    "thread": _("fil"),
    "account": _("compte"),
    "group": _("groupe"),
    "playlist": _("liste de lecture"),
    "event": _("événement"),
    "file": _("fichier"),
    "page": _("page"),
    "link": _("lien raccourci"),
}
