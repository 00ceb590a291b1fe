"""CSV in the encodings and delimiters that sheets come in; XLSX sheet by sheet."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from ingest.sources.table import CsvSource, XlsxSource, find_encoding
from sellergraph.errors import SourceError

SIMPLIFIED = (
    "platform,ad_id,title,text\n"
    "forum-a,1,象牙手串,老料出手，有需要的联系我，价格可谈\n"
    "forum-a,2,玳瑁手镯,海龟背甲，成色很好\n"
)
TRADITIONAL = (
    "platform,ad_id,title,text\n"
    "forum-a,1,象牙手串,老料出手，有需要的聯繫我，價格可談\n"
    "forum-a,2,玳瑁手鐲,海龜背甲，成色很好\n"
)


def _rows(path: Path, columns: dict[str, str] | None = None) -> list[dict[str, object]]:
    return [line.content for line in CsvSource().lines(path, columns or {}) if isinstance(line.content, dict)]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (SIMPLIFIED, "utf-8"),
        (SIMPLIFIED, "utf-8-sig"),
        (SIMPLIFIED, "gb18030"),
        (SIMPLIFIED, "utf-16"),
        (TRADITIONAL, "big5"),
        (TRADITIONAL, "gb18030"),
    ],
)
def test_encodings(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "ads.csv"
    path.write_bytes(text.encode(encoding))
    assert [row["title"] for row in _rows(path)] == [line.split(",")[2] for line in text.splitlines()[1:]]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "ads.csv"
    path.write_text(SIMPLIFIED.replace(",", delimiter), encoding="utf-8")
    assert [row["ad_id"] for row in _rows(path)] == ["1", "2"]


def test_a_cell_of_several_lines(tmp_path: Path) -> None:
    path = tmp_path / "ads.csv"
    path.write_text('platform,ad_id,text\na,1,"one\ntwo"\na,2,three\n', encoding="utf-8")
    lines = list(CsvSource().lines(path, {}))
    assert [(line.number, line.content) for line in lines] == [
        (2, {"platform": "a", "ad_id": "1", "text": "one\ntwo"}),
        (4, {"platform": "a", "ad_id": "2", "text": "three"}),
    ]


@pytest.mark.parametrize(
    ("text", "number", "problem"),
    [
        ("platform,ad_id\na,1,2,3\n", 2, "has 4 cells under 2 headings"),
        ('platform,ad_id\na,1\na,"2\na,3\n', 3, "never closed"),
        ('platform,ad_id\na,"1"x\na,2\n', 2, "is not CSV"),
    ],
)
def test_a_broken_row_is_named(tmp_path: Path, text: str, number: int, problem: str) -> None:
    path = tmp_path / "ads.csv"
    path.write_text(text, encoding="utf-8")
    [bad] = [line for line in CsvSource().lines(path, {}) if line.problem]
    assert bad.number == number
    assert problem in bad.problem


def test_bytes_of_no_encoding_spoil_only_their_row(tmp_path: Path) -> None:
    path = tmp_path / "ads.csv"
    rows = b"".join(b"a,%d,\xe8\xb1\xa1\xe7\x89\x99\n" % number for number in range(40))
    path.write_bytes(b"platform,ad_id,title\n" + rows + b"a,99,\xff\xfe\n")
    lines = list(CsvSource().lines(path, {}))
    assert [line.number for line in lines if line.problem] == [42]
    assert sum(not line.problem for line in lines) == 40


def test_columns_are_renamed(tmp_path: Path) -> None:
    path = tmp_path / "ads.csv"
    path.write_text("平台;编号\nforum-a;7\n", encoding="utf-8")
    assert _rows(path, {"平台": "platform", "编号": "ad_id"}) == [{"platform": "forum-a", "ad_id": "7"}]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"name,price\nx,1\n", "no column 'platform'"),
        (b"platform,title\nx,1\n", "no column 'ad_id' or 'url'"),
        (b"platform,ad_id,title,title\nx,1,2,3\n", "stands twice"),
        (b"\xff\xff" * 2000, "neither UTF-8, GB18030 nor Big5"),
    ],
)
def test_a_file_without_the_columns_is_said(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "ads.csv"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=message):
        list(CsvSource().lines(path, {}))


def test_ascii_is_utf8() -> None:
    assert find_encoding(b"platform,ad_id\nx,1\n") == "utf-8"


def test_a_workbook_is_read_sheet_by_sheet(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.title = "ads"
    sheet.append(["platform", "ad_id", "title", "price"])
    sheet.append(["forum-a", 12345, "象牙", 3.5])
    sheet.append([None, None, None, None])
    sheet.append(["forum-a", 12346, "虎骨", None])
    book.create_sheet("notes").append(["just", "words"])
    book.create_sheet("empty")
    path = tmp_path / "ads.xlsx"
    book.save(path)
    lines = list(XlsxSource().lines(path, {}))
    assert [(line.sheet, line.number, bool(line.problem)) for line in lines] == [
        ("ads", 2, False),
        ("ads", 4, False),
        ("notes", 1, True),
    ]
    assert lines[0].content == {"platform": "forum-a", "ad_id": 12345, "title": "象牙", "price": 3.5}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a workbook", b"platform,ad_id\n"])
def test_a_broken_workbook_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ads.xlsx"
    path.write_bytes(content)
    with pytest.raises(SourceError, match="not a readable workbook"):
        list(XlsxSource().lines(path, {}))


def test_old_line_ends_and_excels_first_line(tmp_path: Path) -> None:
    (tmp_path / "mac.csv").write_bytes(b"platform,ad_id\rp,1\rp,2\r")
    (tmp_path / "sep.csv").write_bytes(b"sep=;\r\nplatform;ad_id\r\np;1\r\np;2\r\n")
    read = {name: list(CsvSource().lines(tmp_path / name, {})) for name in ("mac.csv", "sep.csv")}
    rows = [{"platform": "p", "ad_id": "1"}, {"platform": "p", "ad_id": "2"}]
    assert [[line.content for line in lines] for lines in read.values()] == [rows, rows]
    assert [[line.number for line in lines] for lines in read.values()] == [[2, 3], [3, 4]]


def test_a_table_below_and_beside_blank_cells(tmp_path: Path) -> None:
    book = Workbook()
    for row, cells in enumerate((("platform", "ad_id"), ("p", "1"), ("p", "2")), start=4):
        for column, cell in enumerate(cells, start=2):
            book.active.cell(row=row, column=column, value=cell)
    book.save(tmp_path / "b4.xlsx")
    read = [(line.number, line.content) for line in XlsxSource().lines(tmp_path / "b4.xlsx", {})]
    assert read == [(5, {"platform": "p", "ad_id": "1"}), (6, {"platform": "p", "ad_id": "2"})]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_wide_text_without_a_mark_is_named(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "wide.csv").write_bytes("platform,ad_id\np,1\n".encode(encoding))
    with pytest.raises(SourceError, match="without a mark"):
        list(CsvSource().lines(tmp_path / "wide.csv", {}))
