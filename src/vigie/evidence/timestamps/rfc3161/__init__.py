"""Ask an RFC 3161 authority for a timestamp over some bytes, and check one.

Two independent readers check a token: `rfc3161-client` and the `openssl` program. The trap: some authorities
(OpenSSL's own among them, openssl#13142) write their certificates in an order that strict DER forbids, and
`rfc3161-client` then refuses to read a token that is good. The raw answer is kept whatever happens, and
`openssl ts -verify` decides where the first reader cannot read.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client.tsp import TimeStampResponse

from vigie.evidence.timestamps.authority import Authority

MAX_TOKEN_BYTES = 100_000
ASK_SECONDS = 15.0


class TimestampError(Exception):
    """No usable token; the message says what happened. `permanent` says whether asking again is useless."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


@dataclass(frozen=True)
class CheckedTimestamp:
    """What a token that holds says."""

    at: datetime  # by the authority's clock, UTC
    authority: str  # the name in its certificate; "" when only openssl could read the token
    readers: tuple[str, ...]  # which of the two readers accepted it


def ask(data: bytes, authority: Authority) -> bytes:
    """Return the authority's raw answer over `data`, checked against its root before it is returned.

    Raises:
        TimestampError: no answer, a refusal, or a token that does not hold.
    """
    request = (
        TimestampRequestBuilder()
        .data(data)
        .hash_algorithm(HashAlgorithm.SHA256)
        .nonce(nonce=True)
        .cert_request(cert_request=True)
        .build()
    )
    try:
        # The address is set by whoever runs the installation, not by a stranger: no gate is needed.
        answer = httpx.post(
            authority.url,
            content=request.as_bytes(),
            headers={"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"},
            timeout=ASK_SECONDS,
            trust_env=False,
        )
    except httpx.HTTPError as error:
        raise TimestampError(f"{authority.host}: {type(error).__name__}") from error
    if answer.status_code != 200:
        raise TimestampError(f"{authority.host}: HTTP {answer.status_code}", permanent=400 <= answer.status_code < 500)
    if len(answer.content) > MAX_TOKEN_BYTES:
        raise TimestampError(f"{authority.host}: answer too long", permanent=True)
    check(answer.content, data, roots=authority.root.read_bytes(), nonce=request.nonce)
    return answer.content


def check(token: bytes, data: bytes, *, roots: bytes, nonce: int | None = None) -> CheckedTimestamp:
    """Return what `token` proves about `data` under the PEM certificates `roots`.

    Raises:
        TimestampError: the token does not hold, or nobody here can read it.
    """
    certificates = _load(roots)
    try:
        response = decode_timestamp_response(token)
    except ValueError as unreadable:
        return _second_opinion(token, data, roots, str(unreadable))
    builder = VerifierBuilder(roots=list(certificates), nonce=nonce)
    try:
        builder.build().verify_message(response, data)
    except (VerificationError, ValueError) as refused:
        raise TimestampError(f"the token does not hold: {refused}", permanent=True) from refused
    readers = ["rfc3161-client"]
    if shutil.which("openssl"):
        _openssl(token, data, roots)
        readers.append("openssl")
    return CheckedTimestamp(
        at=response.tst_info.gen_time.astimezone(UTC), authority=_signer(response), readers=tuple(readers)
    )


def _load(roots: bytes) -> Sequence[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(roots)
    except ValueError as error:
        raise TimestampError("the authority's root certificate is not a PEM certificate", permanent=True) from error


def _signer(response: TimeStampResponse) -> str:
    (signer,) = response.signed_data.signer_infos
    for der in response.signed_data.certificates:
        certificate = x509.load_der_x509_certificate(der)
        if certificate.serial_number == signer.serial_number and certificate.issuer == signer.issuer:
            names = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
            return str(names[0].value) if names else certificate.subject.rfc4514_string()
    return ""


def _second_opinion(token: bytes, data: bytes, roots: bytes, why: str) -> CheckedTimestamp:
    if not shutil.which("openssl"):
        raise TimestampError(f"the token cannot be read here ({why}); install openssl for a second opinion")
    return CheckedTimestamp(at=_openssl(token, data, roots), authority="", readers=("openssl",))


def _openssl(token: bytes, data: bytes, roots: bytes) -> datetime:
    """Return the time `openssl` reads in a token that it accepts."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, content in (("token", token), ("data", data), ("roots", roots)):
            (folder / file).write_bytes(content)
        at = _openssl_time(_run("-reply", "-in", str(folder / "token"), "-text"))
        # The certificates need be valid when the token was made, not today.
        _run(
            "-verify", "-in", str(folder / "token"), "-data", str(folder / "data"),
            "-CAfile", str(folder / "roots"), "-attime", str(int(at.timestamp())),
        )  # fmt: skip
        return at


def _run(*arguments: str) -> str:
    done = subprocess.run(
        ["openssl", "ts", *arguments],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"},
    )
    if done.returncode != 0:
        reason = next((line for line in done.stderr.splitlines() if ":" in line), "refused")
        raise TimestampError(f"openssl: {reason[-200:]}", permanent=True)
    return done.stdout


def _openssl_time(text: str) -> datetime:
    line = next((line for line in text.splitlines() if line.startswith("Time stamp:")), "")
    stamp = " ".join(line.removeprefix("Time stamp:").split()).removesuffix(" GMT")
    head, _, fraction = stamp.partition(".")
    if fraction:  # «Nov  4 10:15:00.250 2026»: whole seconds are enough
        head = f"{head} {fraction.partition(' ')[2]}"
    try:
        return datetime.strptime(head, "%b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    except ValueError as error:
        raise TimestampError("openssl gave no readable time", permanent=True) from error
