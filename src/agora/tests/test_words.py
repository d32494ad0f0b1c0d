import ast
import re
from pathlib import Path

from agora import web
from agora.words import ENGLISH

_HERE = Path(web.__file__).parent


def test_every_french_string_of_the_pages_has_its_english() -> None:
    templates = "\n".join(path.read_text() for path in (_HERE / "templates").glob("*.html"))
    said = {match[2] for match in re.finditer(r"""\b_\((["'])(.+?)\1\)""", templates)}
    said |= set(re.findall(r'\("/[a-z-]*", "([^"]+)"\)', templates))
    said |= {*web._STATE_WORDS.values(), *web._BY_HAND.values(), *web._VERDICTS.values()}
    said |= _sentences_of_the_views()
    assert len(said) > 100
    assert said - set(ENGLISH) == set()


def test_no_translation_is_left_over() -> None:
    places = [*(_HERE / "templates").glob("*.html"), _HERE / "web.py"]
    everything = "\n".join(path.read_text() for path in places)
    assert [french for french in ENGLISH if french not in everything] == []


def _sentences_of_the_views() -> set[str]:
    """Return the literals of the views that are sentences or titles, docstrings left out."""
    tree = ast.parse((_HERE / "web.py").read_text())
    docstrings = {
        ast.get_docstring(node, clean=False)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
    }
    literals = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {text for text in literals - docstrings if re.match(r"[A-ZÀ-Ý][^{}<\[]* \S", text)}


def test_agora_and_vigie_do_not_know_each_other() -> None:
    for path in _HERE.rglob("*.py"):
        assert not re.search(r"^\s*(?:from|import) vigie", path.read_text(), re.MULTILINE), path
