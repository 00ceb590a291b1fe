"""Scores of a scheme, and how far each rank moves when merges and weights do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graph.schemes import Part, Scheme

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
# One weight after the other is made so much smaller and larger; a scheme is a judgement, not a measurement.
SHAKEN = (0.8, 1.25)
# Scores that agree in so many digits are ties.
DIGITS = 6


def points(parts: pa.Table, scheme: Scheme, known: Mapping[str, Part]) -> dict[str, Floats]:
    """Points of each weighed part, 0 to 100 times its share of the weights; their sum is the score.

    Args:
        parts: see graph.parts.Measured.parts. known: the parts of the scheme's file.
    """
    scaled = _scaled(parts, scheme, known)
    return {name: 100 * share * scaled[name] for name, share in scheme.shares.items()}


def score(parts: pa.Table, scheme: Scheme, known: Mapping[str, Part]) -> Floats:
    """The score of each row, 0 to 100."""
    return _sum(points(parts, scheme, known).values(), parts.num_rows)


def order_of(parts: pa.Table, scores: Floats) -> Ints:
    """Rows in order: by score, then ads, active days, platforms, then as they stand."""
    ties = [-parts[name].to_numpy() for name in ("platforms", "active_days", "ads")]
    found: Ints = np.lexsort((*ties, -scores))
    return found


def shaken_ranks(parts: pa.Table, scheme: Scheme, known: Mapping[str, Part]) -> Iterator[tuple[Ints, Ints]]:
    """The best and worst rank of each row, from 1, under the scheme and with each weight made smaller and larger.

    They differ where scores are equal: whoever stands first among those does so by the order of ids or the like.
    """
    scaled = _scaled(parts, scheme, known)
    for weights in _shaken(scheme.weights):
        whole = sum(weights.values())
        scores = _sum((100 * weight / whole * scaled[name] for name, weight in weights.items()), parts.num_rows)
        yield _places(scores)


def _places(scores: Floats) -> tuple[Ints, Ints]:
    """The best and the worst place of each score among all, from 1."""
    order = np.argsort(-scores)
    first = np.flatnonzero(np.diff(-scores[order], prepend=-np.inf))
    sizes = np.diff(first, append=len(order))
    best, worst = np.empty(len(order), dtype=np.int64), np.empty(len(order), dtype=np.int64)
    best[order], worst[order] = np.repeat(first + 1, sizes), np.repeat(first + sizes, sizes)
    return best, worst


def _shaken(weights: Mapping[str, float]) -> Iterator[dict[str, float]]:
    yield dict(weights)
    if len(weights) > 1:
        for name, weight in weights.items():
            for factor in SHAKEN:
                yield {**weights, name: weight * factor}


def _scaled(parts: pa.Table, scheme: Scheme, known: Mapping[str, Part]) -> dict[str, Floats]:
    return {name: _scale(parts[name].to_numpy().astype(np.float64), known[name]) for name in scheme.weights}


def _scale(values: Floats, part: Part) -> Floats:
    """From 0 to 1 against the largest value; below 0 is 0."""
    values = np.maximum(values, 0)
    if part.scale == "log":
        values = np.log1p(values)
    top = max(float(values.max(initial=0)), part.floor)
    return values / top if top > 0 else values


def _sum(columns: Iterable[Floats], rows: int) -> Floats:
    total = np.zeros(rows)
    for column in columns:
        total = total + column
    return np.round(total, DIGITS)
