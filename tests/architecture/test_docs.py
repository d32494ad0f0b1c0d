"""What people may rely on is documented: every setting, command, event of the journal and figure has its place."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from vigie.__main__ import parser
from vigie.casefile.rules.events import Event
from vigie.insight.rules.definitions import DELAYS, FIGURES

REPOSITORY = Path(__file__).parents[2]
SOURCE = REPOSITORY / "src" / "vigie"
REFERENCE = REPOSITORY / "docs" / "reference"


def page(name: str) -> str:
    return (REFERENCE / f"{name}.md").read_text(encoding="utf-8")


def settings_read() -> set[str]:
    """Names looked up in the environment anywhere in the program."""
    reading = re.compile(
        r"""(?:env\.\w+|environ\.get|environ\.setdefault|getenv|environ)\s*[(\[]\s*["'](VIGIE_[A-Z_]+)["']|^[A-Z_]+ = ["'](VIGIE_[A-Z_]+)["']""",
        re.M,
    )
    found: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        if "tests" not in path.parts:
            found |= {name for pair in reading.findall(path.read_text(encoding="utf-8")) for name in pair if name}
    return found


def commands() -> list[str]:
    def below(one: argparse.ArgumentParser, prefix: str) -> list[str]:
        found = []
        for action in one._actions:
            if isinstance(action, argparse._SubParsersAction):
                for name, child in action.choices.items():
                    found += below(child, f"{prefix} {name}") or [f"{prefix} {name}"]
        return found

    return below(parser(), "vigie")


@pytest.mark.parametrize("name", sorted(settings_read()))
def test_every_setting_is_documented(name: str) -> None:
    assert f"`{name}`" in page("settings")


@pytest.mark.parametrize("name", commands())
def test_every_command_is_documented_and_has_an_example(name: str) -> None:
    assert f"`{name}" in page("commands")


@pytest.mark.parametrize("event", list(Event))
def test_every_event_of_the_journal_is_documented(event: Event) -> None:
    assert f"`{event.value}`" in page("journal")


@pytest.mark.parametrize("figure", [*FIGURES, *DELAYS], ids=lambda figure: figure.id)
def test_every_published_figure_has_its_definition(figure: object) -> None:
    assert f"`{figure.id}`" in page("figures")  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", sorted(REPOSITORY.rglob("*.md")), ids=lambda path: path.name)
def test_links_between_pages_lead_somewhere(path: Path) -> None:
    if {".venv", ".tools", "build", "node_modules"} & set(path.parts):
        return
    for target in re.findall(r"\]\((?!https?://|mailto:|#)([^)#\s]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), f"{path.name} points to {target}"
