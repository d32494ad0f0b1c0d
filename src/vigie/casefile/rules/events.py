"""The vocabulary of the journal: everything that can happen, by name. Pure.

Each has its heading in docs/reference/journal.md. What an event does to the state of a case is said in
`state.apply`; most only bear witness.
"""

from enum import StrEnum


class Event(StrEnum):
    # doors
    REPORT_RECEIVED = "report.received"
    REPORT_JOINED = "report.joined"  # a report was filed into this case
    REPORT_REFERRED = "report.referred"  # child abuse: the address alone, for referral
    REPORT_SETTLED = "report.settled"  # a person dealt with one that was held back in a flood
    REFERRAL_MADE = "referral.made"  # child abuse: a person gave the address to an authority
    REFERRAL_LIFTED = "referral.lifted"  # a person said that it is not child abuse
    REPORT_PURGED = "report.purged"
    MESSAGE_RECEIVED = "message.received"  # from the person who reported
    MESSAGE_SENT = "message.sent"  # to them
    IDENTITY_OPENED = "identity.opened"
    IDENTITY_ERASED = "identity.erased"  # after its time, or because the person asked
    IMPORT_DONE = "import.done"
    IMPORT_UNDONE = "import.undone"
    MAIL_KEPT = "mail.kept"
    MAIL_TO_TRAY = "mail.to-tray"
    MAIL_SETTLED = "mail.settled"  # a person dealt with what lay in the tray
    # the case
    CASE_OPENED = "case.opened"
    CASE_CLAIMED = "case.claimed"
    CASE_RELEASED = "case.released"
    CASE_ASSIGNED = "case.assigned"
    CASE_DANGER_SET = "case.danger-set"
    CASE_CLOSED = "case.closed"
    CASE_REOPENED = "case.reopened"
    STATE_RESTORED = "case.state-restored"  # an undo: the state before a bulk action
    CASE_JOINED = "case.joined"  # another case is handled in this one from now on
    CASE_PARTED = "case.parted"  # and no longer
    CONTENT_ADDED = "content.added"
    CONTENT_REMOVED = "content.removed"
    CONTENT_TEXT_RECORDED = "content.text-recorded"
    CONTENT_PUBLISHED_AT_SET = "content.published-at-set"
    CONTENT_NEVER_FETCH = "content.never-fetch"
    LIMITATION_COUNTED = "limitation.counted"
    # evidence
    CAPTURE_ASKED = "capture.asked"
    CAPTURE_DONE = "capture.done"
    CAPTURE_PARTIAL = "capture.partial"
    CAPTURE_FAILED = "capture.failed"
    CAPTURE_ERASED = "capture.erased"  # of what may not be kept
    FILE_KEPT = "file.kept"
    # the legal reading
    READING_SAVED = "reading.saved"
    QUALIFIED = "reading.qualified"
    DECLINED = "reading.declined"
    SECOND_OPINION_ASKED = "reading.second-opinion-asked"
    SECOND_OPINION_GIVEN = "reading.second-opinion-given"
    READING_REOPENED = "reading.reopened"
    # the notice
    NOTICE_DRAFTED = "notice.drafted"
    NOTICE_CHECKED = "notice.checked"
    NOTICE_APPROVED = "notice.approved"
    NOTICE_QUEUED = "notice.queued"
    NOTICE_SENT = "notice.sent"
    NOTICE_SENT_BY_HAND = "notice.sent-by-hand"
    NOTICE_FAILED = "notice.failed"
    NOTICE_UNKNOWN = "notice.unknown"
    NOTICE_UNKNOWN_SETTLED = "notice.unknown-settled"
    NOTICE_WITHDRAWN = "notice.withdrawn"
    PHAROS_REFERENCE_NOTED = "pharos.reference-noted"
    # other mail that left the house (answers to people, reminders)
    MAIL_QUEUED = "mail.queued"
    MAIL_SENT = "mail.sent"
    MAIL_FAILED = "mail.failed"
    MAIL_UNKNOWN = "mail.unknown"
    MAIL_UNKNOWN_SETTLED = "mail.unknown-settled"
    # follow-up
    REPLY_RECEIVED = "reply.received"
    REPLY_READ = "reply.read"
    CHECK_DONE = "check.done"
    ONLINE_CHANGED = "online.changed"
    REMINDER_DUE = "reminder.due"
    REMINDER_SENT = "reminder.sent"
    REMINDER_SETTLED = "reminder.settled"
    # the watch
    WATCH_SAVED = "watch.saved"
    WATCH_PAUSED = "watch.paused"
    WATCH_RESUMED = "watch.resumed"
    WATCH_SOURCE_SAVED = "watch.source-saved"
    CAMPAIGN_BEGUN = "watch.campaign-begun"
    SURGE_CALLED = "watch.surge-called"
    SURGE_SETTLED = "watch.surge-settled"  # a person has seen it
    # the lexicon, and what the house learns
    LEXICON_TERM_SAVED = "lexicon.term-saved"
    EMERGING_SETTLED = "lexicon.emerging-settled"  # a word that rises was put away, or brought back
    DETECTOR_SCALED = "lexicon.detector-scaled"  # scores were put on a scale fitted to decisions, or back
    # the house
    MEMBER_JOINED = "member.joined"
    MEMBER_CHANGED = "member.changed"
    MEMBER_LEFT = "member.left"
    TOKEN_MADE = "token.made"  # noqa: S105 the name of an event
    TOKEN_REVOKED = "token.revoked"  # noqa: S105 the name of an event
    SETTINGS_CHANGED = "settings.changed"
    FIGURES_EXPORTED = "figures.exported"
