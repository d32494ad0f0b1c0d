"""What `vigie doctor` says of the second reader."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from vigie.core.environment import Environment
from vigie.detection.readers.ledger import Ledger
from vigie.detection.readers.tests.tiny import make_model
from vigie.site.doctor import Standing, _second_reader


def test_none_is_fine_and_said() -> None:
    (finding,) = _second_reader(Environment({}))
    assert (finding.standing, finding.sentence) == (
        Standing.UNSET,
        "none (VIGIE_SECOND_READER): each text is read once",
    )


def test_a_model_that_loads_is_shown_with_what_it_read_today(tmp_path: Path) -> None:
    settings = {"VIGIE_SECOND_READER": str(make_model(tmp_path / "modele")), "VIGIE_DATA": str(tmp_path)}
    Ledger(tmp_path).note(read=1200, unread=3, seconds=12.4)
    (finding,) = _second_reader(Environment(settings))
    assert finding.standing is Standing.GOOD
    assert "modele loads in" in finding.sentence
    assert finding.sentence.endswith("today 1,200 texts in 12 s, 3 could not be")
    (tmp_path / "modele" / "config.json").write_text(json.dumps({"id2label": {"0": "LABEL_0", "1": "LABEL_1"}}))
    (finding,) = _second_reader(Environment(settings))
    assert (finding.standing, "VIGIE_SECOND_LABELS" in finding.sentence) == (Standing.MISSING, True)


@pytest.mark.parametrize(("models", "standing"), [(["essai"], Standing.GOOD), (["autre"], Standing.MISSING)])
def test_a_server_is_asked_whether_it_has_the_model(
    httpserver: HTTPServer, tmp_path: Path, models: list[str], standing: Standing
) -> None:
    httpserver.expect_request("/v1/models").respond_with_json({"data": [{"id": name} for name in models]})
    settings = {
        "VIGIE_SECOND_READER": httpserver.url_for("/v1"), "VIGIE_SECOND_MAY_LEAVE": "yes",
        "VIGIE_SECOND_MODEL": "essai", "VIGIE_DATA": str(tmp_path),
    }  # fmt: skip
    (finding,) = _second_reader(Environment(settings))
    assert finding.standing is standing
