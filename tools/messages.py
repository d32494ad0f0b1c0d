"""Keep the translations whole: French is the source, English stands in each room's own `.po`.

python tools/messages.py            add what is new to each .po (empty), drop what is gone
python tools/messages.py --check    exit 1 and a line for each string without its English
python tools/messages.py --compile  write the .mo files that the pages read
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

PACKAGES = [Path("src/vigie")]  # Agora keeps its own words
KEYWORDS: dict[str, tuple[object, ...] | None] = {
    "_": None, "N_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
HEADER = r"""msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

"""
Message = tuple[str | tuple[str, str], str | None]


def rooms() -> Iterator[Path]:
    for package in PACKAGES:
        if package.is_dir():
            yield from sorted(folder for folder in package.iterdir() if folder.is_dir() and folder.name != "locale")


def strings_of(path: Path) -> Iterator[Message]:
    """Yield (msgid or pair of singular and plural, context) of one file."""
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # Django turns a template into something shaped like Python; its indentation means nothing.
        source = "\n".join(line.lstrip() for line in templatize(source, origin=str(path)).splitlines())
    for _line, function, found, _comments in extract_python(io.BytesIO(source.encode()), list(KEYWORDS), [], {}):
        words = [found] if isinstance(found, str) else [word for word in found or () if isinstance(word, str)]
        spec = KEYWORDS[function]
        context = words.pop(0) if spec and isinstance(spec[0], tuple) else None
        if not words or not words[0]:
            continue
        plural = spec is not None and len(spec) - (1 if context else 0) == 2
        yield ((words[0], words[1]) if plural and len(words) > 1 else words[0]), context


def wanted(room: Path) -> Catalog:
    catalog = Catalog(locale="en", project="Vigie", charset="utf-8", fuzzy=False)
    files = [*room.rglob("*.py"), *room.rglob("*.html"), *room.rglob("*.txt")]
    for path in sorted(files):
        if {"tests", "migrations", "catalogue", "node_modules"} & set(path.relative_to(room).parts[:-1]):
            continue
        for message, context in strings_of(path):
            catalog.add(message, context=context)
    return catalog


def merged(room: Path) -> tuple[Catalog, Path]:
    """Return the room's strings with the English they already have."""
    path = room / "locale" / "en" / "LC_MESSAGES" / "django.po"
    catalog = wanted(room)
    if path.exists():
        known = read_po(path.open("rb"), locale="en")
        for message in catalog:
            old = known.get(message.id, message.context) if message.id else None
            if old is not None:
                message.string = old.string
    return catalog, path


def has_english(string: object) -> bool:
    return all(string) if isinstance(string, list | tuple) else bool(string)


def write(catalog: Catalog, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        write_po(out, catalog, omit_header=True, sort_output=True, width=100, no_location=True)
    body = path.read_text(encoding="utf-8")
    path.write_text(HEADER + body, encoding="utf-8")


def main(arguments: list[str]) -> int:
    os.environ.setdefault("VIGIE_DATA", "build/messages")
    if not settings.configured:
        settings.configure(USE_I18N=True)
    django.setup()
    missing = 0
    for room in rooms():
        catalog, path = merged(room)
        strings = [message for message in catalog if message.id]
        if "--compile" in arguments:
            if path.exists():
                with path.with_suffix(".mo").open("wb") as out:
                    write_mo(out, read_po(path.open("rb"), locale="en"))
            continue
        if "--check" not in arguments:
            if strings or path.exists():
                write(catalog, path)
            continue
        for message in strings:
            if not has_english(message.string):
                missing += 1
                sys.stdout.write(f"{path}: no English for {message.id!r}\n")
    if missing:
        sys.stdout.write(f"{missing} strings without their English: run python tools/messages.py, then fill them in.\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
