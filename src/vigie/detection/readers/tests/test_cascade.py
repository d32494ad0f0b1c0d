"""Which texts are read twice, what becomes of their score, and what is said when the second reader fails."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.core.environment import Environment
from vigie.core.errors import BadSetting
from vigie.detection.detectors import default_detector, whole_detector, words_to_mask
from vigie.detection.hints import Detector, HateKind, Hint, SecondReading, Target
from vigie.detection.readers.cascade import AT_ONCE, Cascade, together
from vigie.detection.readers.ledger import FILE, Ledger
from vigie.detection.readers.ports import Readings, Unread
from vigie.detection.readers.settings import SECOND_VARIABLES, checked
from vigie.detection.readers.telling import summary

from .tiny import make_model


class Fast:
    """Reads a text as the number that it is."""

    version = "fast"

    def read(self, text: str, lang: str | None = None) -> Hint:
        return Hint(
            score=float(text.split()[0]), lang="fr", targets=(Target.JEWS,), grounds=(), matches=(),
            detector_version=self.version, kind=HateKind.DEHUMANISATION,
        )  # fmt: skip

    def read_many(self, texts: Iterable[tuple[str, str | None]]) -> Iterator[Hint]:
        return (self.read(text, lang) for text, lang in texts)


class Second:
    """Answers what it is told to, and keeps what it was asked."""

    name, version = "second", "second@1"

    def __init__(self, answer: float | Unread | Exception = 0.98) -> None:
        self.answer, self.asked = answer, list[str]()

    def scores(self, texts: Sequence[str], *, until: float | None = None) -> Readings:
        self.asked += texts
        if isinstance(self.answer, Exception):
            raise self.answer
        return Readings([self.answer] * len(texts), tokens=10 * len(texts), euros=0.25)


def read(cascade: Cascade, texts: Sequence[str]) -> list[Hint]:
    return list(cascade.read_many((text, None) for text in texts))


@pytest.mark.parametrize(
    ("band", "twice"),
    [((0.2, 0.8), ["0.2", "0.5", "0.8"]), ((0.2, 1.0), ["0.2", "0.5", "0.8", "0.81", "1.0"]), ((0.9, 0.95), [])],
)
def test_what_lies_within_the_band_is_read_twice_both_ends_included(
    band: tuple[float, float], twice: list[str]
) -> None:
    second = Second()
    hints = read(Cascade(Fast(), second, band=band, most_share=1), ["0.0", "0.19", "0.2", "0.5", "0.8", "0.81", "1.0"])
    assert second.asked == twice
    assert [hint.second is not None for hint in hints] == [
        text in twice for text in ("0.0", "0.19", "0.2", "0.5", "0.8", "0.81", "1.0")
    ]


def test_no_more_than_the_share_is_read_twice_the_least_sure_first_and_never_none() -> None:
    second = Second()
    read(Cascade(Fast(), second, most_share=0.02), ["0.3", "0.45", "0.52", "0.7"] * 25)
    assert second.asked == ["0.52", "0.52"]
    read(Cascade(Fast(), second, most_share=0.02), ["0.3"])
    assert second.asked == ["0.52", "0.52", "0.3"]


def test_order_is_kept_over_many_batches() -> None:
    texts = [f"{(number % 100) / 100}" for number in range(2 * AT_ONCE + 7)]
    hints = read(Cascade(Fast(), Second(), most_share=0.5), texts)
    assert [hint.second.fast if hint.second else hint.score for hint in hints] == [float(text) for text in texts]


@pytest.mark.parametrize(
    ("fast", "second", "both"),
    [(0.5, 0.98, 0.875), (0.5, 1.0, 0.875), (0.3, 0.98, 0.8209), (0.5, 0.02, 0.125), (0.7, 0.3, 0.5), (0.5, 0.5, 0.5)],
)
def test_both_readings_weigh_the_same_and_a_sure_second_drowns_nothing(fast: float, second: float, both: float) -> None:
    assert together(fast, second) == both


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_the_score_of_two_readings_lies_between_them_and_rises_with_each(
    fast: float, second: float, more: float
) -> None:
    kept = min(max(second, 0.02), 0.98)
    assert min(fast, kept) - 1e-4 <= together(fast, second) <= max(fast, kept) + 1e-4
    assert together(fast, max(second, more)) >= together(fast, second)
    assert together(max(fast, more), second) >= together(fast, second)


def test_the_hint_says_what_both_said_and_what_may_be_concluded_changes_with_the_score() -> None:
    (raised,) = read(Cascade(Fast(), Second(0.98)), ["0.3"])
    (lowered,) = read(Cascade(Fast(), Second(0.02)), ["0.3"])
    assert (raised.score, raised.second) == (0.8209, SecondReading(fast=0.3, second=0.98))
    assert "provocation-hatred-origin-religion" in raised.grounds
    assert (lowered.kind, lowered.grounds) == (None, ())
    assert raised.detector_version == "fast, second@1 0.2-0.8"


@pytest.mark.parametrize("fault", [Unread.BUSY, KeyError("un mot du texte")])
def test_when_the_second_reader_fails_the_fast_score_stands_and_it_is_said(
    fault: Unread | Exception, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    cascade = Cascade(Fast(), Second(fault), ledger=Ledger(tmp_path))
    with caplog.at_level(logging.WARNING, "vigie.detection"):
        first, failed = read(cascade, ["0.1", "0.5"])
    why = "busy" if fault is Unread.BUSY else "fault"
    assert first.second is None
    assert (failed.score, failed.second) == (0.5, SecondReading(0.5, None, why))
    assert f"1 of 1 texts not read ({why} 1)" in caplog.text
    assert ("KeyError at" in caplog.text) is (why == "fault")
    assert "un mot" not in caplog.text
    assert f"1 could not be ({why} 1)" in summary(cascade)
    assert (Ledger(tmp_path).today().read, Ledger(tmp_path).today().unread) == (0, 1)


def test_what_it_came_to_is_told_in_one_line() -> None:
    cascade: Detector = Cascade(Fast(), Second(), most_share=1)
    list(cascade.read_many([("0.5", None), ("0.5", None), ("0.0", None)]))
    line = summary(cascade)
    assert line.startswith("vigie: 2 of 3 texts read twice by second, in ")
    assert line.endswith(" s, 20 tokens, 0.2500 €\n")
    assert summary(Fast()) == ""


def test_pages_never_wait_for_a_second_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_SECOND_READER", str(tmp_path / "nowhere"))
    assert default_detector().read("bonjour").second is None
    assert words_to_mask("bonjour") == []


def test_an_installation_chooses_its_second_reader_by_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert whole_detector() is default_detector()
    monkeypatch.setenv("VIGIE_SECOND_READER", str(make_model(tmp_path / "modele")))
    monkeypatch.setenv("VIGIE_SECOND_BAND", "0-1")
    monkeypatch.setenv("VIGIE_DATA", str(tmp_path / "donnees"))
    hint = whole_detector().read("un zorble", "fr")
    assert hint.second
    assert hint.second.second == 0.9526
    assert hint.score > hint.second.fast
    assert json.loads((tmp_path / "donnees" / FILE).read_text())["read"] == 1


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"VIGIE_SECOND_READER": "/nowhere/model"}, "/nowhere/model : ce dossier n’existe pas"),
        ({"VIGIE_SECOND_BAND": "0.8-0.2"}, "VIGIE_SECOND_BAND=0.8-0.2"),
        ({"VIGIE_SECOND_BAND": "many"}, "VIGIE_SECOND_BAND=many"),
        ({"VIGIE_SECOND_BAND": "nan-nan"}, "VIGIE_SECOND_BAND=nan-nan"),
        ({"VIGIE_SECOND_SHARE": "0"}, "VIGIE_SECOND_SHARE=0"),
        ({"VIGIE_SECOND_LABELS": "haine"}, "VIGIE_SECOND_LABELS=haine"),
        ({"VIGIE_SECOND_THREADS": "0"}, "VIGIE_SECOND_THREADS=0"),
        ({"VIGIE_SECOND_READER": "ftp://llm.example/v1"}, "is not a web address"),
        ({"VIGIE_SECOND_READER": "http://llm.example/v1"}, "les textes y partiraient en clair"),
        ({"VIGIE_SECOND_READER": "https://me:word@llm.example/v1"}, "sans mot de passe"),
        ({"VIGIE_SECOND_READER": "https://llm.example/v1"}, "écrivez VIGIE_SECOND_MAY_LEAVE=yes"),
        ({"VIGIE_SECOND_READER": "http://127.0.0.1:9/v1"}, "écrivez VIGIE_SECOND_MAY_LEAVE=yes"),
        ({"VIGIE_SECOND_READER": "https://llm.example/v1", "VIGIE_SECOND_MAY_LEAVE": "1"}, "VIGIE_SECOND_MODEL"),
    ],
)
def test_a_wrong_value_stops_the_start_with_one_sentence(tmp_path: Path, settings: dict[str, str], said: str) -> None:
    folder = {"VIGIE_SECOND_READER": str(make_model(tmp_path))}
    assert checked(Environment(folder))
    with pytest.raises(BadSetting) as refusal:
        checked(Environment(folder | settings))
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"VIGIE_SECOND_BUDGET": "beaucoup"}, "VIGIE_SECOND_BUDGET=beaucoup"),
        ({"VIGIE_SECOND_BUDGET": "0 euros", "VIGIE_SECOND_PRICE": "1/2"}, "VIGIE_SECOND_BUDGET=0 euros"),
        ({"VIGIE_SECOND_BUDGET": "2 euros"}, "VIGIE_SECOND_PRICE doit dire"),
        ({"VIGIE_SECOND_PRICE": "3"}, "VIGIE_SECOND_PRICE=3"),
        ({"VIGIE_SECOND_KEY_FILE": "/nowhere/key"}, "/nowhere/key ne peut être lu"),
        ({"VIGIE_SECOND_A_MINUTE": "0"}, "VIGIE_SECOND_A_MINUTE=0"),
        ({"VIGIE_SECOND_SECONDS": "soon"}, "VIGIE_SECOND_SECONDS='soon'"),
    ],
)
def test_so_does_a_wrong_value_of_what_leaves(settings: dict[str, str], said: str) -> None:
    address = {
        "VIGIE_SECOND_READER": "https://llm.example/v1", "VIGIE_SECOND_MAY_LEAVE": "yes", "VIGIE_SECOND_MODEL": "m",
    }  # fmt: skip
    assert checked(Environment(address))
    with pytest.raises(BadSetting) as refusal:
        checked(Environment(address | settings))
    assert said in str(refusal.value)


def test_every_setting_is_taken_from_the_file_too() -> None:
    source = (Path(__file__).parents[1] / "settings.py").read_text(encoding="utf-8")
    assert set(SECOND_VARIABLES) == {word.strip('",') for word in source.split() if word.startswith('"VIGIE_')} | {
        f"VIGIE_SECOND_{name}" for name in ("BAND", "SHARE", "LABELS", "THREADS")
    }
