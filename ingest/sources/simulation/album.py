"""Which pictures there are: sellers' own, agents' copies, stock photographs, watermarks and codes."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.sources.simulation.contact_words import shown
from ingest.sources.simulation.dice import Dice
from ingest.sources.simulation.people import Account, Contact, Operator, World

# Kinds of platform whose posts are about pictures.
PICTURE_KINDS = ("social_media", "online_community", "short_video")
PHOTOS = (1, 3)
COPY_EDITS = ("crop", "border", "recompress", "mirror", "brighten")


@dataclass(slots=True, eq=False)
class Shot:
    """One picture file to be drawn.

    Attributes:
        file: path from ads.jsonl.
        drawing: number of the drawing; copies share it.
        edit: how a copy differs: crop, border, recompress, mirror, brighten, or ''.
        kind: own, copy, stock, watermark, corner_code or code.
        contact: contact that is written or coded in it, and `role` whose that is to the poster.
    """

    file: str
    species: str
    drawing: int
    kind: str
    owner: str
    edit: str = ""
    original: str = ""
    contact: Contact | None = None
    role: str = ""


class Album:
    """All pictures of a market, and a choice of them for each advertisement."""

    def __init__(self, world: World) -> None:
        self._dice = Dice(world.seed, len(world.operators), "album")
        self.all: list[Shot] = []
        self._own: dict[str, list[Shot]] = {}
        self._codes: dict[Contact, Shot] = {}
        self.stock = [self._add(s, "stock", "") for s in _stock_species(len(world.operators))]
        for operator in world.operators:
            self._photograph(operator)
        for account in world.accounts:
            if account.auction is not None and account.auction.kind == "qr":
                self._codes[account.auction] = self._code(account.operator, account.auction)
        for operator in world.operators:
            if operator.supplier is not None:
                self._own[operator.id] += self._copies(operator)

    def _add(self, species: str, kind: str, owner: str, **more: object) -> Shot:
        number = len(self.all)
        ending = "png" if kind == "code" else "jpg"
        shot = Shot(f"images/{kind}-{number:05d}.{ending}", species, number, kind, owner)
        for name, value in more.items():
            setattr(shot, name, value)
        self.all.append(shot)
        return shot

    def _photograph(self, operator: Operator) -> None:
        """The seller's own photographs; the best may carry a watermark or a code in the corner."""
        dice = self._dice
        count = dice.between(*PHOTOS) + (operator.rank < 8)
        shots = [self._add(dice.pick(operator.goods), "own", operator.id) for _ in range(count)]
        written = [c for c in operator.contacts if c.kind in {"phone", "handle"}]
        coded = [c for c in operator.contacts if c.kind == "qr"]
        if written and dice.chance(0.6 if operator.recruits else 0.3):
            shots.append(self._variant(shots[0], operator.id, "watermark", "recompress", written[0], "own"))
        self._own[operator.id] = shots
        for code in coded:
            self._codes[code] = self._code(operator, code)

    def _code(self, operator: Operator, code: Contact) -> Shot:
        """A code in the corner of a photograph, or alone on a card."""
        if self._dice.chance(0.3):
            return self._variant(self._own[operator.id][0], operator.id, "corner_code", "recompress", code, "own")
        return self._add("", "code", operator.id, contact=code, role="own")

    def _variant(self, shot: Shot, owner: str, kind: str, edit: str, contact: Contact | None, role: str) -> Shot:
        return self._add(
            shot.species, kind, owner, drawing=shot.drawing, original=shot.file, edit=edit, contact=contact, role=role
        )

    def _copies(self, agent: Operator) -> list[Shot]:
        """An agent re-posts the supplier's photographs, slightly changed, now and then with his mark still on."""
        assert agent.supplier is not None
        dice, found = self._dice, []
        for shot in dice.sample(self._own[agent.supplier.id], dice.between(1, 3)):
            if shot.kind == "own":
                found.append(self._variant(shot, agent.id, "copy", dice.pick(COPY_EDITS), None, ""))
            elif shot.kind == "watermark":
                found.append(self._variant(shot, agent.id, "watermark", "recompress", shot.contact, "supplier"))
        cards = [self._codes[c] for c in agent.supplier.contacts if c in self._codes]
        for card in (card for card in cards if card.kind == "corner_code" and dice.chance(0.5)):
            found.append(self._variant(card, agent.id, "corner_code", "recompress", card.contact, "supplier"))
        return found

    def shots(self, dice: Dice, account: Account, species: str, code: Contact | None, *, bare: bool) -> list[Shot]:
        """Pictures of one advertisement: none, one or two of the goods, and the code when one is asked for.

        An ad that is `bare` of words has a picture; most on PICTURE_KINDS do.
        """
        asked = [self._codes[code]] if code in self._codes else []
        eager = bare or account.place.kind in PICTURE_KINDS
        if not (bare or dice.chance(0.85 if eager else 0.45)) or (asked and asked[0].kind == "corner_code"):
            return asked
        own = self._own[account.operator.id]
        fitting = [shot for shot in own if shot.species == species]
        stock = [shot for shot in self.stock if shot.species == species]
        if stock and dice.chance(0.08 if fitting else 0.4):
            return [dice.pick(stock), *asked]
        if fitting or eager:
            return [*dice.sample(fitting or own, 1 + dice.chance(0.2)), *asked]
        return asked


def _stock_species(operators: int) -> list[str]:
    base = ["elephant", "rhino", "tiger", "hawksbill", "golden_coin_turtle", "yellow_pond_turtle", "elephant", "saiga"]
    return base + ["elephant", "rhino"] * (operators // 100)


def mark_text(contact: Contact) -> str:
    """The words of a watermark, in Latin letters: Pillow's own font has no others."""
    word = {"wechat": "VX ", "qq": "QQ ", "tel": "TEL "}.get(contact.service, "")
    return word + shown(contact)
