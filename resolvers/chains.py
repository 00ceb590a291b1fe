"""Judgements that contradict each other: two accounts that are different, and the same through a chain."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

Links = dict[str, list[tuple[str, "Judgement"]]]


@dataclass(frozen=True, slots=True)
class Judgement:
    """An analyst's decision on two accounts. Times are UTC without offset.

    Attributes:
        left, right: account ids, left < right. verdict: 'same', 'different' or 'unsure'.
        retracted_at, retracted_by, retracted_reason: None while it stands.
    """

    id: str
    left: str
    right: str
    verdict: str
    author: str
    reason: str
    made_at: datetime
    retracted_at: datetime | None = None
    retracted_by: str | None = None
    retracted_reason: str | None = None

    def __str__(self) -> str:
        """'a different b (judgement:…, by Li, 2019-03-01 09:30 UTC)'."""
        return (
            f"{self.left} {self.verdict} {self.right} ({self.id}, by {self.author}, {self.made_at:%Y-%m-%d %H:%M} UTC)"
        )


def contradictions(judgements: Iterable[Judgement]) -> Iterator[list[Judgement]]:
    """For each 'different' that a chain of 'same' contradicts the chain, as short as can be, and the 'different'.

    The order of the judgements does not matter.
    """
    ordered = sorted(judgements, key=lambda judgement: judgement.id)
    links = _links(ordered)
    group = _groups(links)
    for judgement in ordered:
        left, right = judgement.left, judgement.right
        if judgement.verdict == "different" and (left == right or group.get(left, left) == group.get(right, right)):
            yield [*_chain(links, left, right), judgement]


def in_words(chain: Sequence[Judgement]) -> str:
    """The chain's judgements, and how one of them is taken back."""
    return f"{'; '.join(map(str, chain))}. Take one back first: sellergraph retract ID --by NAME --reason TEXT"


def _links(ordered: Iterable[Judgement]) -> Links:
    links: Links = {}
    for judgement in ordered:
        if judgement.verdict == "same":
            links.setdefault(judgement.left, []).append((judgement.right, judgement))
            links.setdefault(judgement.right, []).append((judgement.left, judgement))
    return links


def _groups(links: Links) -> dict[str, str]:
    """Account -> the account by which its group of 'same' is called."""
    group: dict[str, str] = {}
    for start in links:
        if start not in group:
            group |= dict.fromkeys(_walk(links, start), start)
    return group


def _walk(links: Links, start: str) -> dict[str, Judgement | None]:
    """Accounts that 'same' leads to from `start`, nearest first, with the judgement that led there."""
    reached: dict[str, Judgement | None] = {start: None}
    waiting = deque([start])
    while waiting:
        for other, judgement in links.get(waiting.popleft(), ()):
            if other not in reached:
                reached[other] = judgement
                waiting.append(other)
    return reached


def _chain(links: Links, start: str, end: str) -> list[Judgement]:
    """The judgements on a shortest way from `start` to `end`."""
    reached = _walk(links, start)
    chain: list[Judgement] = []
    while step := reached[end]:
        chain.append(step)
        end = step.left if end == step.right else step.right
    return chain[::-1]
