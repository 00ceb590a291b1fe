"""When who posts what: the report's volumes, shares and species dealt out to accounts."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from ingest.sources.simulation.dice import Dice, share_out
from ingest.sources.simulation.figures import CHELONIANS, KIND_SHARE, MONTH_DAYS, SOCIAL_ZIPF, VOLUME, species_mix
from ingest.sources.simulation.people import Account, Operator, World

MONTH_STARTS = (0, *accumulate(MONTH_DAYS))
FIRST_DAY_OF_2018 = MONTH_STARTS[12]
DAY = 86_400
# Sellers elsewhere differ less in size than on social media (an estimate: the report does not say).
OTHER_ZIPF, NOISE = 0.6, 0.5
# How often a seller offers what it mostly sells.
LEANING = 0.65
# Draws by the curve alone before looking where ads are left; keeps a draw below the sum of weights.
_TRIES, _BELOW_ONE = 6, 1 - 1e-12


@dataclass(slots=True, eq=False)
class Slot:
    """One advertisement to be. `second` counts from 2017-01-01 00:00 local time."""

    second: int
    account: Account
    species: str = ""

    @property
    def day(self) -> int:
        return self.second // DAY


def make_schedule(world: World, ads_per_operator: float) -> list[Slot]:
    """Return the slots of the whole market in order of time."""
    dice = Dice(world.seed, len(world.operators), "schedule")
    slots: list[Slot] = []
    by_kind: dict[str, list[Account]] = {}
    for account in world.accounts:
        by_kind.setdefault(account.place.kind, []).append(account)
    # A very small market lacks some kinds of platform: the others have its advertisements.
    share = ads_per_operator * len(world.operators) / sum(KIND_SHARE[kind] for kind in by_kind)
    for kind in (kind for kind in KIND_SHARE if kind in by_kind):
        slots += _kind_slots(dice, kind, by_kind[kind], round(share * KIND_SHARE[kind]))
    _assign_species(dice, slots)
    slots.sort(key=lambda slot: slot.second)
    return slots


def _kind_slots(dice: Dice, kind: str, accounts: list[Account], total: int) -> list[Slot]:
    counts = _counts(dice, kind, accounts, total)
    months = share_out(sum(counts.values()), [float(v) for v in VOLUME[kind]])
    spans = {a: _spans(a) for a in accounts}
    slots: list[Slot] = []
    # Those with little room choose first, so that the months' sums come out as they should.
    for account in sorted(accounts, key=lambda a: len(spans[a])):
        account.ads = counts[account]
        days = _days(dice, account.ads, spans[account], months, VOLUME[kind])
        slots += [Slot(day * DAY + _second(dice, account.operator.hour), account) for day in days]
    return slots


def _counts(dice: Dice, kind: str, accounts: list[Account], total: int) -> dict[Account, int]:
    """Number of ads of each account, at least one."""
    by_operator: dict[Operator, list[Account]] = {}
    for account in accounts:
        by_operator.setdefault(account.operator, []).append(account)
    ranked = sorted(by_operator, key=lambda o: o.rank)
    sizes = [_size(dice, kind, place) for place in range(len(ranked))]
    counts: dict[Account, int] = {}
    for operator, sum_ in zip(ranked, share_out(total, sizes), strict=True):
        own = by_operator[operator]
        weights = [a.weight * (a.window[1] - a.window[0] + 1) for a in own]
        counts |= {a: max(n, 1) for a, n in zip(own, share_out(sum_, weights), strict=True)}
    return counts


def _size(dice: Dice, kind: str, place: int) -> float:
    if kind == "social_media":
        return float((place + 1) ** -SOCIAL_ZIPF)
    return float((place + 1) ** -OTHER_ZIPF) * dice.lognormal(NOISE)


def _spans(account: Account) -> list[tuple[int, int, int]]:
    """(month, first day, last day) in which the account may post."""
    start, end = account.window
    quiet = account.operator.quiet
    parts = [(start, end)] if quiet is None else [(start, min(end, quiet[0] - 1)), (max(start, quiet[1] + 1), end)]
    spans = []
    for low, high in parts:
        for month in range(len(MONTH_DAYS)):
            first, last = max(low, MONTH_STARTS[month]), min(high, MONTH_STARTS[month + 1] - 1)
            if first <= last:
                spans.append((month, first, last))
    return spans or [(_month(start), start, end)]


def _month(day: int) -> int:
    return next(m for m in range(len(MONTH_DAYS)) if day < MONTH_STARTS[m + 1])


def _days(
    dice: Dice, count: int, spans: list[tuple[int, int, int]], left: list[int], curve: Sequence[int]
) -> list[int]:
    """Days of `count` ads within the spans; takes from the months' remaining ads, `left`."""
    days, random = [], dice.random
    sums = list(accumulate(curve[m] * (last - first + 1) / MONTH_DAYS[m] for m, first, last in spans))
    for _ in range(count):
        for _ in range(_TRIES):
            month, first, last = spans[bisect(sums, random() * sums[-1] * _BELOW_ONE)]
            if left[month] > 0:
                break
        else:
            month, first, last = _where_left(dice, spans, left) or (month, first, last)
        left[month] = max(left[month] - 1, 0)
        days.append(first + int(random() * (last - first + 1)))
    return days


def _where_left(dice: Dice, spans: list[tuple[int, int, int]], left: list[int]) -> tuple[int, int, int] | None:
    """A span in a month that has ads left; None when none has."""
    weights = [float(left[month]) for month, _, _ in spans]
    return dice.weighted(spans, weights) if sum(weights) else None


def _second(dice: Dice, hour: int) -> int:
    """A second of the day near the seller's usual hour, between 8 and 24."""
    moment = hour + 3 * (dice.random() + dice.random() - 1)
    return int(min(max(moment, 8.0), 23.95) * 3600)


def _assign_species(dice: Dice, slots: list[Slot]) -> None:
    strata: dict[tuple[str, int, bool], list[Slot]] = {}
    for slot in slots:
        year = 0 if slot.day < FIRST_DAY_OF_2018 else 1
        strata.setdefault((slot.account.place.kind, year, slot.account.operator.turtles), []).append(slot)
    for (kind, year, turtles), group in strata.items():
        _deal(dice, group, CHELONIANS if turtles else species_mix(kind, year))


def _deal(dice: Dice, slots: list[Slot], mix: dict[str, float]) -> None:
    """Deal species so that the sums keep to the mix and sellers mostly get their own goods."""
    left = dict(zip(mix, share_out(len(slots), list(mix.values())), strict=True))
    pool = dice.shuffled([name for name, count in left.items() for _ in range(count)])
    random = dice.random
    for slot in dice.shuffled(slots):
        goods = slot.account.operator.goods
        wanted = goods[int(random() * len(goods))]
        if not (left.get(wanted, 0) and random() < LEANING):
            wanted = pool.pop()
            while not left[wanted]:
                wanted = pool.pop()
        left[wanted] -= 1
        slot.species = wanted
