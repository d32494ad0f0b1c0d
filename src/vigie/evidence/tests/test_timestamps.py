"""Timestamps by a real local authority, read by two independent readers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from vigie.evidence.tests.hostile_server import closed_port, hostile_server
from vigie.evidence.tests.local_tsa import local_tsa
from vigie.evidence.timestamps.authority import Authority
from vigie.evidence.timestamps.rfc3161 import TimestampError, ask, check

DATA = b'{"files":[]}'


def test_a_token_holds_for_its_data_under_its_root_alone(tmp_path: Path) -> None:
    with local_tsa(tmp_path / "tsa") as tsa, local_tsa(tmp_path / "other") as other:
        token = ask(DATA, tsa.authority)
        checked = check(token, DATA, roots=tsa.root.read_bytes())
        assert checked.authority == "Horodatage de test"
        assert checked.readers == ("rfc3161-client", "openssl")
        assert abs(checked.at - datetime.now(UTC)) < timedelta(seconds=10)
        with pytest.raises(TimestampError, match="does not hold"):
            check(token, DATA + b" ", roots=tsa.root.read_bytes())
        with pytest.raises(TimestampError, match="does not hold"):
            check(token, DATA, roots=other.root.read_bytes())


def test_a_token_with_unsorted_certificates_is_judged_by_openssl(tmp_path: Path) -> None:
    """The set is unsorted or not by chance of the keys: authorities are made until one shows the trap."""
    for number in range(12):
        with local_tsa(tmp_path / str(number), with_chain=True) as tsa:
            token = ask(DATA, tsa.authority)
            checked = check(token, DATA, roots=tsa.root.read_bytes())
            assert "openssl" in checked.readers
            if checked.readers == ("openssl",):
                with pytest.raises(TimestampError, match="openssl"):
                    check(token, DATA + b"x", roots=tsa.root.read_bytes())
                assert abs(checked.at - datetime.now(UTC)) < timedelta(seconds=10)
                return
    pytest.fail("no authority produced the unsorted set")


def test_what_is_no_token_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with local_tsa(tmp_path) as tsa, hostile_server() as server:
        tsa.is_failing = True
        with pytest.raises(TimestampError, match="HTTP 500"):
            ask(DATA, tsa.authority)
        with pytest.raises(TimestampError, match="ConnectError"):
            ask(DATA, Authority(url=f"http://127.0.0.1:{closed_port()}/", root=tsa.root))

        def not_a_token(handler: object) -> None: ...

        server.pages["/tsa"] = not_a_token
        with pytest.raises(TimestampError):
            ask(DATA, Authority(url=server.url("/tsa"), root=tsa.root))
        with pytest.raises(TimestampError, match="openssl"):
            check(b"not a token", DATA, roots=tsa.root.read_bytes())
        with pytest.raises(TimestampError, match="PEM"):
            check(b"", DATA, roots=b"not a certificate")
