"""The market's advertisements, one row of the ad record after the other, and what they show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.sources.simulation.album import Album
from ingest.sources.simulation.captures import CaptureForm
from ingest.sources.simulation.dice import Dice
from ingest.sources.simulation.goods import GOODS
from ingest.sources.simulation.people import Account, Contact, World
from ingest.sources.simulation.schedule import Slot, make_schedule
from ingest.sources.simulation.wording import Phrase, Voice, goods_words
from ingest.sources.simulation.world import make_world

Row = dict[str, object]
VEILED = {"social_media": 0.3, "online_community": 0.25, "short_video": 0.3, "second_hand": 0.2}


@dataclass(slots=True)
class Market:
    """A made-up market. `shown`, `untold`, `stock_shown` and `wordless` fill while `rows()` is read.

    Attributes:
        shown: (account id, contact, role) -> number of ads.
        untold: (contact, role that is not 'own') -> number of ads in which no words tell of the role.
        stock_shown: file of a stock photograph -> accounts that posted it, in order.
        wordless: number of ads whose words name neither goods nor contacts.
    """

    world: World
    slots: list[Slot]
    album: Album | None
    shown: Counter[tuple[str, Contact, str]] = field(default_factory=Counter)
    untold: Counter[tuple[Contact, str]] = field(default_factory=Counter)
    stock_shown: dict[str, dict[str, None]] = field(default_factory=dict)
    wordless: int = 0

    def rows(self) -> Iterator[Row]:
        """Yield the advertisements in order of time, as captured."""
        self.shown.clear()
        self.untold.clear()
        self.stock_shown.clear()
        self.wordless = 0
        writer = _Writer(self)
        return map(writer.row, self.slots)


def make_market(seed: int, operators: int, *, ads_per_operator: float = 50.0, images: bool = False) -> Market:
    """Return the market of a seed: the same arguments give the same market, rows included."""
    world = make_world(seed, operators)
    slots = make_schedule(world, ads_per_operator)
    return Market(world, slots, Album(world) if images else None)


class _Writer:
    """Turns slots into rows; remembers how each account writes and is captured.

    A market has hundreds of thousands of rows, so draws are written out here and in `Voice`
    instead of going through `Dice`.
    """

    def __init__(self, market: Market) -> None:
        world = market.world
        self._market, self._album = market, market.album
        self._shown, self._untold = market.shown, market.untold
        name = (world.seed, len(world.operators))
        self._dice, self._look = Dice(*name, "posts"), Dice(*name, "shots")
        self._known: dict[Account, tuple[Voice, CaptureForm]] = {}
        self._last_id: dict[str, int] = {}

    def row(self, slot: Slot) -> Row:
        account = slot.account
        known = self._known.get(account)
        if known is None:
            known = self._known[account] = self._meet(account)
        voice, form = known
        row = form.heading(slot.second)
        phrases = self._words(row, voice, slot)
        self._particulars(row, voice, slot)
        if self._album is not None:
            self._pictures(row, slot, phrases)
        if "seller_id" in row:
            self._count(account, phrases)
        return row

    def _meet(self, account: Account) -> tuple[Voice, CaptureForm]:
        return Voice(self._dice, self._market.world, account), CaptureForm(self._dice, account, self._last_id)

    def _words(self, row: Row, voice: Voice, slot: Slot) -> list[Phrase]:
        """Write title and text; return the contacts that they hold."""
        wordless = voice.wordless(slot.species)
        if wordless is not None:
            self._market.wordless += 1
            row["text"] = wordless
            return []
        words = goods_words(self._dice, slot.species, VEILED.get(voice.kind, 0.0))
        style, phrases = voice.post(words, slot.day)
        if voice.titled:
            row["title"] = style.title(words)
        row["text"] = style.text(words, phrases)
        return phrases

    def _particulars(self, row: Row, voice: Voice, slot: Slot) -> None:
        random = self._dice.random
        if voice.titled and random() < 0.7:
            low, high = GOODS[slot.species].price
            row["price"], row["currency"] = str(int(low * (high / low) ** random())), "CNY"
        if random() < 0.6:
            row["location"] = _city(slot)
        if random() < 0.5:
            row["views"], row["comments"] = int(5 / (1.002 - random())), int(random() * 12)

    def _pictures(self, row: Row, slot: Slot, phrases: list[Phrase]) -> None:
        """Choose photographs; a code that the words speak of stands in one of them."""
        assert self._album is not None
        code = next((c for _, c, _, _ in phrases if c is not None and c.kind == "qr"), None)
        bare = "title" not in row and not row["text"]
        shots = self._album.shots(self._look, slot.account, slot.species, code, bare=bare)
        if shots:
            row["images"] = [shot.file for shot in shots]
        phrases += [("", s.contact, s.role, False) for s in shots if s.contact is not None and s.contact is not code]
        for shot in shots:
            if shot.kind == "stock":
                self._market.stock_shown.setdefault(shot.file, {})[slot.account.id] = None

    def _count(self, account: Account, phrases: list[Phrase]) -> None:
        for _, contact, role, told in phrases:
            if contact is not None and (contact.kind != "qr" or self._album is not None):
                self._shown[account.id, contact, role] += 1
                if role != "own" and not told:
                    self._untold[contact, role] += 1
        if account.name_contact is not None:
            self._shown[account.id, account.name_contact, "own"] += 1


def _city(slot: Slot) -> str:
    moves = slot.account.operator.moves
    return moves[0][1] if len(moves) == 1 else next(city for day, city in reversed(moves) if day <= slot.day)
