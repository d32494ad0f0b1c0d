"""`vigie detection examples`: an association's decisions as labelled texts."""

from __future__ import annotations

import argparse
import json
import sys

EXAMPLE = """\
example:
  $ vigie detection examples --organisation veille-solidaire > decisions.ndjson
  $ vigie detection evaluate decisions.ndjson

Out: NDJSON, one decision a line: text (names called and addresses taken out), label (1 upheld as hateful, 0 not), lang,
targets, platform, month, grounds or reason, the score of that moment. Decisions that say nothing of hatred are left out.
--for-others: only where the association agreed to share (Réglages), without scores.
exit: 0 done; 1 the association did not agree; 2 there is no such association.
"""


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add to the group that `vigie.detection` opened."""
    group = subparsers.choices["detection"]
    within = next(one for one in group._actions if isinstance(one, argparse._SubParsersAction))
    command = within.add_parser(
        "examples", help="an association's decisions as labelled texts", epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    command.add_argument("--organisation", required=True, metavar="SLUG")
    command.add_argument("--for-others", action="store_true", help="to give away: needs the association's consent")
    command.set_defaults(run=_examples, django=True)


def _examples(args: argparse.Namespace) -> int:
    from vigie.core.errors import UnusableInput
    from vigie.core.words import N_
    from vigie.learning.examples import pull
    from vigie.learning.sharing import NoConsent, labelled
    from vigie.organisations.models import Organisation

    organisation = Organisation.objects.filter(slug=args.organisation).first()
    if organisation is None:
        raise UnusableInput(N_("Il n’y a pas d’association « %(slug)s »."), slug=args.organisation)
    while pull(organisation.pk):
        pass
    try:
        for one in labelled(organisation.pk, for_others=args.for_others):
            sys.stdout.write(json.dumps(one, ensure_ascii=False) + "\n")
    except NoConsent as refusal:
        sys.stderr.write(f"vigie: {refusal}\n")
        return 1
    return 0
