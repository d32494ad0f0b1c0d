"""The plain fetch: what it keeps, and what a hostile server cannot make it do."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from vigie.evidence.captures.page import DOM, TEXT, WARC, Visit
from vigie.evidence.captures.plain import visit_plainly
from vigie.evidence.captures.plain.look import look
from vigie.evidence.captures.warc import Exchange, WarcFile, index_lines, keep_whole_records
from vigie.evidence.guard import Guard
from vigie.evidence.limits import Limits
from vigie.evidence.rules.reasons import Reason
from vigie.evidence.tests.hostile_server import Server, closed_port, hostile_server

AT = "2026-11-01T00:00:00Z"
PAGE = "<html><head><title>Un fil</title><script>var a=1</script></head><body><p>Première ligne</p><p>Seconde</p>"


@pytest.fixture
def server() -> Iterator[Server]:
    with hostile_server() as running:
        yield running


@pytest.fixture
def guard(server: Server) -> Guard:
    return Guard(allowed_for_tests=frozenset({server.host}))


def visit(url: str, folder: Path, guard: Guard, **limits: int) -> Visit:
    return visit_plainly(
        url, folder=folder, guard=guard, limits=Limits(**{"seconds": 5, **limits}), why=Reason("no_browser")
    )


def codes(visit: Visit, what: str) -> list[str]:
    return [entry.reason.code for entry in visit.missing if entry.what == what]


def test_a_page_is_kept_as_html_text_and_warc_and_the_rest_is_said_to_be_missing(
    server: Server, guard: Guard, tmp_path: Path
) -> None:
    url = server.page("/fil", PAGE)
    kept = visit(server.redirect("/court", "/fil"), tmp_path, guard)
    assert (kept.status, kept.title, kept.final) == (200, "Un fil", url)
    assert [(hop["status"], hop["by"]) for hop in kept.chain] == [(302, "asked"), (200, "server")]
    assert (tmp_path / TEXT).read_text() == "Première ligne\nSeconde"
    assert (tmp_path / DOM).read_text() == PAGE
    assert codes(kept, "screenshot") == ["no_browser"]
    assert kept.remote == {server.host: "127.0.0.1"}
    checked = subprocess.run(
        [sys.executable, "-c", "from warcio.cli import main; main()", "check", tmp_path / WARC], check=False
    )
    assert checked.returncode == 0
    with (tmp_path / WARC).open("rb") as file:
        kinds = [(r.rec_type, r.rec_headers.get_header("WARC-IP-Address")) for r in ArchiveIterator(file)]
    assert kinds[1:] == [("response", "127.0.0.1"), ("request", "127.0.0.1")] * 2


@pytest.mark.parametrize(
    "to",
    ["http://127.0.0.1:{closed}/", "http://169.254.169.254/latest/", "http://[::1]/", "http://10.0.0.1/",
     "http://2130706433:{closed}/", "http://localhost:{closed}/", "file:///etc/passwd", "http://a:b@127.0.0.1/"],
)  # fmt: skip
def test_a_redirect_to_the_inside_is_not_followed(server: Server, guard: Guard, tmp_path: Path, to: str) -> None:
    kept = visit(server.redirect("/piege", to.format(closed=closed_port())), tmp_path, guard)
    assert kept.status is None
    assert codes(kept, "page")[0] in {"internal_address", "not_web", "credentials", "port"}
    assert len(kept.chain) == 1


@pytest.mark.parametrize(
    ("content_type", "head", "encoding"),
    [
        ("text/html; charset=utf-8", "", "utf-8"),
        ("text/html; charset=ISO-8859-1", "", "cp1252"),  # as browsers read it
        ("text/html", "<meta charset='latin1'>", "cp1252"),
        ("text/html", "<meta charset='utf-8'>", "utf-8"),
        ("text/html", "", "utf-8"),
        ("text/html", "", "cp1252"),
        ("text/html; charset=utf-16", "", "utf-16"),
        ("text/html; charset=klingon", "", "cp1252"),
        *((f"text/html; charset={codec}", "", "utf-8") for codec in ("hex", "zip", "rot13", "idna", "undefined")),
        ("text/html", "<meta charset='base64'>", "utf-8"),
    ],
)
def test_the_words_of_a_page_are_read_in_its_own_characters(
    server: Server, guard: Guard, tmp_path: Path, content_type: str, head: str, encoding: str
) -> None:
    words = "L’été, c’est «\u00a0déjà\u00a0» fini"
    address = server.raw("/ancien", f"{head}<p>{words}</p>".encode(encoding), content_type=content_type)
    visit_plainly(address, folder=tmp_path, guard=guard, limits=Limits(), why=Reason("no_browser"))
    assert (tmp_path / "text.txt").read_text(encoding="utf-8").replace("\u00a0", " ") == words.replace("\u00a0", " ")


def test_a_page_of_plain_text_is_its_own_text(server: Server, guard: Guard, tmp_path: Path) -> None:
    kept = visit(server.raw("/mots.txt", "Un été.\n".encode(), content_type="text/plain"), tmp_path, guard)
    assert (tmp_path / TEXT).read_text() == "Un été.\n"
    assert (codes(kept, "dom"), codes(kept, "text")) == (["not_html"], [])


def test_a_redirect_loop_ends(server: Server, guard: Guard, tmp_path: Path) -> None:
    kept = visit(server.redirect("/boucle", "/boucle"), tmp_path, guard, max_redirects=4)
    assert codes(kept, "page") == ["too_many_redirects"]
    assert server.asked == ["/boucle"] * 5


def test_an_endless_body_is_cut_and_said_to_be(server: Server, guard: Guard, tmp_path: Path) -> None:
    kept = visit(server.endless("/sans-fin"), tmp_path, guard, max_bytes=1_000_000)
    assert codes(kept, "page") == ["size_limit"]
    assert kept.bytes_received == 1_000_000
    with (tmp_path / WARC).open("rb") as file:
        assert "length" in [r.rec_headers.get_header("WARC-Truncated") for r in ArchiveIterator(file)]


def test_a_server_that_drips_is_left_at_the_deadline(server: Server, guard: Guard, tmp_path: Path) -> None:
    start = time.monotonic()
    kept = visit(server.dripping("/lent"), tmp_path, guard, seconds=1)
    assert time.monotonic() - start < 3
    assert codes(kept, "page") == ["time_limit"]


def test_a_compressed_bomb_unpacks_no_further_than_the_limit(server: Server, guard: Guard, tmp_path: Path) -> None:
    visit(server.bomb("/bombe", megabytes=50), tmp_path, guard, max_body_bytes=1_000_000)
    assert (tmp_path / DOM).stat().st_size <= 1_000_000


def test_an_error_page_is_kept_and_named(server: Server, guard: Guard, tmp_path: Path) -> None:
    kept = visit(server.page("/disparu", "<p>Cette page n’existe plus</p>", status=410), tmp_path, guard)
    assert kept.status == 410
    assert codes(kept, "answer") == ["http_error"]
    assert (tmp_path / TEXT).read_text() == "Cette page n’existe plus"


def test_a_file_is_kept_in_the_warc_alone(server: Server, guard: Guard, tmp_path: Path) -> None:
    kept = visit(server.raw("/image", b"\x89PNG"), tmp_path, guard)
    assert codes(kept, "dom") == ["not_html"]
    assert (tmp_path / WARC).exists()


def test_a_silent_port_is_named(guard: Guard, tmp_path: Path) -> None:
    guard = Guard(allowed_for_tests=frozenset({f"127.0.0.1:{(port := closed_port())}"}))
    kept = visit(f"http://127.0.0.1:{port}/", tmp_path, guard)
    assert codes(kept, "page") == ["unreachable"]
    assert codes(kept, "warc") == ["nothing_received"]


def test_a_look_states_what_was_seen(server: Server, guard: Guard) -> None:
    there = look(server.page("/fil", PAGE), guard=guard)
    assert (there.status, there.title, there.marks, there.failure) == (200, "Un fil", (), None)
    gone = look(server.page("/g", "<h1>Cette publication a été supprimée</h1>", status=404), guard=guard)
    assert (gone.status, gone.marks) == (404, ("not_available",))
    server.page("/login", "<p>Bienvenue</p>")
    wall = look(server.redirect("/prive", "/login?next=/prive"), guard=guard)
    assert (wall.status, wall.marks, len(wall.redirects)) == (200, ("login_wall",), 1)
    inside = look("http://169.254.169.254/", guard=guard)
    assert inside.status is None
    assert inside.failure is not None
    assert inside.failure.code == "internal_address"
    assert "Première" not in str(there.facts())


def test_a_record_cut_in_the_middle_is_taken_off(server: Server, guard: Guard, tmp_path: Path) -> None:
    visit(server.page("/fil", PAGE), tmp_path, guard)
    path = tmp_path / WARC
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    assert keep_whole_records(path) == 2
    assert whole.startswith(path.read_bytes())


def test_the_index_is_the_one_other_tools_make(server: Server, guard: Guard, tmp_path: Path) -> None:
    path = tmp_path / "exemple.warc.gz"
    addresses = [
        "http://example.com/",
        "https://www.Forum.example/a/B?z=1&a=2",
        "http://127.0.0.1:8080/x?y",
        "https://x.example/p/",
        "https://x.example?b=1",
        "http://[::1]:81/",
        "https://x.example/a%20b?q=%C3%A9",
    ]
    with WarcFile(path) as warc:
        for address in addresses:
            answer = Exchange(address, "GET", [], b"", 200, "OK", [("Content-Type", "text/html")], b"x", AT)
            warc.add(answer)
            warc.add(replace(answer, method="POST", request_body=b"a=1"))
    made = subprocess.run([Path(sys.executable).with_name("cdxj-indexer"), "-s", "-p", path],
                          capture_output=True, text=True, check=True)  # fmt: skip
    theirs = [line for line in made.stdout.splitlines() if '"method": "POST"' not in line]
    assert index_lines(path) == theirs
    assert len(theirs) == len(addresses)
