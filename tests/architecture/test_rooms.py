"""The shape of the house: what the import contracts cannot see."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from vigie.casefile import files
from vigie.organisations.models import Organisation
from vigie.organisations.tenancy import Owned

SOURCE = Path(__file__).parents[2] / "src" / "vigie"
ROOMS = ["organisations", "casefile", "learning", "watch", "outbox", "intake", "evidence", "triage", "qualification", "notice", "followup",
         "insight", "site"]  # fmt: skip

# What must look across associations: the worker's own work, the verification of the chain, and the doctor, who counts.
MAY_LOOK_ACROSS = re.compile(
    r"(/tasks\.py|/forget\.py|/journal\.py|/actions\.py|/actions/|/casefile/files\.py|/tests/|/migrations/|tenancy\.py|/demo/|/site/doctor\.py|/watch/(listening|allowances|surges)\.py)"
)


def our_models() -> list[type]:
    return [model for model in apps.get_models(include_auto_created=True) if model.__module__.startswith("vigie.")]


def test_the_rooms_are_in_the_order_of_the_work() -> None:
    assert list(settings.ROOMS) == [room for room in ROOMS if room in settings.ROOMS]


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model.__name__)
def test_keys_across_rooms_point_upstream_and_leave_no_trace_there(model: type) -> None:
    here = model._meta.app_label
    for field in model._meta.get_fields():
        if not field.is_relation or field.auto_created or not field.concrete:
            continue
        there = field.related_model._meta.app_label
        if there == here or there not in ROOMS:
            continue
        assert ROOMS.index(there) < ROOMS.index(here), f"{model.__name__}.{field.name} points downstream"
        assert field.remote_field.related_name.endswith("+"), f"{model.__name__}.{field.name} needs related_name='+'"


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model.__name__)
def test_every_row_of_work_belongs_to_an_association(model: type) -> None:
    if model._meta.app_label == "organisations" or issubclass(model, Owned):
        return
    keys = [field.related_model for field in model._meta.get_fields() if field.is_relation and not field.auto_created]
    assert Organisation in keys, f"{model.__name__} belongs to nobody: derive it from Owned"


def test_only_named_places_look_across_associations() -> None:
    places = [
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if "across_associations" in path.read_text(encoding="utf-8") and not MAY_LOOK_ACROSS.search(f"/{path}")
    ]
    assert not places


NO_FILE = {"Check.text_sha256", "Reading.text_sha256", "Capture.manifest_sha256"}
NO_FILE |= {"IncomingMail.raw_sha256", "IncomingMail.body_sha256"}  # of letters as they came; what is kept is sealed


def test_no_file_is_removed_while_a_row_names_it_in_whichever_column() -> None:
    """A column with the digest of a stored file says so beside its table, or stands in the list above."""
    asked = {f"{model.__name__}.{column}" for model, column, _unless in files._NAMED_IN}
    digests = {
        f"{model.__name__}.{field.name}"
        for model in our_models()
        for field in model._meta.get_fields()
        if field.name.endswith("sha256")
    }
    assert digests == asked | NO_FILE


def desk_pages(patterns: list[URLPattern | URLResolver], prefix: str = "") -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += desk_pages(pattern.url_patterns, address)
        elif address.startswith("bureau/"):
            found.append((address, pattern.callback))
    return found


@pytest.mark.parametrize(("address", "view"), desk_pages(get_resolver().url_patterns))
def test_every_page_of_the_desk_is_behind_its_gate(address: str, view: object) -> None:
    if address == "bureau/association":  # choosing among one's own associations needs no role
        return
    assert hasattr(view, "desk_action"), f"{address} is not wrapped in @desk(Action.…)"


def test_every_room_says_what_it_is() -> None:
    rooms = [folder for folder in SOURCE.iterdir() if folder.is_dir() and (folder / "__init__.py").exists()]
    assert not [room.name for room in rooms if not (room / "README.md").exists()]
