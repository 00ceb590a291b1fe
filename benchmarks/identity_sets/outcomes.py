"""How right an assignment of accounts is, with the pairs that contacts connect apart from those beyond."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from resolvers.evaluation.scores import Scores, evaluate_assignment, pooled, ratio
from resolvers.evaluation.truth import Truth


@dataclass(frozen=True, slots=True)
class Outcome:
    """Scores of one way to resolve.

    Attributes:
        connected: pairs of accounts that own contacts, codes, named accounts or links connect at all;
            connected_found: those of them put together.
        seconds: what it took.
    """

    scores: Scores
    connected: int
    connected_found: int
    seconds: float = 0.0

    @property
    def connected_recall(self) -> float:
        """The part of the connected pairs that was found."""
        return ratio(self.connected_found, self.connected)

    @property
    def beyond_recall(self) -> float:
        """The part found of the true pairs that nothing connects."""
        return ratio(self.scores.right_pairs - self.connected_found, self.scores.true_pairs - self.connected)

    @property
    def wrong(self) -> int:
        """Pairs put together that are not one operator's."""
        return self.scores.found_pairs - self.scores.right_pairs


def outcome(truth: Truth, found: Mapping[str, str], seconds: float = 0.0) -> Outcome:
    """Compare account -> group with the truth."""
    connected = evaluate_assignment(truth.group, found)
    return Outcome(evaluate_assignment(truth.operators, found), connected.true_pairs, connected.right_pairs, seconds)


def pooled_outcomes(outcomes: Sequence[Outcome]) -> Outcome:
    """All markets as one; seconds are summed."""
    return Outcome(
        pooled([o.scores for o in outcomes]),
        sum(o.connected for o in outcomes),
        sum(o.connected_found for o in outcomes),
        sum(o.seconds for o in outcomes),
    )
