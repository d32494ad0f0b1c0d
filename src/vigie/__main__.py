"""The program `vigie`: every room's commands behind one door."""

from __future__ import annotations

import argparse
import importlib
import os
import sys

from vigie import __version__
from vigie.core.errors import VigieError

# Modules with `add_commands`. They are cheap to import: what is heavy is imported by the command itself.
COMMANDS = [
    "vigie.detection.cli",
    "vigie.detection.cli_scan",
    "vigie.detection.cli_detection",
    "vigie.platforms.cli",
    "vigie.casefile.cli",
    "vigie.intake.cli",
    "vigie.evidence.cli",
    "vigie.learning.cli",
    "vigie.site.cli",
]


def parser() -> argparse.ArgumentParser:
    """Return the whole command line, as documented in docs/reference/commands.md."""
    top = argparse.ArgumentParser(prog="vigie", description=__doc__)
    top.add_argument("--version", action="version", version=f"vigie {__version__}")
    subparsers = top.add_subparsers(required=True, metavar="command")
    for name in COMMANDS:
        importlib.import_module(name).add_commands(subparsers)
    return top


def main(argv: list[str] | None = None) -> int:
    """Run one command; exit 0 done, 1 the answer is no, 2 wrong use or unreadable input."""
    try:
        args = parser().parse_args(argv)
        if getattr(args, "django", False):
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vigie.site.settings")
            import django

            django.setup()
        return int(args.run(args))
    except VigieError as fault:
        sys.stderr.write(f"vigie: {fault}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("\nvigie: stopped.\n")
        return 130
    except BrokenPipeError:
        # The reader of our output went away (`| head`): nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


if __name__ == "__main__":
    sys.exit(main())
