"""Verbs of intake: a report is received, sorted into cases, referred, answered."""

from vigie.intake.actions.filing import file_next, file_report
from vigie.intake.actions.receiving import Received, receive_report, stored_receipt

__all__ = ["Received", "file_next", "file_report", "receive_report", "stored_receipt"]
