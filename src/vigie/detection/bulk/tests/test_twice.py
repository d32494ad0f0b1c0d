"""A scan reads unsure posts twice, the same on each run, and says how many."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from vigie.detection.readers.tests.tiny import make_model


def scan(*arguments: str, data: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[4]), "VIGIE_DATA": str(data), **settings}
    command = [sys.executable, "-m", "vigie", "scan", *arguments, "--cores", "2", "--shard-rows", "20"]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)


def test_unsure_posts_are_read_twice_and_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    posts, once, twice = tmp_path / "posts.ndjson", tmp_path / "once.ndjson", tmp_path / "twice.ndjson"
    texts = ["un zorble", "bonjour"] * 20
    posts.write_text("".join(json.dumps({"id": n, "text": text}) + "\n" for n, text in enumerate(texts)))
    model = str(make_model(tmp_path / "modele"))
    settings = {"VIGIE_SECOND_READER": model, "VIGIE_SECOND_BAND": "0-1", "VIGIE_SECOND_SHARE": "100"}
    assert scan(str(posts), str(once), data=tmp_path).returncode == 0
    done = scan(str(posts), str(twice), data=tmp_path, **settings)
    again = scan(str(posts), str(twice), data=tmp_path, **settings)
    assert "40 posts read twice, 0 could not be" in done.stderr
    assert "40 posts, 40 of them before" in again.stderr
    before, after = ([json.loads(line)["score"] for line in file.read_text().splitlines()] for file in (once, twice))
    assert len(set(after[::2])) == len(set(after[1::2])) == 1
    assert after[0] > before[0]
    assert json.loads((tmp_path / "second-reader.json").read_text())["read"] == 40


def test_a_budget_is_not_shared_out_to_other_machines(tmp_path: Path) -> None:
    settings = {
        "VIGIE_SECOND_READER": "https://llm.example/v1", "VIGIE_SECOND_MAY_LEAVE": "1", "VIGIE_SECOND_MODEL": "m",
    }  # fmt: skip
    done = scan(str(tmp_path), str(tmp_path / "out"), "--engine", "ray", data=tmp_path, **settings)
    assert (done.returncode, "son budget se compte sur une seule machine" in done.stderr) == (2, True)
