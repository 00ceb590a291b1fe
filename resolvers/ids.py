"""Ids of clusters, sellers or networks, that survive re-runs and new data."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, count

ID_DIGITS = 12


def assign_ids(
    clusters: Iterable[Sequence[str]],
    earlier: Mapping[str, str],
    remembered: Mapping[str, str] | None = None,
    *,
    prefix: str = "seller",
) -> dict[str, str]:
    """Return account -> seller id (of networks seller -> network id; the words below are of sellers).

    A cluster keeps the id of the earlier seller that it shares most accounts with; ties go to the
    smallest id, then to the cluster with the smallest account. An id goes to one cluster only; a cluster
    without one takes back in the same way that of a seller which stood before, else a new id made of its smallest
    account.

    Args:
        clusters: accounts of each cluster, in any order.
        earlier: account -> seller id of the run before.
        remembered: account -> seller id, of sellers that stood once and have no accounts any more.
        prefix: what new ids begin with.
    """
    ordered = sorted(sorted(members) for members in clusters)
    kept = _keep(ordered, earlier, {})
    kept |= _keep(ordered, remembered or {}, kept)
    # Earlier ids are all handed out before new ones are made, so that a new one never takes their place.
    taken = set(kept.values())
    result: dict[str, str] = {}
    for number, members in enumerate(ordered):
        if number not in kept:
            kept[number] = _new_id(members, taken, prefix)
            taken.add(kept[number])
        result.update(dict.fromkeys(members, kept[number]))
    return result


def _keep(ordered: Sequence[Sequence[str]], earlier: Mapping[str, str], kept: Mapping[int, str]) -> dict[int, str]:
    """Cluster's number -> the earlier id that it takes, of those that have none in `kept` and ids not given there."""
    shared: dict[tuple[str, int], int] = {}
    for number, members in enumerate(ordered):
        for account in members:
            if account in earlier:
                key = (earlier[account], number)
                shared[key] = shared.get(key, 0) + 1
    found: dict[int, str] = {}
    given = set(kept.values())
    for (seller, number), _ in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
        if number not in kept and number not in found and seller not in given:
            found[number] = seller
            given.add(seller)
    return found


def _new_id(members: Sequence[str], taken: set[str], prefix: str) -> str:
    """Made of the smallest account; of the next one when that id is taken, at last with a number."""
    names = chain(members, (f"{members[0]}#{number}" for number in count(1)))
    return next(found for name in names if (found := seller_id(name, prefix)) not in taken)


def seller_id(account: str, prefix: str = "seller") -> str:
    """The prefix, ':' and the first 12 hex digits of the account id's SHA-256."""
    return f"{prefix}:" + hashlib.sha256(account.encode("utf-8")).hexdigest()[:ID_DIGITS]


def moves(earlier: Mapping[str, str], now: Mapping[str, str]) -> dict[tuple[str, str], int]:
    """(seller now, seller before) -> number of accounts that changed from one to the other."""
    counted: dict[tuple[str, str], int] = {}
    for account, before in earlier.items():
        after = now.get(account, before)
        if after != before:
            counted[after, before] = counted.get((after, before), 0) + 1
    return counted
