"""What we know of a platform is checked when it is read, and a local platform is one more file."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from vigie.core.errors import NotFound
from vigie.platforms.registry import Channel, PlatformFileError, Verification, read_platform, registry
from vigie.platforms.resolve import resolve

AGORA = Path(__file__).parent / "agora.yaml"
PROMISED = {
    "x", "facebook", "instagram", "threads", "youtube", "tiktok", "snapchat", "telegram", "bluesky", "mastodon",
    "reddit", "linkedin", "discord", "twitch", "pinterest", "odysee", "rumble", "vk", "dailymotion", "jeuxvideo", "web",
}  # fmt: skip


def test_every_promised_platform_is_described() -> None:
    assert {platform.slug for platform in registry()} == PROMISED


def test_a_verified_platform_says_when_and_where() -> None:
    for platform in registry():
        assert platform.source
        if platform.verification is not Verification.UNVERIFIED:
            assert platform.last_verified, platform.slug


def test_a_platform_that_has_published_nothing_is_given_the_house_delays() -> None:
    x = registry()["x"].notices
    assert (x.decision_within, x.decision_within_if_trusted) == (timedelta(days=7), timedelta(days=3))


def test_what_was_never_verified_carries_no_date() -> None:
    for platform in registry():
        if platform.verification is Verification.UNVERIFIED:
            assert platform.last_verified is None, platform.slug
            assert all(form.verification is not Verification.READ for form in platform.notices.forms), platform.slug


def test_every_text_of_a_shipped_platform_has_its_english() -> None:
    for platform in registry():
        french, english = platform.notices, platform.notices.in_language("en-GB")
        assert english.menu, platform.slug
        assert bool(french.note) == bool(english.note), platform.slug
        assert all(form.what_for for form in english.forms)
        assert french.in_language("fr") is french


def test_an_unknown_platform_is_not_found() -> None:
    with pytest.raises(NotFound, match="nulle-part"):
        registry()["nulle-part"]


def test_a_local_platform_is_one_more_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(AGORA, tmp_path)
    monkeypatch.setenv("VIGIE_EXTRA_PLATFORMS", str(tmp_path))
    post = resolve("http://localhost:8081/@Amina/posts/1234?utm_source=x")
    assert post.as_dict() == {
        "url": "http://localhost:8081/@Amina/posts/1234?utm_source=x",
        "platform": "agora",
        "kind": "post",
        "key": "agora:post:1234",
        "canonical_url": "http://localhost:8081/@amina/posts/1234",
        "account": "amina",
    }
    assert resolve("127.0.0.1:8081/@amina/posts/1234").key == post.key
    assert resolve("http://localhost:8081/@amina/posts/1234#reply-7").key == "agora:post:1234:comment:7"
    assert resolve("http://localhost:8081/@amina").kind == "account"
    assert resolve("http://localhost:8082/@amina/posts/1234").platform == "web"
    assert resolve("http://localhost:8081/").key == "agora:page:localhost:8081/"
    assert registry()["agora"].notices.channel is Channel.EMAIL


def test_without_the_setting_the_local_platform_is_unknown() -> None:
    assert resolve("http://localhost:8081/@amina/posts/1234").platform == "web"
    assert "agora" not in registry()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlatformFileError, match=r"VIGIE_EXTRA_PLATFORMS.*absent"):
        registry(tmp_path / "absent")


def pattern(**fields: str) -> dict[str, object]:
    return {"addresses.patterns": [{"kind": "post", "path": "/a", "key": "a", "canonical": "/a", **fields}]}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"nmae": "Agora"}, "nmae : is not a field we know"),
        ({"name": None}, "name : is missing"),
        ({"is_vlop": "oui"}, "is_vlop : should be true, false or empty"),
        ({"last_verified": "hier"}, "last_verified : should be a day"),
        ({"verification": "sûr"}, "verification : “sûr” is none of read, secondary, unverified"),
        ({"notices": None}, "notices : should be a list"),
        ({"notices.channel": "pigeon"}, "notices.channel : “pigeon” is none of"),
        ({"notices.email": None}, "notices.email : is missing, although the channel is e-mail"),
        ({"notices.decision_within_days": 0}, "notices.decision_within_days : should be a whole number"),
        (pattern(kind="billet"), "addresses.patterns[1].kind : “billet” is none of"),
        (pattern(path="/{qui}"), "addresses.patterns[1] : “/{qui}”: “qui” is not described under “parts”"),
        (pattern(key="{id|haut}"), "addresses.patterns[1] : “{id|haut}”: there is no filter “haut”"),
        (pattern(canonical=""), "addresses.patterns[1].canonical : is missing"),
        ({"addresses.parts": {"handle": "(", "id": "1", "reply": "1"}}, "addresses.patterns[1] : "),
    ],
)
def test_a_fault_in_a_file_is_named_with_its_field(tmp_path: Path, change: dict[str, object], complaint: str) -> None:
    content = yaml.safe_load(AGORA.read_text(encoding="utf-8"))
    for path, value in change.items():
        *ways, last = path.split(".")
        place = content
        for way in ways:
            place = place[way]
        place[last] = value
    file = tmp_path / "agora.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(PlatformFileError, match=re.escape(complaint)) as fault:
        read_platform(file)
    assert "agora.yaml" in str(fault.value)


def test_a_host_belongs_to_one_platform(tmp_path: Path) -> None:
    (tmp_path / "faux-x.yaml").write_text(AGORA.read_text().replace("'localhost:8081'", "x.com"), encoding="utf-8")
    with pytest.raises(PlatformFileError, match=r"“x\.com” already belongs to “x”"):
        registry(tmp_path)


def test_a_shipped_platform_cannot_be_replaced_by_accident(tmp_path: Path) -> None:
    shutil.copy(AGORA, tmp_path / "x.yaml")
    with pytest.raises(PlatformFileError, match="already described"):
        registry(tmp_path)
