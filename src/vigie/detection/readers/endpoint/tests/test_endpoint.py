"""A server that answers like OpenAI's: asked within a pace, a time and a budget, and never without leave."""

from __future__ import annotations

import json
import multiprocessing
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from vigie.core.errors import BadSetting, UnusableInput
from vigie.detection.readers.endpoint.reader import ATTEMPTS, TEXTS_A_CALL, Endpoint
from vigie.detection.readers.ledger import FILE, BudgetSpent, Ledger
from vigie.detection.readers.ports import Unread
from vigie.detection.readers.settings import Budget, OfAddress, Price

ASK = "/v1/chat/completions"


class Time:
    """A clock that moves only when somebody waits."""

    def __init__(self) -> None:
        self.now, self.waited = 1_780_000_000.0, list[float]()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds


def answer(content: object, *, given: int = 100, answered: int = 10) -> dict[str, object]:
    text = content if isinstance(content, str) else json.dumps(content)
    return {
        "choices": [{"message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": given, "completion_tokens": answered},
    }


def scored(request: Request) -> Response:
    """Answer 0.9 to what says «zorble», 0.1 to the rest."""
    texts = json.loads(json.loads(request.data)["messages"][1]["content"])["texts"]
    said = answer({"scores": [0.9 if "zorble" in text else 0.1 for text in texts]})
    return Response(json.dumps(said), content_type="application/json")


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def ask(httpserver: HTTPServer, tmp_path: Path, time: Time) -> Callable[..., Endpoint]:
    def build(**changes: object) -> Endpoint:
        choice = OfAddress(httpserver.url_for("/v1"), "essai-7b", may_leave=True, seconds=5)
        ledger = Ledger(tmp_path, now=time)
        return Endpoint(replace(choice, **changes), ledger, sleep=time.sleep, clock=time)  # type: ignore[arg-type]

    return build


Ask = Callable[..., Endpoint]


def test_texts_are_asked_a_few_at_a_time_without_what_names_somebody(
    httpserver: HTTPServer, ask: Ask, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("sk-essai\n")
    httpserver.expect_request(ASK, method="POST", headers={"Authorization": "Bearer sk-essai"}).respond_with_handler(
        scored
    )
    texts = ["un zorble, @amina !", *["bonjour"] * TEXTS_A_CALL]
    readings = ask(key_file=tmp_path / "key", price=Price(1, 2)).scores(texts)
    assert readings.scores == [0.9, *[0.1] * TEXTS_A_CALL]
    assert (readings.tokens, readings.euros) == (220, 0.00024)
    sent = [json.loads(request.data) for request, _ in httpserver.log]
    assert len(sent) == 2
    assert "un zorble, [compte] !" in sent[0]["messages"][1]["content"]
    assert "amina" not in json.dumps(sent)
    assert (sent[0]["model"], sent[0]["temperature"], sent[0]["response_format"]) == (
        "essai-7b",
        0,
        {"type": "json_object"},
    )


def test_nothing_leaves_without_leave(httpserver: HTTPServer, ask: Ask) -> None:
    httpserver.expect_request(ASK).respond_with_handler(scored)
    with pytest.raises(BadSetting, match="VIGIE_SECOND_MAY_LEAVE=yes"):
        ask(may_leave=False).scores(["bonjour"])
    assert httpserver.log == []
    assert ask().scores(["bonjour"]).scores == [0.1]


@pytest.mark.parametrize(
    ("headers", "waited"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"x-ratelimit-reset-requests": "1m2.5s"}, 62.5),
        ({"x-ratelimit-reset-tokens": "250ms"}, 0.25),
        ({"Retry-After": "soon"}, 1.0),
        ({}, 1.0),
    ],
)
def test_a_server_that_says_when_is_asked_again_then(
    httpserver: HTTPServer, ask: Ask, time: Time, headers: dict[str, str], waited: float
) -> None:
    httpserver.expect_ordered_request(ASK).respond_with_data("slow down", status=429, headers=headers)
    httpserver.expect_ordered_request(ASK).respond_with_handler(scored)
    readings = ask().scores(["un zorble"])
    assert (readings.scores, readings.tokens, time.waited) == ([0.9], 110, [waited])


def test_one_that_stays_at_fault_is_left_alone_for_a_while(httpserver: HTTPServer, ask: Ask, time: Time) -> None:
    httpserver.expect_request(ASK).respond_with_data("out of order", status=503)
    reader = ask()
    assert reader.scores(["a"] * (TEXTS_A_CALL + 1)).scores == [Unread.BUSY] * (TEXTS_A_CALL + 1)
    assert (len(httpserver.log), time.waited) == (ATTEMPTS, [1.0, 2.0, 4.0])
    time.now += 61
    httpserver.clear()
    httpserver.expect_request(ASK).respond_with_handler(scored)
    assert reader.scores(["a"]).scores == [0.1]


def test_waiting_ends_when_the_time_of_the_asker_does(httpserver: HTTPServer, ask: Ask, time: Time) -> None:
    httpserver.expect_request(ASK).respond_with_data("slow down", status=429, headers={"Retry-After": "30"})
    assert ask().scores(["a"], until=time.now + 20).scores == [Unread.BUSY]
    assert (len(httpserver.log), time.waited) == (1, [])


def test_when_time_is_up_nothing_more_is_asked(httpserver: HTTPServer, ask: Ask, time: Time) -> None:
    def take_three_seconds(request: Request) -> Response:
        time.now += 3
        return scored(request)

    httpserver.expect_request(ASK).respond_with_handler(take_three_seconds)
    scores = ask().scores(["a"] * TEXTS_A_CALL * 3, until=time.now + 6.5).scores
    assert scores == [0.1] * TEXTS_A_CALL * 2 + [Unread.SLOW] * TEXTS_A_CALL
    assert len(httpserver.log) == 2


def test_a_server_that_is_silent_slow_or_not_there_costs_no_more_than_its_time(
    httpserver: HTTPServer, ask: Ask, time: Time
) -> None:
    assert ask(address="http://127.0.0.1:9/v1").scores(["a"]).scores == [Unread.UNREACHED]
    given_up = threading.Event()

    def say_nothing(request: Request) -> Response:
        given_up.wait(30)
        return scored(request)

    httpserver.expect_oneshot_request(ASK).respond_with_handler(say_nothing)
    assert ask(seconds=1).scores(["a"], until=time.now + 1).scores == [Unread.UNREACHED]
    given_up.set()

    def drag_on(request: Request) -> Response:
        time.now += 6  # more than `seconds`
        return scored(request)

    httpserver.expect_request(ASK).respond_with_handler(drag_on)
    assert ask().scores(["a"]).scores == [Unread.UNREACHED]


@pytest.mark.parametrize(
    "nonsense",
    [
        "I cannot help with that.", {"scores": [0.5]}, {"scores": [0.5, 1.5]}, {"scores": [0.5, True]}, {"score": 1},
        {"scores": [0.5, "0.2"]}, {"scores": [0.5, float("nan")]}, [0.5, 0.5], "",
    ],
)  # fmt: skip
def test_what_is_not_the_scores_asked_for_is_no_score(httpserver: HTTPServer, ask: Ask, nonsense: object) -> None:
    httpserver.expect_request(ASK).respond_with_json(answer(nonsense))
    assert ask().scores(["a", "b"]).scores == [Unread.NONSENSE] * 2


def test_json_within_a_fence_is_json(httpserver: HTTPServer, ask: Ask) -> None:
    httpserver.expect_request(ASK).respond_with_json(answer('```json\n{"scores": [0.25]}\n```'))
    assert ask().scores(["a"]).scores == [0.25]


@pytest.mark.parametrize(
    "body", ["<html>", "[]", '{"choices": []}', '{"choices": [{"message": {"content": null}}]}', "x" * 300_000]
)
def test_a_page_in_the_place_of_an_answer_stops_nothing(httpserver: HTTPServer, ask: Ask, body: str) -> None:
    httpserver.expect_request(ASK).respond_with_data(body)
    assert set(ask().scores(["a"]).scores) <= {Unread.NONSENSE, Unread.UNREACHED}


def test_a_wrong_key_is_not_tried_again_at_once_but_a_refused_text_stops_no_other(
    httpserver: HTTPServer, ask: Ask, time: Time
) -> None:
    httpserver.expect_request(ASK).respond_with_data("wrong key", status=401)
    assert ask().scores(["a"] * 20).scores == [Unread.REFUSED] * 20
    assert (len(httpserver.log), time.waited) == (1, [])
    httpserver.clear()
    httpserver.expect_ordered_request(ASK).respond_with_data("content policy", status=400)
    httpserver.expect_ordered_request(ASK).respond_with_handler(scored)
    scores = ask().scores(["a"] * (TEXTS_A_CALL + 1)).scores
    assert scores == [*[Unread.REFUSED] * TEXTS_A_CALL, 0.1]


def test_no_redirect_is_followed(httpserver: HTTPServer, ask: Ask) -> None:
    httpserver.expect_request(ASK).respond_with_data("", status=307, headers={"Location": "/elsewhere"})
    assert ask().scores(["a"]).scores == [Unread.REFUSED]
    assert [request.path for request, _ in httpserver.log] == [ASK]


def test_the_days_budget_is_never_exceeded_and_opens_again_the_next_day(
    httpserver: HTTPServer, ask: Ask, time: Time, tmp_path: Path
) -> None:
    httpserver.expect_request(ASK).respond_with_handler(scored)
    reader = ask(budget=Budget(tokens=2000))
    scores = reader.scores(["a"] * TEXTS_A_CALL * 12).scores
    assert scores[:TEXTS_A_CALL] == [0.1] * TEXTS_A_CALL
    assert scores[-TEXTS_A_CALL:] == [Unread.BUDGET] * TEXTS_A_CALL
    spent = Ledger(tmp_path, now=time).today().tokens
    assert spent == 110 * len(httpserver.log) <= 2000
    time.now += 86_400
    assert reader.scores(["a"]).scores == [0.1]


def test_euros_are_counted_as_the_tokens_are(httpserver: HTTPServer, ask: Ask, time: Time, tmp_path: Path) -> None:
    httpserver.expect_request(ASK).respond_with_handler(scored)
    reader = ask(budget=Budget(micro_euros=5_000), price=Price(2, 8))
    assert Unread.BUDGET in reader.scores(["a"] * 400).scores
    day = Ledger(tmp_path, now=time).today()
    assert day.micro_euros == len(httpserver.log) * (100 * 2 + 10 * 8) <= 5_000


def test_what_was_set_aside_stays_spent_when_nobody_says_what_it_cost(
    httpserver: HTTPServer, ask: Ask, time: Time, tmp_path: Path
) -> None:
    httpserver.expect_request(ASK).respond_with_json({"choices": answer({"scores": [0.5]})["choices"]})
    ask().scores(["a"])
    assert Ledger(tmp_path, now=time).today().tokens > 500


@pytest.mark.parametrize(
    "usage",
    [{}, {"prompt_tokens": 1e400, "completion_tokens": 1}, {"prompt_tokens": -9, "completion_tokens": 1}, [], "no"],
)
def test_a_count_that_is_none_is_not_believed(
    httpserver: HTTPServer, ask: Ask, time: Time, tmp_path: Path, usage: object
) -> None:
    httpserver.expect_request(ASK).respond_with_json({**answer({"scores": [0.5]}), "usage": usage})
    assert ask().scores(["a"]).scores == [0.5]
    assert Ledger(tmp_path, now=time).today().tokens > 500


@pytest.mark.parametrize(("status", "is_spent"), [(429, False), (503, False), (401, False), (500, True)])
def test_what_was_surely_not_read_is_not_spent(
    httpserver: HTTPServer, ask: Ask, time: Time, tmp_path: Path, status: int, is_spent: bool
) -> None:
    httpserver.expect_request(ASK).respond_with_data("no", status=status)
    ask().scores(["a"])
    assert (Ledger(tmp_path, now=time).today().tokens > 0) is is_spent
    before = Ledger(tmp_path, now=time).today().tokens
    ask(address="http://127.0.0.1:9/v1").scores(["a"])
    assert Ledger(tmp_path, now=time).today().tokens == before


def test_no_more_texts_go_in_a_minute_than_set(httpserver: HTTPServer, ask: Ask, time: Time) -> None:
    httpserver.expect_request(ASK).respond_with_handler(scored)
    reader = ask(texts_a_minute=TEXTS_A_CALL)
    assert reader.scores(["a"] * TEXTS_A_CALL * 3).scores == [0.1] * TEXTS_A_CALL * 3
    assert time.waited == [60.0, 60.0]
    assert reader.scores(["a"], until=time.now + 10).scores == [Unread.SLOW]
    time.now += 60
    assert ask(texts_a_minute=1).scores(["a"] * 3).scores == [0.1] * 3
    assert time.waited == [60.0] * 4


def _reserve(folder: str, count: int) -> int:
    taken = 0
    for _ in range(count):
        try:
            Ledger(Path(folder)).reserve(
                tokens=7, micro_euros=0, texts=1, most=Budget(tokens=700), texts_a_minute=10_000
            )
        except BudgetSpent:
            continue
        taken += 1
    return taken


def test_two_processes_share_one_budget(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        taken = pool.starmap(_reserve, [(str(tmp_path), 80), (str(tmp_path), 80)])
    assert (sum(taken), Ledger(tmp_path).today().tokens) == (100, 700)


def test_a_count_that_cannot_be_read_is_not_taken_for_an_empty_one(tmp_path: Path, time: Time) -> None:
    (tmp_path / FILE).write_text("{")
    with pytest.raises(UnusableInput, match="ne sait plus ce qu’il a dépensé"):
        Ledger(tmp_path, now=time).reserve(tokens=1, micro_euros=0, texts=1, most=Budget(), texts_a_minute=10)


def test_a_clock_set_back_opens_no_new_budget(tmp_path: Path, time: Time) -> None:
    ledger = Ledger(tmp_path, now=time)
    ledger.reserve(tokens=9, micro_euros=0, texts=1, most=Budget(tokens=10), texts_a_minute=10)
    time.now -= 86_400
    with pytest.raises(BudgetSpent):
        ledger.reserve(tokens=9, micro_euros=0, texts=1, most=Budget(tokens=10), texts_a_minute=10)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, {"data": [{"id": "essai-7b"}]}, "answers and has essai-7b"),
        (500, {}, "does not say which models it has"),
        (404, {}, "avec son /v1"),
        (401, {}, "refuse la clé"),
        (200, {"data": [{"id": "autre"}]}, "ne connaît pas le modèle essai-7b"),
    ],
)
def test_the_doctor_asks_without_a_text(httpserver: HTTPServer, ask: Ask, status: int, body: object, said: str) -> None:
    httpserver.expect_request("/v1/models", method="GET").respond_with_json(body, status=status)
    try:
        found = ask().look()
    except UnusableInput as fault:
        found = str(fault)
    assert said in found
    assert [request.data for request, _ in httpserver.log] == [b""]
