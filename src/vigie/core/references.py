"""References people read aloud: of cases, notices and receipts. Pure."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

# Crockford's alphabet: no I, L, O, U, so that a reference survives a telephone.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CASE_REF = re.compile(r"^D-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$")
NOTICE_REF = re.compile(r"\bN-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b")
RECEIPT_DIGITS = 16

_SOMEBODY_ELSES = re.compile(r"[\w\-#: ]{0,60}")


def without_address(reference: str) -> str:
    """Return somebody else's reference as the journal may keep it: empty when an address could hide in it."""
    return reference if _SOMEBODY_ELSES.fullmatch(reference) else ""


def _random_reference(letter: str) -> str:
    number = secrets.randbits(40)  # eight letters of five bits: the source of chance is asked once
    drawn = "".join(ALPHABET[number >> shift & 31] for shift in range(0, 40, 5))
    return f"{letter}-{drawn[:4]}-{drawn[4:]}"


def new_case_ref() -> str:
    """Return a new case reference, such as `D-7K3M-Q2XA`: drawn at random, so that it betrays no volume."""
    return _random_reference("D")


def new_notice_ref() -> str:
    """Return a new notice reference, such as `N-7K3M-Q2XA`."""
    return _random_reference("N")


def receipt_code(key: bytes, nonce: str) -> str:
    """Return the 16 digits that belong to one form as it was handed out.

    The same form sent twice (a double click, a page reloaded after a crash) gives the same code,
    though the code itself is never stored.
    """
    drawn = hmac.new(key, nonce.encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(drawn[:16], 'big') % 10**RECEIPT_DIGITS:0{RECEIPT_DIGITS}d}"


def spoken_receipt(code: str) -> str:
    """Return the code in four groups of four digits."""
    return " ".join(code[start : start + 4] for start in range(0, RECEIPT_DIGITS, 4))


def typed_receipt(text: str) -> str | None:
    """Return the 16 digits somebody typed, whatever spaces or dashes they put; None when they are not 16."""
    digits = re.sub(r"[\s.\-\u00a0\u202f]", "", text)
    return digits if re.fullmatch(rf"[0-9]{{{RECEIPT_DIGITS}}}", digits) else None


def receipt_digest(key: bytes, code: str) -> str:
    """Return the slow hash under which a receipt code is stored and looked up.

    Keyed by a secret outside the database: a stolen database alone gives nothing to try codes on. With
    the secret too, 10^16 codes at about 3 ms each are still some 900,000 years of one processor. A salt
    for each row would make the look-up impossible; the key plays its part.
    """
    return hashlib.scrypt(code.encode(), salt=key, n=1024, r=8, p=1, dklen=32).hex()
