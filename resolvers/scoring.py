"""Pairs with their match weights, by Splink on DuckDB."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

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


def score(db: DuckDBPyConnection, model: Model, *, least: float | None = None) -> None:
    """Make scored: unique_id_l, unique_id_r, match_weight, match_probability, mw_ of every comparison; a row a pair.

    Args:
        least: pairs less likely are left out; None keeps all that were compared. Needs the table blocked.
    """
    from splink import DuckDBAPI, Linker

    class Inlined(DuckDBAPI):
        # Splink names its input in a WITH, which DuckDB then copies once more: a third of the time of a million rows.
        def _execute_sql_against_backend(self, final_sql: str) -> Any:
            for name in ("__splink__df_concat", "__splink__df_concat_with_tf"):
                final_sql = final_sql.replace(f"{name} as (", f"{name} as not materialized (")
            return super()._execute_sql_against_backend(final_sql)

    logging.getLogger("splink").setLevel(logging.ERROR)
    db.execute("DROP TABLE IF EXISTS scored")
    linker = Linker(Inlined(db).register("blocked"), settings(model), log_level=logging.ERROR, validate_settings=False)
    found = linker.inference.predict(threshold_match_probability=least, warning_mode="never")
    db.execute(f"ALTER TABLE {found.physical_name} RENAME TO scored")
