"""Invented names, numbers and handles; no two owners get the same by accident."""

from __future__ import annotations

from collections.abc import Callable

from ingest.sources.simulation import places
from ingest.sources.simulation.dice import Dice
from ingest.sources.simulation.people import Contact
from ingest.sources.simulation.places import Place

# Mobile prefixes that phonenumbers takes for valid; the four digits that follow are always 000x, so that
# nobody's number is met but by a far chance and everybody sees that they are made up.
MOBILE_PREFIXES = (
    *range(130, 140), 145, 147, *range(150, 154), *range(155, 160), 166, 171, 173, *range(175, 179),
    *range(180, 190), 198, 199,
)  # fmt: skip
# QQ has not given out ten-digit numbers that begin with 9.
QQ_PREFIX = "9"
CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz0123456789"
LOOK_ALIKE = {"0": "o", "o": "0", "1": "l", "l": "1", "i": "l", "g": "q", "q": "g", "n": "m", "m": "n", "u": "v"}
CODE_STARTS = {
    "wechat_friend": "https://u.wechat.com/",
    "wechat_pay": "wxp://f2f0",
    "alipay": "https://qr.alipay.com/fkx0",
}


class Inventor:
    """Draws names and contacts, and remembers what it gave out."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._used: set[str] = set()

    def _fresh(self, draw: Callable[[], str]) -> str:
        while (value := draw()) in self._used:
            continue
        self._used.add(value)
        return value

    def _digits(self, count: int) -> str:
        return f"{self._dice.below(10**count):0{count}d}"

    def phone(self) -> Contact:
        prefixes = MOBILE_PREFIXES
        return Contact("phone", "tel", self._fresh(lambda: f"+86{self._dice.pick(prefixes)}000{self._digits(5)}"))

    def hotline(self) -> Contact:
        return Contact("phone", "tel", self._fresh(lambda: f"+86400000{self._digits(4)}"), role="platform")

    def qq(self) -> Contact:
        return Contact("handle", "qq", self._fresh(lambda: QQ_PREFIX + self._digits(9)))

    def wechat(self, stem: str = "") -> Contact:
        return Contact("handle", "wechat", self._fresh(lambda: self._login(stem)))

    def near(self, other: Contact) -> Contact:
        """Another's WeChat id or QQ number with one character changed, at times to one that looks like it."""
        letters = "abcdefghkmnpstwxyz23456789" if other.service == "wechat" else "0123456789"

        def draw() -> str:
            place = self._dice.between(1, len(other.value) - 1)
            old = other.value[place]
            alike = LOOK_ALIKE.get(old, "") if other.service == "wechat" and self._dice.chance(0.5) else ""
            return other.value[:place] + (alike or self._dice.pick(letters)) + other.value[place + 1 :]

        return Contact("handle", other.service, self._fresh(draw))

    def email(self, stem: str) -> Contact:
        host = self._dice.pick(("mail.example", "post.example", "xinxiang.example"))
        return Contact("email", "", self._fresh(lambda: f"{self._login(stem).strip('_-')}@{host}"))

    def code(self, service: str) -> Contact:
        """A QR code of one of the kinds in CODE_STARTS."""
        # Alipay's codes ignore case, and what follows a scheme is folded like a host.
        letters = CODE_LETTERS + CODE_LETTERS.upper() if service == "wechat_friend" else CODE_LETTERS
        return Contact("qr", service, self._fresh(lambda: CODE_STARTS[service] + self._token(letters)))

    def _token(self, letters: str) -> str:
        return "".join(self._dice.pick(letters) for _ in range(18))

    def stem(self) -> str:
        return "".join(self._dice.pick(places.SYLLABLES) for _ in range(self._dice.between(2, 3)))

    def _login(self, stem: str) -> str:
        stem = stem or self.stem()
        mark, digits = self._dice.pick((("", 3), ("_", 4), ("", 5), ("-", 2), ("888", 2)))
        tail = mark + self._digits(digits)
        return (stem + tail)[:20] if len(stem) + len(tail) >= 6 else stem + self._digits(6)

    def seller_id(self, place: Place, stem: str) -> str:
        """An account's id in the manner of its platform; unused on it."""

        def draw() -> str:
            if place.slug in {"weibo", "qzone", "baoyouhui", "guichang"}:
                return QQ_PREFIX + self._digits(9)
            if place.slug in {"cangwang", "panpa", "fenleibao"}:
                return "u" + self._digits(8)
            return self._login(stem)

        while f"{place.slug}|{(value := draw())}" in self._used or value in self._used:
            continue
        self._used |= {f"{place.slug}|{value}", value}
        return value

    def shop(self, turtles: bool) -> str:
        """A display name: an invented shop, a person, or one of the popular names."""
        dice = self._dice
        if dice.chance(0.12):
            return dice.pick(places.POPULAR_SHOPS)
        if dice.chance(0.25):
            return dice.pick(places.SURNAMES) + dice.pick(places.GIVEN) + dice.pick(places.GIVEN)
        tails = places.TURTLE_TAILS if turtles else places.SHOP_TAILS
        return dice.pick(places.SHOP_HEADS) + dice.pick(places.SHOP_HEADS) + dice.pick(tails)
