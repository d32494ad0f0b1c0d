"""Check every catalogue file: `python -m vigie.qualification.catalogue [FILE…]`; exit 1 on a fault."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from . import _ANSWERS, HERE, parse
from .validation import CatalogueFault, faults_between, faults_of_answers, faults_of_catalogue


def faults(paths: list[Path]) -> Iterator[str]:
    """Yield every fault of these catalogue files and of the kind answers beside them."""
    for path in paths:
        try:
            data = parse(path)
            answers = parse(path.parent / _ANSWERS)
        except CatalogueFault as fault:
            yield str(fault)
            continue
        found = [*faults_of_catalogue(data, path.name), *faults_of_answers(answers, _ANSWERS)]
        yield from found or faults_between(data, answers, _ANSWERS)


def main(arguments: list[str]) -> int:
    """Print each fault on its own line of stderr; answer 1 if there is any."""
    paths = [Path(argument) for argument in arguments]
    found = list(faults(paths or [path for path in sorted(HERE.glob("*/*.yaml")) if path.name != _ANSWERS]))
    sys.stderr.writelines(f"{fault}\n" for fault in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
