"""Pairs with their match weights, by Splink on DuckDB."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from resolvers.evidence import Comparison, comparisons
from resolvers.model import REST, Model
from resolvers.names import name_similarities

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PREFIX = "mw_"


def prepare(db: DuckDBPyConnection) -> None:
    """Give the connection the two functions that the comparisons need under the names that Spark knows too."""
    db.execute("CREATE OR REPLACE TEMP MACRO arrays_overlap(a, b) AS list_has_any(a, b)")
    text = ["VARCHAR", "VARCHAR"]
    db.create_function("name_similarity", name_similarities, text, "DOUBLE", type="arrow")  # type: ignore[call-overload]


def settings(model: Model, made: Iterable[Comparison] | None = None) -> dict[str, Any]:
    """Splink's settings: every comparison with the model's m and u, pairs from shared blocks."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": model.prior,
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": "l.blocks = r.blocks", "arrays_to_explode": ["blocks"], "sql_dialect": "duckdb"}
        ],
        "comparisons": [_comparison(c, model) for c in made or comparisons()],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": True,
    }


def _comparison(comparison: Comparison, model: Model) -> dict[str, Any]:
    weights = model.weights[comparison.name].levels
    levels: list[dict[str, Any]] = [
        {"sql_condition": comparison.nothing, "label_for_charts": "unknown", "is_null_level": True}
    ]
    for level in comparison.levels:
        m, u = weights[level.name]
        levels.append(
            {"sql_condition": level.sql, "label_for_charts": level.name, "m_probability": m, "u_probability": u}
        )
    m, u = weights[REST]
    levels.append({"sql_condition": "ELSE", "label_for_charts": REST, "m_probability": m, "u_probability": u})
    return {"output_column_name": comparison.name, "comparison_levels": levels}


def score(db: DuckDBPyConnection, model: Model, table: str = "blocked") -> pa.Table:
    """Return unique_id_l, unique_id_r, match_weight, match_probability, and gamma_ and mw_ of every comparison."""
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.ERROR)
    api = DuckDBAPI(db)
    linker = Linker(api.register(table), settings(model), log_level=logging.ERROR, validate_settings=False)
    found = linker.inference.predict(warning_mode="never")
    rows = db.sql(f"FROM {found.physical_name}").to_arrow_table()
    found.drop_table_from_database_and_remove_from_cache()
    return rows
