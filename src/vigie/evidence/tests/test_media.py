"""What stands around a content, on the page of its case: from our own capture, behind the veil, and never unasked."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image

from vigie.casefile import files
from vigie.casefile.models import Case
from vigie.casefile.queries import contents_of
from vigie.casefile.tests.builders import make_case
from vigie.core.errors import NotFound
from vigie.evidence import media
from vigie.evidence.models import Capture
from vigie.evidence.tests.builders import make_page_capture
from vigie.evidence.tests.test_web import kept_capture, png
from vigie.organisations.tests.cast import Cast

SITE = "https://reseau.example"
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\x00" * 400
PAGE = """<article><time datetime="2026-11-01T10:00:00+01:00">hier</time><p>Avant : sale bougnoule.</p></article>
<article><p>Un message inventé.</p><img src="/une.png" alt="Dessin : bougnoule"><img src="/perdue.png">
<video src="/film.mp4" poster="/film.png"></video><audio src="/leurre.mp3"></audio></article>
<article><p>Réponse &lt;script&gt;alert(1)&lt;/script&gt;</p></article>"""
ANSWERS = {
    f"{SITE}/une.png": (200, png()),
    f"{SITE}/film.mp4": (200, MP4),
    f"{SITE}/film.png": (206, b"\x89PNG"),
    f"{SITE}/leurre.mp3": (200, b"<html><script>alert(1)</script></html>"),
}


@pytest.fixture
def case(cast: Cast) -> Case:
    return make_case(cast.veille.pk, url=f"{SITE}/p/2")


@pytest.fixture
def capture(case: Case) -> Capture:
    return make_page_capture(case, PAGE, ANSWERS)


def around(cast: Cast, case: Case, capture: Capture, asked: str = "") -> str:
    answer = cast.bruno.browser().get(f"/bureau/dossiers/{case.ref}/captures/{capture.pk}/autour/{asked}")
    assert answer.status_code == 200
    return answer.content.decode()


def links(page: str) -> list[str]:
    return re.findall(r'href="(/bureau/[^"]+/medias/[^"]+)"', page)


def test_the_thread_is_told_with_its_words_masked_and_nothing_of_its_markup(
    cast: Cast, case: Case, capture: Capture
) -> None:
    page = around(cast, case, capture)
    assert page.index("Avant, dans la page") < page.index("1 novembre 2026") < page.index("Après, dans la page")
    assert "bougnoule" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page
    assert "bougnoule" in around(cast, case, capture, "?mots=1")


def test_the_page_of_the_case_asks_for_it_afterwards_and_holds_it_when_asked(
    cast: Cast, case: Case, capture: Capture
) -> None:
    browser = cast.bruno.browser()
    page = browser.get(f"/bureau/dossiers/{case.ref}/").content.decode()
    assert f"captures/{capture.pk}/autour/" in page
    assert "Avant, dans la page" not in page
    page = browser.get(f"/bureau/dossiers/{case.ref}/?autour=1").content.decode()
    assert "Avant, dans la page" in page
    assert "<img" not in page
    assert browser.get(f"/bureau/dossiers/{case.ref}/?medias=voiles").content.decode().count("<img") == 1


def test_media_are_named_with_type_and_size_and_what_is_not_kept_is_said(
    cast: Cast, case: Case, capture: Capture
) -> None:
    page = around(cast, case, capture)
    assert "image/png" in page
    assert "video/mp4" in page
    assert page.count("pas gardé par la capture") == 1
    assert page.count("gardé en partie seulement") == 1
    assert "<img" not in page
    assert "<video" not in page
    assert len(links(page)) == 2  # what calls itself a sound and is a page is named, and not played


def test_a_picture_is_drawn_anew_grey_unless_asked_otherwise(cast: Cast, case: Case, capture: Capture) -> None:
    browser = cast.bruno.browser()
    picture, _film = links(around(cast, case, capture))
    assert "<img" not in browser.get(picture).content.decode()
    page = browser.get(f"{picture}?image=voilee").content.decode()
    assert "bougnoule" not in page
    answer = browser.get(f"{picture}image-voilee.jpg")
    assert answer.headers["Content-Type"] == "image/jpeg"
    red, green, blue = Image.open(io.BytesIO(answer.content)).convert("RGB").getpixel((100, 100))  # type: ignore[misc]
    assert red == green == blue
    assert browser.get(f"{picture}lecture").status_code == 404


def test_a_video_opens_stopped_and_muted_and_only_when_asked(cast: Cast, case: Case, capture: Capture) -> None:
    browser = cast.bruno.browser()
    _picture, film = links(around(cast, case, capture))
    assert "<video" not in browser.get(film).content.decode()
    player = re.findall(r"<video[^>]*>", browser.get(f"{film}?lire=1").content.decode())[0]
    assert " muted " in player
    assert 'preload="none"' in player
    assert "autoplay" not in player
    answer = browser.get(f"{film}lecture")
    assert (answer.headers["Content-Type"], answer.content) == ("video/mp4", MP4)
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert browser.get(f"{film}image-voilee.jpg").status_code == 404


def test_nothing_of_a_content_set_aside_nor_of_another_association_is_shown(
    cast: Cast, case: Case, capture: Capture
) -> None:
    picture, film = links(around(cast, case, capture))
    for address in (picture, film, f"{picture}image-nette.jpg", f"{film}lecture"):
        assert cast.dario.browser().get(address).status_code == 404
    content = contents_of(case)[0]
    content.never_fetch = True
    content.save(update_fields=["never_fetch"])
    for address in (picture, film, f"{picture}image-nette.jpg", f"{film}lecture"):
        assert cast.bruno.browser().get(address).status_code == 404


def test_a_capture_without_html_says_so(cast: Cast, case: Case) -> None:
    capture = kept_capture(case)
    assert "pas gardé le HTML" in around(cast, case, capture)


def test_what_was_read_once_is_not_read_again_and_never_outlives_its_bundle(
    capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = media.seen_around(capture)
    monkeypatch.setattr(media, "read_around", None)
    assert media.seen_around(capture) == first
    path = files.path_of(capture.bundle_sha256)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(files.FileAltered):
        media.seen_around(capture)
    path.unlink()
    with pytest.raises(NotFound):
        media.seen_around(capture)
