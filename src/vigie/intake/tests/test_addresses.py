"""What people type where addresses are asked for: nothing is lost, nothing is taken twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.intake.rules.addresses import read_typed

ADDRESSES = st.sampled_from(
    ["https://x.com/essai/status/12", "http://agora.example/p/3?a=b&c=d", "t.me/essai/4", "hxxps://forum[.]example/5"]
)
BETWEEN = st.sampled_from([" ", ", ", "\n", "\r\n", "\n\n", " ; ", "\t"])


@pytest.mark.parametrize(
    ("typed", "addresses", "words"),
    [
        ("", [], ""),
        ("https://a.example/1\nhttps://a.example/2", ["https://a.example/1", "https://a.example/2"], ""),
        ("https://a.example/1 https://a.example/1", ["https://a.example/1"], ""),
        ("- https://a.example/1,\n<https://a.example/2>", ["https://a.example/1", "https://a.example/2"], ""),
        ("regardez https://a.example/1 !", ["https://a.example/1"], "regardez https://a.example/1 !"),
        ("le compte de @essai sur X", ["le compte de @essai sur X"], ""),
        ("exemple.fr", ["exemple.fr"], ""),
    ],
)
def test_what_is_typed_is_read(typed: str, addresses: list[str], words: str) -> None:
    read = read_typed(typed)
    assert (read.addresses, read.words) == (addresses, words)


@given(st.lists(st.tuples(ADDRESSES, BETWEEN), min_size=1))
def test_each_address_is_found_once_in_its_order(given_: list[tuple[str, str]]) -> None:
    read = read_typed("".join(address + between for address, between in given_))
    expected = list(dict.fromkeys(address for address, _ in given_))
    assert [address.replace("hxxps://forum[.]", "https://forum.") for address in read.addresses] == [
        address.replace("hxxps://forum[.]", "https://forum.") for address in expected
    ]
    assert read.words == ""


@given(st.text(max_size=400))
def test_no_line_is_lost_whatever_is_typed(typed: str) -> None:
    read = read_typed(typed)
    assert len(set(read.addresses)) == len(read.addresses)
    lines = [line.strip() for line in typed.splitlines() if line.strip()]
    assert len(lines) == 0 or read.addresses
    for line in lines:
        assert line in read.addresses or line in read.words.splitlines() or any(a in line for a in read.addresses)
