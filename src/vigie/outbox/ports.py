"""What the outbox needs from outside: something that hands a message over."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from typing import Protocol


class Transport(Protocol):
    def send(self, message: EmailMessage, *, before_handover: Callable[[], None]) -> str:
        """Hand `message` over and return what the other side answered.

        Args:
            before_handover: called once, when the other side has agreed to take the text and before its first
                byte leaves; it records that the fate is in the balance.

        Raises:
            SendFailed: the other side certainly does not have it.
            FateUnknown: it may have it.
        """
