"""What the program imports as it starts is what `make run` installs, not only what a developer has."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
SOURCE = REPOSITORY / "src"
OURS = {"vigie", "agora"}
# Parts that say what they need before they import it, and the lock that brings it.
LOCKS = {"vigie/detection/bulk": "requirements-bulk.lock", "vigie/detection/model": "requirements-dev.lock"}


def locked(name: str) -> set[str]:
    lines = (REPOSITORY / name).read_text(encoding="utf-8").splitlines()
    return {line.split("==")[0].lower() for line in lines if "==" in line}


def imported_at_once(tree: ast.Module) -> set[str]:
    """Return the packages that a module imports outside of functions."""
    found: set[str] = set()
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
        waiting += ast.iter_child_nodes(node)
    return found - sys.stdlib_module_names - OURS


def test_what_the_program_imports_is_what_is_installed_with_it() -> None:
    brings, bad = packages_distributions(), []
    for path in sorted(SOURCE.rglob("*.py")):
        place = path.relative_to(SOURCE)
        if "tests" in place.parts:
            continue
        lock = next((lock for part, lock in LOCKS.items() if place.is_relative_to(part)), "requirements.lock")
        for name in imported_at_once(ast.parse(path.read_text(encoding="utf-8"))):
            if not {re.sub(r"[-_.]+", "-", one).lower() for one in brings.get(name, [name])} & locked(lock):
                bad.append(f"{place} imports {name}, which {lock} does not bring")
    assert not bad, "\n".join(bad)
