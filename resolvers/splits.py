"""Splitting a seller: the judgements that part some of its accounts from the rest, for good.

The accounts named that are linked to one another are recorded as the same, and one account of each such group as
different from every account of the rest: with fewer, advertisements that come later could join them again by an
account that was not named.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from graph.facts import NUMBER, TEXT, fetch, read_of
from graph.sellers import find_seller
from graph.stores import GraphStore
from resolvers.chains import Judgement, in_words
from resolvers.clusters import Clustering, cluster, no_profiles
from resolvers.judgements import DIFFERENT, SAME, check, judge_all, read_judgements
from resolvers.replay import groups
from sellergraph.errors import UsageError

_MEMBERS = read_of(
    "MATCH (a:Account)-[:RUN_BY]->(s:Seller {id: $seller_id}) RETURN a.id AS account ORDER BY account", account=TEXT
)
_LINKS = read_of(
    """MATCH (a:Account)-[:RUN_BY]->(s:Seller {id: $seller_id})
    MATCH (a)-[m:MATCHES]->(b:Account) WHERE m.joined = true
    MATCH (b)-[:RUN_BY]->(t:Seller) WHERE t.id = $seller_id
    RETURN a.id AS src, b.id AS dst, m.weight AS weight""",
    src=TEXT, dst=TEXT, weight=NUMBER,
)  # fmt: skip

Verdict = tuple[str, str, str]


def split(
    store: GraphStore, seller: str, accounts: Sequence[str], author: str, reason: str, now: datetime
) -> list[Judgement]:
    """Record the judgements that part some accounts from the rest of their seller, all or none.

    Args:
        seller: a seller's id or the start of it, or an account of it.
        accounts: those to part from the rest; what links them to one another stays.

    Raises:
        UsageError: an account is not the seller's, none or all are named, standing judgements part or join them.
    """
    seller_id = find_seller(store, seller)
    members = fetch(store, _MEMBERS, seller_id=seller_id)["account"].to_pylist()
    named = _named(seller_id, members, accounts)
    standing = read_judgements(store)
    check(standing)
    _refuse_same(standing, named, set(members) - named)
    case = _Case(members, fetch(store, _LINKS, seller_id=seller_id), standing, named)
    return judge_all(store, case.verdicts(), author, reason, now)


def _named(seller_id: str, members: Sequence[str], accounts: Sequence[str]) -> set[str]:
    named = {account.strip() for account in accounts}
    if strangers := sorted(named - set(members)):
        raise UsageError(f"{strangers[0]} is no account of {seller_id}: sellergraph seller {seller_id} lists them")
    if not named or len(named) == len(members):
        raise UsageError(f"name some of the {len(members)} accounts of {seller_id}, not all: the rest keeps the others")
    return named


def _refuse_same(standing: pa.Table, named: set[str], rest: set[str]) -> None:
    judgements = [Judgement(**row) for row in standing.to_pylist()]
    across = [j for j in judgements if j.verdict == SAME and {j.left, j.right} & named and {j.left, j.right} & rest]
    if across:
        raise UsageError(f"judgements hold them together: {in_words(across)}")


class _Case:
    """A seller's accounts, their links, the standing judgements and who is to be parted."""

    def __init__(self, members: Sequence[str], links: pa.Table, standing: pa.Table, named: set[str]) -> None:
        self._links = links
        self._standing = standing.select(["left", "right", "verdict"])
        self._named = named
        self._rest = sorted(set(members) - named)

    def verdicts(self) -> list[Verdict]:
        """What to record.

        Raises:
            UsageError: the standing judgements part them already.
        """
        parts = self._parts(sorted(self._named))
        same = [(part[0], other, SAME) for part in parts for other in part[1:]]
        apart = [(part[0], other, DIFFERENT) for part in parts for other in self._rest]
        rows = self._standing.to_pylist()
        known = {(frozenset((row["left"], row["right"])), row["verdict"]) for row in rows}
        if all((frozenset(ends), verdict) in known for *ends, verdict in apart):
            raise UsageError("the judgements that stand part them already: run sellergraph resolve")
        return [found for found in same + apart if (frozenset(found[:2]), found[2]) not in known]

    def _parts(self, accounts: Sequence[str]) -> list[list[str]]:
        """Those of the accounts that hang together without the others."""
        inside = set(accounts)
        found = cluster(
            pa.array(accounts, pa.string()),
            _among(self._links, inside, "src", "dst"),
            no_profiles(),
            _among(self._standing, inside, "left", "right"),
        )
        return _members_of(found)


def _members_of(found: Clustering) -> list[list[str]]:
    members: dict[str, list[str]] = {}
    for row in groups(found).to_pylist():
        members.setdefault(row["group"], []).append(row["account_id"])
    return list(members.values())


def _among(table: pa.Table, inside: set[str], left: str, right: str) -> pa.Table:
    """Rows both of whose ends are among the accounts."""
    ends = zip(table[left].to_pylist(), table[right].to_pylist(), strict=True)
    return table.filter(pa.array([a in inside and b in inside for a, b in ends], pa.bool_()))
