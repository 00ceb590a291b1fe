"""Learn a model from a case: see model.py for what is learnt from what."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from math import log
from typing import TYPE_CHECKING, Any

from resolvers.evidence import Comparison, Level, comparisons
from resolvers.model import REST, Model, Weights, prior_weights

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Part of a seller's pairs of accounts that contacts join at all: .5 to .7 in simulated markets, unknown in real ones.
JOINED_SHARE = 0.6
# Pairs that the expert priors count for against what is learnt.
PSEUDO_PAIRS = 60
# Random pairs for u, and the most accounts that training looks at.
RANDOM_PAIRS, SAMPLE = 1_000_000, 60_000
# Probabilities stay away from 0 and 1: what was never seen may happen.
LEAST = 1e-9
TRUST_MOST = 0.9985
TRUE_PAIRS_LEAST = 3.0
# However few accounts a case has: among three of one city that alone must not make two of them one seller.
PRIOR_MOST = 0.05

_SURE_KEYS = "SELECT sure_key AS key, account, p FROM keys WHERE p >= $sure AND {kind} AND accounts {size}"
_PAIRS_OF_KEYS = """
SELECT coalesce(sum(n * (n - 1) / 2), 0) AS pairs, coalesce(sum((total * total - squares) / 2), 0) AS right_pairs
FROM (SELECT count(*) AS n, sum(p) AS total, sum(p * p) AS squares FROM {keys} GROUP BY key)
"""
_RARE = """
WITH valued AS (SELECT unique_id, own_keys, {rare} AS value FROM profiles),
used AS (SELECT * FROM valued WHERE value IS NOT NULL),
counted AS (SELECT value, count(*) AS n FROM used GROUP BY value HAVING count(*) BETWEEN 2 AND 60),
sampled AS (
    SELECT list_has_any(a.own_keys, b.own_keys) AS joined
    FROM (FROM counted ORDER BY hash(value) LIMIT 20000) c JOIN used a USING (value) JOIN used b USING (value)
    WHERE a.unique_id < b.unique_id
)
SELECT (SELECT coalesce(sum(n * (n - 1) / 2), 0) FROM counted) AS pairs,
       (SELECT coalesce(avg(coalesce(joined, false)::INT), 0) FROM sampled) AS joined,
       (SELECT count(*) FROM sampled) AS looked_at
"""


def train(db: DuckDBPyConnection, accounts: int, population: dict[str, dict[str, float]]) -> Model:
    """Return a model for the case whose profiles and keys `db` holds.

    Args:
        accounts: number of accounts of the case. population: what the owners were decided with.
    """
    made = comparisons()
    all_pairs = max(accounts * (accounts - 1) / 2, 1.0)
    contacts = {c.name: _contact_pairs(db, c) for c in made if c.contacts}
    right = sum(found for levels in contacts.values() for _, found in levels.values())
    # One pair may share several contacts; half of them do.
    true_pairs = min(max(0.75 * right / JOINED_SHARE, TRUE_PAIRS_LEAST), PRIOR_MOST * all_pairs)
    soft = [c for c in made if c.name not in contacts]
    learnt, record = _learn(db, [c for c in soft if not all(x.fixed for x in c.levels)])
    weights = {}
    for c in made:
        if c.name in contacts:
            weights[c.name] = _contact_weights(c, contacts[c.name], true_pairs, all_pairs)
        else:
            weights[c.name] = _soft_weights(db, c, learnt.get(c.name, {}), record["pairs"], true_pairs, all_pairs)
    record |= {"accounts": accounts, "true pairs expected": round(true_pairs, 1)}
    return Model(true_pairs / all_pairs, weights, population, record)


# The prior moves in steps of a tenth of the accounts, so that a few new ones do not move every probability a little.
STEP = 1.1
# A model is trained anew when the case has so many times the accounts that it was trained on.
OUTGROWN = 2.0


def learnt(model: Model) -> bool:
    """Whether anything was learnt: in a case of few accounts the model is the expert priors."""
    return "nothing" not in str(model.record.get("learnt", ""))


def outgrown(model: Model, accounts: int) -> bool:
    """Whether the case is of quite another size than the one that the model was trained on."""
    trained = float(model.record.get("accounts", accounts))
    return max(accounts, 1) >= OUTGROWN * max(trained, 1) or max(trained, 1) >= OUTGROWN * max(accounts, 1)


def prior_of(model: Model, accounts: int) -> float:
    """The model's prior for a case of another size: true pairs grow with the accounts, all pairs with their square."""
    trained = max(float(model.record.get("accounts", accounts)), 2.0)
    steps = round(log(max(accounts, 2) / trained, STEP))
    return min(model.prior / STEP**steps, PRIOR_MOST)


def _contact_pairs(db: DuckDBPyConnection, comparison: Comparison) -> dict[str, tuple[float, float]]:
    """Level -> (pairs, pairs expected to be right)."""
    from resolvers.profiles import FEW, GOOD, LIKELY, SOME, SURE

    if comparison.name == "named":
        bounds = {"sure": (SURE, 2.0), "good": (GOOD, SURE), "likely": (LIKELY, GOOD)}
        named = {level: _named_pairs(db, least, below) for level, (least, below) in bounds.items()}
        return named | {"one_login": (0.0, 0.0)}
    kind = f"kind = '{comparison.name}' AND contact NOT IN (SELECT contact FROM logins)"
    sizes = {"few": f"BETWEEN 2 AND {FEW}", "some": f"BETWEEN {FEW + 1} AND {SOME}", "all": f"> {SOME}"}
    found = {}
    for size, condition in sizes.items():
        keys = _SURE_KEYS.format(kind=kind, size=condition)
        found[f"sure_{size}"] = _counted(db, keys, SURE)
    below = [found[f"sure_{size}"] for size in sizes]
    for level, least in (("good", GOOD), ("likely", LIKELY)):
        keys = _SURE_KEYS.format(kind=kind, size="> 1").replace("sure_key", "key")
        pairs, right = _counted(db, keys, least)
        found[level] = (max(pairs - sum(p for p, _ in below), 0.0), max(right - sum(r for _, r in below), 0.0))
        below.append(found[level])
    return found


def _counted(db: DuckDBPyConnection, keys: str, sure: float) -> tuple[float, float]:
    row = db.execute(_PAIRS_OF_KEYS.format(keys=f"({keys})"), {"sure": sure}).fetchall()[0]
    return float(row[0]), float(row[1])


def _named_pairs(db: DuckDBPyConnection, least: float, below: float) -> tuple[float, float]:
    row = db.execute(
        "SELECT count(*), coalesce(sum(a.p * b.p), 0) FROM keys a JOIN keys b USING (key) "
        "WHERE a.named AND NOT b.named AND b.p >= $least AND b.p < $below",
        {"least": least, "below": below},
    ).fetchall()[0]
    return float(row[0]), float(row[1])


def _contact_weights(
    comparison: Comparison, found: dict[str, tuple[float, float]], true_pairs: float, all_pairs: float
) -> Weights:
    """m and u such that a pair with this level alone is right as often as its contacts' owners are."""
    levels = {}
    for level in comparison.levels:
        pairs, right = found[level.name]
        assert level.trust is not None
        # Pseudo-pairs at the expert's trust keep an empty level usable.
        trust = min((right + 5 * level.trust) / (pairs + 5), TRUST_MOST)
        share = max(pairs, 0.5) / true_pairs
        m = min(max(trust * share, LEAST), 0.9)
        levels[level.name] = (m, max(m * (1 - trust) / trust * true_pairs / all_pairs, LEAST))
    return _closed(levels)


def _soft_weights(
    db: DuckDBPyConnection,
    comparison: Comparison,
    learnt: dict[str, tuple[float, float]],
    pairs: int,
    true_pairs: float,
    all_pairs: float,
) -> Weights:
    levels = {}
    for level in comparison.levels:
        m, u = level.m, level.u
        if level.name in learnt and not level.fixed:
            m = (pairs * learnt[level.name][0] + PSEUDO_PAIRS * level.m) / (pairs + PSEUDO_PAIRS)
            # In a small case random pairs that share a place are few by chance.
            u = max(learnt[level.name][1], 0.2 * level.u) if not level.rare else u
        if level.rare:
            u = _rare_u(db, level, all_pairs)
        if level.trust is not None:
            # Nothing soft says more alone than its trust, however few such pairs the case has so far.
            odds = true_pairs / max(all_pairs - true_pairs, true_pairs)
            u = max(u, min(m * odds * (1 - level.trust) / level.trust, 0.5))
        levels[level.name] = (min(max(m, LEAST), 1.0), min(max(u, LEAST), 1.0))
    return _closed(levels)


def _rare_u(db: DuckDBPyConnection, level: Level, all_pairs: float) -> float:
    """Part of all wrong pairs that share such a value: its pairs, less those that are one seller's."""
    pairs, joined, looked_at = db.execute(_RARE.format(rare=level.rare)).fetchall()[0]
    if not looked_at:
        return LEAST
    wrong = 1 - min(joined / JOINED_SHARE, 0.9)
    return float((pairs * wrong + 1) / all_pairs)


# However rarely one seller's accounts were seen to disagree in something soft, people move and rename themselves.
DISAGREE_LEAST = 0.06


def _closed(levels: dict[str, tuple[float, float]]) -> Weights:
    """Add the rest, keep sums below 1 and every level's weight its own, since a weight must tell its level."""
    most = 1 - DISAGREE_LEAST
    scale = max(1.0, sum(m for m, _ in levels.values()) / most), max(1.0, sum(u for _, u in levels.values()) / 0.98)
    scaled = {name: (m / scale[0], u / scale[1]) for name, (m, u) in levels.items()}
    rest = 1 - sum(m for m, _ in scaled.values()), 1 - sum(u for _, u in scaled.values())
    closed = scaled | {REST: rest}
    return Weights({name: (m, u * (1 + 1e-9 * place)) for place, (name, (m, u)) in enumerate(closed.items())})


def _learn(
    db: DuckDBPyConnection, soft: Sequence[Comparison]
) -> tuple[dict[str, dict[str, tuple[float, float]]], dict[str, Any]]:
    """m by EM over accounts that share a contact, u from random pairs, on at most SAMPLE accounts."""
    from splink import DuckDBAPI, Linker

    from resolvers.scoring import settings

    db.execute(
        "CREATE OR REPLACE TEMP TABLE sampled AS WITH chosen AS (SELECT unique_id FROM blocked "
        "ORDER BY hash(coalesce(main_key, unique_id)), unique_id LIMIT $most) "
        "SELECT * EXCLUDE (blocks), [unique_id] AS blocks FROM blocked SEMI JOIN chosen USING (unique_id)",
        {"most": SAMPLE},
    )
    query = "SELECT count(*) FROM sampled a JOIN sampled b USING (main_key) WHERE a.unique_id < b.unique_id"
    pairs = int(db.execute(query).fetchall()[0][0])
    record = {"pairs": pairs, "sample": min(SAMPLE, _rows(db)), "joined share": JOINED_SHARE}
    if pairs < PSEUDO_PAIRS / 2:
        return {}, record | {"learnt": "nothing: too few accounts share a contact"}
    logging.getLogger("splink").setLevel(logging.CRITICAL)
    model = Model(0.9, {c.name: prior_weights(c) for c in soft})
    linker = Linker(
        DuckDBAPI(db).register("sampled"), settings(model, soft), log_level=logging.CRITICAL, validate_settings=False
    )
    # In one chunk: more of them stop early, and take longer for all their statements.
    linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=1, num_chunks=1)
    linker.training.estimate_parameters_using_expectation_maximisation(
        "l.main_key = r.main_key", fix_u_probabilities=True, max_pairs=None
    )
    found = linker.misc.save_model_to_json()
    learnt = {c["output_column_name"]: _levels(c, soft) for c in found["comparisons"]}
    return learnt, record | {"learnt": "m by EM, u from random pairs and frequencies"}


def _rows(db: DuckDBPyConnection) -> int:
    return int(db.execute("SELECT count(*) FROM blocked").fetchall()[0][0])


def _levels(found: dict[str, Any], soft: Sequence[Comparison]) -> dict[str, tuple[float, float]]:
    comparison = next(c for c in soft if c.name == found["output_column_name"])
    by_name = {level.get("label_for_charts"): level for level in found["comparison_levels"]}
    return {
        level.name: (by_name[level.name]["m_probability"], by_name[level.name]["u_probability"])
        for level in comparison.levels
        if by_name.get(level.name, {}).get("m_probability") is not None
        and by_name[level.name].get("u_probability") is not None
    }


def with_prior(model: Model, accounts: int) -> Model:
    """The same model, its prior made for a case of that many accounts."""
    return replace(model, prior=prior_of(model, accounts))
