"""What a set takes away, and the greedy choice, against exhaustive search on small random cases."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest

from graph.disruption.coverage import Amounts, Objective, Stakes, losses, pick_greedily

MOST = 3
EACH = [("ads",), ("protection",), ("routes",), ("ads", "protection", "routes")]


def stakes(shown: Sequence[Sequence[int]], micro: Sequence[int], routes: Sequence[int], unknown: int = 0) -> Stakes:
    """Targets by their ads; `unknown` routes have no target."""
    starts = np.cumsum([0, *map(len, shown)])
    ads = np.array([ad for row in shown for ad in row], dtype=np.int64)
    totals = (len(micro), sum(micro), sum(routes) + unknown)
    return Stakes(
        starts.astype(np.int64),
        ads,
        np.bincount(ads, minlength=len(micro)),
        np.array(micro, dtype=np.int64),
        np.array(routes, dtype=np.int64),
        Amounts(*(np.array(total, dtype=np.int64) for total in totals)),
    )


def drawn(seed: int, shared: bool) -> Stakes:
    dice = np.random.default_rng(seed)
    ads, targets = int(dice.integers(1, 25)), int(dice.integers(1, 9))
    if shared:
        shown = [np.flatnonzero(dice.random(ads) < dice.random() / 2).tolist() for _ in range(targets)]
    else:
        owners = dice.integers(0, targets + 1, ads)
        shown = [np.flatnonzero(owners == target).tolist() for target in range(targets)]
    micro, routes = dice.integers(0, 1_000_001, ads), dice.integers(0, 5, targets)
    return stakes(shown, micro.tolist(), routes.tolist(), int(dice.integers(0, 3)))


def taken(case: Stakes, chosen: Sequence[int], parts: Sequence[str]) -> float:
    """By the definition: the mean of the shares of what there is."""
    hit = {int(ad) for target in chosen for ad in case.ads_of(target)}
    gone = {
        "ads": len(hit),
        "protection": sum(int(case.micro[ad]) for ad in hit),
        "routes": sum(int(case.routes[target]) for target in chosen),
    }
    totals = {part: int(getattr(case.totals, part)) for part in parts}
    shares = [gone[part] / total for part, total in totals.items() if total]
    return sum(shares) / len(shares) if shares else 0.0


def best(case: Stakes, k: int, parts: Sequence[str]) -> float:
    sets = combinations(range(case.count), min(k, case.count))
    return max(taken(case, chosen, parts) for chosen in sets)


@pytest.mark.parametrize("parts", EACH)
@pytest.mark.parametrize("seed", range(60))
def test_greedy_keeps_its_guarantee_and_its_bounds_hold(seed: int, parts: tuple[str, ...]) -> None:
    case = drawn(seed, shared=True)
    picks = pick_greedily(case, Objective(parts, case.totals), MOST)
    for k in range(MOST + 1):
        reached, optimum = taken(case, picks.order[:k], parts), best(case, k, parts)
        assert reached >= (1 - 1 / math.e) * optimum - 1e-12
        # The certificate, reached / bound, is never more than what is true.
        assert picks.bounds[k] >= optimum - 1e-12


@pytest.mark.parametrize("parts", EACH)
@pytest.mark.parametrize("seed", range(40))
def test_greedy_is_the_best_where_no_ad_is_shared(seed: int, parts: tuple[str, ...]) -> None:
    case = drawn(seed, shared=False)
    assert case.modular
    picks = pick_greedily(case, Objective(parts, case.totals), MOST)
    for k in range(MOST + 1):
        optimum = best(case, k, parts)
        assert taken(case, picks.order[:k], parts) == pytest.approx(optimum, abs=1e-12)
        assert picks.bounds[k] == pytest.approx(optimum, abs=1e-12)


def test_greedy_falls_short_where_it_is_known_to_and_says_by_how_much() -> None:
    """The largest first hides that the two others are better together: 4 + 2 of 8 ads, where 8 are possible."""
    case = stakes([[0, 1, 4, 5], [0, 1, 2, 3], [4, 5, 6, 7]], [0] * 8, [0] * 3)
    picks = pick_greedily(case, Objective(("ads",), case.totals), 2)
    assert picks.order == [0, 1]
    assert taken(case, picks.order, ["ads"]) == 6 / 8
    assert picks.bounds[2] == 1.0


def test_greedy_stops_where_nothing_is_left_and_takes_the_first_of_equals() -> None:
    case = stakes([[0], [1], [0, 1], [0, 1]], [0, 0], [0] * 4)
    picks = pick_greedily(case, Objective(("ads",), case.totals), 4)
    assert picks.order == [2]
    assert picks.bounds.tolist() == [0.0, 1.0, 1.0, 1.0, 1.0]


@pytest.mark.parametrize("seed", range(60))
def test_losses_are_those_of_the_definition(seed: int) -> None:
    case = drawn(seed, shared=True)
    order = np.random.default_rng(seed).permutation(case.count)[:4].tolist()
    found = losses(case, order, 5)
    shown = {ad: {t for t in range(case.count) if ad in case.ads_of(t)} for ad in range(len(case.micro))}
    for k in range(6):
        gone = set(order[:k])
        hit = [ad for ad, by in shown.items() if by & gone]
        assert found.hit.ads[k] == len(hit)
        assert found.hit.protection[k] == sum(case.micro[ad] for ad in hit)
        assert found.hit.routes[k] == sum(case.routes[target] for target in gone)
        assert found.cut_off[k] == sum(1 for by in shown.values() if by and by <= gone)


def test_nothing_is_at_stake_in_an_empty_case() -> None:
    case = stakes([], [], [])
    picks = pick_greedily(case, Objective(("ads", "routes"), case.totals), 2)
    assert (picks.order, picks.bounds.tolist()) == ([], [0.0, 0.0, 0.0])
    assert losses(case, [], 2).hit.ads.tolist() == [0, 0, 0]
