"""What the queue remembers: filters, bulk actions that may be undone, habits, and marks of texts."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from vigie.casefile.models import Case, Content
from vigie.detection.hints import HateKind, Target
from vigie.intake.rules.values import Door
from vigie.organisations.tenancy import Owned
from vigie.triage.rules.filters import Held
from vigie.triage.rules.moves import Kind


class SavedFilter(Owned):
    """A filter under a name: somebody's own, or shared by the whole association."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+", db_comment="null is shared"
    )
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2500, db_comment="the filter as the query of an address")

    class Meta(Owned.Meta):
        abstract = False
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "member", "name"], name="own_filter_once", condition=Q(member__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["organisation", "name"], name="shared_filter_once", condition=Q(member__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BulkAction(Owned):
    """Something done to several cases at once; its items keep what was, for ten minutes of second thoughts."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12)
    made_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    cases_count = models.PositiveIntegerField()

    class Meta(Owned.Meta):
        abstract = False
        indexes: ClassVar = [models.Index(fields=["organisation", "member", "-made_at"], name="bulk_latest")]

    def __str__(self) -> str:
        return f"{self.kind} × {self.cases_count}"


class BulkItem(Owned):
    """One case of a bulk action, before and after."""

    bulk = models.ForeignKey(BulkAction, on_delete=models.CASCADE, related_name="items")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    before = models.JSONField()
    after = models.JSONField()


class Habits(Owned):
    """How a member likes to work."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    single_keys = models.BooleanField(default=True, db_comment="WCAG 2.1.4: single-key shortcuts can be switched off")

    class Meta(Owned.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint("organisation", "member", name="habits_once")]


class TextMark(Owned):
    """One of the few numbers under which texts that say nearly the same are found."""

    content = models.ForeignKey(Content, on_delete=models.CASCADE, related_name="+")
    mark = models.BigIntegerField()

    class Meta(Owned.Meta):
        abstract = False
        indexes: ClassVar = [models.Index(fields=["organisation", "mark", "-content"], name="text_mark")]


class TextCursor(Owned):
    """How far the journal has been read for new texts."""

    seq = models.BigIntegerField(default=0)

    class Meta(Owned.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint("organisation", name="text_cursor_once")]


HELD_LABELS = {
    Held.ANYBODY: _("peu importe"),
    Held.ME: _("moi"),
    Held.NOBODY: _("personne"),
    Held.OTHERS: _("quelqu’un d’autre"),
}
KIND_LABELS = {
    Kind.CLAIM: _("Prendre"),
    Kind.RELEASE: _("Rendre à la file"),
    Kind.ASSIGN: _("Attribuer"),
    Kind.SET_DANGER: _("Fixer l’urgence"),
    Kind.CLOSE: _("Clore"),
    Kind.REOPEN: _("Rouvrir"),
    Kind.TOGETHER: _("Traiter ensemble"),
}
DOOR_LABELS = {
    Door.FORM: _("formulaire public"),
    Door.MAIL: _("courriel"),
    Door.API: _("programme partenaire"),
    Door.IMPORT: _("fichier importé"),
    Door.DESK: _("saisi au bureau"),
    Door.WATCH: _("veille"),
}
HATE_KIND_LABELS = {
    HateKind.INSULT: _("une injure"),
    HateKind.CONTEMPT: _("du mépris ou un stéréotype"),
    HateKind.DEHUMANISATION: _("une déshumanisation"),
    HateKind.INCITEMENT: _("un appel à exclure ou à nuire"),
    HateKind.THREAT: _("une menace"),
    HateKind.DENIAL: _("la négation ou l’apologie de crimes"),
}
TARGET_LABELS = {
    Target.JEWS: _("Juifs"),
    Target.MUSLIMS: _("musulmans"),
    Target.ARABS: _("Arabes"),
    Target.BLACK_PEOPLE: _("Noirs"),
    Target.ASIANS: _("Asiatiques"),
    Target.ROMA: _("Roms"),
    Target.MIGRANTS: _("personnes migrantes"),
    Target.OTHER_ORIGINS: _("autres origines"),
    Target.WOMEN: _("femmes"),
    Target.LGBT: _("personnes LGBT"),
    Target.DISABLED_PEOPLE: _("personnes handicapées"),
    Target.NEO_NAZI: _("signe de reconnaissance néonazi"),
    Target.POLITICAL: _("opinions politiques"),
    Target.ANY: _("n’importe qui"),
}
