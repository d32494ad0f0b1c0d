"""`vigie journal verify`."""

from __future__ import annotations

import argparse
import sys


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    journal = subparsers.add_parser("journal", help="the chained record of who did what")
    verbs = journal.add_subparsers(required=True, metavar="verb")
    verify = verbs.add_parser(
        "verify",
        help="walk the chain; exit 1 and the first broken entry if anything was altered, removed or reordered",
        epilog="example: vigie journal verify",
    )
    verify.set_defaults(run=_verify, django=True)


def _verify(args: argparse.Namespace) -> int:
    from vigie.casefile.journal import first_break
    from vigie.organisations.models import Organisation

    broken = False
    for organisation in Organisation.objects.order_by("slug"):
        fault = first_break(organisation.pk)
        sys.stdout.write(f"{organisation.slug}: {fault or 'whole'}\n")
        broken = broken or fault is not None
    return 1 if broken else 0
