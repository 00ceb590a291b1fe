"""Plain Splink on names, places and contacts, as its guides do it: u from random pairs, m by EM."""

from __future__ import annotations

import logging
from typing import Any

import pyarrow as pa

LEAST = 0.01


def splink_pairs(db: Any, table: str, rules: list[Any]) -> pa.Table:
    """Train on a table of unique_id, name, place and contacts (a list), and predict.

    Args:
        db: DuckDB connection that has the table. rules: for blocking at prediction.

    Returns:
        one, other (account ids), probability, from LEAST on.
    """
    from splink import DuckDBAPI, Linker, block_on

    logging.getLogger("splink").setLevel(logging.CRITICAL)
    linker = Linker(DuckDBAPI(db).register(table), _settings(rules), log_level=logging.CRITICAL)
    train = linker.training
    train.estimate_probability_two_random_records_match([block_on("name", "place")], recall=0.5)
    train.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("name"), block_on("place")):
        train.estimate_parameters_using_expectation_maximisation(rule, max_pairs=1e6)
    found = linker.inference.predict(threshold_match_probability=LEAST, warning_mode="never")
    query = "SELECT unique_id_l AS one, unique_id_r AS other, match_probability AS probability FROM "
    return db.sql(query + found.physical_name).to_arrow_table()


def _settings(rules: list[Any]) -> Any:
    import splink.comparison_library as cl
    from splink import SettingsCreator

    return SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=rules,
        comparisons=[
            cl.JaroWinklerAtThresholds("name", 0.9).configure(term_frequency_adjustments=True),
            cl.ExactMatch("place").configure(term_frequency_adjustments=True),
            cl.ArrayIntersectAtSizes("contacts", [2, 1]),
        ],
    )
