"""The Fellegi-Sunter model of a case: m and u of every level, learnt where the case tells enough, saved readable.

u of rare levels comes from frequencies (random pairs overestimate it: those that share something rare are true
ones), other
u from random pairs, m from expectation maximisation over accounts that share a contact, all blended with expert priors.
The file is the truth about a run's weights: another engine takes its numbers over and trains nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from resolvers.evidence import Comparison, comparisons
from sellergraph.errors import UsageError

FORMAT = "sellergraph identity model 1"


@dataclass(frozen=True, slots=True)
class Weights:
    """m and u of one comparison's levels in order, the rest ('nothing of it') last."""

    levels: dict[str, tuple[float, float]]

    def __post_init__(self) -> None:
        for name, (m, u) in self.levels.items():
            if not (0 < m <= 1 and 0 < u <= 1):
                raise UsageError(f"level {name}: m and u must lie above 0 and up to 1, not {m} and {u}")


@dataclass(frozen=True, slots=True)
class Model:
    """Everything that turns a pair's levels into a probability.

    Attributes:
        prior: chance that two random accounts of the case it was trained on are one seller's.
        weights: by comparison.
        population: the part of the accounts by 'places' and 'names', of the common ones (traits.py).
        record: how it was trained: accounts, pairs, what was learnt and what kept from the priors.
    """

    prior: float
    weights: dict[str, Weights]
    population: dict[str, dict[str, float]] = field(default_factory=dict)
    record: dict[str, Any] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        """Write the model; the file is there completely or not at all."""
        body = {"format": FORMAT, "prior": self.prior, "record": self.record, "population": self.population,
                "comparisons": {name: {level: {"m": m, "u": u} for level, (m, u) in w.levels.items()}
                                for name, w in self.weights.items()}}  # fmt: skip
        part = path.with_name(f".{path.name}.part")
        part.write_text(json.dumps(body, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        part.replace(path)


REST = "nothing"


def prior_model() -> Model:
    """The model of expert priors alone."""
    return Model(1e-4, {c.name: prior_weights(c) for c in comparisons()}, record={"source": "expert priors"})


def prior_weights(comparison: Comparison) -> Weights:
    """The expert priors of one comparison."""
    return Weights({x.name: (x.m, x.u) for x in comparison.levels} | {REST: comparison.rest})


def load_model(path: Path) -> Model:
    """Read a model file.

    Raises:
        UsageError: it cannot be read, is of another version, or lacks a comparison or level of this program.
    """
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: is not a model file: {error}; {_AGAIN}") from error
    found = body.get("format") if isinstance(body, dict) else None
    if found != FORMAT:
        raise UsageError(
            f"{path}: is of another version ({found!r}, this program has {FORMAT!r}); "
            "remove it, or run 'sellergraph resolve --retrain', to train it anew"
        )
    return _checked(path, body)


_AGAIN = "run 'sellergraph resolve --retrain' to train it anew"


def _shares(part: object) -> bool:
    return isinstance(part, dict) and all(isinstance(x, float | int) and 0 <= x <= 1 for x in part.values())


def _checked(path: Path, body: dict[str, Any]) -> Model:
    weights = {}
    shapes = {"comparisons": body.get("comparisons"), "population": body.get("population", {}),
              "record": body.get("record", {})}  # fmt: skip
    for name, value in shapes.items():
        if not isinstance(value, dict):
            raise UsageError(f"{path}: {name} is no object; {_AGAIN}")
    if not all(_shares(part) for part in shapes["population"].values()):
        raise UsageError(f"{path}: population holds something else than shares; {_AGAIN}")
    if not isinstance(shapes["record"].get("accounts", 0), int):
        raise UsageError(f"{path}: record.accounts is no number; {_AGAIN}")
    for comparison in comparisons():
        levels = shapes["comparisons"].get(comparison.name, {})
        if not isinstance(levels, dict):
            raise UsageError(f"{path}: {comparison.name} is no object; {_AGAIN}")
        wanted = [x.name for x in comparison.levels] + [REST]
        if list(levels) != wanted:
            raise UsageError(
                f"{path}: {comparison.name} has the levels {', '.join(levels) or 'none'}, not {', '.join(wanted)}; "
                f"{_AGAIN}"
            )
        try:
            weights[comparison.name] = Weights({k: (float(v["m"]), float(v["u"])) for k, v in levels.items()})
            prior = float(body["prior"])
        except (KeyError, TypeError, ValueError, UsageError) as error:
            raise UsageError(f"{path}: {comparison.name}: {error}") from error
    if not 0 < prior < 1:
        raise UsageError(f"{path}: the prior must lie between 0 and 1, not {prior}")
    return Model(prior, weights, body.get("population") or {}, body.get("record") or {})
