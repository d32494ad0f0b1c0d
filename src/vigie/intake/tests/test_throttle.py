"""Who may try a receipt code how often, and what is kept of where they come from."""

from __future__ import annotations

import base64
import time
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest
from django.test import Client, RequestFactory, override_settings

from vigie.intake.tests.builders import received_and_filed
from vigie.intake.web.throttle import TooManyTries, count_failure, refuse_if_too_many
from vigie.organisations.tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db

WRONG = {"code": "1234 5678 9012 3456"}


def asked(address: str) -> HttpRequest:
    return RequestFactory().post("/suivi", REMOTE_ADDR=address)


def is_refused(address: str) -> bool:
    try:
        refuse_if_too_many(asked(address))
    except TooManyTries:
        return True
    return False


def fail(address: str, times: int) -> None:
    for _ in range(times):
        count_failure(asked(address))


def test_the_errors_of_many_shut_out_nobody_else() -> None:
    for network in range(310):
        fail(f"10.{network // 256}.{network % 256}.1", 1)
    assert not is_refused("192.0.2.7")


def test_slow_errors_do_not_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve wrong codes, one every two minutes: at no time ten in ten minutes."""
    clock = [1_800_000_000.0]
    stands = SimpleNamespace(time=lambda: clock[0], monotonic=time.monotonic, sleep=time.sleep)
    monkeypatch.setattr("allauth.core.internal.ratelimit.time", stands)
    for _ in range(12):
        assert not is_refused("192.0.2.7")
        fail("192.0.2.7", 1)
        clock[0] += 120
    fail("192.0.2.7", 6)
    assert is_refused("192.0.2.7")
    clock[0] += 601
    assert not is_refused("192.0.2.7")


def test_whoever_owns_a_network_has_no_more_tries_for_it() -> None:
    fail("2001:db8:1:1::1", 10)
    assert is_refused("2001:db8:1:1:abcd::9"), "the same line, by another of its addresses"
    assert not is_refused("2001:db8:1:2::1"), "the neighbour's line"
    for line in range(2, 11):
        fail(f"2001:db8:1:{line}::1", 10)
    assert is_refused("2001:db8:1:99::1")
    assert not is_refused("2001:db8:2:1::1")
    fail("::ffff:192.0.2.7", 10)
    assert is_refused("192.0.2.7")
    assert not is_refused("::ffff:198.51.100.7")


def test_a_flood_of_other_counts_washes_none_away() -> None:
    fail("192.0.2.7", 10)
    for n in range(400):
        cache.set(f"zz{n}", n, timeout=600)
    assert is_refused("192.0.2.7")


def test_a_forged_header_is_nothing(cast: Cast) -> None:
    browser = Client()
    statuses = [
        browser.post(
            "/suivi", WRONG, headers={"X-Forwarded-For": f"198.51.{n}.1", "X-Real-IP": f"198.51.{n}.2"}
        ).status_code
        for n in range(11)
    ]  # fmt: skip
    assert statuses == [422] * 10 + [429]


@pytest.mark.parametrize(
    ("proxies", "before", "after"),
    [(1, "203.0.113.{n}, ", ""), (2, "203.0.113.{n}, ", ", 10.0.0.2")],
    ids=["one proxy", "two proxies"],
)
def test_behind_proxies_the_address_counts_that_the_outermost_saw(
    cast: Cast, proxies: int, before: str, after: str
) -> None:
    def tries(address: str, n: int) -> int:
        said = f"{before.format(n=n)}{address}{after}"
        return Client(REMOTE_ADDR="10.0.0.1").post("/suivi", WRONG, headers={"X-Forwarded-For": said}).status_code

    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=proxies):
        assert [tries("198.51.100.7", n) for n in range(11)] == [422] * 10 + [429]
        assert tries("192.0.2.9", 1) == 422


@override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=2)
def test_who_comes_around_the_proxies_is_counted_with_all_who_do(cast: Cast) -> None:
    said = [{"X-Forwarded-For": f"198.51.{n}.1"} for n in range(11)]
    assert [Client().post("/suivi", WRONG, headers=one).status_code for one in said] == [422] * 10 + [429]


@override_settings(ALLAUTH_TRUSTED_CLIENT_IP_HEADER="X-Real-IP")
def test_the_header_of_a_proxy_that_names_the_visitor_alone_is_believed_when_it_is_set(cast: Cast) -> None:
    assert Client().post("/suivi", WRONG, headers={"X-Real-IP": "no address"}).status_code == 422
    for _ in range(10):
        Client().post("/suivi", WRONG, headers={"X-Real-IP": "198.51.100.7"})
    assert Client().post("/suivi", WRONG, headers={"X-Real-IP": "198.51.100.7"}).status_code == 429
    assert Client().post("/suivi", WRONG, headers={"X-Real-IP": "198.51.101.7"}).status_code == 422


@override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1)
def test_log_ins_behind_a_proxy_are_counted_for_each_visitor(cast: Cast) -> None:
    member = cast.chloe.member
    member.set_password(PASSWORD)
    member.save()

    def log_in(address: str, email: str, password: str) -> int:
        given = {"login": email, "password": password}
        return Client().post("/compte/login/", given, headers={"X-Forwarded-For": address}).status_code

    for n in range(11):
        log_in("198.51.100.7", f"personne{n}@essai.example", "non")
    assert log_in("198.51.100.7", member.email, PASSWORD) == 200, "refused, though the password is right"
    assert log_in("192.0.2.9", member.email, PASSWORD) == 302


def test_no_address_is_kept_of_who_tried(cast: Cast) -> None:
    received_and_filed(cast.public, "https://forum.example/1")
    Client(REMOTE_ADDR="192.0.2.77").post("/suivi", WRONG)
    Client(REMOTE_ADDR="192.0.2.77").post("/compte/login/", {"login": "a@b.example", "password": "non"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM vigie_cache")
        rows = cursor.fetchall()
    assert len(rows) >= 2
    for key, value in rows:
        assert "192.0.2" not in key
        assert b"192.0.2" not in base64.b64decode(value)
