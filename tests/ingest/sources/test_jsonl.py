"""JSON Lines, with the lines that a broken capture leaves."""

from pathlib import Path

import pytest

from ingest.sources import jsonl
from ingest.sources.jsonl import JsonlSource, parse_json_line
from sellergraph.errors import RejectError, SourceError


def test_lines_keep_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "ads.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"a":1}\r\n\n  \n{"a":2}')
    assert [(line.number, line.content) for line in JsonlSource().lines(path, {})] == [(1, b'{"a":1}'), (4, b'{"a":2}')]


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\r\r\n"])
def test_lines_end_in_any_way(tmp_path: Path, end: bytes) -> None:
    path = tmp_path / "ads.jsonl"
    path.write_bytes(end.join([b'{"a":1}', b'{"a":2}', b'{"a":"x\\ry"}']))
    assert [line.content for line in JsonlSource().lines(path, {})] == [b'{"a":1}', b'{"a":2}', b'{"a":"x\\ry"}']


def test_a_line_without_end_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "MAX_LINE_BYTES", 64)
    path = tmp_path / "ads.jsonl"
    path.write_bytes(b"x" * 300 + b'\n{"a":2}\n')
    first, second = JsonlSource().lines(path, {})
    assert "longer than" in first.problem
    assert (second.number, second.content, second.read) == (2, b'{"a":2}', 309)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"platform": "x", "ti', "is not JSON"),
        (b"[1, 2]", "is not a JSON object"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": 1, "b": 2, "a": 3}', "a: is given twice"),
        (b'{"a": {"b": 1, "b": 2}}', "b: is given twice"),
        (b'{"a": "\xff"}', "is not UTF-8"),
        (b'{"a": "x\x00y"}', "is not JSON: Invalid control character at character"),
        (b"[" * 100_000, "is not usable JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "is not usable JSON"),
    ],
)
def test_a_broken_line_is_rejected(line: bytes, reason: str) -> None:
    with pytest.raises(RejectError, match=reason):
        parse_json_line(line, {})


def test_names_are_changed_by_a_mapping() -> None:
    assert parse_json_line('{"平台": "x", "b": 1}'.encode(), {"平台": "platform"}) == {"platform": "x", "b": 1}


def test_a_mark_where_files_were_joined_costs_no_line(tmp_path: Path) -> None:
    path = tmp_path / "joined.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}\n\xef\xbb\xbf{"b": 2}\n')
    assert [line.content for line in JsonlSource().lines(path, {})] == [b'{"a": 1}', b'{"b": 2}']


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_is_named_once(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "wide.jsonl"
    path.write_bytes('\ufeff{"a": 1}\n{"b": 2}\n'.encode(encoding))
    with pytest.raises(SourceError, match="UTF-16"):
        list(JsonlSource().lines(path, {}))
