"""What is never visited, whichever way the address leads there."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.core.environment import Environment
from vigie.evidence.guard import NOT_PUBLIC, Blocked, Guard, require_public
from vigie.evidence.means import Means
from vigie.evidence.tests.hostile_server import closed_port, hostile_server


def means(**settings: str) -> Means:
    return Means.from_environment(Environment(settings))


def refusal(url: str, **answers: list[str]) -> str:
    guard = Guard(lookup=lambda host, port: answers.get(host.replace(".", "_"), [host]))
    with pytest.raises(Blocked) as caught:
        guard.resolve(guard.target(url))
    return caught.value.reason.code


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://forum.example/", "not_web"),
        ("file:///etc/passwd", "not_web"),
        ("javascript:alert(1)", "not_web"),
        ("gopher://forum.example:70/", "not_web"),
        ("forum.example/fil", "not_an_address"),
        ("http://", "not_an_address"),
        ("https://forum.example/\r\nHost: interne", "not_an_address"),
        ("https://amina@forum.example/", "credentials"),
        ("https://amina:secret@forum.example/", "credentials"),
        ("https://@forum.example/", "credentials"),
        ("https://forum.example:22/", "port"),
        ("http://forum.example:6379/", "port"),
        ("http://forum.example:25/", "port"),
    ],
)
def test_an_address_that_is_not_of_the_web_is_refused_before_any_look_up(url: str, code: str) -> None:
    asked: list[str] = []
    guard = Guard(lookup=lambda host, port: asked.append(host) or [])
    with pytest.raises(Blocked) as caught:
        guard.target(url)
    assert caught.value.reason.code == code
    assert asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://017700000001/",
        "http://0/", "http://１２７.０.０.１/", "http://10.1.2.3/", "http://172.16.0.1/", "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/", "http://100.100.100.200/", "http://168.63.129.16/",
        "http://192.0.2.7/", "http://198.18.0.1/", "http://224.0.0.1/", "http://255.255.255.255/",
        "http://[::1]/", "http://[::]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/",
        "http://[::127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[64:ff9b::169.254.169.254]/",
        "http://[64:ff9b:1::1]/", "http://[2002:7f00:1::1]/", "http://[2001:0:7f00:1::]/", "http://[fd00:ec2::254]/",
        "http://[fe80::1]/", "http://[fec0::1]/", "http://[ff02::1]/", "http://[2001:db8::1]/", "http://[5f00::1]/",
    ],
)  # fmt: skip
def test_an_internal_or_reserved_address_is_refused_in_every_spelling(url: str) -> None:
    guard = Guard()
    with pytest.raises(Blocked) as caught:
        guard.connect(guard.target(url))
    assert caught.value.reason.code == "internal_address"


def test_a_name_is_judged_by_where_it_leads_and_one_bad_answer_refuses_all() -> None:
    assert refusal("https://mauvais.example/", mauvais_example=["10.0.0.5"]) == "internal_address"
    assert refusal("https://double.example/", double_example=["93.184.215.14", "127.0.0.1"]) == "internal_address"
    assert refusal("https://six.example/", six_example=["::ffff:192.168.0.1"]) == "internal_address"
    assert refusal("https://zone.example/", zone_example=["fe80::1%eth0"]) == "internal_address"
    assert refusal("https://rien.example/", rien_example=[]) == "unknown_host"


def test_a_public_address_passes() -> None:
    guard = Guard(lookup=lambda host, port: ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
    assert len(guard.resolve(guard.target("https://forum.example/fil/12?x=é#bas"))) == 2
    require_public("64:ff9b::5db8:d70e", "forum.example")  # an IPv4 site seen from an IPv6-only network


def test_this_machines_own_public_addresses_are_internal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vigie.core.guard.own_addresses", lambda: frozenset({"93.184.215.14"}))
    with pytest.raises(Blocked, match="internal"):
        require_public("93.184.215.14", "bureau.example")


def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    """DNS rebinding: the second answer, an internal one, is never asked for."""
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])
    connected: list[str] = []

    guard = Guard(lookup=lambda host, port: next(answers))
    target = guard.target("http://change.example:8080/")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "vigie.core.guard.socket.create_connection",
            lambda address, timeout: connected.append(address[0]) or _refuse(),
        )
        with pytest.raises(Blocked):
            guard.connect(target, seconds=1)
    assert connected == ["93.184.215.14"]


def _refuse() -> None:
    raise ConnectionRefusedError


@given(st.sampled_from(NOT_PUBLIC), st.integers(min_value=0))
def test_no_address_of_a_special_network_passes(network: object, offset: int) -> None:
    address = network[offset % network.num_addresses]  # type: ignore[index, attr-defined]
    with pytest.raises(Blocked):
        require_public(str(address), "x.example")


def test_the_test_exception_opens_one_written_host_and_port_and_nothing_else() -> None:
    with hostile_server() as server:
        guard = means(VIGIE_CAPTURE_ALLOW_HOSTS_FOR_TESTS=f"{server.host}, agora.test:1").guard()
        guard.connect(guard.target(server.url())).close()
        assert guard.reached == {server.host: "127.0.0.1"}
        for other in (f"http://localhost:{server.server_port}/", f"http://127.0.0.1:{closed_port()}/"):
            with pytest.raises(Blocked):
                guard.connect(guard.target(other))


def test_without_the_exception_the_same_server_is_refused() -> None:
    with hostile_server() as server:
        guard = means().guard()
        with pytest.raises(Blocked):
            guard.connect(guard.target(server.url()))
        assert server.asked == []


def test_a_look_up_that_never_ends_is_given_up() -> None:
    guard = Guard(lookup=lambda host, port: threading.Event().wait(5) or ["93.184.215.14"])
    with pytest.raises(Blocked) as caught:
        guard.resolve(guard.target("https://lent.example/"), seconds=0.1)
    assert caught.value.reason.code == "unknown_host"
