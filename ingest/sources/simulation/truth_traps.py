"""The traps of a market by name: what each rests on, and whom it concerns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ingest.sources.simulation.figures import DAYS
from ingest.sources.simulation.ids import contact_id
from ingest.sources.simulation.market import Market
from ingest.sources.simulation.people import Contact, Operator
from ingest.sources.simulation.world import GIANT

Json = dict[str, object]
Shows = dict[tuple[str, str], list[str]]
"""(contact id, role) -> accounts that show the contact so."""


def traps_of(market: Market) -> list[Json]:
    """One entry a trap: `kind`, `contacts`, `accounts`, `operators` and what else is to be known.

    A hub's accounts are those that show it as somebody else's; its `operators` are sellers who own it.
    """
    shows = _shows(market)
    return [
        *_hubs(market, shows),
        *_agents(market, shows),
        *_warnings(market, shows),
        *_recycled(market),
        *_look_alikes(market),
        *_lives(market.world.operators),
    ]


def _trap(kind: str, contacts: list[str], accounts: list[str], operators: list[str], **more: object) -> Json:
    return {"kind": kind, "contacts": contacts, "accounts": accounts, "operators": operators, **more}


def _shows(market: Market) -> Shows:
    found: Shows = {}
    for account, contact, role in market.shown:
        found.setdefault((contact_id(contact), role), []).append(account)
    return {key: sorted(accounts) for key, accounts in found.items()}


def _hubs(market: Market, shows: Shows) -> Iterator[Json]:
    """Hotlines, couriers and guarantors in many sellers' ads; some are sellers themselves."""
    world = market.world
    ads = Counter[tuple[Contact, str]]()
    for (_, contact, role), shown in market.shown.items():
        ads[contact, role] += shown
    staff = list(dict.fromkeys(c for group in world.hotlines.values() for c in group))
    for kind, role, group in (
        ("hotline", "platform", staff),
        ("courier", "courier", world.couriers),
        ("guarantor", "guarantor", world.guarantors),
    ):
        for contact in group:
            key = contact_id(contact)
            yield _trap(
                kind, [key], shows.get((key, role), []), [owner for owner, _, _ in contact.owners],
                role=role, called=contact.called, marked=contact.cue, ads=ads[contact, role],
                ads_untold=market.untold[contact, role], also_own=shows.get((key, "own"), []),
            )  # fmt: skip


def _agents(market: Market, shows: Shows) -> Iterator[Json]:
    """Agents who re-post a supplier's pictures, his contact, or whole texts of his."""
    for agent in (o for o in market.world.operators if o.supplier):
        assert agent.supplier is not None
        contacts = [contact_id(c) for c in agent.supplier.contacts]
        yield _trap(
            "agent", [c for c in contacts if _by(agent, shows, c, "supplier")],
            sorted({a for c in contacts for a in _by(agent, shows, c, "supplier")}),
            [agent.id, agent.supplier.id], copies_text=agent.copies_text,
        )  # fmt: skip


def _warnings(market: Market, shows: Shows) -> Iterator[Json]:
    """Sellers who quote a rival's number or handle as a warning."""
    by_id = {o.id: o for o in market.world.operators}
    for operator in (o for o in market.world.operators if o.rival):
        assert operator.rival is not None
        key, rival = contact_id(operator.rival), by_id[_owner(operator.rival)]
        mutual = rival.rival is not None and _owner(rival.rival) == operator.id
        yield _trap("warning", [key], _by(operator, shows, key, "warning"), [operator.id, rival.id], mutual=mutual)


def _by(operator: Operator, shows: Shows, contact: str, role: str) -> list[str]:
    own = {a.id for a in operator.accounts}
    return [a for a in shows.get((contact, role), []) if a in own]


def _recycled(market: Market) -> Iterator[Json]:
    """Numbers and ids that one operator gave up and another got."""
    for contact, giver, taker in market.world.recycled:
        turn, first = contact.turn(giver), contact.turn(taker)[0]
        yield _trap(
            "recycled_number" if contact.kind == "phone" else "recycled_handle",
            [contact_id(contact)], [a.id for o in (giver, taker) for a in o.accounts], [giver.id, taker.id],
            last_day=turn[1], first_day=first, gap=first - turn[1], taker_is_new=taker.window[0] == first,
            giver_goes_on=giver.window[1] > turn[1], times=len(contact.owners) - 1,
        )  # fmt: skip


def _look_alikes(market: Market) -> Iterator[Json]:
    """Handles one character apart, shop names that strangers share, stock photographs."""
    for model, twin in market.world.near_handles:
        yield _trap("near_handle", [contact_id(model), contact_id(twin)], [], [_owner(model), _owner(twin)])
    for name, sharers in same_names(market.world.operators).items():
        yield _trap("popular_name", [], [a.id for o in sharers for a in o.accounts], [o.id for o in sharers], name=name)
    operator_of = {a.id: a.operator.id for a in market.world.accounts}
    for file, accounts in sorted(market.stock_shown.items()):
        yield _trap("stock_photo", [], sorted(accounts), sorted({operator_of[a] for a in accounts}), file=file)


def _owner(contact: Contact) -> str:
    return contact.owners[0][0]


def same_names(operators: list[Operator]) -> dict[str, list[Operator]]:
    """Shop names that several operators have."""
    by_name: dict[str, list[Operator]] = {}
    for operator in operators:
        by_name.setdefault(operator.name, []).append(operator)
    return {name: sharers for name, sharers in sorted(by_name.items()) if len(sharers) > 1}


def _lives(operators: list[Operator]) -> Iterator[Json]:
    """What one seller does that looks like two: moves, rests, is banned and comes back, runs many accounts."""
    for operator in operators:
        accounts, day = [a.id for a in operator.accounts], operator.window
        moves = [move for move in operator.moves[1:] if day[0] < move[0] < min(day[1], DAYS)]
        if moves:
            yield _trap("moved", [], accounts, [operator.id], from_city=operator.city, moves=moves)
        if operator.quiet:
            fresh = [a.id for a in operator.accounts if a.after_rest]
            yield _trap("season", [], accounts, [operator.id], rest=list(operator.quiet), new_accounts=fresh)
        for account in operator.accounts:
            if account.successor_of is not None:
                yield _trap("banned", [], [account.successor_of.id, account.id], [operator.id])
        if len(accounts) >= GIANT[0]:
            yield _trap("many_accounts", [], accounts, [operator.id])
