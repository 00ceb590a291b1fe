"""graph/schema.yaml, and the page that is made from it."""

from __future__ import annotations

import pytest

from graph.schema import load_schema
from graph.schema_docs import PAGE, main, render
from sellergraph.errors import SchemaError


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(load_schema()), "run: python -m graph.schema_docs"
    assert main(["--check"]) == 0


def test_the_page_names_everything() -> None:
    page = render(load_schema())
    for table in load_schema().in_order():
        assert all(prop.meaning.replace("|", "\\|") in page for prop in table.properties)
    assert "`(Ad)-[:MENTIONS]->(Phone|Handle|QRCode|Email|Link|Watermark)`" in page


def test_a_stale_page_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("graph.schema_docs.PAGE", PAGE.with_name("none.md"))
    assert main(["--check"]) == 1
    assert "python -m graph.schema_docs" in capsys.readouterr().err


def test_a_property_name_has_one_type() -> None:
    """graph/stores/hints.py types an answer without values by the property's name alone."""
    types: dict[str, set[str]] = {}
    for table in load_schema().in_order():
        for prop in table.properties:
            types.setdefault(prop.name, set()).add(prop.type)
    assert {name: kinds for name, kinds in types.items() if len(kinds) > 1} == {}


def test_unknown_tables_are_named() -> None:
    with pytest.raises(SchemaError, match=r"Ad\.LIKES\.Ad"):
        load_schema().table("Ad.LIKES.Ad")
