"""A real Chromium before pages that behave as badly as they can."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from PIL import Image
from warcio.archiveiterator import ArchiveIterator

from vigie.evidence.captures.chromium.find import find_chromium
from vigie.evidence.captures.page import utc_now
from vigie.evidence.capturing import CaptureResult, capture_url
from vigie.evidence.guard import Blocked
from vigie.evidence.limits import Limits
from vigie.evidence.means import Means
from vigie.evidence.tests.hostile_server import PNG, Handler, Server, closed_port, hostile_server
from vigie.evidence.verify import verify

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with hostile_server() as running:
        yield running


@pytest.fixture(autouse=True)
def our_own_corner(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Keep the turn, the profiles and the processes of these tests apart from those of others on this machine."""
    with tempfile.TemporaryDirectory(prefix="v", dir="/tmp") as corner:  # short: see `visit_with_chromium`
        monkeypatch.setattr(tempfile, "tempdir", corner)
        monkeypatch.setenv("TMPDIR", corner)
        yield


@pytest.fixture
def means(chromium: str, server: Server) -> Means:
    return Means(
        chromium=find_chromium(chromium),
        allowed_for_tests=frozenset({server.host}),
        limits=Limits(seconds=25, grace_seconds=8),
    )


def capture(url: str, folder: Path, means: Means, **limits: int) -> CaptureResult:
    if limits:
        means = replace(means, limits=replace(means.limits, **limits))
    result = capture_url(url, out_dir=folder / "out", means=means)
    verify(result.bundle.path)
    assert family() == []
    return result


def family() -> list[str]:
    """Return the processes of these tests' captures that are still there."""
    lines = (" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"]))
    return [line[:200] for line in lines if f"{tempfile.gettempdir()}/vigie-c-" in line]


def drivers() -> list[psutil.Process]:
    """Return the processes that drive a browser for these tests."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if process.info["cmdline"]
        and "vigie.evidence.captures.chromium.browser" in process.info["cmdline"]
        and process.info["cmdline"][-1].startswith(tempfile.gettempdir())
    ]


def codes(result: CaptureResult, what: str) -> list[str]:
    return [entry.reason.code for entry in result.missing if entry.what == what]


def archived(result: CaptureResult, folder: Path) -> dict[str, tuple[str, bytes]]:
    with zipfile.ZipFile(result.bundle.path) as container:
        data = container.read("archive/capture.warc.gz")
    return {
        record.rec_headers.get_header("WARC-Target-URI"): (
            record.http_headers.get_statuscode(),
            record.content_stream().read(),
        )
        for record in ArchiveIterator(io.BytesIO(data))
        if record.rec_type == "response"
    }


def test_a_page_is_kept_as_a_visitor_sees_it(server: Server, means: Means, tmp_path: Path) -> None:
    server.raw("/image.png", PNG)
    server.raw("/donnees.json", '{"texte": "Écrit par un script"}'.encode(), content_type="application/json")
    server.page("/cadre", "<p>Dans un cadre</p>")
    url = server.page(
        "/fil",
        "<title>Un fil</title><h1>Bonjour</h1><p id=a></p><iframe src=/cadre></iframe>"
        "<div style='height:3000px'></div><img loading=lazy src=/image.png>"
        "<script>fetch('/donnees.json').then(r=>r.json()).then(d=>a.textContent=d.texte)</script>",
    )
    result = capture(server.redirect("/court", "/fil"), tmp_path, means)
    assert (result.status, result.missing) == ("done", [])
    assert [(hop["status"], hop["by"]) for hop in result.visit.chain] == [(302, "asked"), (200, "server")]
    text = (result.folder / "text.txt").read_text()
    assert "Écrit par un script" in text
    assert "Dans un cadre" in text
    assert "Écrit par un script" in (result.folder / "dom.html").read_text()
    with Image.open(result.folder / "screenshot.png") as picture:
        assert picture.width == 1280
        assert picture.height > 3000
    kept = archived(result, tmp_path)
    assert kept[url][0] == "200"
    assert kept[server.url("/image.png")] == ("200", PNG)
    assert {server.url("/court"), server.url("/cadre"), server.url("/donnees.json")} < set(kept)
    assert result.visit.remote == {server.host: "127.0.0.1"}
    assert not any("google" in address for address in kept)


def test_nothing_on_a_page_reaches_the_inside(server: Server, means: Means, tmp_path: Path) -> None:
    """Script, image, frame, form, web socket, prefetch, worker, WebRTC and WebTransport: none arrives."""
    arrived: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as inside, socket.socket(type=socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        port, udp_port = inside.getsockname()[1], udp.getsockname()[1]
        for listening in (inside, udp):
            listening.settimeout(0.1)
        stop = threading.Event()

        def listen() -> None:
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    arrived.append(inside.accept()[0].recv(200))
                with contextlib.suppress(TimeoutError):
                    arrived.append(udp.recv(200))

        thread = threading.Thread(target=listen)
        thread.start()
        server.raw("/w.js", f"fetch('http://127.0.0.1:{port}/worker')".encode(), content_type="text/javascript")
        hosts = f"127.0.0.1:{port} localhost:{port} [::1]:{port} 2130706433:{port} 127.1:{port}".split()
        hosts += ["169.254.169.254", "10.0.0.1", "[::ffff:7f00:1]", "0x7f000001"]
        tags = "".join(
            f"<img src='http://{h}/i'><script src='http://{h}/s'></script><iframe src='http://{h}/f'></iframe>"
            f"<link rel=stylesheet href='http://{h}/c'><link rel=preconnect href='http://{h}'>"
            f"<script>fetch('http://{h}/x',{{mode:'no-cors'}}).catch(()=>0);new WebSocket('ws://{h}/ws')</script>"
            for h in hosts
        )
        script = (
            f"<script>new Worker('/w.js');"
            f"const p=new RTCPeerConnection({{iceServers:[{{urls:'stun:127.0.0.1:{udp_port}'}}]}});"
            f"p.createDataChannel('x');p.createOffer().then(o=>p.setLocalDescription(o));"
            f"try{{new WebTransport('https://127.0.0.1:{udp_port}/')}}catch(e){{}}</script>"
        )
        result = capture(server.page("/espion", f"<p>Bonjour</p>{tags}{script}"), tmp_path, means)
        stop.set()
        thread.join()
    assert arrived == []
    assert (result.folder / "text.txt").read_text().startswith("Bonjour")
    reasons = {entry.reason.code for entry in result.missing}
    assert {"port", "internal_address"} <= reasons


@pytest.mark.parametrize(
    "to",
    ["http://127.0.0.1:{closed}/", "http://169.254.169.254/latest/", "http://[::1]/", "http://10.0.0.1/",
     "http://2130706433/", "http://[::ffff:169.254.169.254]/"],
)  # fmt: skip
def test_a_redirect_to_the_inside_is_not_followed(server: Server, means: Means, tmp_path: Path, to: str) -> None:
    result = capture(server.redirect("/piege", to.format(closed=closed_port())), tmp_path, means)
    assert result.status == "failed"
    assert codes(result, "page")[0] in {"internal_address", "port"}
    assert not (result.folder / "screenshot.png").exists()


@pytest.mark.parametrize(
    "leave",
    ["<meta http-equiv=refresh content='0;url=http://169.254.169.254/latest/'>",
     "<script>location='http://10.0.0.1/'</script>",
     "<form action='http://127.0.0.1:80/' method=post></form><script>document.forms[0].submit()</script>"],
)  # fmt: skip
def test_a_page_that_leaves_for_the_inside_is_kept_where_it_stood(
    server: Server, means: Means, tmp_path: Path, leave: str
) -> None:
    result = capture(server.page("/fuite", f"<p>Resté là</p>{leave}"), tmp_path, means)
    assert codes(result, "page") == ["internal_address"]
    assert "Resté là" in (result.folder / "text.txt").read_text()
    assert (result.folder / "screenshot.png").exists()


def test_an_inside_address_is_refused_before_anything_starts(means: Means, tmp_path: Path) -> None:
    with pytest.raises(Blocked):
        capture_url(f"http://localhost:{closed_port()}/", out_dir=tmp_path / "out", means=means)
    assert list(tmp_path.iterdir()) == []


def test_redirect_loops_end_whoever_makes_them(server: Server, means: Means, tmp_path: Path) -> None:
    by_server = capture(server.redirect("/boucle", "/boucle?n"), tmp_path / "a", means)
    assert "too_many_redirects" in codes(by_server, "page")
    assert len([path for path in server.asked if path.startswith("/boucle")]) <= 12
    by_script = capture(
        server.page("/tourne", "<script>location='/tourne?'+Math.random()</script>"), tmp_path / "b", means
    )
    assert "too_many_redirects" in codes(by_script, "page")
    assert len([path for path in server.asked if path.startswith("/tourne")]) <= 12


def test_an_endless_body_is_cut(server: Server, means: Means, tmp_path: Path) -> None:
    result = capture(server.endless("/sans-fin"), tmp_path, means, max_bytes=3_000_000)
    assert "size_limit" in codes(result, "page")
    assert result.visit.bytes_received < 10_000_000


def test_a_compressed_bomb_does_not_fill_the_memory(server: Server, means: Means, tmp_path: Path) -> None:
    result = capture(server.bomb("/bombe", megabytes=300), tmp_path, means, max_decoded_bytes=20_000_000)
    assert {"size_limit", "memory_limit"} & set(codes(result, "page"))


def test_a_memory_eater_is_killed(server: Server, means: Means, tmp_path: Path) -> None:
    url = server.page("/gloutonne", "<script>a=[];setInterval(()=>a.push(new Uint8Array(3e7).fill(1)),20)</script>")
    result = capture(url, tmp_path, means, max_memory_bytes=700_000_000)
    assert codes(result, "page") == ["memory_limit"]


def test_a_dripping_server_is_left_in_time(server: Server, means: Means, tmp_path: Path) -> None:
    result = capture(server.dripping("/lent"), tmp_path, means, seconds=6)
    assert "time_limit" in codes(result, "page")


def test_a_page_too_high_is_cut_and_said_to_be(server: Server, means: Means, tmp_path: Path) -> None:
    result = capture(server.page("/haute", "<div style='height:90000px'>x</div>"), tmp_path, means, max_height_px=4000)
    assert codes(result, "screenshot") == ["height_limit"]
    with Image.open(result.folder / "screenshot.png") as picture:
        assert picture.height == 4000


def test_windows_dialogs_and_downloads_are_refused_and_told(server: Server, means: Means, tmp_path: Path) -> None:
    server.raw("/virus.exe", b"MZ" * 100, content_type="application/octet-stream", Content_Disposition="attachment")
    url = server.page(
        "/bruyante",
        "<p>Bonjour</p><iframe src=/virus.exe></iframe><script>alert('a');confirm('b');window.open('/fil')</script>",
    )
    result = capture(url, tmp_path, means)
    assert "Bonjour" in (result.folder / "text.txt").read_text()
    assert {"dialog", "popup", "download"} <= set(codes(result, "window"))


def test_an_address_that_is_a_file_is_kept_in_the_archive(server: Server, means: Means, tmp_path: Path) -> None:
    url = server.raw("/tract.pdf", b"%PDF-1.4 x", content_type="application/pdf", Content_Disposition="attachment")
    result = capture(url, tmp_path, means)
    assert result.status == "partial"
    assert codes(result, "screenshot") == ["is_download"]
    assert archived(result, tmp_path)[url] == ("200", b"%PDF-1.4 x")


def test_a_pdf_is_kept_as_the_site_sent_it_and_not_as_the_browser_shows_it(
    server: Server, means: Means, tmp_path: Path
) -> None:
    """What Chromium gives for its body is the page of its own viewer, under the site's name."""
    pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    url = server.raw("/affiche.pdf", pdf, content_type="application/pdf")
    result = capture(url, tmp_path, means)
    assert archived(result, tmp_path)[url] == ("200", pdf)
    assert codes(result, "screenshot") == ["is_download"]
    assert not (result.folder / "dom.html").exists()


def test_a_pdf_inside_a_page_is_said_to_be_missing(server: Server, means: Means, tmp_path: Path) -> None:
    inside = server.raw("/dedans.pdf", b"%PDF-1.4 x", content_type="application/pdf")
    result = capture(server.page("/cadre", "<p>Un cadre</p><iframe src='/dedans.pdf'></iframe>"), tmp_path, means)
    assert "Un cadre" in (result.folder / "text.txt").read_text()
    assert codes(result, inside) == ["body_lost"]
    assert archived(result, tmp_path)[inside] == ("200", b"")


def test_an_error_page_is_kept_with_its_status(server: Server, means: Means, tmp_path: Path) -> None:
    result = capture(server.page("/disparu", "<p>Supprimé</p>", status=410), tmp_path, means)
    assert (result.status, result.visit.status, codes(result, "answer")) == ("done", 410, ["http_error"])


def test_a_script_that_never_yields_leaves_the_archive_and_no_process(
    server: Server, means: Means, tmp_path: Path
) -> None:
    url = server.page("/figee", "<p>Bonjour</p><script>for(;;);</script>")
    result = capture(url, tmp_path, means, seconds=20)
    assert result.status == "partial"
    assert codes(result, "screenshot") == ["time_limit"]
    assert (result.folder / "text.txt").read_text() == "Bonjour"
    assert url in archived(result, tmp_path)


def test_a_visit_that_hangs_is_killed_with_its_whole_family(
    server: Server, means: Means, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The driver is stopped from outside: nothing in the visit can end it any more, the warden does."""

    def answer(handler: Handler) -> None:
        for process in drivers():
            process.suspend()
        time.sleep(0.2)

    result = capture(server.answer("/fige", answer), tmp_path, means, seconds=8, grace_seconds=1)
    assert result.status == "failed"
    assert "killed" in codes(result, "page")


def test_killing_the_one_who_asked_leaves_no_process(server: Server, means: Means, tmp_path: Path) -> None:
    url = server.endless("/longue")
    environment = {
        **os.environ,
        "VIGIE_CAPTURE_ALLOW_HOSTS_FOR_TESTS": server.host,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    command = [sys.executable, "-m", "vigie", "capture", url, "--out", str(tmp_path / "out")]
    with subprocess.Popen(command, env=environment, cwd=tmp_path, start_new_session=True) as asking:
        until = time.monotonic() + 60
        while "/longue" not in server.asked and time.monotonic() < until:
            time.sleep(0.05)
        assert family() != []
        asking.send_signal(signal.SIGKILL)
    until = time.monotonic() + 60
    while family() and time.monotonic() < until:
        time.sleep(0.1)
    assert family() == []
    assert list(tmp_path.iterdir()) == []


def test_the_visit_knows_no_secret_and_keeps_no_profile(
    server: Server, means: Means, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIGIE_SECRET_KEY_FILE", "/run/secrets/vigie")
    seen: list[str] = []

    def answer(handler: Handler) -> None:
        for process in drivers():
            seen.extend(process.environ())
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.send_header("Set-Cookie", "trace=1; Max-Age=999999")
        handler.end_headers()
        handler.wfile.write(f"<p>cookie={handler.headers.get('Cookie')}</p>".encode())

    url = server.answer("/traces", answer)
    for name in ("a", "b"):
        result = capture(url, tmp_path / name, means)
        assert "cookie=None" in (result.folder / "text.txt").read_text()
    assert "PATH" in seen
    assert not [name for name in seen if name.startswith("VIGIE")]
    assert utc_now() > result.visit.started_at
