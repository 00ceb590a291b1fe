"""The results of an evaluation, of one case or of several pooled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from resolvers.evaluation.reliability import Bin, pooled_bins
from resolvers.evaluation.roles import RoleCount, own_precision, own_recall, pooled_roles
from resolvers.evaluation.scores import Scores, pooled, ratio

NAMED = 20


@dataclass(frozen=True, slots=True)
class Causes:
    """What only a made-up market's truth can tell.

    Attributes:
        connected_pairs: pairs of accounts that own contacts, codes, named accounts or links connect at all;
            connected_found: those of them in one seller.
        wrong_merges, missed_merges: pairs of accounts by cause. wrong_links: links between two accounts by cause.
        roles: whose contacts were taken to be. reliability: how right probabilities are.
    """

    connected_pairs: int
    connected_found: int
    wrong_merges: dict[str, int]
    wrong_links: dict[str, int]
    missed_merges: dict[str, int]
    roles: tuple[RoleCount, ...]
    reliability: tuple[Bin, ...]

    @property
    def connected_recall(self) -> float:
        """The part of the connected pairs that is in one seller."""
        return ratio(self.connected_found, self.connected_pairs)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores, and what could not be compared.

    Attributes:
        only_in_truth, only_in_graph: numbers of accounts that one side alone knows; `missing` and `extra`
            name the first 20 of each.
        causes: None when the truth names accounts and operators only.
    """

    scores: Scores
    operators: int
    sellers: int
    only_in_truth: int
    only_in_graph: int
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    causes: Causes | None = None


def by_size(counts: Counter[str]) -> dict[str, int]:
    """Largest first, so that what matters is read first; names break ties."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def pool(cases: Sequence[Evaluation]) -> Evaluation:
    """All cases as if they were one: pairs and accounts are summed before anything is divided."""
    causes = [case.causes for case in cases if case.causes is not None]
    return Evaluation(
        scores=pooled([case.scores for case in cases]),
        operators=sum(case.operators for case in cases),
        sellers=sum(case.sellers for case in cases),
        only_in_truth=sum(case.only_in_truth for case in cases),
        only_in_graph=sum(case.only_in_graph for case in cases),
        missing=tuple(account for case in cases for account in case.missing)[:NAMED],
        extra=tuple(account for case in cases for account in case.extra)[:NAMED],
        # Causes of some cases only would not add up to the scores of all.
        causes=_pooled_causes(causes) if len(causes) == len(cases) else None,
    )


def _pooled_causes(cases: Sequence[Causes]) -> Causes:
    def summed(name: str) -> dict[str, int]:
        return by_size(sum((Counter(getattr(case, name)) for case in cases), Counter[str]()))

    return Causes(
        connected_pairs=sum(case.connected_pairs for case in cases),
        connected_found=sum(case.connected_found for case in cases),
        wrong_merges=summed("wrong_merges"),
        wrong_links=summed("wrong_links"),
        missed_merges=summed("missed_merges"),
        roles=pooled_roles([case.roles for case in cases]),
        reliability=pooled_bins([case.reliability for case in cases]),
    )


def record(found: Evaluation) -> dict[str, Any]:
    """An evaluation as a plain record: scores at the top, causes by name, roles and reliability as lists of rows."""
    rest = {name: value for name, value in asdict(found).items() if name not in {"scores", "causes"}}
    flat: dict[str, Any] = asdict(found.scores) | rest
    if found.causes is None:
        return flat
    causes = found.causes
    own = {"own_precision": own_precision(causes.roles), "own_recall": own_recall(causes.roles)} if causes.roles else {}
    return flat | {"connected_recall": causes.connected_recall} | own | asdict(causes)
