"""Make up the people of the market: sizes, accounts, contacts, and the many ways in which they post."""

from __future__ import annotations

from collections import Counter

from ingest.sources.simulation import places
from ingest.sources.simulation.dice import Dice
from ingest.sources.simulation.figures import CHELONIANS, DAYS, species_mix
from ingest.sources.simulation.invent import Inventor
from ingest.sources.simulation.people import Account, Contact, Operator, World
from ingest.sources.simulation.places import PLACES, Place
from ingest.sources.simulation.traps import give_traps, relate

TURTLE_SHARE = 0.12
# Number of accounts of an operator; forty-account operators exist in large markets (one in GIANT_EVERY).
ACCOUNTS = (1, 2, 3, 4, 5, 6, 7, 8)
ACCOUNT_WEIGHTS = (28, 30, 18, 10, 6, 4, 2, 2)
GIANT_EVERY, GIANT = 250, (30, 44)
MAX_PLACES = 5
# What an operator's second and later accounts are on.
KIND_WEIGHTS = {
    "website": 10.0, "social_media": 1.5, "online_community": 4.0, "short_video": 1.2, "second_hand": 4.0,
    "handicraft": 2.5,
}  # fmt: skip
TURTLE_KINDS = {
    "live_reptile": 10.0, "social_media": 2.0, "online_community": 1.0, "short_video": 0.5, "second_hand": 0.5,
}  # fmt: skip
AUCTION = "weipai"
# Who comes back from a season's rest with a new account, and who then leaves the old one.
NEW_AFTER_REST, OLD_LEFT = 0.45, 0.5


def make_world(seed: int, count: int) -> World:
    """Return the people of a market of `count` operators."""
    dice = Dice(seed, count, "world")
    inventor = Inventor(dice)
    operators = _operators(dice, inventor, count)
    for operator in operators:
        _give_contacts(dice, inventor, operator)
    world = World(seed, operators)
    give_traps(dice, inventor, world)
    crowd = Counter[str]()
    for operator in operators:
        _open_accounts(dice, inventor, operator, crowd)
    relate(dice, operators)
    for operator in operators:
        _show_contacts(dice, inventor, operator)
    return world


def _operators(dice: Dice, inventor: Inventor, count: int) -> list[Operator]:
    ranks = dice.shuffled(range(count))
    turtles = set(dice.sample(range(count), round(count * TURTLE_SHARE)))
    width = max(4, len(str(count)))
    return [_operator(dice, inventor, f"op-{n + 1:0{width}d}", ranks[n], n in turtles) for n in range(count)]


def _operator(dice: Dice, inventor: Inventor, key: str, rank: int, turtles: bool) -> Operator:
    mix = CHELONIANS if turtles else species_mix("website", 0)
    goods = tuple(dict.fromkeys(dice.weighted(list(mix), [w**0.7 for w in mix.values()]) for _ in range(3)))
    city = dice.pick(places.CITIES)
    operator = Operator(key, rank, inventor.shop(turtles), city, goods, turtles, dice.between(9, 21), dice.below(1000))
    operator.moves = [(0, city)]
    if dice.chance(0.08):
        operator.moves.append((dice.between(150, 600), dice.pick(places.CITIES)))
    if dice.chance(0.15):
        operator.window = (dice.between(60, 400), DAYS - 1)
    if dice.chance(0.12):
        start = min(operator.window[0] + dice.between(60, 230), 560)
        operator.quiet = (start, start + dice.between(60, 150) - 1)
    return operator


def _give_contacts(dice: Dice, inventor: Inventor, operator: Operator) -> None:
    """One to six contacts: nearly everybody has a WeChat id, most a mobile number."""
    stem = inventor.stem()
    found: list[Contact] = []
    phone = inventor.phone()
    phone.same_number = dice.chance(0.3)
    if not phone.same_number or dice.chance(0.3):
        found.append(inventor.wechat(stem))
    if dice.chance(0.75) or not found:
        found.append(phone)
    if dice.chance(0.35):
        found.append(inventor.qq())
    if dice.chance(0.25):
        found.append(inventor.wechat(stem if dice.chance(0.5) else ""))
    if dice.chance(0.06):
        found.append(inventor.email(stem))
    if dice.chance(0.45):
        found.append(inventor.code("wechat_friend"))
    if dice.chance(0.15):
        found.append(inventor.code(dice.pick(("wechat_pay", "alipay"))))
    for contact in found:
        contact.owners.append((operator.id, 0, DAYS - 1))
    operator.contacts = found


def _open_accounts(dice: Dice, inventor: Inventor, operator: Operator, crowd: Counter[str]) -> None:
    count = dice.weighted(ACCOUNTS, ACCOUNT_WEIGHTS)
    if operator.rank % GIANT_EVERY == GIANT_EVERY - 1:
        count = dice.between(*GIANT)
    used: list[Place] = []
    for number in range(count):
        place = _choose_place(dice, operator, number, used, crowd)
        used.append(place)
        crowd[place.slug] += 1
        _open(dice, inventor, operator, place, 1.0 if number == 0 else 0.15 + 0.6 * dice.random())
    if operator.quiet is not None and dice.chance(NEW_AFTER_REST):
        _open_after_rest(dice, inventor, operator, operator.quiet)


def _choose_place(dice: Dice, operator: Operator, number: int, used: list[Place], crowd: Counter[str]) -> Place:
    """Mostly the least crowded platform of a kind for its share: every platform of a small market has somebody."""
    weights = TURTLE_KINDS if operator.turtles else KIND_WEIGHTS
    if number == 0:
        kind = "live_reptile" if operator.turtles else "website" if operator.rank % 12 == 11 else "social_media"
    else:
        kind = dice.weighted(list(weights), list(weights.values()))
    open_places = [p for p in PLACES if p.kind == kind]
    if len(set(used)) >= MAX_PLACES:
        open_places = list(dict.fromkeys(used))
    if dice.chance(0.25):
        return dice.weighted(open_places, [p.share for p in open_places])
    return min(open_places, key=lambda place: (crowd[place.slug] + 1) / place.share)


def _open(dice: Dice, inventor: Inventor, operator: Operator, place: Place, weight: float) -> None:
    start, end = operator.window
    if dice.chance(0.2) and end - start > 120:
        start = dice.between(start, min(start + 300, end - 120))
    banned = dice.chance(0.12) and end - start > 300
    if banned:
        end = dice.between(start + 120, end - 120)
    account = _account(dice, inventor, operator, place, (start, end), weight)
    operator.accounts.append(account)
    if banned:
        after = _account(dice, inventor, operator, place, (end + dice.between(2, 30), operator.window[1]), weight)
        after.successor_of = account
        operator.accounts.append(after)


def _open_after_rest(dice: Dice, inventor: Inventor, operator: Operator, quiet: tuple[int, int]) -> None:
    """A new login on a platform where the seller was before, which may be left for it."""
    old = operator.accounts[0]
    window = (quiet[1] + dice.between(1, 10), operator.window[1])
    fresh = _account(dice, inventor, operator, old.place, window, old.weight)
    fresh.after_rest = True
    if dice.chance(OLD_LEFT) and old.window[0] < quiet[0] - 30 and old.window[1] > quiet[0]:
        old.window = (old.window[0], quiet[0] - 1)
    operator.accounts.append(fresh)


def _account(
    dice: Dice, inventor: Inventor, operator: Operator, place: Place, window: tuple[int, int], weight: float
) -> Account:
    # The login stays with the first owner of an id that was sold on.
    handles = [c for c in operator.contacts if c.kind == "handle" and c.owners[0][0] == operator.id]
    own_id = next((c.value for c in handles if c.service == place.service), "")
    taken = any(a.seller_id == own_id and a.place is place for a in operator.accounts)
    if place.service in {"wechat", "qq"} and own_id and not taken and dice.chance(0.8):
        seller_id = own_id
    else:
        stem = operator.contacts[0].value if dice.chance(0.3) and operator.contacts[0].kind == "handle" else ""
        seller_id = inventor.seller_id(place, "".join(c for c in stem if c.isalpha())[:10])
    return Account(place, seller_id, _display_name(dice, operator), operator, window, weight)


def _display_name(dice: Dice, operator: Operator) -> str:
    name, form = operator.name, dice.below(10)
    if form < 4:
        return name
    if form == 4:
        return operator.city[:2] + name
    if form == 5:
        return f"{name}{dice.between(1, 99)}"
    if form == 6:
        return dice.pick("★❤꧁◆✨") + name + dice.pick("★❤꧂◆✨")
    if form == 7:
        return f"{name}-{dice.pick(('小号', '诚信', '批发', '工作室', '老店'))}"
    return name if form == 8 else dice.pick(places.SURNAMES) + dice.pick(("哥", "姐", "老板", "师傅", "总"))


def _show_contacts(dice: Dice, inventor: Inventor, operator: Operator) -> None:
    """Which contacts each account shows: most share the usual ones, some have a number of their own."""
    usual, several = operator.contacts[0], len(operator.accounts) > 1
    for account in operator.accounts:
        if several and dice.chance(0.05):
            continue
        chosen = [usual] if dice.chance(0.85) else []
        chosen += [c for c in operator.contacts if c is not usual and dice.chance(_share(c))]
        if several and dice.chance(0.06):
            chosen = [inventor.phone() if dice.chance(0.5) else inventor.wechat()]
            chosen[0].owners.append((operator.id, 0, DAYS - 1))
            operator.contacts.append(chosen[0])
        account.contacts = chosen or [usual]
        _hand_over(dice, account)


def _hand_over(dice: Dice, account: Account) -> None:
    """Other ways to send buyers on: another account by name, the auction shop, a contact in the display name."""
    others = [a for a in account.operator.accounts if a is not account and a.place.called]
    if others and dice.chance(0.35):
        account.names = dice.pick(others)
    shops = [a for a in others if a.place.slug == AUCTION]
    if shops and account.place.kind in {"social_media", "online_community"}:
        address = shops[0].place.profile.format(shops[0].seller_id)
        kind, service = ("qr", "shop") if dice.chance(0.7) else ("link", "")
        account.auction = Contact(kind, service, address, owners=[(account.operator.id, 0, DAYS - 1)])
    if account.operator.recruits and account.place.kind == "second_hand" and dice.chance(0.5):
        account.name += dice.pick(("招代理", "（招代理）"))
    first = account.contacts[0]
    if first.service == "wechat" and len(first.owners) == 1 and dice.chance(0.05):
        account.name_contact = first
        account.name += dice.pick(("加V", " VX", "微信")) + first.value


def _share(contact: Contact) -> float:
    """How many of the accounts show a contact that is not the usual one; a number just got is put everywhere."""
    return 0.7 if len(contact.owners) > 1 else 0.45
