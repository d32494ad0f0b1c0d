"""A bundle is whole or it is not: no changed byte, added file or second copy of a name passes."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vigie.__main__ import main
from vigie.evidence.bundle import canonical
from vigie.evidence.capturing import CaptureResult, capture_url
from vigie.evidence.means import Means
from vigie.evidence.tests.hostile_server import Server, closed_port, hostile_server
from vigie.evidence.tests.local_tsa import LocalTsa, local_tsa
from vigie.evidence.verify import Broken, Unreadable, verify

PAGE = "<title>Un fil</title><p>Première ligne</p>"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with hostile_server() as running:
        running.page("/fil", PAGE)
        yield running


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalTsa]:
    with local_tsa(tmp_path_factory.mktemp("tsa")) as running:
        yield running


@pytest.fixture(scope="module")
def means(server: Server, tsa: LocalTsa) -> Means:
    return Means(authority=tsa.authority, allowed_for_tests=frozenset({server.host}))


@pytest.fixture(scope="module")
def captured(server: Server, means: Means, tmp_path_factory: pytest.TempPathFactory) -> CaptureResult:
    return capture_url(server.url("/fil"), out_dir=tmp_path_factory.mktemp("out") / "fil", means=means)


def members(bundle: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(bundle) as container:
        return {name: container.read(name) for name in container.namelist()}


def rewritten(bundle: Path, to: Path, **changes: bytes) -> Path:
    """Write the bundle anew with other contents for some members (`__` stands for `/`)."""
    content = {**members(bundle), **{name.replace("__", "/"): data for name, data in changes.items()}}
    with zipfile.ZipFile(to, "w") as container:
        for name, data in sorted(content.items()):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            container.writestr(entry, data)
    return to


def test_a_bundle_holds_what_the_contract_lists_and_verifies(captured: CaptureResult, tsa: LocalTsa) -> None:
    inside = members(captured.bundle.path)
    assert {"evidence/text.txt", "evidence/capture.json", "evidence/manifest.json", "evidence/manifest.tsr"} < set(
        inside
    )
    verified = verify(captured.bundle.path, roots=tsa.root.read_bytes())
    assert verified.timestamp is not None
    assert verified.timestamp.authority == "Horodatage de test"
    assert verified.manifest_sha256 == hashlib.sha256(inside["evidence/manifest.json"]).hexdigest()
    listed = {row["path"]: row["sha256"] for row in json.loads(inside["evidence/manifest.json"])["files"]}
    assert listed == {
        name: hashlib.sha256(data).hexdigest()
        for name, data in inside.items()
        if name
        not in {"evidence/manifest.json", "evidence/manifest.tsr", "datapackage.json", "datapackage-digest.json"}
    }


def test_other_programs_accept_it(captured: CaptureResult, tsa: LocalTsa, tmp_path: Path) -> None:
    folder = captured.folder
    openssl = ["openssl", "ts", "-verify", "-in", folder / "manifest.tsr", "-data", folder / "manifest.json"]
    assert subprocess.run([*openssl, "-CAfile", tsa.root], capture_output=True, check=False).returncode == 0
    wacz = Path(sys.executable).with_name("wacz")
    assert (
        subprocess.run([wacz, "validate", "-f", captured.bundle.path], capture_output=True, check=False).returncode == 0
    )
    warc = tmp_path / "capture.warc.gz"
    warc.write_bytes(members(captured.bundle.path)["archive/capture.warc.gz"])
    warcio = [Path(sys.executable).with_name("warcio"), "check", warc]
    assert subprocess.run(warcio, capture_output=True, check=False).returncode == 0


def test_one_changed_byte_in_any_file_is_found_and_named(captured: CaptureResult, tmp_path: Path) -> None:
    whole = captured.bundle.path.read_bytes()
    with zipfile.ZipFile(captured.bundle.path) as container:
        places = {entry.filename: entry.header_offset + 30 + len(entry.filename) for entry in container.infolist()}
        sizes = {entry.filename: entry.file_size for entry in container.infolist()}
    for name, start in places.items():
        for offset in {0, sizes[name] // 2, sizes[name] - 1}:
            changed = bytearray(whole)
            changed[start + offset] ^= 0x01
            bad = tmp_path / "bad.wacz"
            bad.write_bytes(changed)
            with pytest.raises(Broken, match=name.rpartition("/")[2]):
                verify(bad)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_changed_byte_anywhere_in_the_container_is_found(
    captured: CaptureResult, tmp_path: Path, data: st.DataObject
) -> None:
    changed = bytearray(captured.bundle.path.read_bytes())
    position = data.draw(st.integers(0, len(changed) - 1))
    changed[position] ^= data.draw(st.integers(1, 255))
    bad = tmp_path / "bad.wacz"
    bad.write_bytes(changed)
    with pytest.raises((Broken, Unreadable)):
        verify(bad)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_member_changed_with_its_checksums_made_to_match_is_found(
    captured: CaptureResult, tmp_path: Path, data: st.DataObject
) -> None:
    """Somebody who knows ZIP repairs the CRC; the digests still tell."""
    inside = members(captured.bundle.path)
    name = data.draw(st.sampled_from(sorted(inside)))
    content = bytearray(inside[name])
    position = data.draw(st.integers(0, len(content) - 1))
    content[position] ^= data.draw(st.integers(1, 255))
    bad = rewritten(captured.bundle.path, tmp_path / "bad.wacz", **{name: bytes(content)})
    with pytest.raises(Broken):
        verify(bad)


def test_a_bundle_rewritten_with_all_its_lists_fails_on_its_timestamp(captured: CaptureResult, tmp_path: Path) -> None:
    """Somebody who knows our format recomputes every digest; the authority's token cannot be recomputed."""
    inside = members(captured.bundle.path)
    text = b"Autre chose"
    manifest = json.loads(inside["evidence/manifest.json"])
    for row in manifest["files"]:
        if row["path"] == "evidence/text.txt":
            row.update(bytes=len(text), sha256=hashlib.sha256(text).hexdigest())
    new_manifest = canonical(manifest)
    package = json.loads(inside["datapackage.json"])
    for row in package["resources"]:
        for path, content in (("evidence/text.txt", text), ("evidence/manifest.json", new_manifest)):
            if row["path"] == path:
                row.update(bytes=len(content), hash=f"sha256:{hashlib.sha256(content).hexdigest()}")
    new_package = canonical(package)
    digest = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(new_package).hexdigest()}"}
    bad = rewritten(
        captured.bundle.path, tmp_path / "bad.wacz",
        **{"evidence/text.txt": text, "evidence/manifest.json": new_manifest, "datapackage.json": new_package,
           "datapackage-digest.json": canonical(digest)},
    )  # fmt: skip
    with pytest.raises(Broken, match=r"manifest\.tsr"):
        verify(bad)


def test_an_added_removed_or_doubled_file_is_found(captured: CaptureResult, tmp_path: Path) -> None:
    added = rewritten(captured.bundle.path, tmp_path / "added.wacz", evidence__extra=b"x")
    with pytest.raises(Broken, match="extra"):
        verify(added)
    climbing = rewritten(captured.bundle.path, tmp_path / "climbing.wacz", **{"../../evil": b"x"})
    with pytest.raises(Broken, match="not a name"):
        verify(climbing)
    assert not (tmp_path.parent / "evil").exists()
    removed = tmp_path / "removed.wacz"
    doubled = tmp_path / "doubled.wacz"
    inside = members(captured.bundle.path)
    with zipfile.ZipFile(removed, "w") as container:
        for name in sorted(set(inside) - {"evidence/text.txt"}):
            container.writestr(name, inside[name])
    with pytest.raises(Broken, match=r"text\.txt"):
        verify(removed)
    with zipfile.ZipFile(doubled, "w") as container:
        for name in sorted(inside):
            container.writestr(name, inside[name])
        with pytest.warns(UserWarning, match="Duplicate"):
            container.writestr("evidence/text.txt", inside["evidence/text.txt"])
    with pytest.raises(Broken, match="twice"):
        verify(doubled)


def test_a_token_of_another_authority_does_not_hold(captured: CaptureResult, tmp_path: Path) -> None:
    with local_tsa(tmp_path / "other") as other, pytest.raises(Broken, match=r"manifest\.tsr"):
        verify(captured.bundle.path, roots=other.root.read_bytes())
    assert verify(captured.bundle.path).is_own_root


def test_a_silent_authority_is_recorded_and_the_rest_is_sealed(
    server: Server, means: Means, tsa: LocalTsa, tmp_path: Path
) -> None:
    tsa.is_failing = True
    result = capture_url(server.url("/fil"), out_dir=tmp_path / "fil", means=means)
    tsa.is_failing = False
    assert result.status == "partial"
    assert "authority_silent" in [m.reason.code for m in result.missing if m.what == "timestamp"]
    record = json.loads((tmp_path / "fil" / "capture.json").read_bytes())
    assert "timestamp" in [row["what"] for row in record["missing"]]
    assert verify(result.bundle.path).timestamp is None


def test_a_site_that_does_not_answer_is_sealed_as_such(means: Means, tmp_path: Path) -> None:
    address = f"127.0.0.1:{closed_port()}"
    result = capture_url(
        f"http://{address}/", out_dir=tmp_path / "x", means=replace(means, allowed_for_tests=frozenset({address}))
    )
    assert result.status == "failed"
    assert [m.reason.code for m in result.missing if m.what == "page"] == ["unreachable"]
    assert verify(result.bundle.path).asked == f"http://{address}/"
    wacz = Path(sys.executable).with_name("wacz")
    assert (
        subprocess.run([wacz, "validate", "-f", result.bundle.path], capture_output=True, check=False).returncode == 0
    )


def test_the_commands_answer_by_their_exit_codes(
    server: Server, tsa: LocalTsa, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VIGIE_CHROMIUM", "none")
    monkeypatch.setenv("VIGIE_CAPTURE_ALLOW_HOSTS_FOR_TESTS", server.host)
    monkeypatch.setenv("VIGIE_TSA_URL", tsa.url)
    monkeypatch.setenv("VIGIE_TSA_ROOT", str(tsa.root))
    assert main(["capture", server.url("/fil"), "--out", "fil"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["bundle"] == "fil/capture.wacz"
    assert main(["verify", "fil", "fil/capture.wacz"]) == 0
    assert capsys.readouterr().out.count("intact") == 2

    assert main(["capture", server.url("/fil"), "--out", "fil"]) == 2
    assert "not empty" in capsys.readouterr().err
    assert main(["capture", "http://169.254.169.254/", "--out", "interne"]) == 1
    assert "internal" in capsys.readouterr().err
    assert main(["capture", "ftp://forum.example/", "--out", "ftp"]) == 2
    assert main(["capture", f"http://127.0.0.1:{closed_port()}/", "--out", "port"]) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fil"]

    (tmp_path / "fil" / "text.txt").write_text("Autre chose")
    assert main(["verify", "fil/capture.wacz"]) == 0
    assert main(["verify", "fil", "nulle-part.wacz"]) == 1
    out = capsys.readouterr()
    assert "BROKEN: text.txt differs" in out.out
    assert "no such file" in out.err
    assert main(["verify", "fil/text.txt"]) == 2
    monkeypatch.setenv("VIGIE_TSA_ROOT", "")
    assert main(["capture", server.url("/fil"), "--out", "encore"]) == 2
    assert "VIGIE_TSA_ROOT" in capsys.readouterr().err
