"""Verbs of intake: a report is received, sorted into cases, referred, answered."""

from vigie.intake.actions.conversation import add_reporter_message, answer_reporter
from vigie.intake.actions.filing import file_next, file_report
from vigie.intake.actions.held import settle_held
from vigie.intake.actions.identity import open_identity
from vigie.intake.actions.receiving import Received, receive_report, report_of_receipt
from vigie.intake.actions.referral import lift_referral, settle_referral

__all__ = [
    "Received",
    "add_reporter_message",
    "answer_reporter",
    "file_next",
    "file_report",
    "lift_referral",
    "open_identity",
    "receive_report",
    "report_of_receipt",
    "settle_held",
    "settle_referral",
]
