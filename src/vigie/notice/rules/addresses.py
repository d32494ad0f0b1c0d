"""By which a platform's answer finds its notice again: subject and Reply-To. Pure."""

from __future__ import annotations

LONGEST_SUBJECT = 300  # characters, as the column has it


def reply_address(mailbox: str, reference: str, *, plus: bool) -> str:
    """Return where answers to the notice are asked for: `local+N-7K3M-Q2XA@domain`.

    Args:
        plus: whether the association's mail server takes plus-addresses; else the plain mailbox, and the
            reference in the subject alone tells the answers apart.
    """
    local, _, domain = mailbox.rpartition("@")
    return f"{local}+{reference}@{domain}" if plus and "+" not in local else mailbox


def subject_with(reference: str, subject: str) -> str:
    """Return the subject with the reference in it, put in front when a person took it out."""
    one_line = " ".join(subject.split())
    # No brackets: the check would take them for a passage still to be filled in.
    return one_line if reference in one_line else f"{reference} · {one_line}"[:LONGEST_SUBJECT]
