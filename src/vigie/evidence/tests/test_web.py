"""Evidence at the desk, through its addresses."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.utils import timezone
from PIL import Image, PngImagePlugin

from vigie.casefile import files
from vigie.casefile.models import Case, Content
from vigie.casefile.tests.builders import make_case
from vigie.evidence.models import Capture, State
from vigie.evidence.tests.builders import make_capture
from vigie.intake.actions import file_report, receive_report
from vigie.intake.models import Attachment
from vigie.intake.rules.values import Door, Upload
from vigie.organisations.tests.cast import Cast

TEXT = "Une phrase inventée."


def png(width: int = 800, height: int = 600) -> bytes:
    picture = Image.new("RGB", (width, height), (200, 30, 30))
    about = PngImagePlugin.PngInfo()
    about.add_text("Author", "Zoé, 12 rue de l’Exemple")
    out = io.BytesIO()
    picture.save(out, "PNG", pnginfo=about)
    return out.getvalue()


def kept_capture(case: Case, **columns: object) -> Capture:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        bundle.writestr("evidence/screenshot.png", png())
        bundle.writestr("evidence/text.txt", TEXT + " <script>alert(1)</script> bougnoule")
    kept = files.keep(out.getvalue())
    return make_capture(
        case, bundle_sha256=kept.sha256, bundle_size=kept.size, has_screenshot=True, http_status=200, **columns
    )


@pytest.fixture
def case(cast: Cast) -> Case:
    return make_case(cast.veille.pk)


def address(case: Case, capture: Capture, rest: str = "") -> str:
    return f"/bureau/dossiers/{case.ref}/captures/{capture.pk}/{rest}"


def test_the_page_of_a_case_lists_its_captures_and_shows_no_picture(cast: Cast, case: Case) -> None:
    capture = kept_capture(case, missing=[{"what": "screenshot", "code": "no_browser", "detail": ""}])
    page = cast.bruno.browser().get(f"/bureau/dossiers/{case.ref}/").content.decode()
    assert "faite et scellée" in page
    assert "Chromium n’est pas installé ici" in page
    assert address(case, capture) in page
    assert "<img" not in page
    assert TEXT not in page


def test_the_picture_is_shown_beside_the_content_when_asked_for_and_veiled(cast: Cast, case: Case) -> None:
    capture, browser = kept_capture(case), cast.bruno.browser()
    plain = browser.get(f"/bureau/dossiers/{case.ref}/").content.decode()
    assert "<img" not in plain
    assert "?image=voilee#picture" in plain
    asked = browser.get(f"/bureau/dossiers/{case.ref}/?image=voilee").content.decode()
    assert f'<img class="evidence" src="{address(case, capture, "image-voilee.jpg")}"' in asked
    assert "image-nette.jpg" not in asked


def test_picture_and_words_come_when_asked_for_veiled_first(cast: Cast, case: Case) -> None:
    capture, browser = kept_capture(case), cast.bruno.browser()
    page = browser.get(address(case, capture)).content.decode()
    assert "<img" not in page
    assert "bougnoule" not in page
    assert "&lt;script&gt;" in page
    veiled = browser.get(address(case, capture, "?image=voilee")).content.decode()
    assert "image-voilee.jpg" in veiled
    assert "image-nette.jpg" not in veiled
    assert "image-nette.jpg" in browser.get(address(case, capture, "?image=nette&mots=1")).content.decode()
    assert "bougnoule" in browser.get(address(case, capture, "?mots=1")).content.decode()


@pytest.mark.parametrize(("veil", "size", "is_grey"), [("voilee", 480, True), ("nette", 800, False)])
def test_pictures_are_drawn_anew_without_what_they_hid(
    cast: Cast, case: Case, veil: str, size: int, is_grey: bool
) -> None:
    answer = cast.bruno.browser().get(address(case, kept_capture(case), f"image-{veil}.jpg"))
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert b"Exemple" not in answer.content
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert picture.width == size
        assert (picture.mode == "L") is is_grey


def test_the_evidence_leaves_as_a_download_byte_for_byte(cast: Cast, case: Case) -> None:
    capture = kept_capture(case)
    answer = cast.bruno.browser().get(address(case, capture, "preuve.wacz"))
    assert answer.content == files.read(capture.bundle_sha256)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{case.ref}-capture-{capture.pk}.wacz"'
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("rest", ["", "image-voilee.jpg", "preuve.wacz"])
def test_another_association_and_other_roles_see_nothing(cast: Cast, case: Case, rest: str) -> None:
    capture = kept_capture(case)
    assert cast.judith.browser().get(address(case, capture, rest)).status_code == 200
    assert cast.dario.browser().get(address(case, capture, rest)).status_code == 404
    for person in (cast.adele, cast.anatole, cast.victor):
        assert person.browser().get(address(case, capture, rest)).status_code == 403


@pytest.mark.parametrize("rest", ["", "image-voilee.jpg", "preuve.wacz"])
def test_a_capture_is_reached_through_its_own_case_alone(cast: Cast, case: Case, rest: str) -> None:
    capture, other = kept_capture(case), make_case(cast.veille.pk)
    assert cast.bruno.browser().get(address(other, capture, rest)).status_code == 404


@pytest.mark.parametrize("rest", ["", "image-voilee.jpg", "preuve.wacz"])
def test_what_may_not_be_kept_is_shown_to_nobody(cast: Cast, case: Case, rest: str) -> None:
    capture = kept_capture(case)
    Content.objects.of(cast.veille).update(never_fetch=True)
    assert cast.chloe.browser().get(address(case, capture, rest)).status_code == 404
    page = cast.chloe.browser().get(f"/bureau/dossiers/{case.ref}/").content.decode()
    assert "captures/" not in page


def test_a_button_asks_for_a_capture(cast: Cast, case: Case) -> None:
    content, browser = Content.objects.of(cast.veille).get(), cast.bruno.browser()
    page = browser.get(f"/bureau/dossiers/{case.ref}/").content.decode()
    assert "Capturer maintenant" in page
    ask = f"/bureau/dossiers/{case.ref}/captures/demander"
    assert browser.post(ask, {"content": content.pk}).status_code == 302
    assert Capture.objects.of(cast.veille).get().state == State.WAITING
    page = browser.get(f"/bureau/dossiers/{case.ref}/").content.decode()
    assert "en attente" in page
    assert f'hx-get="/bureau/dossiers/{case.ref}/captures/"' in page
    assert "en attente" in browser.get(f"/bureau/dossiers/{case.ref}/captures/").content.decode()
    assert "Capturer" not in page
    assert browser.post(ask, {"content": "999999"}).status_code == 404
    assert browser.get(ask).status_code == 405
    assert cast.dario.browser().post(ask, {"content": content.pk}).status_code == 404


def attached(cast: Cast, *uploads: Upload) -> tuple[Case, list[Attachment]]:
    received = receive_report(
        actor=cast.public, door=Door.FORM, addresses=["https://forum.example/9"], attachments=uploads,
        nonce="essai", now=timezone.now(),
    )  # fmt: skip
    (case,) = file_report(received.report, timezone.now())
    return case, list(Attachment.objects.of(cast.veille).order_by("pk"))


def test_joined_pictures_are_shown_veiled_and_given_back_as_they_came(cast: Cast) -> None:
    original = png()
    case, (picture, letter) = attached(
        cast, Upload("écran.png", original), Upload("x.eml", b"From: a@b.example\r\nDate: x\r\n\r\nMot")
    )
    browser = cast.bruno.browser()
    page = browser.get(f"/bureau/dossiers/{case.ref}/").content.decode()
    base = f"/bureau/dossiers/{case.ref}/images/"
    assert f"{base}{picture.pk}/" in page
    assert f"{base}{letter.pk}/" not in page
    page = browser.get(f"{base}{picture.pk}/").content.decode()
    assert "<img" not in page
    download = f"/bureau/dossiers/{case.ref}/fichiers/{picture.pk}"
    assert download in page
    assert browser.get(download).content == original
    assert browser.get(f"{base}{picture.pk}/image-voilee.jpg").headers["Content-Type"] == "image/jpeg"
    assert browser.get(f"{base}{letter.pk}/image-voilee.jpg").status_code == 404
    assert cast.dario.browser().get(f"{base}{picture.pk}/image-voilee.jpg").status_code == 404
    Content.objects.of(cast.veille).update(never_fetch=True)
    assert browser.get(f"{base}{picture.pk}/image-voilee.jpg").status_code == 404


def test_a_picture_that_is_a_bomb_or_broken_is_refused_and_kept(cast: Cast) -> None:
    bomb = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(bomb, "PNG")
    case, (large, broken) = attached(cast, Upload("a.png", bomb.getvalue()), Upload("b.png", png()[:400]))
    browser = cast.bruno.browser()
    for attachment in (large, broken):
        base = f"/bureau/dossiers/{case.ref}/images/{attachment.pk}/"
        answer = browser.get(f"{base}image-voilee.jpg")
        assert answer.status_code == 422
        assert "ne peut pas être affichée" in answer.content.decode()
        assert browser.get(f"/bureau/dossiers/{case.ref}/fichiers/{attachment.pk}").status_code == 200
