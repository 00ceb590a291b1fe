"""Chains of hops that buyers can follow: from a short video to a messenger to a payment code.

An operator is a seller, or an account that has none yet. A step is all hops of one operator from one platform to
another by one kind of carrier. A chain goes on where the step's carrier names an account: with the steps of whoever
runs it, from that account's platform; where it names none, with the same operator's steps from the platform led to. A
platform comes once in a chain, and pages of an app (WeChat Moments) stand for the app. Ads are followed in time: each
hop has one that was seen no earlier than the one before it; of ads without a time nothing is known, and they may be
followed. Chains with the same platforms and kinds of carrier are one path.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, get_args

import pyarrow as pa

from graph.hops import PAYMENT
from graph.market import Market, read_market
from graph.names import known_platform
from graph.sql import most_of, sql_session
from graph.stores.base import GraphStore
from sellergraph.errors import UsageError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PathOrder = Literal["ads", "sellers", "protection", "recent"]
# Buyers give up: a chain has at most so many hops.
MOST_HOPS = 4
# Of one operator's continuations of a step so many are followed, those with the most ads, and of all chains that begin
# with one operator so many at each length: one on twenty platforms has ten thousands that say the same.
MOST_NEXT, MOST_CHAINS = 20, 500

_LED = """
CREATE TEMP TABLE led AS
WITH apps AS (SELECT platform, coalesce(within, platform) AS app FROM platforms),
owners AS (SELECT account_id, min(seller_id) AS seller_id FROM runs GROUP BY ALL)
SELECT coalesce(h.seller_id, h.account_id, h.ad_id) AS operator, h.seller_id, f.app AS source, t.app AS target,
       h.carrier_kind, coalesce(o.seller_id, h.to_account) AS named, n.app AS named_app, h.ad,
       any_value(h.ad_id) AS ad_id,
       min(h.carrier) AS carrier, min(h.picture) AS picture, any_value(h.seen_at) AS seen_at,
       any_value(coalesce((h.protection * 1000)::BIGINT, 0)) AS milli
FROM hops h JOIN apps f ON f.platform = h.from_platform JOIN apps t ON t.platform = h.to_platform
LEFT JOIN owners o ON o.account_id = h.to_account
LEFT JOIN accounts a ON a.account_id = h.to_account LEFT JOIN apps n ON n.platform = a.platform
WHERE f.app <> t.app
GROUP BY ALL
"""
_STEPS = """
CREATE TEMP TABLE steps AS
SELECT row_number() OVER (ORDER BY operator, source, target, carrier_kind, named, named_app) AS step,
       operator, any_value(seller_id) AS seller_id, source, target, carrier_kind, coalesce(named, operator) AS onward,
       coalesce(named_app, target) AS goes_on_from, named, named_app, named IS NOT NULL AS is_named,
       count(*) AS ads, count(*) FILTER (seen_at IS NULL) AS undated,
       coalesce(list(seen_at ORDER BY seen_at) FILTER (seen_at IS NOT NULL), []) AS times
FROM led GROUP BY operator, source, target, carrier_kind, named, named_app
"""
# Which ads make which step.
_MADE_OF = """
CREATE TEMP TABLE made_of AS
SELECT step, ad, ad_id, carrier, picture, seen_at, milli
FROM led JOIN steps USING (operator, source, target, carrier_kind)
WHERE led.named IS NOT DISTINCT FROM steps.named AND led.named_app IS NOT DISTINCT FROM steps.named_app
"""
# `reached` is the first time at which a buyer may have come so far; `arrivals` are those before each hop.
_FIRST = """
CREATE TEMP TABLE chains_1 AS
SELECT operator, [step] AS walked, onward, goes_on_from, [source, target] AS platforms, [carrier_kind] AS kinds,
       ads, CASE WHEN undated = 0 THEN times[1] END AS reached, [NULL::TIMESTAMP] AS arrivals,
       is_named::INTEGER AS named
FROM steps
"""
_NEXT = """
CREATE TEMP TABLE chains_next AS
WITH nearest AS (
    SELECT * FROM steps QUALIFY row_number() OVER (PARTITION BY operator, source ORDER BY ads DESC, step) <= $next
), met AS (
    SELECT c.operator AS beginner, c.walked, c.platforms, c.kinds, c.ads AS chain_ads, c.reached, c.arrivals,
           c.named + s.is_named::INTEGER AS all_named, s.step, s.target, s.carrier_kind, s.undated,
           s.onward AS s_onward, s.goes_on_from AS s_from,
           list_filter(s.times, lambda t: c.reached IS NULL OR t >= c.reached) AS usable
    FROM chains_last c JOIN nearest s ON s.operator = c.onward AND s.source = c.goes_on_from
    WHERE NOT list_contains(c.platforms, s.target)
)
SELECT beginner AS operator, list_append(walked, step) AS walked, s_onward AS onward, s_from AS goes_on_from,
       list_append(platforms, target) AS platforms, list_append(kinds, carrier_kind) AS kinds,
       least(chain_ads, len(usable) + undated) AS ads, CASE WHEN undated > 0 THEN reached ELSE usable[1] END AS reached,
       list_append(arrivals, reached) AS arrivals, all_named AS named
FROM met WHERE len(usable) + undated > 0
QUALIFY row_number() OVER (PARTITION BY beginner ORDER BY ads DESC, walked) <= $chains
"""
_CHOSEN = """
CREATE TEMP TABLE chosen AS
SELECT row_number() OVER (ORDER BY walked) AS chain, dense_rank() OVER (ORDER BY platforms, kinds) AS path, c.*
FROM chains c
WHERE ($from_app IS NULL OR c.platforms[1] = $from_app) AND ($to_app IS NULL OR c.platforms[-1] = $to_app)
  AND ($from_kind IS NULL OR c.platforms[1] IN (SELECT app FROM kinds WHERE kind = $from_kind))
  AND ($to_kind IS NULL OR c.platforms[-1] IN (SELECT app FROM kinds WHERE kind = $to_kind))
"""
# Each hop of each chain, with the first and the last time at which an ad of it can be followed; the last hop first.
_LAST_HOPS = """
CREATE TEMP TABLE hops_of AS
SELECT chain, path, len(walked) AS place, walked[-1] AS step, arrivals[-1] AS arrival, NULL::TIMESTAMP AS deadline
FROM chosen
"""
_EARLIER_HOPS = """
INSERT INTO hops_of
SELECT c.chain, c.path, h.place - 1, c.walked[h.place - 1], c.arrivals[h.place - 1],
       CASE WHEN s.undated > 0 THEN h.deadline ELSE list_filter(s.times, lambda t:
           (h.arrival IS NULL OR t >= h.arrival) AND (h.deadline IS NULL OR t <= h.deadline))[-1] END
FROM hops_of h JOIN steps s USING (step) JOIN chosen c USING (chain)
WHERE h.place > 1 AND h.place = len(c.walked) - $back
"""
# What a path carries is counted at each of its hops, every ad once; its narrowest hop says how much it is.
_PATHS = """
WITH followed AS (
    SELECT h.chain, h.path, h.place, m.* FROM hops_of h JOIN made_of m USING (step)
    WHERE seen_at IS NULL OR ((arrival IS NULL OR seen_at >= arrival) AND (deadline IS NULL OR seen_at <= deadline))
), carried AS (
    SELECT path, place, count(*) AS ads, sum(milli) AS milli, min(seen_at) AS first_ad, max(seen_at) AS last_ad
    FROM (SELECT DISTINCT path, place, ad, milli, seen_at FROM followed) GROUP BY path, place
), narrowest AS (
    SELECT path, min(ads) AS ads, min(milli)::BIGINT / 1000 AS protection,
           arg_min(first_ad, place) FILTER (place = 1) AS first_ad, arg_max(last_ad, place) AS last_ad
    FROM carried GROUP BY path
), told AS (
    SELECT path, any_value(platforms) AS platforms, any_value(kinds) AS kinds,
           count(DISTINCT s.seller_id) AS sellers, count(*) AS chains, sum(c.named)::BIGINT AS named,
           arg_min(chain, (-c.ads, c.walked)) AS chain
    FROM chosen c JOIN steps s ON s.step = c.walked[1] GROUP BY path
), summed AS (SELECT * FROM told JOIN narrowest USING (path)
), ordered AS (
    SELECT row_number() OVER (
        ORDER BY CASE $by WHEN 'ads' THEN ads WHEN 'sellers' THEN sellers WHEN 'protection' THEN protection
                 ELSE epoch_us(last_ad) END DESC NULLS LAST,
                 ads DESC, sellers DESC, protection DESC, last_ad DESC NULLS LAST, platforms, kinds
    ) AS rank, *
    FROM summed
), best AS (SELECT * FROM ordered WHERE rank <= $most),
-- The earliest ads that can be followed, one after the other.
shown AS (
    SELECT rank, place, step, arg_min(ad_id, by_time) AS ad_id, arg_min(carrier, by_time) AS carrier,
           nullif(arg_min(coalesce(picture, ''), by_time), '') AS picture
    FROM (
        SELECT *, (coalesce(seen_at, TIMESTAMP '9999-01-01'), ad_id) AS by_time FROM followed JOIN best USING (chain)
    ) GROUP BY rank, place, step
), cited AS (
    SELECT rank, list(operator ORDER BY place) AS example_operators, list(ad_id ORDER BY place) AS example_ads,
           list(carrier ORDER BY place) AS example_carriers, list(picture ORDER BY place) AS example_pictures
    FROM shown JOIN steps USING (step) GROUP BY rank
)
SELECT rank, platforms, kinds AS carrier_kinds, len(kinds) AS hops, ads, sellers, protection, first_ad, last_ad, chains,
       named AS named_hops, example_operators, example_carriers, example_ads, example_pictures
FROM best JOIN cited USING (rank) ORDER BY rank
"""
_KINDS = "SELECT DISTINCT coalesce(within, platform) AS app, kind FROM platforms WHERE kind IS NOT NULL"


def best_paths(
    store: GraphStore,
    *,
    start: str | None = None,
    end: str | None = None,
    limit: int | None = 100,
    by: PathOrder = "ads",
    most_hops: int = MOST_HOPS,
) -> pa.Table:
    """`paths_between` of a store."""
    return paths_between(read_market(store), start=start, end=end, limit=limit, by=by, most_hops=most_hops)


def paths_between(
    market: Market,
    *,
    start: str | None = None,
    end: str | None = None,
    limit: int | None = 100,
    by: PathOrder = "ads",
    most_hops: int = MOST_HOPS,
) -> pa.Table:
    """The ways that buyers are led, best first.

    Args:
        start, end: slug, name or kind of platform where paths begin and end, e.g. short_video and payment; None: any.
        limit: paths at most; None for all. by: what they are put in order by; then come ads, sellers, protection, the
            last ad, names. most_hops: longest chain.

    Returns:
        rank, platforms (one more than hops), carrier_kinds (of each hop), hops, ads (different ones at the hop with the
        fewest, of those that can be followed in time), sellers (known ones at the start), protection (of the ads at
        the hop with the least, see graph.protection), first_ad (at the start), last_ad (at the end; both UTC), chains
        (number of them; of one operator at most 500 of a length), named_hops (that name an account of the graph, over
        all chains); and of the chain with the most ads for each hop, the earliest that can be followed one after the
        other: example_operators, example_carriers, example_ads and example_pictures (null: in words).

    Raises:
        UsageError: an end that the case does not know, or an unknown order.
    """
    check_order(by)
    params: dict[str, object] = {"by": by, "most": most_of(limit)}
    params |= _end_of(market.hops.platforms, "from", start) | _end_of(market.hops.platforms, "to", end)
    with _chains(market, max(most_hops, 1)) as db:
        db.execute(_CHOSEN, {name: value for name, value in params.items() if name not in ("by", "most")})
        db.execute(_LAST_HOPS)
        for back in range(most_hops - 1):
            db.execute(_EARLIER_HOPS, {"back": back})
        return db.sql(_PATHS, params={name: params[name] for name in ("by", "most")}).to_arrow_table()


def check_order(by: str) -> None:
    """Raise UsageError unless paths and flows can be put in order by this."""
    if by not in get_args(PathOrder):
        raise UsageError(f"unknown order {by!r}; there are {', '.join(get_args(PathOrder))}")


def _end_of(platforms: pa.Table, side: str, wanted: str | None) -> dict[str, object]:
    """Parameters for an end that is a kind of platform or a platform, which stands for its app."""
    kinds = {kind for kind in platforms["kind"].to_pylist() if kind}
    if wanted is None or wanted in kinds or not kinds:
        return {f"{side}_app": None, f"{side}_kind": wanted}
    if wanted == PAYMENT:
        raise UsageError("no payment code or link was read in this case: no path ends in a payment")
    try:
        slug = known_platform(platforms, wanted)
    except UsageError as error:
        raise UsageError(f"{error}; kinds are {', '.join(sorted(kinds))}") from error
    apps = dict(zip(platforms["platform"].to_pylist(), platforms["within"].to_pylist(), strict=True))
    return {f"{side}_app": apps[slug] or slug, f"{side}_kind": None}


@contextmanager
def _chains(market: Market, most_hops: int) -> Iterator[DuckDBPyConnection]:
    """A session with the tables `steps`, `chains` and `kinds`."""
    facts = market.facts
    tables = {"hops": market.hops.rows, "platforms": market.hops.platforms, "runs": facts.runs}
    tables |= {"accounts": facts.accounts}
    with sql_session(tables) as db:
        for table in (_LED, _STEPS, _MADE_OF, _FIRST):
            db.execute(table)
        db.execute("CREATE TEMP TABLE chains AS FROM chains_1")
        db.execute("CREATE TEMP TABLE chains_last AS FROM chains_1")
        for _ in range(most_hops - 1):
            db.execute(_NEXT, {"next": MOST_NEXT, "chains": MOST_CHAINS})
            db.execute("INSERT INTO chains FROM chains_next")
            db.execute("DROP TABLE chains_last")
            db.execute("ALTER TABLE chains_next RENAME TO chains_last")
        db.register("kinds", db.sql(_KINDS).to_arrow_table())
        yield db
