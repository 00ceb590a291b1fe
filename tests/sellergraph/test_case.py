"""A case folder becomes Settings; what cannot be used is said."""

from pathlib import Path

import pytest

from sellergraph.case import CASE_FILE, create_case, find_case, load_case
from sellergraph.errors import CaseError


def test_a_case_is_made_and_found(tmp_path: Path) -> None:
    made = create_case(tmp_path / "c", timezone="Europe/Vienna")
    assert find_case(tmp_path / "c", {}) == tmp_path / "c"
    assert find_case(None, {"SELLERGRAPH_CASE": str(tmp_path / "c")}) == tmp_path / "c"
    assert made == load_case(tmp_path / "c", environ={"SELLERGRAPH_OCR": made.ocr})
    assert (made.timezone, made.store, made.regions) == ("Europe/Vienna", "embedded", ("CN",))


def test_how_text_in_pictures_is_read(tmp_path: Path) -> None:
    create_case(tmp_path)
    assert load_case(tmp_path, environ={}).ocr == "default"
    (tmp_path / "case.toml").write_text('ocr = "fast"')
    assert load_case(tmp_path, environ={}).ocr == "fast"
    assert load_case(tmp_path, environ={"SELLERGRAPH_OCR": "off"}).ocr == "off"
    with pytest.raises(CaseError, match="ocr 'best' is none of default, fast, off"):
        load_case(tmp_path, environ={"SELLERGRAPH_OCR": "best"})


def test_a_case_is_not_made_twice(tmp_path: Path) -> None:
    create_case(tmp_path)
    with pytest.raises(CaseError, match="is a case already"):
        create_case(tmp_path)


def test_the_option_wins_over_the_variable_over_the_file(tmp_path: Path) -> None:
    create_case(tmp_path, store="bolt://a:1")
    environ = {"SELLERGRAPH_STORE": "bolt://b:2"}
    assert load_case(tmp_path, environ={}).store == "bolt://a:1"
    assert load_case(tmp_path, environ=environ).store == "bolt://b:2"
    assert load_case(tmp_path, "embedded", environ=environ).embedded


def test_a_password_is_not_shown(tmp_path: Path) -> None:
    create_case(tmp_path)
    assert "geheim" not in repr(load_case(tmp_path, environ={"SELLERGRAPH_NEO4J_PASSWORD": "geheim"}))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("store = 1 = 2", "cannot be read"),
        ('stor = "embedded"', "unknown setting stor"),
        ('store = "http://x"', "neither 'embedded' nor an address"),
        ('timezone = "Mars/Base"', "timezone 'Mars/Base' is not known"),
        ('timezone = "../../etc/passwd"', "is not known"),
        ('regions = "CN"', "regions must be a list"),
        ('regions = ["China"]', "regions must be a list"),
    ],
)
def test_a_bad_case_file_is_said(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / CASE_FILE).write_text(text, encoding="utf-8")
    with pytest.raises(CaseError, match=message):
        load_case(tmp_path, environ={})


def test_a_folder_that_is_no_case_is_said(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="sellergraph init DIR"):
        find_case(tmp_path, {})
