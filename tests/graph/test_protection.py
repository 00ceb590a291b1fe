"""What an ad weighs by the protection of its species."""

from __future__ import annotations

import pyarrow as pa
import pytest

from graph import protection
from graph.facts import TAXA, read_facts
from graph.protection import protection_weights, taxon_weights
from graph.stores.base import GraphStore
from sellergraph.errors import SchemaError


def taxa(*statuses: tuple[str, str | None, str | None, str | None]) -> pa.Table:
    names = ("taxon_id", "cites", "national_level", "red_list")
    rows = [dict(zip(names, row, strict=True)) for row in statuses]
    return pa.Table.from_pylist(rows, schema=TAXA.schema)


def test_a_taxon_weighs_by_each_list_that_has_it() -> None:
    found = taxon_weights(
        taxa(
            ("all", "I", "Level 1", "CR"),
            ("bred", "II", "Level 2 (wild population only)", "EN"),
            ("none", None, None, None),
            ("unknown", "IV", "Level 9", "XX"),
        )
    )
    weights = protection_weights()
    every = (weights["cites"]["I"] + weights["national_level"]["Level 1"] + weights["red_list"]["CR"]) / 3
    rows = {row["taxon_id"]: (row["bred"], row["wild"]) for row in found.to_pylist()}
    assert rows["all"] == (round(every, 3),) * 2
    assert rows["bred"][0] < rows["bred"][1] == round((0.6 + 0.7 + 0.7) / 3, 3)
    assert rows["none"] == rows["unknown"] == (0.0, 0.0)


def test_an_ad_weighs_by_its_strictest_species_and_its_claim(market: GraphStore) -> None:
    market.write(
        {
            "Taxon": pa.table({"id": ["pond"], "cites": ["II"], "national_level": ["Level 2 (wild population only)"]}),
            "Commodity": pa.table({"id": ["pond/live"], "taxon_id": ["pond"]}),
            "Ad.OFFERS.Commodity": pa.table({"src": ["xianyu|4", "xianyu|5", "xianyu|1"], "dst": ["pond/live"] * 3}),
            "Ad": pa.table({"id": ["xianyu|5"], "platform": ["xianyu"], "claims": [["wild"]]}),
        }
    )
    ads = read_facts(market).ads.to_pylist()
    found = {row["ad_id"]: row["protection"] for row in ads if row["protection"] is not None}
    # Elephant and tiger of the little market stand on one list only, in its first appendix.
    assert found == {
        "weibo|10": 0.333, "xianyu|1": 0.333, "xianyu|2": 0.333, "xianyu|3": 0.333,
        "xianyu|4": round((0.6 + 0.35) / 3, 3), "xianyu|5": round((0.6 + 0.7) / 3, 3),
    }  # fmt: skip


def test_a_weight_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    protection_weights.cache_clear()
    monkeypatch.setattr(protection, "load_yaml", lambda path: {"cites": {"I": 2}})
    with pytest.raises(SchemaError, match=r"protection\.yaml: cites must map each status to a number from 0 to 1"):
        protection_weights()
    protection_weights.cache_clear()
