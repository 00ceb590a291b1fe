"""Accounts that stopped and came back under another name, and how long accounts of each platform last.

Neither store says why an account stopped: a ban is seen as silence. It counts as stopped when its platform was still
watched for `quiet` days after its last advertisement and it posted nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from graph.captions import contact_captions
from graph.carriers import PHOTO, read_carriers
from graph.facts import COUNT, NUMBER, TEXT, TIME, Facts, fetch, local_days, read_facts, read_of
from graph.sql import run_sql
from graph.stores.base import GraphStore
from graph.survival import CURVE, curve_of
from sellergraph.case import DEFAULT_TIMEZONE
from sellergraph.errors import UsageError

QUIET, WITHIN = 30, 365
# On more sellers than these (accounts, before a resolution) a carrier says nothing about who came back. What a whole
# family or firm writes with stays below 10; couriers' and guarantors' numbers and copied pictures lie above. A picture
# may be on more: agents re-post their supplier's, which `via` tells apart.
MOST_CONTACT_SELLERS, MOST_PHOTO_SELLERS = 10, 20

_WATCHED = read_of(
    "MATCH (ad:Ad) RETURN ad.platform AS platform, max(ad.captured_at) AS captured_at, max(ad.seen_at) AS seen_at",
    platform=TEXT, captured_at=TIME, seen_at=TIME,
)  # fmt: skip
_ENDS = """
SELECT platform, greatest(captured_at, seen_at) AS moment FROM watched
WHERE platform IS NOT NULL AND coalesce(captured_at, seen_at) IS NOT NULL ORDER BY platform
"""
_LIVES = """
WITH lives AS (
    SELECT account_id, min(platform) AS platform, min(seller_id) AS seller_id, min(day) AS first_day,
           max(day) AS last_day, min(seen_at) AS first_ad, max(seen_at) AS last_ad
    FROM ads WHERE account_id IS NOT NULL AND seen_at IS NOT NULL GROUP BY account_id
)
SELECT lives.*, last_day + $quiet::INT <= end_day AS stopped,
       CASE WHEN last_day + $quiet::INT <= end_day THEN last_day - first_day + 1
            ELSE greatest(end_day - $quiet::INT - first_day + 1, 0) END AS days
FROM lives JOIN ends USING (platform) ORDER BY account_id
"""
_HUBS = """
WITH spread AS (
    SELECT carrier, turn, via, count(*) AS accounts, count(DISTINCT coalesce(seller_id, account_id)) AS sellers
    FROM carriers LEFT JOIN runs USING (account_id) GROUP BY ALL
)
SELECT carrier, turn, via, accounts, sellers FROM spread
WHERE sellers > CASE WHEN via = $photo THEN $most_photo ELSE $most_contact END
ORDER BY sellers DESC, accounts DESC, carrier, turn
"""
_RETURNS = """
WITH rare AS (
    SELECT * FROM carriers ANTI JOIN hubs USING (carrier, turn)
), pairs AS (
    SELECT old.account_id, new.account_id AS new_account_id,
           string_agg(DISTINCT old.via, ', ' ORDER BY old.via) AS via,
           list(DISTINCT old.carrier ORDER BY old.carrier) AS carriers
    FROM rare old JOIN rare new USING (carrier, turn)
    JOIN lives l ON l.account_id = old.account_id JOIN lives n ON n.account_id = new.account_id
    WHERE l.stopped AND n.first_ad > l.last_ad AND n.first_day - l.last_day <= $within
    GROUP BY ALL
)
SELECT p.account_id, l.platform, l.last_ad, p.new_account_id, n.platform AS new_platform, n.first_ad,
       n.first_day - l.last_day AS days, p.via, p.carriers, l.seller_id = n.seller_id AS same_seller,
       l.seller_id, n.seller_id AS new_seller_id
FROM pairs p JOIN lives l USING (account_id) JOIN lives n ON n.account_id = p.new_account_id
"""
# Of all that stopped before an account began, the one that stopped last is the link of the chain. Pictures alone make
# no chain of different sellers: those of one supplier are on the accounts of many.
_CHAINS = """
WITH RECURSIVE strong AS (
    SELECT * FROM found WHERE via <> $photo OR coalesce(same_seller, false)
), links AS (
    SELECT new_account_id, arg_max(account_id, (last_ad, account_id)) AS account_id FROM strong GROUP BY new_account_id
), steps AS (
    SELECT new_account_id, account_id AS chain, 1 AS step FROM links
    WHERE account_id NOT IN (SELECT new_account_id FROM links)
    UNION ALL
    SELECT l.new_account_id, s.chain, s.step + 1 FROM links l JOIN steps s ON l.account_id = s.new_account_id
), placed AS (
    SELECT strong.account_id, new_account_id, chain, step, links.account_id = strong.account_id AS direct
    FROM strong JOIN links USING (new_account_id) JOIN steps USING (new_account_id)
)
SELECT found.*, chain, step::BIGINT AS step, direct FROM found LEFT JOIN placed USING (account_id, new_account_id)
ORDER BY last_ad, account_id, first_ad, new_account_id
"""
_CITED = """
WITH firsts AS (
    SELECT account_id, min(ad_id) AS ad_id FROM ads JOIN lives USING (account_id)
    WHERE seen_at = first_ad AND account_id IN (SELECT new_account_id FROM found) GROUP BY account_id
), lasts AS (
    SELECT account_id, max(ad_id) AS ad_id FROM ads JOIN lives USING (account_id)
    WHERE seen_at = last_ad AND account_id IN (SELECT account_id FROM found) GROUP BY account_id
)
SELECT f.account_id, f.platform, f.last_ad, f.new_account_id, f.new_platform, f.first_ad, f.days, f.via, f.carriers,
       list_transform(f.carriers, lambda carrier: coalesce(names[carrier], carrier)) AS captions,
       f.same_seller, f.seller_id, f.new_seller_id, f.chain, f.step, f.direct,
       lasts.ad_id AS last_ad_id, firsts.ad_id AS first_ad_id
FROM found f JOIN lasts ON lasts.account_id = f.account_id JOIN firsts ON firsts.account_id = f.new_account_id,
     (SELECT map(list(contact_id), list(caption)) AS names FROM captions)
ORDER BY f.last_ad, f.account_id, f.first_ad, f.new_account_id
"""
_BACK = """
WITH earliest AS (SELECT account_id, min(days) AS days FROM found GROUP BY account_id)
SELECT lives.platform, count(*) AS returned, median(earliest.days) AS median_days_until_return
FROM earliest JOIN lives USING (account_id) GROUP BY GROUPING SETS ((lives.platform), ()) ORDER BY ALL
"""
SURVIVAL = pa.schema([*CURVE, ("returned", COUNT), ("returned_share", NUMBER), ("median_days_until_return", NUMBER)])


@dataclass(frozen=True)
class Displacement:
    """Who stopped and who came back.

    Attributes:
        lives: account_id, platform, seller_id, first_day, last_day (local dates), first_ad, last_ad (UTC), stopped,
            days (see `survival`); accounts without an ad of known time are left out.
        hubs: carrier, turn, via, accounts, sellers: what is on too many sellers to tell who came back, most first.
        returns: see `find_returns`, without captions and cited ads.
    """

    facts: Facts
    lives: pa.Table
    hubs: pa.Table
    returns: pa.Table


def read_displacement(
    store: GraphStore, *, quiet: int = QUIET, within: int = WITHIN, timezone: str = DEFAULT_TIMEZONE
) -> Displacement:
    """Read the case once; `returned` and `survival_of` follow from it.

    Args:
        quiet: days of silence, while the platform was still watched, that make an end. Watching a platform ends with
            the last advertisement or capture of it.
        within: days from the last advertisement within which another account counts as a return.
        timezone: days are counted in it.

    Raises:
        UsageError: quiet or within is below 1.
    """
    if quiet < 1 or within < 1:
        raise UsageError(f"quiet and within are days, 1 or more, not {min(quiet, within)}")
    facts = read_facts(store, timezone)
    lives = run_sql(_LIVES, {"ads": facts.ads, "ends": _ends(store, timezone)}, {"quiet": quiet})
    carriers = read_carriers(store, facts.runs)
    most = {"photo": PHOTO, "most_photo": MOST_PHOTO_SELLERS, "most_contact": MOST_CONTACT_SELLERS}
    hubs = run_sql(_HUBS, {"carriers": carriers, "runs": facts.runs}, most)
    found = run_sql(_RETURNS, {"carriers": carriers, "hubs": hubs, "lives": lives}, {"within": within})
    return Displacement(facts, lives, hubs, run_sql(_CHAINS, {"found": found}, {"photo": PHOTO}))


def find_returns(
    store: GraphStore,
    *,
    quiet: int = QUIET,
    within: int = WITHIN,
    limit: int | None = None,
    timezone: str = DEFAULT_TIMEZONE,
) -> pa.Table:
    """Each account that stopped with each that followed it through the same contact, code or photograph.

    An account that began before the other's last advertisement is no return. A carrier counts where both show it as
    their own, in the same turn of its owners. See `read_displacement` for the arguments.

    Returns:
        account_id, platform, last_ad (UTC), new_account_id, new_platform, first_ad (UTC), days (local, from one to the
        other; 0 is the same day), via (contact, qr, photo, several joined by ', '; a photograph alone is weak, since
        agents re-post their supplier's), carriers (ids), captions (in their order), same_seller (null where either is
        not resolved), seller_id, new_seller_id, chain (account that the chain of stops and returns began with), step
        (which return of its chain the new account is, from 1), direct (no other account that it may follow stopped
        later), these three null where nothing but photographs joins different or unresolved sellers, last_ad_id (of the
        old), first_ad_id (of the new). By last_ad, account_id, first_ad, new_account_id.
    """
    found = read_displacement(store, quiet=quiet, within=within, timezone=timezone)
    return returned(store, found, limit=limit)


def returned(store: GraphStore, found: Displacement, *, limit: int | None = None) -> pa.Table:
    """`find_returns` over what has been read already."""
    shown = found.returns.slice(0, limit)
    captions = contact_captions(store, {c for row in shown["carriers"].to_pylist() for c in row if _is_contact(c)})
    tables = {"found": shown, "captions": captions, "ads": found.facts.ads, "lives": found.lives}
    return run_sql(_CITED, tables)


def _is_contact(carrier: str) -> bool:
    return not carrier.startswith(f"{PHOTO}:")


def survival(
    store: GraphStore, *, quiet: int = QUIET, within: int = WITHIN, timezone: str = DEFAULT_TIMEZONE
) -> pa.Table:
    """How long accounts last, by platform, by Kaplan and Meier; the last row, whose platform is null, is all together.

    An account's lifetime is the local days from its first to its last advertisement, both counted. Nobody can be seen
    to stop in the last `quiet` days of watching, so who still posted then is followed up to their beginning and no
    further: counting those days would make accounts look longer-lived. Lifetimes begin with the first advertisement
    that was captured; an account may be older.

    Returns:
        platform, accounts, stopped, censored, median_days (null when less than half stopped), then for 30, 90, 180 and
        365 days survival_N (share that lasted longer; null beyond the longest follow-up), low_N and high_N (95 %
        interval: Greenwood's variance of log(-log S); null where S is 0, 1 or unknown), returned (of the stopped),
        returned_share (null when none stopped), median_days_until_return (of the first return of each).
    """
    return survival_of(read_displacement(store, quiet=quiet, within=within, timezone=timezone))


def survival_of(found: Displacement) -> pa.Table:
    """`survival` over what has been read already."""
    back = run_sql(_BACK, {"found": found.returns, "lives": found.lives}).to_pylist()
    came = {row["platform"]: (row["returned"], row["median_days_until_return"]) for row in back}
    rows = [curve_of(name, *follow_up) for name, follow_up in _by_platform(found.lives)]
    for row in rows:
        row["returned"], row["median_days_until_return"] = came.get(row["platform"], (0, None))
        row["returned_share"] = round(row["returned"] / row["stopped"], 9) if row["stopped"] else None
    return pa.Table.from_pylist(rows, schema=SURVIVAL)


_FollowUp = tuple[NDArray[np.int64], NDArray[np.bool_]]


def _by_platform(lives: pa.Table) -> Iterator[tuple[str | None, _FollowUp]]:
    """Days followed and whether it stopped, of the accounts of each platform by name, then of all."""
    days, stopped = lives["days"].to_numpy(), lives["stopped"].to_numpy()
    names, places = np.unique(np.array(lives["platform"].to_pylist(), str), return_inverse=True)
    for number, name in enumerate(names):
        yield str(name), (days[places == number], stopped[places == number])
    yield None, (days, stopped)


def _ends(store: GraphStore, timezone: str) -> pa.Table:
    """platform, end_day: the local day on which each platform was watched last."""
    ends = run_sql(_ENDS, {"watched": fetch(store, _WATCHED)})
    return ends.append_column("end_day", local_days(ends["moment"], timezone))
