"""One resolution run: read, link, cluster, name, write everything at once."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc

from graph.stores import GraphStore
from resolvers.clusters import cluster
from resolvers.contacts import Observations, observe
from resolvers.ids import assign_ids, moves
from resolvers.links import Links, link
from resolvers.sellers import Earlier, read_earlier, seller_rows, supersedes_rows, tombstones

HUBS_NAMED = 20


@dataclass(frozen=True, slots=True)
class ResolveReport:
    """What a run found.

    Attributes:
        merged_accounts: accounts whose seller has two or more.
        matches: linked pairs of accounts.
        hubs: contacts that were not used because too many accounts give them as their own.
        hub_contacts: the most used of them (at most 20), 'tel:+86… (34 accounts)'.
        foreign: contacts that were not used because most accounts show them as somebody else's.
    """

    run_id: str
    accounts: int
    sellers: int
    merged_accounts: int
    matches: int
    hubs: int
    hub_contacts: tuple[str, ...]
    foreign: int
    seconds: float


def resolve(store: GraphStore, *, full: bool = False, now: datetime | None = None) -> ResolveReport:
    """Work out the sellers and write them; the old ones stand until the new are complete.

    Args:
        full: everything is resolved anew in every run so far; kept for the command's sake.
        now: time of the run, for its id; the clock's when None.
    """
    started = time.monotonic()
    run_id = f"resolve:{(now or datetime.now(UTC)).astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    seen, earlier = observe(store), read_earlier(store)
    links = link(seen)
    assignment = assign(seen, links, earlier.assignment)
    tables = derive(seen, links, assignment, earlier, run_id)
    store.replace(tables)
    return _report(tables, links, run_id, time.monotonic() - started)


def assign(seen: Observations, links: Links, earlier: dict[str, str]) -> dict[str, str]:
    """Return account -> seller id for every account."""
    found = cluster(seen.accounts["account"].combine_chunks(), links.pairs)
    members: dict[int, list[str]] = {}
    for account, number in zip(found["account"].to_pylist(), found["cluster"].to_pylist(), strict=True):
        members.setdefault(number, []).append(account)
    return assign_ids(members.values(), earlier)


def derive(
    seen: Observations, links: Links, assignment: dict[str, str], earlier: Earlier, run_id: str
) -> dict[str, pa.Table]:
    """Return every table that a run writes, by its name in the schema."""
    run_by = _run_by(assignment, links.pairs)
    sellers = seller_rows(seen.accounts, seen.activity, run_by, run_id)
    gone = tombstones(earlier.sellers, set(sellers["id"].to_pylist()), run_id)
    moved = moves(earlier.assignment, assignment)
    return {
        "Seller": pa.concat_tables([sellers, gone]),
        "Account.RUN_BY.Seller": _stamped(run_by, run_id),
        "Account.MATCHES.Account": _stamped(links.pairs, run_id),
        "Handle.IDENTIFIES.Account": links.identifies,
        "Seller.SUPERSEDES.Seller": supersedes_rows(earlier.supersedes, moved, run_id),
        # Emptying Seller takes its relationships along; who works in which network is not this run's to forget.
        "Seller.MEMBER_OF.Network": earlier.memberships,
    }


def _run_by(assignment: dict[str, str], pairs: pa.Table) -> pa.Table:
    """src, dst, probability: an account is as sure a member as its surest link; alone it is sure."""
    surest = _surest(pairs)
    accounts = sorted(assignment)
    return pa.table(
        {
            "src": pa.array(accounts, pa.string()),
            "dst": pa.array([assignment[account] for account in accounts], pa.string()),
            "probability": pa.array([surest.get(account, 1.0) for account in accounts], pa.float64()),
        }
    )


def _surest(pairs: pa.Table) -> dict[str, float]:
    """Account -> highest probability of its links."""
    ends = [pairs.select([end, "probability"]).rename_columns(["account", "p"]) for end in ("src", "dst")]
    best = pa.concat_tables(ends).group_by("account").aggregate([("p", "max")])
    return dict(zip(best["account"].to_pylist(), best["p_max"].to_pylist(), strict=True))


def _stamped(table: pa.Table, run_id: str) -> pa.Table:
    return table.append_column("run_id", pa.array([run_id] * table.num_rows, pa.string()))


def _report(tables: dict[str, pa.Table], links: Links, run_id: str, seconds: float) -> ResolveReport:
    sizes = tables["Seller"]["accounts"]
    hubs = zip(links.hubs["contact"].to_pylist(), links.hubs["accounts"].to_pylist(), strict=True)
    return ResolveReport(
        run_id=run_id,
        accounts=tables["Account.RUN_BY.Seller"].num_rows,
        sellers=pc.sum(pc.greater(sizes, 0)).as_py() or 0,
        merged_accounts=pc.sum(pc.if_else(pc.greater(sizes, 1), sizes, 0)).as_py() or 0,
        matches=links.pairs.num_rows,
        hubs=links.hubs.num_rows,
        hub_contacts=tuple(f"{contact} ({count} accounts)" for contact, count in hubs)[:HUBS_NAMED],
        foreign=links.foreign.num_rows,
        seconds=round(seconds, 3),
    )
