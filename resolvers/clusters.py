"""Who belongs together: a pure function of the links over the threshold and of the analysts' standing judgements.

Accounts judged the same are joined whatever the evidence says. Then weak bridges that place, name or goods contradict
are cut (contradictions.py), then what would join accounts judged different (separation.py); what still hangs together
is one seller. Nothing depends on the order of the input: ties are broken by account ids.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolvers.components import Edges, Ints, components, distinct, others
from resolvers.contradictions import contradicted_bridges
from resolvers.separation import Apart, separate
from sellergraph.errors import UsageError

# Sellers of forty accounts exist (IDENTITY.md); one of more than twice as many is more likely a hotline that was not
# recognised. It is shown with an alarm and not broken up: where to cut is the analyst's to say.
SIZE_LIMIT = 100
# Of an unusually large cluster the weakest links that its alarm names.
_NAMED = 3

_CUT = pa.schema([(name, pa.string()) for name in ("src", "dst", "reason")])


@dataclass(frozen=True, slots=True)
class Clustering:
    """Who belongs together, and what was not used.

    Attributes:
        assigned: account, cluster (int64): every account once, sorted by account; a cluster's number is the place of
            its smallest account in sorted order.
        cut: src, dst, reason: pairs over the threshold that were not used and why, sorted; src < dst.
        alarms: account, message: every account of an unusually large cluster, sorted by account.
    """

    assigned: pa.Table
    cut: pa.Table
    alarms: pa.Table

    def members(self) -> list[list[str]]:
        """The accounts of each cluster."""
        found: dict[int, list[str]] = {}
        columns = (self.assigned[name].to_pylist() for name in ("account", "cluster"))
        for account, number in zip(*columns, strict=True):
            found.setdefault(number, []).append(account)
        return list(found.values())


def cluster(
    accounts: pa.Array, pairs: pa.Table, profiles: pa.Table, judged: pa.Table, *, size_limit: int = SIZE_LIMIT
) -> Clustering:
    """Return the clusters; an account without links is alone.

    Args:
        accounts: all account ids, each once.
        pairs: src, dst, weight (bits, with the prior); all of them over the threshold.
        profiles: account, places, names, goods (lists of strings); accounts may be missing, lists empty or null.
        judged: left, right, verdict ('same', 'different'; others are ignored): standing judgements. Accounts that are
            not among the accounts (any more) still join those that were judged the same as they.
        size_limit: a cluster of more accounts raises an alarm.

    Raises:
        KeyError: a pair names an account that is not among the accounts.
        UsageError: two accounts are judged different, and the same through a chain.
    """
    ordered = pc.take(accounts, pc.sort_indices(accounts)).cast(pa.string())
    judgements = _Judgements.of(judged, ordered)
    nodes = judgements.nodes
    edges = _edges(ordered, pairs, judgements)
    cut = contradicted_bridges(edges, nodes, profiles)
    kept = others(len(edges), list(cut))
    parted = separate(edges.where(kept), judgements.apart(), nodes)
    cut |= {int(kept[place]): reason for place, reason in parted.items()}
    used = edges.without(list(cut))
    label = components(len(nodes), used)[: len(ordered)]
    return Clustering(
        pa.table({"account": ordered, "cluster": pa.array(label, pa.int64())}),
        _cut_rows(nodes, edges, cut),
        _alarms(nodes, used, label, size_limit),
    )


def no_profiles() -> pa.Table:
    """Profiles of nobody: no weak bridge is contradicted."""
    lists = pa.list_(pa.string())
    return pa.schema([("account", pa.string()), ("places", lists), ("names", lists), ("goods", lists)]).empty_table()


@dataclass(frozen=True, slots=True)
class _Judgements:
    """Judgements as numbers: ends are places in `nodes`, a row for left and one for right.

    Attributes:
        nodes: the accounts, and behind them those that only judgements name: an account's place stays what it is.
    """

    nodes: pa.Array
    same: NDArray[np.int64]
    different: NDArray[np.int64]

    @staticmethod
    def of(judged: pa.Table, ordered: pa.Array) -> _Judgements:
        """Number the judged accounts."""
        ids = pa.concat_arrays([_whole(judged[end]) for end in ("left", "right")])
        absent = pc.unique(ids.filter(pc.is_null(pc.index_in(ids, value_set=ordered)))) if len(ids) else ids
        nodes = pa.concat_arrays([ordered, pc.take(absent, pc.sort_indices(absent))])
        ends = _places(ids, nodes).reshape(2, -1) if len(ids) else np.zeros((2, 0), dtype=np.int64)
        verdicts = np.array(judged["verdict"].to_pylist(), dtype=np.object_)
        return _Judgements(nodes, ends[:, verdicts == "same"], ends[:, verdicts == "different"])

    def apart(self) -> Apart:
        """The pairs judged different, each once."""
        if len(alone := np.flatnonzero(self.different[0] == self.different[1])):
            account = self.nodes[self.different[0][alone[0]]]
            raise UsageError(f"{account} is judged different from itself: take that back with sellergraph retract")
        pairs = np.unique(np.sort(self.different, axis=0), axis=1)
        return Apart(pairs[0], pairs[1])


def _edges(ordered: pa.Array, pairs: pa.Table, judgements: _Judgements) -> Edges:
    """The pairs, and those judged the same as links of infinite weight."""
    left, right = _places(pa.concat_arrays([_whole(pairs[end]) for end in ("src", "dst")]), ordered).reshape(2, -1)
    return distinct(
        np.concatenate([left, judgements.same[0]]),
        np.concatenate([right, judgements.same[1]]),
        np.concatenate([pairs["weight"].to_numpy(), np.full(judgements.same.shape[1], np.inf)]),
    )


def _whole(ids: pa.ChunkedArray) -> pa.Array:
    return ids.combine_chunks().cast(pa.string())


def _places(ids: pa.Array, ordered: pa.Array) -> Ints:
    # Each call hashes all accounts (.3 s of 1,000,000), so ids are looked up all at once.
    found = pc.index_in(ids, value_set=ordered)
    if found.null_count:
        raise KeyError("a pair names an account that is not among the accounts")
    return np.asarray(found.to_numpy(), dtype=np.int64)


def _cut_rows(nodes: pa.Array, edges: Edges, cut: dict[int, str]) -> pa.Table:
    # Links are sorted, and so are the places of accounts by their ids.
    places = sorted(cut)
    ends = [nodes.take(pa.array(end[places], pa.int64())) for end in (edges.left, edges.right)]
    return pa.Table.from_arrays([*ends, pa.array([cut[place] for place in places], pa.string())], schema=_CUT)


def _alarms(nodes: pa.Array, edges: Edges, label: Ints, size_limit: int) -> pa.Table:
    sizes = np.bincount(label, minlength=len(nodes))
    large = np.flatnonzero(sizes > size_limit)
    # Links of accounts that only judgements name lead to no account's cluster number.
    owner = np.append(label, np.full(len(nodes) - len(label), -1))
    inside = edges.where(np.isin(owner[edges.left], large))
    messages = {
        number: _alarm(nodes, inside.where(owner[inside.left] == number), sizes[number], size_limit)
        for number in large.tolist()
    }
    places = np.flatnonzero(np.isin(label, large))
    return pa.table(
        {
            "account": nodes.take(pa.array(places, pa.int64())),
            "message": pa.array([messages[number] for number in label[places].tolist()], pa.string()),
        }
    )


def _alarm(nodes: pa.Array, edges: Edges, size: int, size_limit: int) -> str:
    """'214 accounts in one seller, more than 100: check the weakest links first: A - B (3.1 bits), …'."""
    evidence = np.flatnonzero(np.isfinite(edges.bits))
    weakest = evidence[np.argsort(edges.bits[evidence], kind="stable")][:_NAMED]
    links = [f"{nodes[edges.left[e]]} - {nodes[edges.right[e]]} ({edges.bits[e]:.1f} bits)" for e in weakest.tolist()]
    advice = f"check the weakest links first: {', '.join(links)}" if links else "it rests on judgements alone"
    return f"{size} accounts in one seller, more than {size_limit}: {advice}"
