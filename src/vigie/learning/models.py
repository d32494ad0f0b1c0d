"""What an association teaches its detector: its own terms with their history, and its decisions as examples."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from vigie.casefile.models import Case, Content
from vigie.detection.hints import Kind, SourceStatus, Target
from vigie.learning.rules.calibration import Scale
from vigie.learning.rules.labels import Label
from vigie.learning.rules.terms import Does, Standing, TermState
from vigie.organisations.tenancy import Owned

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
    Target.NEO_NAZI: _("signes néonazis"),
    Target.POLITICAL: _("politique"),
    Target.ANY: _("sans cible précise"),
}
KIND_LABELS = {
    Kind.SLUR: _("une insulte : le mot blesse par lui-même"),
    Kind.CODED: _("un mot de code : il désigne un groupe ou une idée pour qui sait"),
    Kind.NUMBER: _("un nombre ou un code chiffré"),
    Kind.SLOGAN: _("un slogan, une phrase toute faite"),
}
SOURCE_LABELS = {
    SourceStatus.RETRIEVED: _("lu dans la page donnée"),
    SourceStatus.REPO: _("dans une liste publique qui a été lue"),
    SourceStatus.UNVERIFIED: _("de notre expérience, à confirmer"),
}
STANDING_LABELS = {
    Standing.ACTIVE: _("compte"),
    Standing.ENDED: _("ne compte plus"),
    Standing.MUTED: _("tu ici"),
}
DOES_LABELS = {
    Does.ADDED: _("ajouté"),
    Does.CHANGED: _("modifié"),
    Does.ENDED: _("terminé"),
    Does.RESTORED: _("version précédente reprise"),
}


class OwnTerm(Owned):
    """A term of the association's own lexicon, as it stands now. `TermVersion` keeps each state it had."""

    name = models.CharField(max_length=200, db_comment="folded: two writings of one word are one term")
    content = models.JSONField(db_comment="rules/terms.py, TermState")
    standing = models.CharField(max_length=8, default=Standing.ACTIVE.value)
    is_public = models.BooleanField(default=False, db_comment="stands in the published list")
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()

    class Meta(Owned.Meta):
        abstract = False
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [models.UniqueConstraint("organisation", "name", name="own_term_once")]

    def __str__(self) -> str:
        return f"term:{self.pk}"

    def state(self) -> TermState:
        return TermState.from_json(self.content)


class TermVersion(Owned):
    """One state of a term: what it said, since when, and who decided so. Never changed."""

    term = models.ForeignKey(OwnTerm, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    does = models.CharField(max_length=10)
    at = models.DateTimeField()
    member = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta(Owned.Meta):
        abstract = False
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [models.UniqueConstraint("term", "number", name="term_version_once")]

    def state(self) -> TermState:
        return TermState.from_json(self.content)


class LexiconState(Owned):
    """Which version an association's own lexicon is at: every change of any term counts one."""

    version = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()

    class Meta(Owned.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint("organisation", name="lexicon_state_once")]


class Example(Owned):
    """A decision as something to learn from. It holds no word: the text is the content's, and goes with it."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    content = models.ForeignKey(Content, on_delete=models.CASCADE, related_name="+")
    label = models.CharField(max_length=8, choices=[(one.value, one.value) for one in Label])
    grounds = models.JSONField(default=list, db_comment="that stand, as the catalogue names them")
    reason = models.CharField(max_length=60, blank=True, db_comment="for which it was declined")
    targets = models.JSONField(default=list, db_comment="as the detector saw them")
    score = models.FloatField(null=True, db_comment="of the detector when it was decided; null: no text was known")
    detector_version = models.CharField(max_length=160, blank=True)
    decided_at = models.DateTimeField()
    seq = models.BigIntegerField(db_comment="entry of the journal that decided")

    class Meta(Owned.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint("case", "content", name="example_once")]
        indexes: ClassVar = [models.Index(fields=["organisation", "-decided_at"], name="example_latest")]


class ExampleCursor(Owned):
    """How far an association's journal was read for decisions."""

    seq = models.BigIntegerField(default=0)

    class Meta(Owned.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint("organisation", name="example_cursor_once")]


class EmergingVerdict(Owned):
    """What an analyst decided of a word that rises. The word is not kept: its keyed digest recognises it again."""

    digest = models.CharField(max_length=64)
    verdict = models.CharField(max_length=10, db_comment="dismissed or waiting")
    at = models.DateTimeField()
    until = models.DateField(null=True, db_comment="a word that waits is shown again from then on")

    class Meta(Owned.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint("organisation", "digest", name="emerging_verdict_once")]


class LearningSettings(Owned):
    """What an association set for this room."""

    shares_examples = models.BooleanField(
        default=False, db_comment="its examples may be given to train others' detectors"
    )

    class Meta(Owned.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint("organisation", name="learning_settings_once")]


class Calibration(Owned):
    """A scale of scores that an analyst took, or went back from. The latest row is the one that stands."""

    number = models.PositiveIntegerField()
    slope = models.FloatField(db_comment="rules/calibration.py, Scale; 1 and 0 are the detector's own scale")
    shift = models.FloatField()
    fitted_on = models.PositiveIntegerField(default=0, db_comment="decisions; 0: nothing was fitted")
    figures = models.JSONField(default=dict, db_comment="on the decisions held back, before and after")
    model = models.CharField(max_length=160, db_comment="version of the detector whose scores were fitted")
    at = models.DateTimeField()
    member = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta(Owned.Meta):
        abstract = False
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [models.UniqueConstraint("organisation", "number", name="calibration_once")]

    def scale(self) -> Scale:
        return Scale(self.slope, self.shift)
