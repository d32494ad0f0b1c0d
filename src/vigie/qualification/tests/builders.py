"""Invented grounds and moments for the tests of this room."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime

from vigie.qualification import catalogue
from vigie.qualification.rules.assessment import Answer
from vigie.qualification.rules.values import Ground

VERSION = "2026-11-20"
INCITEMENT = "provocation-hatred-origin-religion"
INSULT = "insult-public-origin-religion"


def same_path() -> dict[str, str]:
    """Return an environment in which another Python finds what this one finds."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def ground(ground_id: str = INCITEMENT) -> Ground:
    return catalogue.load(VERSION).ground(ground_id)


def all_yes(of: Ground) -> dict[str, Answer]:
    return dict.fromkeys((element.id for element in of.elements), Answer.YES)


def all_no(of: Ground) -> dict[str, Answer]:
    return dict.fromkeys((excluder.id for excluder in of.excluders), Answer.NO)


def asking(elements: int, excluders: int, *, made_out_by: list[list[str]] | None = None) -> Ground:
    """Return a ground with so many questions, and the ways in which it is made out."""
    model = ground("provocation-non-public")
    base = model.elements[0]
    chosen = tuple(replace(base, id=f"e{n}") for n in range(1, elements + 1))
    excluding = tuple(replace(ground(INCITEMENT).excluders[0], id=f"x{n}") for n in range(1, excluders + 1))
    ways = made_out_by if made_out_by is not None else [[element.id for element in chosen]]
    return replace(model, elements=chosen, excluders=excluding, made_out_by=tuple(tuple(way) for way in ways))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
