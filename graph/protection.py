"""What an advertisement weighs by the protection of the species that it offers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graph.sql import run_sql
from sellergraph.errors import SchemaError
from sellergraph.resources import data_path, load_yaml

if TYPE_CHECKING:
    pass

LISTS = ("cites", "national_level", "red_list")
_WILD_ONLY = "wild_only"
_WEIGHTS = pa.schema([("list", pa.string()), ("status", pa.string()), ("weight", pa.float64())])
# Thousandths of the sum of three parts, as whole numbers: sums over ads are exact, whatever their order.
_WEIGHED = """
WITH species AS (
    SELECT t.taxon_id,
           (coalesce(c.weight, 0) + coalesce(r.weight, 0) + coalesce(n.weight, 0)) / 3 AS bred,
           (coalesce(c.weight, 0) + coalesce(r.weight, 0) + coalesce(w.weight, n.weight, 0)) / 3 AS wild
    FROM taxa t
    LEFT JOIN weights c ON c.list = 'cites' AND c.status = t.cites
    LEFT JOIN weights r ON r.list = 'red_list' AND r.status = t.red_list
    LEFT JOIN weights n ON n.list = 'national_level' AND n.status = t.national_level
    LEFT JOIN weights w ON w.list = 'wild_only' AND w.status = t.national_level
)
SELECT taxon_id, round(bred, 3) AS bred, round(wild, 3) AS wild FROM species ORDER BY taxon_id
"""


def taxon_weights(taxa: pa.Table) -> pa.Table:
    """taxon_id, bred and wild: the weight of an ad of the taxon without and with a claim to the wild, 0 to 1.

    Both are rounded to thousandths. A status that graph/protection.yaml does not list weighs nothing.

    Args:
        taxa: see graph.facts.Facts.
    """
    rows = [
        {"list": name, "status": status, "weight": weight}
        for name, statuses in protection_weights().items()
        for status, weight in statuses.items()
    ]
    weights = pa.Table.from_pylist(rows, schema=_WEIGHTS)
    return run_sql(_WEIGHED, {"taxa": taxa, "weights": weights})


def protection_of(ads: pa.Table, offers: pa.Table, taxa: pa.Table) -> pa.Array:
    """The weight of each ad by the strictest taxon that it offers, 0 to 1 in thousandths; null without a species.

    Args:
        ads: wild, in order. offers: ad (row of ads), taxon_id.
    """
    weighed = taxon_weights(taxa)
    places = pc.index_in(offers["taxon_id"], value_set=weighed["taxon_id"].combine_chunks())
    known = pc.is_valid(places).to_numpy()
    rows, taxon = offers["ad"].to_numpy()[known], places.drop_null().to_numpy()
    wild = ads["wild"].to_numpy()[rows]
    weights = np.where(wild, weighed["wild"].to_numpy()[taxon], weighed["bred"].to_numpy()[taxon])
    found = np.full(ads.num_rows, -1.0)
    np.maximum.at(found, rows, weights)
    return pa.array(found, mask=found < 0)


@cache
def protection_weights() -> Mapping[str, Mapping[str, float]]:
    """The lists of graph/protection.yaml: status -> weight, 0 to 1.

    Raises:
        SchemaError: a list is missing, or a weight is not between 0 and 1.
    """
    path = data_path("graph/protection.yaml")
    raw: dict[str, Any] = load_yaml(path)
    found = dict[str, Mapping[str, float]]()
    for name in (*LISTS, _WILD_ONLY):
        statuses = raw.get(name)
        if not isinstance(statuses, dict) or not all(_is_weight(weight) for weight in statuses.values()):
            raise SchemaError(f"{path}: {name} must map each status to a number from 0 to 1, not {statuses!r}")
        found[name] = {str(status): float(weight) for status, weight in statuses.items()}
    return found


def _is_weight(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
