"""What base.py promises of amend and of stamps, on each store."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from graph.schema import load_schema
from graph.stores import GraphStore
from sellergraph.errors import SchemaError, WriteError

RUN_BY = """
MATCH (a:Account)-[r:RUN_BY]->(s:Seller)
RETURN a.id AS src, s.id AS dst, r.probability AS probability, r.run_id AS run_id ORDER BY src, dst
"""
SELLERS = "MATCH (s:Seller) RETURN s.id AS id, s.name AS name, s.run_id AS run_id ORDER BY id"


def rows(name: str, values: list[dict[str, Any]]) -> pa.Table:
    schema = load_schema().table(name).arrow
    return pa.Table.from_pylist(values, schema=pa.schema([schema.field(key) for key in values[0]]))


def run_by(src: str, dst: str, probability: float | None = 1.0, run_id: str = "one") -> dict[str, Any]:
    return {"src": src, "dst": dst, "probability": probability, "run_id": run_id}


@pytest.fixture
def filled(store: GraphStore) -> GraphStore:
    store.write(
        {
            "Account": rows("Account", [{"id": f"x|{number}"} for number in range(3)]),
            "Seller": rows("Seller", [{"id": f"s{number}", "name": "a", "run_id": "one"} for number in range(3)]),
            "Account.RUN_BY.Seller": rows("Account.RUN_BY.Seller", [run_by(f"x|{n}", f"s{n}") for n in range(3)]),
        }
    )
    return store


def test_amend_writes_removes_and_leaves_the_rest(filled: GraphStore) -> None:
    filled.amend(
        {
            "Seller": rows("Seller", [{"id": "s3", "name": None, "run_id": "two"}]),
            "Account.RUN_BY.Seller": rows("Account.RUN_BY.Seller", [run_by("x|0", "s3", 0.5, "two")]),
        },
        {"Account.RUN_BY.Seller": pa.table({"src": ["x|0"], "dst": ["s0"]})},
    )
    assert filled.read(RUN_BY).to_pylist() == [
        run_by("x|0", "s3", 0.5, "two"), run_by("x|1", "s1"), run_by("x|2", "s2"),
    ]  # fmt: skip
    assert [row["id"] for row in filled.read(SELLERS).to_pylist()] == ["s0", "s1", "s2", "s3"]


def test_amend_takes_a_null_for_a_value(filled: GraphStore) -> None:
    filled.amend({"Seller": rows("Seller", [{"id": "s1", "name": None, "run_id": "two"}])}, {})
    assert filled.read(SELLERS).to_pylist()[1] == {"id": "s1", "name": None, "run_id": "two"}


def test_amend_removes_nodes_with_their_relationships(filled: GraphStore) -> None:
    filled.amend({}, {"Seller": pa.table({"id": ["s1", "s9"]})})
    assert [row["dst"] for row in filled.read(RUN_BY).to_pylist()] == ["s0", "s2"]


def test_a_failed_amend_changes_nothing(filled: GraphStore) -> None:
    before = filled.read(RUN_BY).to_pylist(), filled.read(SELLERS).to_pylist()
    with pytest.raises(WriteError, match="s9"):
        filled.amend(
            {"Account.RUN_BY.Seller": rows("Account.RUN_BY.Seller", [run_by("x|0", "s9")])},
            {"Account.RUN_BY.Seller": pa.table({"src": ["x|1"], "dst": ["s1"]})},
        )
    assert (filled.read(RUN_BY).to_pylist(), filled.read(SELLERS).to_pylist()) == before


def test_amend_needs_whole_keys(filled: GraphStore) -> None:
    with pytest.raises(SchemaError, match="dst"):
        filled.amend({}, {"Account.RUN_BY.Seller": pa.table({"src": ["x|0"]})})


@pytest.mark.parametrize("way", ["amend", "replace"])
def test_a_row_that_says_what_it_said_keeps_its_stamp(filled: GraphStore, way: str) -> None:
    links = [run_by("x|0", "s0", 1.0, "two"), run_by("x|1", "s1", 0.9, "two"), run_by("x|2", "s2", 1.0, "two")]
    tables = {"Account.RUN_BY.Seller": rows("Account.RUN_BY.Seller", links)}
    if way == "amend":
        filled.amend(tables, {}, stamps=("run_id",))
    else:
        filled.replace(tables, stamps=("run_id",))
    assert [row["run_id"] for row in filled.read(RUN_BY).to_pylist()] == ["one", "two", "one"]
