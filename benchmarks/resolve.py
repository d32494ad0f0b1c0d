"""How many addresses a second `resolve` reads on one core, beside the bare parser it stands on.

    PYTHONPATH=src python benchmarks/resolve.py

The addresses are those of the room's own table (every platform, wrapped ones included) with numbers of their own,
so that no cache answers for us.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import can_ada

from vigie.platforms.find import find_addresses
from vigie.platforms.registry import registry
from vigie.platforms.resolve import resolve

TABLE = Path(__file__).parent.parent / "src/vigie/platforms/tests/addresses.txt"
ROUNDS = 40
LONG_NUMBER = re.compile(r"\d{8,}")


def main() -> None:
    started = time.perf_counter()
    registry()
    print(f"registry read in {(time.perf_counter() - started) * 1000:.0f} ms")
    given = [
        line.strip().split("  ")[0] for line in TABLE.read_text(encoding="utf-8").splitlines() if line[:4] == "    "
    ]
    addresses = [LONG_NUMBER.sub(lambda n, r=r: str(int(n[0]) + r), one) for r in range(ROUNDS) for one in given]  # type: ignore[misc]
    absolute = [one for one in addresses if one.startswith("https://")]
    plain = [one for one in absolute if "%3A%2F%2F" not in one and "/http" not in one]
    limit = rate(can_ada.parse, absolute)
    print(f"{'can_ada.parse alone (the limit)':44}{limit:>12,.0f}/s")
    for name, ours in (("resolve, whole table", addresses), ("resolve, nothing wrapped", plain)):
        measured = rate(resolve, ours)
        print(f"{name:44}{measured:>12,.0f}/s   1/{limit / measured:.0f} of the limit")
    mails = [" Bonjour, voici ce que j’ai vu hier soir : ".join(plain[n : n + 5]) for n in range(0, len(plain), 5)]
    print(f"{'find_addresses, mails of five addresses':44}{rate(find_addresses, mails):>12,.0f}/s")


def rate(work: Callable[[str], object], given: Iterable[str]) -> float:
    texts = list(given)
    started = time.perf_counter()
    for text in texts:
        work(text)
    return len(texts) / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
