"""Everything that misleads resolution: shared numbers, look-alikes, numbers that pass on, agents and rivals."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle

from ingest.sources.simulation.dice import Dice
from ingest.sources.simulation.figures import DAYS
from ingest.sources.simulation.invent import Inventor
from ingest.sources.simulation.people import Contact, Operator, World
from ingest.sources.simulation.places import PLACES, Place

AGENT_SHARE, SUPPLIER_SHARE = 0.20, 0.07
# Agents who re-post whole texts; rivals who are quoted in return.
COPIES_TEXT, WARNS_BACK = 0.4, 0.35
# Phones given up and got by another, those that pass twice, and WeChat or QQ ids sold on: one in so many operators.
RECYCLED_EVERY, TWICE_EVERY, SOLD_EVERY = 22, 150, 100
# Days for which a number rests between two owners.
REST, LATEST_TAKER = (20, 300), 690
# Handles one character from another operator's: one in NEAR_EVERY operators.
NEAR_EVERY = 30
# Couriers, and guarantors: one in so many operators. Every fifth of the list is a seller himself.
MIDDLEMAN_EVERY, SELLER_EVERY, SELLER_PLACE = 30, 100, 2
# How often those who name them say what they are: by place in the list, the best known first.
CUES, SELLER_CUES = (0.95, 0.0, 0.75, 0.9, 0.4), (0.75, 0.0, 0.95)
# Kinds of platform with staff of their own; on the others the owners of groups are known to all.
STAFFED = ("website", "second_hand", "live_reptile", "handicraft")
SELLING_GROUP_OWNERS, GROUP_PLACES = 200, 4


def give_traps(dice: Dice, inventor: Inventor, world: World) -> None:
    """What must be known before accounts are opened: who else has which number, and until when."""
    _add_middlemen(dice, inventor, world)
    _add_hotlines(dice, inventor, world)
    _give_near_handles(dice, inventor, world)
    _recycle(dice, world)


def _marked(contact: Contact, role: str, called: str, cue: float) -> Contact:
    contact.role, contact.called, contact.cue = role, called, cue
    return contact


def _add_middlemen(dice: Dice, inventor: Inventor, world: World) -> None:
    """Couriers and guarantors; some sell wildlife themselves, under the same contact."""
    count = len(world.operators)
    for role, group in (("courier", world.couriers), ("guarantor", world.guarantors)):
        for n in range(max(4, count // MIDDLEMAN_EVERY)):
            contact = inventor.phone() if n % 2 else inventor.wechat()
            group.append(_marked(contact, role, role, CUES[n % len(CUES)]))
        sellers = _sellers_also(dice, world, role, max(1, count // SELLER_EVERY))
        for n, contact in enumerate(sellers):
            group.insert(SELLER_PLACE + 5 * n, contact)


def _sellers_also(dice: Dice, world: World, role: str, count: int) -> list[Contact]:
    """First contacts of sellers who have the trade as well."""
    fitting = [o for o in world.operators if not o.also and not o.turtles and o.contacts[0].kind in {"phone", "handle"}]
    found, called = [], "group" if role == "platform" else role
    for operator, cue in zip(dice.sample(fitting, count), cycle(SELLER_CUES), strict=False):
        operator.also = role
        found.append(_marked(operator.contacts[0], "own", called, cue))
    return found


def _add_hotlines(dice: Dice, inventor: Inventor, world: World) -> None:
    """Staff of platforms, by 400 numbers, mobile numbers and WeChat ids, and owners of groups."""
    everywhere = [
        _marked(inventor.wechat(), "platform", "service", 0.0),
        _marked(inventor.hotline(), "platform", "hotline", 0.9),
    ]
    groups = [
        _marked(inventor.wechat(), "platform", "group", 0.5),
        _marked(inventor.wechat(), "platform", "group", 0.0),
    ]
    sellers = _sellers_also(dice, world, "platform", max(1, len(world.operators) // SELLING_GROUP_OWNERS))
    for place, cue in zip(PLACES, cycle(CUES), strict=False):
        known = everywhere if place.kind in STAFFED else groups
        world.hotlines[place.slug] = [*known, *_staff(inventor, place, cue)]
    large = [place for place in PLACES if place.share >= 2]
    for contact in sellers:
        for place in dice.sample(large, GROUP_PLACES):
            world.hotlines[place.slug].insert(1, contact)


def _staff(inventor: Inventor, place: Place, cue: float) -> list[Contact]:
    if place.kind not in STAFFED:
        return [_marked(inventor.wechat(), "platform", "group", cue)]
    service = inventor.phone() if place.share > 1 else inventor.wechat()
    # With few accounts nobody could tell a number that is never explained.
    rarely = cue if place.share >= 2 else max(cue, 0.6)
    return [
        _marked(inventor.hotline(), "platform", "hotline", 0.9),
        _marked(service, "platform", "service", rarely),
    ]


def _give_near_handles(dice: Dice, inventor: Inventor, world: World) -> None:
    """Some WeChat ids and QQ numbers differ from another operator's by one character."""
    models = [(o, c) for o in world.operators for c in o.contacts if c.kind == "handle"]
    others = [o for o in world.operators if not o.also]
    for owner, model in dice.sample(models, max(1, len(world.operators) // NEAR_EVERY)):
        other = dice.pick(others) if others else owner
        if other is not owner:
            twin = inventor.near(model)
            twin.owners.append((other.id, 0, DAYS - 1))
            other.contacts.insert(dice.below(2), twin)
            world.near_handles.append((model, twin))


def _recycle(dice: Dice, world: World) -> None:
    """Numbers that one operator gave up and another got; takers may be new, or old under other contacts."""
    count = len(world.operators)
    free = dice.shuffled([o for o in world.operators if _may_pass(o, count)])
    for _ in range(count // TWICE_EVERY):
        _pass_on(dice, world, free, _is_phone, twice=True)
    for _ in range(max(1, count // RECYCLED_EVERY)):
        _pass_on(dice, world, free, _is_phone)
    for _ in range(count // SOLD_EVERY):
        _pass_on(dice, world, free, _is_handle)


def _may_pass(operator: Operator, count: int) -> bool:
    """Not among the largest, there from the beginning to the end, and not known for another trade."""
    return operator.window == (0, DAYS - 1) and not operator.also and operator.rank >= count // 5


def _is_phone(contact: Contact) -> bool:
    return contact.kind == "phone"


def _is_handle(contact: Contact) -> bool:
    return contact.kind == "handle"


def _pass_on(
    dice: Dice, world: World, free: list[Operator], fits: Callable[[Contact], bool], *, twice: bool = False
) -> None:
    """Let a number go from one of the `free` operators to the next; who took part is no longer free."""
    giver = next((o for o in free if any(fits(c) for c in o.contacts)), None)
    if giver is None or len(free) < 2 + twice:
        return
    free.remove(giver)
    contact = next(c for c in giver.contacts if fits(c))
    last = dice.between(120, 200) if twice else dice.between(200, 380)
    if twice or giver.contacts[0] is contact or dice.chance(0.7):
        giver.contacts = [contact, *(c for c in giver.contacts if c is not contact)]
        _leave(giver, last)
    contact.owners = [(giver.id, 0, last)]
    if twice:
        giver, last = _take(dice, world, contact, giver, free.pop(), new=True, stay=(100, 200))
    _take(dice, world, contact, giver, free.pop(), new=dice.chance(0.4))


def _take(
    dice: Dice, world: World, contact: Contact, giver: Operator, taker: Operator, *, new: bool,
    stay: tuple[int, int] | None = None,
) -> tuple[Operator, int]:  # fmt: skip
    """The taker gets the number some time after the last owner's turn; returns him and the end of his."""
    last = contact.owners[-1][2]
    first = last + dice.between(REST[0], min(REST[1], LATEST_TAKER - last))
    end = first + dice.between(*stay) if stay else DAYS - 1
    contact.owners.append((taker.id, first, end))
    if new:
        taker.window, taker.quiet = (first, end), None
        taker.moves = taker.moves[:1]
    taker.contacts.insert(0 if new else len(taker.contacts), contact)
    world.recycled.append((contact, giver, taker))
    return taker, end


def _leave(operator: Operator, last: int) -> None:
    """Nothing more is posted after the day."""
    operator.window, operator.quiet = (operator.window[0], last), None
    operator.moves = [move for move in operator.moves if move[0] < last]


def relate(dice: Dice, operators: list[Operator]) -> None:
    """Suppliers and their agents, and rivals who warn of each other."""
    traders = sorted((o for o in operators if not o.turtles), key=lambda o: o.rank)
    suppliers = dice.sample(traders[: max(2, len(traders) // 3)], max(1, round(len(traders) * SUPPLIER_SHARE)))
    others = [o for o in traders if o not in set(suppliers)]
    for agent in dice.sample(others, round(len(traders) * AGENT_SHARE)):
        agent.supplier, agent.copies_text = dice.pick(suppliers), dice.chance(COPIES_TEXT)
        agent.supplier.recruits = True
    for operator in operators:
        rival = dice.pick(operators)
        if rival is not operator and dice.chance(0.2):
            operator.rival = operator.rival or _quotable(dice, rival)
            if dice.chance(WARNS_BACK):
                rival.rival = rival.rival or _quotable(dice, operator)


def _quotable(dice: Dice, operator: Operator) -> Contact | None:
    contact = dice.pick(operator.contacts)
    return contact if contact.kind in {"phone", "handle"} else None
