"""Target lists open in a spreadsheet without running anything; the graph opens in networkx."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import networkx as nx
import pytest
from openpyxl import load_workbook

from graph.export import export_to
from graph.stores import open_store
from graph.stores.base import GraphStore
from ingest.pipeline import ingest
from resolvers import resolve
from sellergraph.case import Settings
from sellergraph.errors import ExportError

HOSTILE = ['=cmd|"/c calc"!A1', "@SUM(1)", "<script>alert(1)</script>", "‮gpj.exe", "-2+3", "http://x.example", "a\x07b"]


@pytest.fixture
def filled(settings: Settings, tmp_path: Path) -> Iterator[GraphStore]:
    """A graph whose captured names are hostile."""
    source = tmp_path / "ads.jsonl"
    rows = [
        {
            "platform": "forum-a",
            "ad_id": f"{number}-{copy}",
            "seller_id": f"u{number}",
            "seller_name": name,
            "title": f"象牙 {name}",
            "text": f"微信 demo_seller_{number}",
            "posted_at": "2018-04-03",
        }
        for number, name in enumerate(HOSTILE)
        for copy in range(number + 1)
    ]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with open_store(settings) as store:
        ingest(settings, store, [source], workers=1)
        resolve(store)
        yield store


def test_csv_holds_no_formula(filled: GraphStore, tmp_path: Path) -> None:
    export_to(filled, tmp_path / "targets.csv")
    with (tmp_path / "targets.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["first_ad"] for row in rows} == {"2018-04-03T00:00:00+08:00"}
    assert [row["rank"] for row in rows] == [str(n) for n in range(1, len(HOSTILE) + 1)]
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "@", "+", "\t"))]
    assert not [row["name"] for row in rows if row["name"].startswith("-")]


def test_xlsx_holds_text(filled: GraphStore, tmp_path: Path) -> None:
    export_to(filled, tmp_path / "targets.xlsx", limit=5)
    book = load_workbook(tmp_path / "targets.xlsx")
    assert book.sheetnames == ["Sellers", "Accounts", "Contacts"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert book["Sellers"].max_row == 6
    assert {row[0].value for row in book["Accounts"].iter_rows(min_row=2)} == {1, 2, 3, 4, 5}
    headings = [cell.value for cell in next(book["Sellers"].iter_rows(max_row=1))]
    first_ad = headings.index("first ad (Asia/Shanghai)")
    assert {row[first_ad].value for row in book["Sellers"].iter_rows(min_row=2)} == {datetime(2018, 4, 3)}
    contacts = {cell.value for row in book["Contacts"].iter_rows(min_row=2) for cell in row}
    assert {"wechat:demo_seller_4", "WeChat demo_seller_4"} <= contacts


def test_graphml_holds_everything(filled: GraphStore, tmp_path: Path) -> None:
    export_to(filled, tmp_path / "graph.graphml")
    graph = nx.read_graphml(tmp_path / "graph.graphml")
    counts = filled.counts()
    assert graph.number_of_nodes() == sum(rows for name, rows in counts.items() if "." not in name)
    assert graph.number_of_edges() == sum(rows for name, rows in counts.items() if "." in name)
    titles = {data.get("title") for _, data in graph.nodes(data=True)}
    assert "象牙 <script>alert(1)</script>" in titles


@pytest.mark.parametrize("name", ["targets.doc", "targets", "nowhere/targets.csv"])
def test_what_cannot_be_written_is_said(filled: GraphStore, tmp_path: Path, name: str) -> None:
    with pytest.raises(ExportError):
        export_to(filled, tmp_path / name)
