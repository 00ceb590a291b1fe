"""Ten judgements change only what they must."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from graph.stores import GraphStore
from resolvers.evaluation.reading import read_matches
from resolvers.evaluation.truth import Truth
from resolvers.judgements import DIFFERENT, SAME, judge_all
from resolvers.resolve import resolve
from resolvers.sellers import EARLIER_ACCOUNTS
from sellergraph.case import Settings

EACH = 5
Verdict = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Judged:
    """What judgements did.

    Attributes:
        judgements: how many there were. not_honoured: of them, those that the sellers contradict.
        inside: accounts of the judged ones' old and new sellers. changed: those of them whose seller has others now.
        outside: accounts elsewhere whose seller has other accounts now, or another id.
        seconds: of the resolution after them.
    """

    judgements: int
    not_honoured: int
    inside: int
    changed: int
    outside: int
    seconds: float


def judge_near(store: GraphStore, settings: Settings, truth: Truth, seed: int) -> Judged:
    """Judge near pairs as the truth has them, resolve, and compare; the case must have been resolved before."""
    before = sellers(store)
    verdicts = list(_drawn(store, truth, before, random.Random(seed)))
    if not verdicts:
        return Judged(0, 0, 0, 0, 0, 0.0)
    judge_all(store, verdicts, "benchmark", "by the truth", datetime.now(UTC))
    report = resolve(store, folder=settings.resolution)
    return _compared(before, sellers(store), verdicts, report.seconds)


def sellers(store: GraphStore) -> dict[str, str]:
    """Account -> seller."""
    rows = store.read(EARLIER_ACCOUNTS)
    return dict(zip(rows["account"].to_pylist(), rows["seller"].to_pylist(), strict=True))


def _drawn(store: GraphStore, truth: Truth, found: Mapping[str, str], chance: random.Random) -> Iterable[Verdict]:
    """Pairs that resolution has wrong come first: a judgement of what is right already changes nothing."""
    same, different, apart = list[Verdict](), list[Verdict](), list[Verdict]()
    for row in read_matches(store).sort_by([("src", "ascending"), ("dst", "ascending")]).to_pylist():
        one, other = row["src"], row["dst"]
        right, together = truth.operators[one] == truth.operators[other], found[one] == found[other]
        if right and not together:
            same.append((one, other, SAME))
        elif not right:
            (different if together else apart).append((one, other, DIFFERENT))
    yield from chance.sample(same, min(EACH, len(same)))
    yield from (chance.sample(different, len(different)) + chance.sample(apart, len(apart)))[:EACH]


def _compared(before: Mapping[str, str], after: Mapping[str, str], verdicts: list[Verdict], seconds: float) -> Judged:
    old, new = _members(before), _members(after)
    named = {account for one, other, _ in verdicts for account in (one, other)}
    inside = {a for account in named for a in old[before[account]] | new[after[account]]}
    moved = {a for a in before if old[before[a]] != new[after[a]]}
    renamed = {a for a in before if before[a] != after[a]}
    broken = sum((after[one] == after[other]) != (verdict == SAME) for one, other, verdict in verdicts)
    return Judged(len(verdicts), broken, len(inside), len(moved & inside), len((moved | renamed) - inside), seconds)


def _members(found: Mapping[str, str]) -> dict[str, frozenset[str]]:
    members = defaultdict[str, list[str]](list)
    for account, seller in found.items():
        members[seller].append(account)
    return {seller: frozenset(accounts) for seller, accounts in members.items()}
