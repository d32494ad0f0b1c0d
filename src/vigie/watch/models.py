"""Sources, watches, what answered, what was decided of it, and counts without anybody in them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from vigie.casefile.models import Case
from vigie.organisations.tenancy import Owned
from vigie.watch.rules.question import Question
from vigie.watch.rules.values import DecisionKind, DismissReason, Does, SightingState, WatchState


class Campaign(Owned):
    """A watch kept for a time: Games, an election, an attack."""

    name = models.CharField(max_length=80)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta(Owned.Meta):
        abstract = False
        ordering: ClassVar = ["-starts_on", "name"]
        constraints: ClassVar = [models.UniqueConstraint("organisation", "name", name="campaign_name_once")]

    def __str__(self) -> str:
        return self.name


class Source(Owned):
    """One place that is read: which kind, where, how far. Read by one worker at a time, a slice at a time."""

    kind = models.CharField(max_length=20, db_comment="the folder under watch/sources")
    name = models.CharField(max_length=80, db_comment="as the desk calls it")
    settings = models.JSONField(default=dict, db_comment="what was said when it was added, without secrets")
    secret = models.BinaryField(default=b"", db_comment="key or token, sealed with a key outside the database")
    state = models.CharField(max_length=8, default=WatchState.ACTIVE.value)
    created_at = models.DateTimeField()

    cursor = models.JSONField(default=dict, db_comment="how far it was read; changes with the rows it gave, or not")
    turn = models.BigIntegerField(
        default=0, db_comment="of which reading the cursor is: an overtaken one writes nothing"
    )
    due_at = models.DateTimeField(db_comment="of the next reading")
    held_until = models.DateTimeField(null=True, db_comment="somebody is reading it; null: nobody")
    last_read_at = models.DateTimeField(null=True)
    last_post_at = models.DateTimeField(null=True, db_comment="when it last gave something")
    posts_read = models.BigIntegerField(default=0)
    fault = models.CharField(max_length=12, blank=True, db_comment="why it could not be read; empty: it could")
    fault_since = models.DateTimeField(null=True)
    faults = models.PositiveIntegerField(default=0, db_comment="in a row; the pause grows with them")
    is_waiting = models.BooleanField(default=False, db_comment="the wall is full: it is not read until there is room")

    class Meta(Owned.Meta):
        abstract = False
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [models.UniqueConstraint("organisation", "name", name="source_name_once")]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=models.Q(state="active"), name="source_due"),
        ]

    def __str__(self) -> str:
        return self.name


class Allowance(Owned):
    """What was spent on a source in one day or month. Set aside before each call; the database refuses the rest."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="allowances")
    period = models.CharField(max_length=10, db_comment="2026-11 or 2026-11-26, UTC")
    most = models.BigIntegerField(db_comment="units of the source: a thousandth of a cent, a quota unit")
    spent = models.BigIntegerField(default=0)

    class Meta(Owned.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint("source", "period", name="allowance_once"),
            models.CheckConstraint(condition=models.Q(spent__lte=models.F("most")), name="allowance_not_exceeded"),
        ]


class Watch(Owned):
    """Sources, a question, a campaign perhaps, and what to do with what answers."""

    name = models.CharField(max_length=80)
    campaign = models.ForeignKey(Campaign, null=True, on_delete=models.SET_NULL, related_name="watches")
    sources = models.ManyToManyField(Source, through="WatchSource", related_name="watches")
    question = models.JSONField(default=dict, db_comment="see rules/question.py")
    does = models.CharField(max_length=8, default=Does.SHOW.value)
    state = models.CharField(max_length=8, default=WatchState.ACTIVE.value)
    version = models.PositiveIntegerField(default=1, db_comment="grows with each change; sightings keep theirs")
    accounts_reason = models.CharField(max_length=300, blank=True, db_comment="why accounts are watched; required then")
    accounts_until = models.DateField(null=True, db_comment="after that day the accounts are no more asked for")
    changed_at = models.DateTimeField()

    class Meta(Owned.Meta):
        abstract = False
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint("organisation", "name", name="watch_name_once"),
            models.CheckConstraint(
                condition=models.Q(accounts_until__isnull=True) | ~models.Q(accounts_reason=""),
                name="watched_accounts_have_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def sources_asked(self) -> list[Source]:
        """Return its sources, by name; one query."""
        return list(Source.objects.of(self.organisation_id).filter(watches=self))

    def asked(self) -> Question:
        """Return the question as the rules read it."""
        return Question.from_json(self.question)


class WatchSource(Owned):
    """A source that a watch asks."""

    watch = models.ForeignKey(Watch, on_delete=models.CASCADE, related_name="watch_sources")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="watch_sources")

    class Meta(Owned.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint("watch", "source", name="source_once_in_a_watch")]


class Wave(Owned):
    """Posts that say nearly the same. Suggested by their words; goes when its last sighting goes."""

    text = models.TextField(db_comment="of its first post")
    language = models.CharField(max_length=8, blank=True)
    first_at = models.DateTimeField(db_comment="our clock")

    class Meta(Owned.Meta):
        abstract = False


class WaveMark(Owned):
    """One of the few numbers under which a wave is found again."""

    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="marks")
    mark = models.BigIntegerField()

    class Meta(Owned.Meta):
        abstract = False
        indexes: ClassVar = [models.Index(fields=["organisation", "mark"], name="wave_mark")]


class Decision(Owned):
    """What a person made of a wave, so that it can be taken back for a while."""

    kind = models.CharField(max_length=8)
    reason = models.CharField(max_length=12, blank=True)
    member_id = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="+")
    is_new_case = models.BooleanField(default=False)
    count = models.PositiveIntegerField(default=0, db_comment="of posts")

    class Meta(Owned.Meta):
        abstract = False
        indexes: ClassVar = [models.Index(fields=["organisation", "member_id", "-made_at"], name="decision_latest")]


class Sighting(Owned):
    """One post that answered one watch. Forgotten after a time, its author first."""

    watch = models.ForeignKey(Watch, on_delete=models.CASCADE, related_name="sightings")
    version = models.PositiveIntegerField(db_comment="of the watch it answered")
    source = models.ForeignKey(Source, null=True, on_delete=models.SET_NULL, related_name="+")
    wave = models.ForeignKey(Wave, null=True, on_delete=models.SET_NULL, related_name="sightings")
    key = models.CharField(max_length=700)
    platform = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    url = models.TextField()
    text = models.TextField()
    author = models.CharField(max_length=300, blank=True, db_comment="erased after a day unless accounts are watched")
    language = models.CharField(max_length=8, blank=True)
    published_at = models.DateTimeField(null=True, db_comment="by the platform's clock")
    seen_at = models.DateTimeField(db_comment="our clock")
    reach = models.BigIntegerField(null=True, db_comment="how many may have seen it; null is unknown")
    score = models.FloatField()
    targets = models.JSONField(default=list)
    reasons = models.JSONField(default=list, db_comment="why it answered: rules/question.py, Reason")
    detector_version = models.CharField(max_length=120)
    state = models.CharField(max_length=10, default=SightingState.WAITING.value)
    decision = models.ForeignKey(Decision, null=True, on_delete=models.SET_NULL, related_name="sightings")
    gone_at = models.DateTimeField(null=True, db_comment="its author removed it, the source says")

    class Meta(Owned.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint("watch", "key", name="post_once_in_a_watch")]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "state", "seen_at"], name="sighting_wall"),
            models.Index(fields=["organisation", "key"], name="sighting_key"),
            models.Index(fields=["wave", "state"], name="sighting_wave"),
            models.Index(fields=["seen_at"], name="sighting_age"),
            models.Index(fields=["seen_at"], condition=~models.Q(author=""), name="sighting_author"),
        ]


class Sample(Owned):
    """Some of what a source gave in the last day, for «what it would have found yesterday»: words alone, no author, no address."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(db_index=True)
    text = models.TextField()
    language = models.CharField(max_length=8, blank=True)
    reach = models.BigIntegerField(null=True)
    reference = models.CharField(
        max_length=80, db_comment="keyed digest of its address, so that what may not be kept is found and erased"
    )

    class Meta(Owned.Meta):
        abstract = False
        indexes: ClassVar = [models.Index(fields=["source", "-seen_at"], name="sample_latest")]


class Lesson(Owned):
    """A labelled example: what a person said of a text, under which detector. Names called and addresses are taken out."""

    label = models.CharField(max_length=8, db_comment="case or dismiss")
    reason = models.CharField(max_length=12, blank=True)
    text = models.TextField()
    digest = models.CharField(max_length=64, db_comment="SHA-256 of the text as the source gave it")
    language = models.CharField(max_length=8, blank=True)
    platform = models.CharField(max_length=40)
    score = models.FloatField()
    detector_version = models.CharField(max_length=120)
    at = models.DateTimeField()
    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="lessons")

    class Meta(Owned.Meta):
        abstract = False
        indexes: ClassVar = [models.Index(fields=["organisation", "at"], name="lesson_latest")]


class Tally(Owned):
    """How many posts answered in one minute (lately) or hour (before), by source, target or term. Nobody is in it.

    Rows are appended and summed: two readings that end at once never wait for each other.
    """

    watch = models.ForeignKey(Watch, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(db_comment="the beginning of the minute or hour, UTC")
    minutes = models.PositiveSmallIntegerField(db_comment="1 or 60")
    kind = models.CharField(max_length=8, db_comment="source, target, term or all")
    name = models.CharField(max_length=120)
    count = models.PositiveIntegerField()
    folded = models.BooleanField(default=False, db_comment="a minute that is counted in its hour")

    class Meta(Owned.Meta):
        abstract = False
        indexes: ClassVar = [
            models.Index(fields=["organisation", "minutes", "at"], name="tally_time"),
            models.Index(fields=["at"], condition=models.Q(minutes=1, folded=False), name="tally_to_fold"),
        ]


class Surge(Owned):
    """A rise that was called: of what, since when, how many against how many expected."""

    watch = models.ForeignKey(Watch, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8)
    name = models.CharField(max_length=120)
    onset_at = models.DateTimeField(db_comment="when it likely began")
    called_at = models.DateTimeField()
    over_at = models.DateTimeField(null=True)
    seen = models.PositiveIntegerField(db_comment="in the window that called it")
    expected = models.FloatField(db_comment="in the same window")
    window_minutes = models.PositiveSmallIntegerField()
    campaign = models.ForeignKey(Campaign, null=True, on_delete=models.SET_NULL, related_name="+")
    settled_at = models.DateTimeField(null=True, db_comment="a person has seen it and wants no banner")

    class Meta(Owned.Meta):
        abstract = False
        indexes: ClassVar = [
            models.Index(fields=["organisation"], condition=models.Q(over_at__isnull=True), name="surge_open"),
            models.Index(fields=["organisation", "-called_at"], name="surge_latest"),
        ]


class WatchSettings(Owned):
    """What an association set for this room."""

    keep_days = models.PositiveSmallIntegerField(default=7, db_comment="sightings that became no case")

    class Meta(Owned.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint("organisation", name="watch_settings_once")]


DOES_LABELS = {
    Does.SHOW: _("montrer sur le mur des repérages"),
    Does.PROPOSE: _("proposer un dossier, en tête du mur"),
}
REASON_LABELS = {
    DismissReason.NOT_HATEFUL: _("rien de haineux"),
    DismissReason.QUOTED: _("citation, contre-discours ou actualité"),
    DismissReason.OTHER_SENSE: _("le mot a un autre sens ici"),
    DismissReason.LAWFUL: _("blessant, mais permis par la loi"),
    DismissReason.SPAM: _("publicité ou robot"),
    DismissReason.KNOWN: _("déjà traité ailleurs"),
}
DECISION_LABELS = {DecisionKind.CASE: _("dossier"), DecisionKind.DISMISS: _("écarté")}
