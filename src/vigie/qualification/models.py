"""How a content was read in law: the words, the grounds with their answers, declines and second opinions."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from vigie.casefile.models import Case, Content
from vigie.organisations.tenancy import Owned
from vigie.qualification import catalogue
from vigie.qualification.rules.assessment import Answer, Assessment, Verdict, assess
from vigie.qualification.rules.quotes import Quote
from vigie.qualification.rules.values import Catalogue, Ground


class Reading(Owned):
    """What was read of one content in one case: the words concerned, and what a picture or sound shows."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    content = models.ForeignKey(Content, on_delete=models.PROTECT, related_name="+")
    quotes = models.JSONField(default=list, db_comment="[{start, end, text}] counted in characters of the text read")
    text_sha256 = models.CharField(max_length=64, blank=True, db_comment="of the text the quotes were cut from")
    media_description = models.TextField(blank=True, db_comment="of a content without words")
    criteria = models.JSONField(default=list, db_comment="protected criteria, as named by the catalogue")
    saved_at = models.DateTimeField()

    class Meta(Owned.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint("case", "content", name="reading_once_for_a_content")]

    def __str__(self) -> str:
        return f"reading:{self.pk}"

    def words(self) -> tuple[Quote, ...]:
        """Return the words concerned."""
        return tuple(Quote(**kept) for kept in self.quotes)


class Qualification(Owned):
    """One ground read for one content, under the version of the catalogue it was made with."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("en cours")
        STANDING = "standing", _("retenu")
        WITHDRAWN = "withdrawn", _("abandonné")

    reading = models.ForeignKey(Reading, on_delete=models.PROTECT, related_name="+")
    jurisdiction = models.CharField(max_length=8, default="fr")
    catalogue_version = models.CharField(max_length=20)
    ground_id = models.CharField(max_length=60, db_comment="entry of that version of the catalogue")
    answers = models.JSONField(default=dict, db_comment="{element: yes, no or doubtful}; absent is not answered")
    excluder_answers = models.JSONField(default=dict)
    explanation = models.TextField(blank=True, db_comment="the moderator's own sentence, as the notice will say it")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    is_upheld = models.BooleanField(default=False, db_comment="a jurist upheld it in spite of a doubt")
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        abstract = False
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [models.UniqueConstraint("reading", "ground_id", name="ground_once_in_a_reading")]

    def __str__(self) -> str:
        return f"{self.ground_id} ({self.catalogue_version})"

    def book(self) -> Catalogue:
        """Return the catalogue as it stood when this was read."""
        return catalogue.load(self.catalogue_version, self.jurisdiction)

    def ground(self) -> Ground:
        """Return the entry as it stood when this was read."""
        return self.book().ground(self.ground_id)

    def element_answers(self) -> dict[str, Answer]:
        """Return the answers given to the elements."""
        return {question: Answer(given) for question, given in self.answers.items()}

    def excluder_answers_given(self) -> dict[str, Answer]:
        """Return the answers given to the excluders."""
        return {question: Answer(given) for question, given in self.excluder_answers.items()}

    def assessment(self) -> Assessment:
        """Return what the answers establish."""
        return assess(self.ground(), self.element_answers(), self.excluder_answers_given())

    @property
    def is_standing(self) -> bool:
        return self.status == self.Status.STANDING

    @property
    def needs_opinion(self) -> bool:
        """Say whether only a jurist can make it stand."""
        return self.assessment().verdict is Verdict.DOUBTFUL and not self.is_upheld


class Decline(Owned):
    """A reason for which a case was not taken further, and the answer prepared for whoever reported."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    jurisdiction = models.CharField(max_length=8, default="fr")
    catalogue_version = models.CharField(max_length=20)
    reason_id = models.CharField(max_length=60, db_comment="entry of that version of the catalogue")
    note = models.TextField(blank=True, db_comment="for the house")
    answer = models.TextField(blank=True, db_comment="as it was read and amended; empty: nothing was answered")
    declined_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    declined_at = models.DateTimeField()
    reopened_at = models.DateTimeField(null=True)

    class Meta(Owned.Meta):
        abstract = False
        ordering: ClassVar = ["-declined_at"]

    def __str__(self) -> str:
        return f"{self.reason_id} ({self.catalogue_version})"

    def reason(self) -> Ground:
        """Return the reason as the catalogue worded it then."""
        return catalogue.load(self.catalogue_version, self.jurisdiction).ground(self.reason_id)


class SecondOpinion(Owned):
    """A question put to a jurist about a case, and what they answered."""

    class Verdict(models.TextChoices):
        UPHELD = "upheld", _("lecture confirmée")
        NOT_UPHELD = "not-upheld", _("lecture non confirmée")
        UNSURE = "unsure", _("ne se prononce pas")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    qualification = models.ForeignKey(Qualification, null=True, on_delete=models.PROTECT, related_name="+")
    question = models.TextField(blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    verdict = models.CharField(max_length=12, choices=Verdict.choices, blank=True)
    opinion = models.TextField(blank=True)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(null=True)
    lapsed_at = models.DateTimeField(null=True, db_comment="the case was settled before anybody answered")

    class Meta(Owned.Meta):
        abstract = False
        ordering: ClassVar = ["-asked_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "case", condition=models.Q(given_at=None, lapsed_at=None), name="one_open_opinion_a_case"
            )
        ]

    def __str__(self) -> str:
        return f"opinion:{self.pk}"

    @property
    def is_open(self) -> bool:
        """Say whether it waits for a jurist."""
        return self.given_at is None and self.lapsed_at is None
