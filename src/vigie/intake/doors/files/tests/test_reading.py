"""Exports of real tools, and tables people make by hand: what each line says, or why it is not taken."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook

from vigie.intake.doors.files.letters import raw_letters
from vigie.intake.doors.files.maps import ColumnMap, Reader, best_map, guessed_map, shipped_maps
from vigie.intake.doors.files.moments import read_moment
from vigie.intake.doors.files.tables import Kind, Table, UnreadableFile, look_at
from vigie.intake.doors.files.values import Record, Refused, Row

X = "https://x.com/i/web/status/1790000000000000001"


def table_of(folder: Path, content: str | bytes, name: str = "export.csv") -> Table:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return look_at(path, maps=shipped_maps())


def rows_of(table: Table, column_map: ColumnMap | None = None) -> list[Row | Refused]:
    reader = Reader(column_map or table.suggested_map(shipped_maps()), table.columns)
    return [reader.read(found) if isinstance(found, Record) else found for found in table.records()]


def taken(rows: Sequence[Row | Refused]) -> list[Row]:
    assert all(isinstance(row, Row) for row in rows), rows
    return [row for row in rows if isinstance(row, Row)]


# --- tables made by hand -------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
def test_delimiter_and_encoding_are_found(tmp_path: Path, delimiter: str, encoding: str) -> None:
    lines = [
        ["Adresse", "Texte", "Publié le"],
        [X, "Ça a été écrit", "05/10/2026 14:03"],
        [X, "Été, déçu; non|oui", ""],
    ]
    text = "\r\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines)
    table = table_of(tmp_path, text.encode(encoding))
    first, second = taken(rows_of(table))
    assert (first.address, first.text, first.line) == (X, "Ça a été écrit", 2)
    assert first.published_at == datetime(2026, 10, 5, 12, 3, tzinfo=UTC)
    assert second.text == "Été, déçu; non|oui"


def test_a_bare_list_of_addresses_needs_no_header(tmp_path: Path) -> None:
    table = table_of(tmp_path, f"{X}\nhttps://www.youtube.com/watch?v=abcdefghijk\n", "liste.txt")
    assert table.header_line == 0
    assert [row.line for row in taken(rows_of(table))] == [1, 2]


def test_columns_are_guessed_by_the_names_people_give_them(tmp_path: Path) -> None:
    table = table_of(tmp_path, f"Lien;Commentaire;Pseudo;Date\n{X};Propos;@quelquun;2026-10-05\n")
    (row,) = taken(rows_of(table))
    assert (row.address, row.text, row.account) == (X, "Propos", "quelquun")


def test_the_table_of_a_french_association_is_read_with_its_clock(tmp_path: Path) -> None:
    head = "Lien;Propos tenus;Date de publication;Pseudo de l’auteur"
    table = table_of(tmp_path, f"{head}\n{X};Une phrase inventée;05/07/2026 14:05;@quelquun\n")
    (row,) = taken(rows_of(table))
    assert (row.text, row.account) == ("Une phrase inventée", "quelquun")
    assert row.published_at == datetime(2026, 7, 5, 12, 5, tzinfo=UTC)


def test_lines_are_counted_as_an_editor_does(tmp_path: Path) -> None:
    table = table_of(tmp_path, f'adresse,texte\n{X},"deux\nlignes"\n\n{X},"une"\npas une adresse,"x"\n')
    rows = rows_of(table)
    assert [row.line for row in rows] == [2, 5, 6]
    assert isinstance(rows[2], Refused)
    assert rows[2].field == "adresse"


def test_a_slipped_line_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    table = table_of(tmp_path, f"adresse,texte\n{X},oui, et non, mais\n{X},bien\n")
    bad, good = rows_of(table)
    assert isinstance(bad, Refused)
    assert dict(bad.values) == {"found": 4, "wanted": 2}
    assert isinstance(good, Row)


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [("", "Aucune adresse dans cette ligne"), (f"{X} https://t.me/a/1", "Plusieurs adresses"), ("rien", None)],
)
def test_an_address_that_cannot_be_used_is_refused_by_name(tmp_path: Path, cell: str, sentence: str | None) -> None:
    table = table_of(tmp_path, f"adresse,texte\n{cell},mots\n")
    (refused,) = rows_of(table)
    assert isinstance(refused, Refused)
    assert (refused.line, refused.field) == (2, "adresse")
    assert sentence is None or refused.sentence.startswith(sentence)


def test_a_number_rounded_by_a_spreadsheet_is_refused_with_the_reason(tmp_path: Path) -> None:
    table = table_of(tmp_path, 'tweet_id;text\n1,79E+18;"mots"\n1790000000000000001;autres\n')
    rounded, whole = rows_of(table)
    assert isinstance(rounded, Refused)
    assert "arrondi par un tableur" in rounded.sentence
    assert isinstance(whole, Row)
    assert whole.address == X


def test_an_unreadable_date_is_remarked_and_the_line_taken(tmp_path: Path) -> None:
    (row,) = taken(rows_of(table_of(tmp_path, f"adresse,texte,publié le\n{X},mots,hier soir\n")))
    assert row.published_at is None
    assert row.remark is not None
    assert dict(row.remark.values) == {"value": "hier soir"}


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"", "vide.csv"), (b"\xd0\xcf\x11\xe0" + b"0" * 50, "vieux.xls"), (b"PK\x03\x04 not a workbook", "faux.xlsx"), (b"{pas du json\n", "faux.ndjson"), (b"%PDF-1.7", "a.pdf")],
)  # fmt: skip
def test_a_file_of_another_kind_is_refused_by_its_name(tmp_path: Path, content: bytes, name: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        table_of(tmp_path, content, name)
    assert name in str(refused.value)


# --- exports of tools ----------------------------------------------------------------------------------------

BRANDWATCH = f"""Report:,Haine en ligne
Brand:,"Requête ""exemple"", France"
From:,Thu Oct 01 00:00:00 UTC 2026
To:,Mon Oct 05 00:00:00 UTC 2026
,

Query Id,Query Name,Date,Title,Snippet,Url,Domain,Author,Full Text,Language,Thread Id
1,Exemple,2026-10-05 09:03:00.0,Un titre,Un bout,{X},x.com,@quelquun,"Le texte, entier",fr,9
1,Exemple,2026-10-05 09:04:00.0,,Un bout,http://twitter.com/quelquun/statuses/1790000000000000002,twitter.com,quelquun,,fr,9
"""
FOURCAT_X = """collected_from_url,id,thread_id,timestamp,unix_timestamp,link,body,author,author_fullname,author_id,language_guess,retweet_count
https://x.com/search,1790000000000000001,1790000000000000001,2026-10-05 09:03:00,1791190980,https://x.com/quelquun/status/1790000000000000000,Le texte,quelquun,Quelqu’un,12,fr,3
"""
TALKWALKER = """url;matched_profile;indexed;search_indexed;published;title;content;content_snippet;lang;source_type;external_id
https://forum.example/t/1#post-2;p1;1791190990000;1791190990000;1791190980000;Titre;Le texte;bout;fr;MESSAGEBOARD;
;p1;1791190990000;1791190990000;1791190980000;;;;fr;SOCIALMEDIA_TWITTER;1790000000000000001
"""


@pytest.mark.parametrize(
    ("content", "name", "addresses", "first_text", "published"),
    [
        (BRANDWATCH, "brandwatch", [X, "http://twitter.com/quelquun/statuses/1790000000000000002"], "Le texte, entier", (9, 3)),
        (FOURCAT_X, "4cat-x", ["https://x.com/quelquun/status/1790000000000000001"], "Le texte", (9, 3)),
        (TALKWALKER, "talkwalker", ["https://forum.example/t/1#post-2", X], "Le texte", (9, 3)),
    ],
)  # fmt: skip
def test_an_export_is_known_by_its_columns(
    tmp_path: Path, content: str, name: str, addresses: list[str], first_text: str, published: tuple[int, int]
) -> None:
    table = table_of(tmp_path, content)
    assert table.suggested_map(shipped_maps()).name == name
    rows = taken(rows_of(table))
    assert [row.address for row in rows] == addresses
    assert rows[0].text == first_text
    assert rows[0].published_at is not None
    assert (rows[0].published_at.hour, rows[0].published_at.minute) == published


def test_the_line_of_a_file_with_a_preamble_is_the_line_of_the_file(tmp_path: Path) -> None:
    table = table_of(tmp_path, BRANDWATCH)
    assert table.header_line == 7
    assert [row.line for row in rows_of(table)] == [8, 9]


def zeeschuimer(platform: str, data: object) -> str:
    return json.dumps({
        "nav_index": "1:2:3", "item_id": "9", "timestamp_collected": 1791190980000, "last_updated": 0,
        "source_platform": platform, "source_platform_url": f"https://{platform}/", "source_url": "", "user_agent": "", "data": data,
    })  # fmt: skip


@pytest.mark.parametrize(
    ("platform", "data", "key", "text", "account"),
    [
        ("twitter.com", {"id": 1790000000000000000, "rest_id": "1790000000000000001", "core": {"user_results": {"result": {"legacy": {"screen_name": "quelquun"}}}}, "legacy": {"full_text": "mots", "created_at": "Mon Oct 05 09:03:00 +0000 2026", "lang": "fr"}}, "x:post:1790000000000000001", "mots", "quelquun"),
        ("twitter.com", {"type": "adaptive", "legacy": {"id_str": "1790000000000000001", "full_text": "mots", "created_at": "Mon Oct 05 09:03:00 +0000 2026"}, "user": {"screen_name": "quelquun"}}, "x:post:1790000000000000001", "mots", "quelquun"),
        ("tiktok.com", {"id": "7300000000000000001", "desc": "mots", "createTime": 1791190980, "author": {"uniqueId": "compte.exemple"}}, "tiktok:post:7300000000000000001", "mots", "compte.exemple"),
        ("tiktok.com", {"id": "7300000000000000001", "desc": "mots", "createTime": "1791190980", "author": "compte.exemple"}, "tiktok:post:7300000000000000001", "mots", "compte.exemple"),
        ("tiktok-comments", {"cid": "7300000000000000009", "aweme_id": "7300000000000000001", "text": "mots", "create_time": 1791190980, "user": {"unique_id": "autre"}}, "tiktok:post:7300000000000000001:comment:7300000000000000009", "mots", "autre"),
        ("instagram.com", {"code": "CuAbCdEfGhI", "caption": {"text": "mots"}, "taken_at": 1791190980, "user": {"username": "compte.exemple"}}, "instagram:post:CuAbCdEfGhI", "mots", "compte.exemple"),
        ("instagram.com", {"shortcode": "CuAbCdEfGhI", "edge_media_to_caption": {"edges": [{"node": {"text": "mots"}}]}, "taken_at_timestamp": 1791190980, "owner": {"username": "compte.exemple"}}, "instagram:post:CuAbCdEfGhI", "mots", "compte.exemple"),
        ("instagram-comments", {"id": "17900000000000001", "post_url": "https://www.instagram.com/p/CuAbCdEfGhI/", "text": "mots", "created_at": 1791190980, "user": {"unique_id": "autre"}}, "instagram:post:CuAbCdEfGhI:comment:17900000000000001", "mots", "autre"),
        ("threads.net", {"code": "CuAbCdEfGhI", "caption": {"text": "mots"}, "taken_at": 1791190980, "user": {"username": "compte.exemple"}}, None, "mots", "compte.exemple"),
        ("facebook.com", {"comet_sections": {"content": {"story": {"wwwURL": "https://www.facebook.com/compte/posts/1234567890123456", "message": {"text": "mots"}, "actors": [{"name": "Quelqu’un"}]}}, "context_layout": {"story": {"comet_sections": {"metadata": [{}, {"story": {"creation_time": 1791190980}}]}}}}}, None, "mots", "Quelqu’un"),
        ("truthsocial.com", {"id": "110000000000000001", "url": "https://truthsocial.com/@compte/110000000000000001", "content": "mots", "created_at": "2026-10-05T09:03:00.000Z", "account": {"username": "compte"}}, None, "mots", "compte"),
    ],
)  # fmt: skip
def test_zeeschuimer_is_read_for_each_platform(
    tmp_path: Path, platform: str, data: object, key: str | None, text: str, account: str
) -> None:
    table = table_of(tmp_path, zeeschuimer(platform, data) + "\n", "zs.ndjson")
    assert table.suggested_map(shipped_maps()).name == "zeeschuimer"
    (row,) = taken(rows_of(table))
    assert (row.text, row.account) == (text, account)
    assert key is None or row.key == key
    assert row.published_at == datetime(2026, 10, 5, 9, 3, tzinfo=UTC)


def test_a_platform_zeeschuimer_knows_and_we_do_not_is_refused_by_name(tmp_path: Path) -> None:
    table = table_of(tmp_path, zeeschuimer("douyin.com", {"id": 1}) + "\nceci n’est pas du JSON\n[]\n", "zs.ndjson")
    unknown, not_json, not_object = rows_of(table)
    assert isinstance(unknown, Refused)
    assert dict(unknown.values) == {"value": "douyin.com"}
    assert isinstance(not_json, Refused)
    assert isinstance(not_object, Refused)
    assert [unknown.line, not_json.line, not_object.line] == [1, 2, 3]


def workbook(path: Path, *rows: Sequence[object]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    book.create_sheet("Vide")
    book.save(path)
    return path


def test_a_workbook_is_read_with_its_dates_and_numbers(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx", ["Veille d’octobre"], [], ["Adresse", "Texte", "Publié le", "Suivi"],
        [X, "mots", datetime(2026, 10, 5, 14, 3), 12.0], [None, None, None, None], ["https://t.me/canal/12", 2026, "05/10/2026", None],
    )  # fmt: skip
    table = look_at(path, maps=shipped_maps())
    assert (table.kind, table.header_line) == (Kind.XLSX, 3)
    first, second = taken(rows_of(table))
    assert (first.line, second.line) == (4, 6)
    assert first.published_at == datetime(2026, 10, 5, 12, 3, tzinfo=UTC)
    assert second.text == "2026"


def test_a_workbook_that_kept_an_identifier_as_a_number_is_told_so(tmp_path: Path) -> None:
    table = look_at(workbook(tmp_path / "a.xlsx", ["tweet_id", "text"], [1790000000000000001.0, "mots"]))
    (refused,) = rows_of(table)
    assert isinstance(refused, Refused)
    assert "arrondi par un tableur" in refused.sentence


# --- maps ----------------------------------------------------------------------------------------------------


def test_every_shipped_map_is_whole_and_known_by_columns_of_its_own() -> None:
    maps = shipped_maps()
    assert len({one.name for one in maps}) == len(maps)
    for one in maps:
        assert one.title
        assert best_map(one.recognised_by, maps) == one, one.name
        assert one.address or all(variant.address for variant in one.variants), one.name
        Reader(one, one.recognised_by)


def test_a_map_survives_being_saved() -> None:
    one = guessed_map(["Lien", "Texte", "tweet_id"])
    kept = json.loads(json.dumps(one.as_json()))
    assert ColumnMap.from_json(kept, name="", title="") == one


# --- dates ---------------------------------------------------------------------------------------------------

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-10-05T09:03:00Z", "2026-10-05T09:03:00"),
        ("2026-10-05T11:03:00+02:00", "2026-10-05T09:03:00"),
        ("2026-10-05 11:03:00", "2026-10-05T09:03:00"),
        ("2026-10-05 11:03:00.0", "2026-10-05T09:03:00"),
        ("2026-10-05 09:03:00 UTC", "2026-10-05T09:03:00"),
        ("2026-10-05", "2026-10-04T22:00:00"),
        ("1791190980", "2026-10-05T09:03:00"),
        ("1791190980000", "2026-10-05T09:03:00"),
        ("1791190980.0", "2026-10-05T09:03:00"),
        ("Mon Oct 05 09:03:00 +0000 2026", "2026-10-05T09:03:00"),
        ("Mon, 05 Oct 2026 11:03:00 +0200", "2026-10-05T09:03:00"),
        ("05/10/2026 11:03", "2026-10-05T09:03:00"),
        ("05/10/2026 à 11h03", "2026-10-05T09:03:00"),
        ("5/10/26", "2026-10-04T22:00:00"),
        ("10/25/2026 11:03", "2026-10-25T10:03:00"),
        ("05.10.2026", "2026-10-04T22:00:00"),
        ("2026/10/05 11:03:00", "2026-10-05T09:03:00"),
        ("hier", None), ("", None), ("31/02/2026", None), ("12", None), ("0001-01-01", None), ("99999999999999999999", None),
    ],
)  # fmt: skip
def test_dates_are_read_as_exports_write_them(text: str, expected: str | None) -> None:
    moment = read_moment(text, zone=PARIS, day_first=True)
    assert (moment and moment.isoformat()[:19]) == expected


def test_the_order_of_day_and_month_is_the_file_s_own() -> None:
    assert read_moment("05/10/2026 00:00", zone=UTC, day_first=False) == datetime(2026, 5, 10, tzinfo=UTC)


# --- letters -------------------------------------------------------------------------------------------------


def test_an_mbox_is_cut_into_its_letters(tmp_path: Path) -> None:
    path = tmp_path / "a.mbox"
    path.write_bytes(
        b"From a@b Mon Oct  5\nSubject: 1\n\nun\n>From la ligne\nFrom pas un debut\n\nFrom a@b Mon Oct  5\nSubject: 2\n\ndeux\n"
    )
    assert list(raw_letters(path)) == [
        (1, b"Subject: 1\n\nun\nFrom la ligne\nFrom pas un debut\n\n"),
        (8, b"Subject: 2\n\ndeux\n"),
    ]
    (tmp_path / "a.eml").write_bytes(b"Subject: seul\n\nmots")
    assert list(raw_letters(tmp_path / "a.eml")) == [(1, b"Subject: seul\n\nmots")]
