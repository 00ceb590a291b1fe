"""What is true about the market: who is who, whose each contact is, and what misleads."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from ingest.sources import TRUTH_FILE
from ingest.sources.simulation.contact_words import shown
from ingest.sources.simulation.ids import contact_id
from ingest.sources.simulation.market import Market
from ingest.sources.simulation.people import Account, Contact, Operator
from ingest.sources.simulation.truth_traps import same_names, traps_of

Json = dict[str, object]


def write_truth(market: Market, folder: Path) -> None:
    """Write truth.csv (account_id,operator_id) and truth.json; read `market.rows()` to the end before."""
    with (folder / TRUTH_FILE).open("w", encoding="utf-8", newline="") as stream:
        rows = sorted((a.id, a.operator.id) for a in market.world.accounts)
        csv.writer(stream, lineterminator="\n").writerows([("account_id", "operator_id"), *rows])
    encode = json.JSONEncoder(ensure_ascii=False).encode
    parts = [f"{encode(name)}: {_lines(value, encode)}" for name, value in truth_of(market).items()]
    (folder / "truth.json").write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8", newline="\n")


def _lines(value: object, encode: Callable[[object], str]) -> str:
    """A list or object with an entry a line: readable, and ten times quicker than indenting throughout."""
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(encode(item) for item in value) + "\n]"
    if isinstance(value, dict) and value:
        return "{\n" + ",\n".join(f"{encode(key)}: {encode(item)}" for key, item in value.items()) + "\n}"
    return encode(value)


def truth_of(market: Market) -> Json:
    """The whole truth as plain JSON; contacts are named by the ids that the graph gives them."""
    world = market.world
    return {
        "seed": world.seed,
        "note": "Everything in this market is made up.",
        "counts": {"operators": len(world.operators), "accounts": len(world.accounts), "ads": len(market.slots)},
        "species": _species(market),
        "operators": [_operator(o) for o in world.operators],
        "accounts": {a.id: _account(a) for a in world.accounts},
        "contacts": _contacts(market),
        "connected": connected(market),
        "agents": [{"agent": o.id, "supplier": o.supplier.id} for o in world.operators if o.supplier],
        "recycled": [
            {"contact": contact_id(c), "from": a.id, "to": b.id, "owners": [(o.id, *c.turn(o)) for o in (a, b)]}
            for c, a, b in world.recycled
        ],
        "near_handles": [[contact_id(a), contact_id(b)] for a, b in world.near_handles],
        "popular_names": {name: [o.id for o in group] for name, group in same_names(world.operators).items()},
        "traps": traps_of(market),
        "pictures": _pictures(market),
    }


def _species(market: Market) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    counts = Counter((slot.account.place.kind, slot.species) for slot in market.slots)
    for (kind, species), ads in sorted(counts.items()):
        found.setdefault(kind, {})[species] = ads
    return found


def _operator(operator: Operator) -> Json:
    return {
        "id": operator.id,
        "name": operator.name,
        "cities": [{"from_day": day, "city": city} for day, city in operator.moves],
        "goods": list(operator.goods),
        "window": list(operator.window),
        "quiet": list(operator.quiet) if operator.quiet else None,
        "accounts": [a.id for a in operator.accounts],
        "ads": sum(a.ads for a in operator.accounts),
        "contacts": [contact_id(c) for c in operator.contacts],
        "supplier": operator.supplier.id if operator.supplier else None,
        "recruits_agents": operator.recruits,
        "warns_of": contact_id(operator.rival) if operator.rival else None,
        "also": operator.also or None,
    }


def _account(account: Account) -> Json:
    return {
        "operator": account.operator.id,
        "name": account.name,
        "ads": account.ads,
        "window": list(account.window),
        "names": account.names.id if account.names else None,
        "successor_of": account.successor_of.id if account.successor_of else None,
        "after_rest": account.after_rest,
    }


def _contacts(market: Market) -> list[Json]:
    """Every contact that an advertisement shows or that somebody has, with who shows it in which role."""
    roles: dict[str, dict[str, dict[str, int]]] = {}
    known = {contact_id(c): c for c in _all_contacts(market)}
    for (account, contact, role), ads in sorted(market.shown.items(), key=lambda item: _order(item[0])):
        known.setdefault(contact_id(contact), contact)
        by_account = roles.setdefault(contact_id(contact), {}).setdefault(role, {})
        by_account[account] = by_account.get(account, 0) + ads
    untold: dict[str, dict[str, int]] = {}
    for (contact, role), ads in sorted(market.untold.items(), key=lambda item: (item[0][0].node_id, item[0][1])):
        untold.setdefault(contact_id(contact), {})[role] = ads
    return [_contact(key, known[key], roles.get(key, {}), untold.get(key, {})) for key in sorted(known)]


def _order(key: tuple[str, Contact, str]) -> tuple[str, str, str]:
    return key[0], key[1].node_id, key[2]


def _all_contacts(market: Market) -> Iterable[Contact]:
    world = market.world
    yield from (c for o in world.operators for c in o.contacts)
    yield from (c for group in world.hotlines.values() for c in group)
    yield from (*world.couriers, *world.guarantors)


def _contact(key: str, contact: Contact, roles: dict[str, dict[str, int]], untold: dict[str, int]) -> Json:
    """`shown`: role -> account -> ads; `untold`: role -> ads in which no words tell of it."""
    return {
        "id": key,
        "kind": contact.kind,
        "service": contact.service,
        "value": contact.value,
        "role": contact.role,
        "same_number": f"wechat:{shown(contact)}" if contact.same_number else None,
        "owners": [{"operator": o, "from_day": first, "to_day": last} for o, first, last in contact.owners],
        "shown": roles,
        "untold": untold,
    }


def connected(market: Market) -> list[list[str]]:
    """Groups of accounts that own contacts, codes and named accounts join at all, within one operator."""
    accounts = {a.id: a for a in market.world.accounts}
    named = {(a.place.service, a.seller_id): a.id for a in market.world.accounts if a.place.service}
    named |= {("", a.place.profile.format(a.seller_id)): a.id for a in market.world.accounts if a.place.profile}
    parent = {key: key for key in accounts}
    holder: dict[tuple[str, str], str] = {}
    for (key, contact, role), _ in sorted(market.shown.items(), key=lambda item: _order(item[0])):
        if role == "own":
            operator = accounts[key].operator.id
            service = "" if contact.kind in {"link", "qr"} else contact.service
            for tie in (contact.node_id, named.get((service, contact.value), contact.node_id)):
                other = tie if tie in accounts else holder.setdefault((operator, tie), key)
                if accounts[other].operator.id == operator:
                    _join(parent, key, other)
    groups: dict[str, list[str]] = {}
    for key in sorted(parent):
        groups.setdefault(_root(parent, key), []).append(key)
    return sorted(group for group in groups.values() if len(group) > 1)


def _root(parent: dict[str, str], key: str) -> str:
    while parent[key] != key:
        parent[key] = key = parent[parent[key]]
    return key


def _join(parent: dict[str, str], one: str, other: str) -> None:
    low, high = sorted((_root(parent, one), _root(parent, other)))
    parent[high] = low


def _pictures(market: Market) -> list[Json]:
    shots = market.album.all if market.album else []
    return [
        {
            "file": shot.file,
            "kind": shot.kind,
            "owner": shot.owner or None,
            "species": shot.species or None,
            "copy_of": shot.original or None,
            "edit": shot.edit or None,
            "contact": contact_id(shot.contact) if shot.contact else None,
            "role": shot.role or None,
        }
        for shot in shots
    ]
