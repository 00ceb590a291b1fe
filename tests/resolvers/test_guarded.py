"""Large groups are not joined by a link that is only likely."""

from __future__ import annotations

import math
from itertools import combinations

import pyarrow as pa
import pytest

from resolvers.clusters import no_profiles
from resolvers.guarded import group, withheld

JUDGED = pa.table({name: pa.array([], pa.string()) for name in ("left", "right", "verdict")})


def pairs(*rows: tuple[str, str, float]) -> pa.Table:
    columns = [[row[i] for row in rows] for i in range(3)]
    table = pa.table(columns, ["src", "dst", "probability"])
    return table.append_column("weight", pa.array([math.log2(p / (1 - p)) for p in columns[2]]))


def clique(name: str, size: int) -> list[tuple[str, str, float]]:
    """Accounts that are one seller's beyond doubt."""
    return [(f"{name}{i}", f"{name}{j}", 0.9999) for i, j in combinations(range(size), 2)]


@pytest.mark.parametrize(
    ("sizes", "chance", "threshold", "joined"),
    [
        ((1, 1), 0.91, 0.9, True),
        ((2, 2), 0.91, 0.9, True),
        ((5, 5), 0.95, 0.9, False),
        ((5, 5), 0.97, 0.9, True),
        ((1, 9), 0.92, 0.9, False),
        # The risk moves along with the threshold.
        ((5, 5), 0.95, 0.8, True),
        ((5, 5), 0.97, 0.96, False),
    ],
)
def test_the_larger_the_groups_the_surer_a_link(
    sizes: tuple[int, int], chance: float, threshold: float, joined: bool
) -> None:
    table = pairs(*clique("a", sizes[0]), *clique("b", sizes[1]), ("a0", "b0", chance))
    weak = withheld(table, threshold).to_pylist()
    assert [(row["src"], row["dst"]) for row in weak] == ([] if joined else [("a0", "b0")])


def test_a_weak_link_says_what_it_would_join() -> None:
    (weak,) = withheld(pairs(*clique("a", 3), *clique("b", 9), ("a0", "b0", 0.95))).to_pylist()
    assert weak["reason"] == "weak link: 95.0 % likely, too little since it would join 3 and 9 accounts"
    (weak,) = withheld(pairs(*clique("b", 9), ("a0", "b0", 0.92))).to_pylist()
    assert weak["reason"].endswith("since it would join a single account and 9 that hang together without it")


def test_what_another_link_joins_is_not_withheld_and_order_does_not_matter() -> None:
    rows = [*clique("a", 5), *clique("b", 5), ("a0", "b0", 0.95), ("a1", "b1", 0.99)]
    accounts = pa.array(sorted({end for row in rows for end in row[:2]}))
    found = [group(accounts, pairs(*given), no_profiles(), JUDGED) for given in (rows, rows[::-1])]
    assert [len(set(each.assigned["cluster"].to_pylist())) for each in found] == [1, 1]
    assert found[0].assigned.equals(found[1].assigned)
    assert found[0].cut.num_rows == 0
