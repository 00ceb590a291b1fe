"""Weak bridges between two groups of accounts that place, name or goods contradict.

Cutting every weak bridge costs a twentieth of the true pairs (IDENTITY.md), since most are true; cutting only those
where the two sides are about different things costs none. So what each side says of itself is compared: where its
accounts are, what they are called, what they sell. Accounts that say nothing contradict nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graph.sql import run_sql
from resolvers.bridges import Cuts, small_cuts
from resolvers.components import Edges, Ints, components

# Each side needs two accounts: what one account alone says against its link is weighed in the link's own weight.
SMALLEST_SIDE = 2
# Odds of 30 million to one: several strong pieces of evidence of which none is likely by chance. A number that passed
# on, which is what wrong bridges are made of, is one piece; with a like name or place it stays below.
SURE_BITS = 25.0
# Of each side so many accounts must say where they are (or what they are called, or sell).
ENOUGH = 2
# Sides contradict when they have at most this part of what they say in common: one stray mention among ten accounts.
LITTLE = 0.1
# Best rapidfuzz ratio (0 to 100) of the sides' names below which they are unlike; near names are not held against.
UNLIKE = 60.0
# One thing alone cuts only when it is the place (one operator has several shop names and goods more often than several
# cities), when so many accounts a side agree on theirs, and when the evidence for the bridge is thin (odds of 250).
FIRM, FIRM_SHARE, THIN_BITS = 3, 0.8, 8.0
# Of each group and side the most frequent values that are compared; names are compared each with each.
_VALUES, _NAMES = 50, 20
_KINDS = {"place": "places", "name": "names", "goods": "goods"}

# A row of _VIEWS; and those of one cut by kind.
View = dict[str, Any]
Views = dict[str, View]

_PROFILES = pa.schema([("account", pa.string())] + [(name, pa.list_(pa.string())) for name in _KINDS.values()])

_TOLD = """
SELECT block, account, kind, unnest(list_distinct(said)) AS value FROM members JOIN lists USING (account)
"""
_SAID = """
SELECT block, kind, value, count(*) AS accounts FROM told GROUP BY block, kind, value
QUALIFY row_number() OVER (PARTITION BY block, kind ORDER BY accounts DESC, value) <= $most
"""
_SPOKE = "SELECT block, kind, count(DISTINCT account) AS accounts FROM told GROUP BY ALL"
# A side's picture is the group of accounts at its end of the bridge; an account that hangs between weak bridges only
# is seen together with the groups behind it. (No link but the cut's own leads to the other side.)
_PICTURES = """
WITH shown AS (SELECT DISTINCT cut, side, block FROM ends),
small AS (SELECT cut, side FROM shown JOIN sizes USING (block) GROUP BY ALL HAVING sum(size) < $smallest)
FROM shown
UNION
SELECT s.cut, s.side, b.block FROM small s JOIN ends e USING (cut, side)
JOIN ends a ON a.block = e.block AND a.cut <> e.cut JOIN ends b ON b.edge = a.edge AND b.block <> a.block
"""
# common: the part of what they say that the sides share. accounts, share: the lower number of the two sides of accounts
# that say anything, and of those the part that say the most frequent. Of a cut whose sides share more than $most_common
# in all kinds nothing is returned.
_VIEWS = """
WITH total AS (
    SELECT cut, side, kind, sum(accounts) AS accounts FROM pictures JOIN spoke USING (block) GROUP BY ALL
), shares AS (
    SELECT cut, side, kind, value, sum(s.accounts) / any_value(t.accounts) AS share
    FROM pictures JOIN said s USING (block) JOIN total t USING (cut, side, kind) GROUP BY ALL
), shared AS (
    SELECT a.cut, a.kind, round(sum(least(a.share, b.share)), 9) AS common
    FROM shares a JOIN shares b ON a.cut = b.cut AND a.kind = b.kind AND a.value = b.value AND a.side AND NOT b.side
    GROUP BY ALL
), compared AS (
    SELECT a.cut, a.kind, least(a.accounts, b.accounts)::BIGINT AS accounts, coalesce(s.common, 0.0) AS common
    FROM total a JOIN total b ON a.cut = b.cut AND a.kind = b.kind AND a.side AND NOT b.side
    LEFT JOIN shared s ON s.cut = a.cut AND s.kind = a.kind
    WHERE least(a.accounts, b.accounts) >= $enough
    QUALIFY min(coalesce(s.common, 0.0)) OVER (PARTITION BY a.cut) <= $most_common
), views AS (
    SELECT cut, side, kind, max(share) AS share, list(value ORDER BY share DESC, value) AS said
    FROM shares SEMI JOIN compared USING (cut, kind) GROUP BY ALL
)
SELECT c.*, least(a.share, b.share) AS share, a.said[:$names] AS inner_said, b.said[:$names] AS outer_said
FROM compared c JOIN views a ON a.cut = c.cut AND a.kind = c.kind AND a.side
JOIN views b ON b.cut = c.cut AND b.kind = c.kind AND NOT b.side
ORDER BY c.cut, c.kind
"""


def contradicted_bridges(edges: Edges, nodes: pa.Array, profiles: pa.Table) -> dict[int, str]:
    """Return the links to cut, by their place in `edges`, with the reason.

    A bridge is one link, or two links together, without which a component falls into two groups of two accounts or
    more. It is cut when its weight is below SURE_BITS and the groups contradict each other in two of place, name and
    goods, a name that both use outweighing one of them; or in place alone where that is firm and the evidence thin.

    Args:
        nodes: account ids; the edges' numbers are places in it.
        profiles: account, places, names, goods (lists of strings, which may be empty or null).
    """
    label = components(len(nodes), edges)
    places = np.flatnonzero(np.bincount(label, minlength=len(nodes))[label[edges.left]] >= 2 * SMALLEST_SIDE)
    linked = np.zeros(len(nodes), dtype=np.bool_)
    linked[edges.left[places]] = linked[edges.right[places]] = True
    accounts = np.flatnonzero(linked)
    inside = edges.where(places).numbered(np.cumsum(linked) - 1)
    cuts = _weak(small_cuts(len(accounts), inside), inside)
    if not len(cuts.cut):
        return {}
    bits = np.bincount(cuts.cut, weights=inside.bits[cuts.edge])
    reasons = dict[int, str]()
    for cut, views in _views(cuts, inside, nodes.take(pa.array(accounts)), profiles):
        if reason := _contradiction(views, float(bits[cut])):
            reasons[cut] = reason
    found = zip(cuts.cut.tolist(), places[cuts.edge].tolist(), strict=True)
    return {edge: reasons[cut] for cut, edge in found if cut in reasons}


def _weak(cuts: Cuts, edges: Edges) -> Cuts:
    """Those with two accounts or more on either side and without overwhelming evidence; two links' bits add up."""
    bits = np.bincount(cuts.cut, weights=edges.bits[cuts.edge])
    large = np.minimum(cuts.inner_size, cuts.outer_size) >= SMALLEST_SIDE
    return cuts.where(large & (bits[cuts.cut] < SURE_BITS))


def _views(cuts: Cuts, edges: Edges, accounts: pa.Array, profiles: pa.Table) -> Iterator[tuple[int, Views]]:
    """What the sides of each cut say, by kind; only of cuts whose places or goods contradict."""
    blocks = components(len(accounts), edges.without(cuts.edge))
    tables = _tables(cuts, blocks, accounts)
    tables["profiles"] = _of_members(profiles, tables["members"])
    tables["pictures"] = run_sql(_PICTURES, tables, {"smallest": SMALLEST_SIDE})
    against = _compared(tables, ("place", "goods"), LITTLE)
    # Names are many, and asked for only where something else speaks against the bridge.
    tables["pictures"] = tables["pictures"].filter(pc.is_in(tables["pictures"]["cut"], pc.unique(against["cut"])))
    rows = pa.concat_tables([against, _compared(tables, ("name",), np.inf)]).sort_by("cut").to_pylist()
    for cut, views in groupby(rows, key=lambda row: int(row["cut"])):
        yield cut, {view["kind"]: view for view in views}


def _tables(cuts: Cuts, blocks: Ints, accounts: pa.Array) -> dict[str, pa.Table]:
    """ends: cut, edge, side, block; members: account, block; sizes: block, size; of the blocks at the cuts' ends."""
    ends = [
        pa.table({"cut": cuts.cut, "edge": cuts.edge, "side": np.full(len(end), side), "block": blocks[end]})
        for side, end in ((True, cuts.inner), (False, cuts.outer))
    ]
    met = np.zeros(len(accounts), dtype=np.bool_)
    met[blocks[cuts.inner]] = met[blocks[cuts.outer]] = True
    places = np.flatnonzero(met[blocks])
    sizes = np.bincount(blocks)
    return {
        "ends": pa.concat_tables(ends),
        "members": pa.table({"account": accounts.take(pa.array(places)), "block": blocks[places]}),
        "sizes": pa.table({"block": np.flatnonzero(met), "size": sizes[np.flatnonzero(met)]}),
    }


def _of_members(profiles: pa.Table, members: pa.Table) -> pa.Table:
    known = profiles.select(_PROFILES.names)
    return known.filter(pc.is_in(known["account"], members["account"].combine_chunks())).cast(_PROFILES)


def _compared(tables: dict[str, pa.Table], kinds: tuple[str, ...], most_common: float) -> pa.Table:
    """A row a cut and kind that both sides say enough of; see _VIEWS."""
    lists = [tables["profiles"].select(["account", _KINDS[kind]]).rename_columns(["account", "said"]) for kind in kinds]
    named = [
        table.append_column("kind", pa.repeat(kind, table.num_rows)) for kind, table in zip(kinds, lists, strict=True)
    ]
    told = {"told": run_sql(_TOLD, tables | {"lists": pa.concat_tables(named)})}
    found = {"said": run_sql(_SAID, told, {"most": _VALUES}), "spoke": run_sql(_SPOKE, told)}
    limits = {"enough": ENOUGH, "most_common": most_common, "names": _NAMES}
    return run_sql(_VIEWS, tables | found, limits)


def _contradiction(views: Views, bits: float) -> str | None:
    """Why the bridge is cut, in words; None when it stands."""
    against = [kind for kind in _KINDS if kind in views and _contradicts(views[kind])]
    same_name = "name" in views and views["name"]["common"] > LITTLE
    if len(against) - same_name >= 2:
        return f"weak bridge: {_words(views, against)} contradict"
    agreeing = len(views) > len(against)
    if against == ["place"] and not agreeing and bits < THIN_BITS and _firm(views["place"]):
        return f"weak bridge: {_words(views, against)} contradict, and only {bits:.1f} bits speak for it"
    return None


def _contradicts(view: View) -> bool:
    return view["common"] <= LITTLE and (view["kind"] != "name" or _unlike(view["inner_said"], view["outer_said"]))


def _firm(view: View) -> bool:
    return bool(view["accounts"] >= FIRM and view["share"] >= FIRM_SHARE)


def _unlike(left: list[str], right: list[str]) -> bool:
    from rapidfuzz import fuzz, process

    return bool(process.cdist(left, right, scorer=fuzz.ratio).max() < UNLIKE)


def _words(views: Views, kinds: list[str]) -> str:
    """'places (北京 against 上海) and names (… against …)': of each side the two most used."""
    found = [
        f"{_KINDS[kind]} ({' / '.join(views[kind]['inner_said'][:2])} against "
        f"{' / '.join(views[kind]['outer_said'][:2])})"
        for kind in kinds
    ]
    return " and ".join(found)
