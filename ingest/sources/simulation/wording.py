"""What an advertisement says: openings, goods, particulars, contacts and all the rest around them."""

from __future__ import annotations

from ingest.sources.simulation.contact_words import auction_phrase, naming_phrase, others_phrase, own_phrase
from ingest.sources.simulation.dice import Dice
from ingest.sources.simulation.goods import GOODS
from ingest.sources.simulation.people import Account, Contact, Operator, World

OPENINGS = (
    "新到一批", "老料新工", "个人收藏", "出", "今日上新", "诚心出售", "清仓处理", "自家老货", "刚收的",
    "转让", "便宜出", "精品", "大料", "满工雕刻", "包浆厚重", "全品无裂", "纯手工", "回血", "支持视频看货",
    "实物拍摄", "早期老件", "懂的来", "一手", "工厂直出", "藏友寄售", "海外回流", "客户定制", "走一波",
    "秒杀价", "好货不多说",
)  # fmt: skip
TURTLE_OPENINGS = (
    "自家繁殖", "山货", "野生种", "本地山里收的", "温室直出", "活体包邮", "状态好开食", "今年头苗", "转让",
    "出", "收藏级",
)  # fmt: skip
PARTICULARS = (
    "重%d克", "净重%d克", "长%d毫米", "品相如图", "无修无补", "可拆圈", "价格私聊", "一物一图", "纹路清晰",
    "老客户优惠", "接受复检", "编号%d", "圈口56-58", "多件可选", "要的抓紧", "不议价", "拒绝还价", "量大从优",
    "支持定做",
)  # fmt: skip
TURTLE_PARTICULARS = (
    "背甲%d毫米", "体重%d克", "公母都有", "活体不退", "包活到家", "自提优惠", "价格私聊", "品相如图",
    "可视频", "散养",
)  # fmt: skip
GENERIC = (
    "看一看", "好东西", "出", "来了", "喜欢的私", "老规矩", "懂的进", "今日份", "带走", "有缘人得", "手慢无",
    "新货", "看图", "私聊", "有喜欢的吗",
)  # fmt: skip
TAIL_EMOJI = ("👍", "🔥", "💰", "🌹", "❗", "✨", "👇", "🙏")
RECRUITING = ("招代理", "诚招代理 一件代发", "招代理，图片每天更新", "代理加盟 零囤货")
SHIPPING = ("包邮", "顺丰包邮", "到付", "可面交", "全国发货", "支持验货", "七天包退")
SEPARATORS = ("，", "\n", " ", "。", "～", " | ")

# How many ads of each kind show a contact, and how many are without words (estimates).
CONTACT_SHARE = {
    "website": 0.65, "social_media": 0.5, "online_community": 0.6, "short_video": 0.5, "second_hand": 0.45,
    "handicraft": 0.5, "live_reptile": 0.7,
}  # fmt: skip
WORDLESS_KINDS = ("social_media", "online_community", "short_video")
TEXTLESS, EMOJI_ONLY, GENERIC_ONLY = 0.13, 0.10, 0.17
HOTLINE_SHARE, COURIER_SHARE, GUARANTOR_SHARE = 0.13, 0.12, 0.11
SUPPLIER_SHARE, WARNING_SHARE, NAMING_SHARE, RECRUITING_SHARE = 0.07, 0.05, 0.15, 0.15
AUCTION_SHARE = 0.3
VARIANTS, OTHERS_VARIANTS = 4, 2
# How many ads of an agent who copies texts are his supplier's, word for word, and how many of those name himself too.
COPIED_TEXTS, NAMES_HIMSELF = 0.1, 0.4

Phrase = tuple[str, Contact | None, str, bool]
"""Words, the contact in them, its true role there, and whether words tell of a role that is not 'own'."""
Turn = tuple[int, int, Phrase]
"""First and last day on which the contact is the seller's, and the phrase."""


class Style:
    """A seller's habits of writing, which agents copy."""

    def __init__(self, dice: Dice, operator: Operator) -> None:
        self._random = dice.random
        turtles, style = operator.turtles, operator.style
        self.openings = _some(TURTLE_OPENINGS if turtles else OPENINGS, style, 5)
        self.copied = _some(OPENINGS, operator.supplier.style, 5) if operator.supplier else ()
        self.particulars = _some(TURTLE_PARTICULARS if turtles else PARTICULARS, style // 3, 6)
        self.separator = SEPARATORS[style % len(SEPARATORS)]

    def title(self, words: str) -> str:
        opening = self.openings[int(self._random() * len(self.openings))]
        return f"{opening}{words}" if self._random() < 0.7 else f"{words} {opening}"

    def text(self, words: str, parts: list[Phrase]) -> str:
        """Opening, goods, one or two particulars, then the words of `parts`."""
        random = self._random
        openings = self.copied if self.copied and random() < 0.4 else self.openings
        said = [openings[int(random() * len(openings))] + words, self._particular()]
        if random() < 0.5:
            said.append(self._particular())
        if random() < 0.3:
            said.append(SHIPPING[int(random() * len(SHIPPING))])
        text = self.separator.join(said + [part[0] for part in parts if part[0]])
        return text + TAIL_EMOJI[int(random() * len(TAIL_EMOJI))] if random() < 0.2 else text

    def _particular(self) -> str:
        random = self._random
        template = self.particulars[int(random() * len(self.particulars))]
        return template % int(5 + random() * 595) if "%d" in template else template


class Voice:
    """How one account writes. Phrases are made once and drawn from, which keeps large markets quick."""

    def __init__(self, dice: Dice, world: World, account: Account) -> None:
        self._dice, self._random = dice, dice.random
        operator = account.operator
        self.kind, self.titled = account.place.kind, account.place.titled
        self.contact_share = CONTACT_SHARE[self.kind]
        self.style = Style(dice, operator)
        self.own = [_own(dice, operator, c) for c in _varied(dice, account.contacts)]
        self.source, self.lifted = _source(dice, operator)
        self.extras = _extras(dice, world, account)

    def post(self, words: str, day: int) -> tuple[Style, list[Phrase]]:
        """In whose style an ad of these goods is written, and the contacts and hand-overs in it."""
        if self.source is not None and self._random() < COPIED_TEXTS:
            copied = self._drawn(self.lifted, day)
            return self.source, copied + (self._drawn(self.own, day) if self._random() < NAMES_HIMSELF else [])
        own = self._drawn(self.own, day) if self._random() < self.contact_share else []
        return self.style, own + self.extra()

    def _drawn(self, turns: list[Turn], day: int) -> list[Phrase]:
        """One of the phrases; none when its contact is not the seller's on the day."""
        if not turns:
            return []
        first, last, phrase = turns[int(self._random() * len(turns))]
        return [phrase] if first <= day <= last else []

    def extra(self) -> list[Phrase]:
        """What else stands in about a third of all ads: hotline, courier, guarantor, warning, another account."""
        drawn = self._random()
        for share, phrases in self.extras:
            if drawn < share:
                return [phrases[int(self._random() * len(phrases))]]
            drawn -= share
        return []

    def wordless(self, species: str) -> str | None:
        """Nothing, emoji or a word that says nothing; None when the ad has words."""
        if self.kind not in WORDLESS_KINDS:
            return None
        drawn = self._random()
        if drawn < TEXTLESS:
            return ""
        if drawn < TEXTLESS + EMOJI_ONLY:
            return GOODS[species].emoji * self._dice.between(1, 3) + self._dice.pick(("", "", *TAIL_EMOJI))
        return self._dice.pick(GENERIC) if drawn < TEXTLESS + EMOJI_ONLY + GENERIC_ONLY else None


def goods_words(dice: Dice, species: str, veiled: float) -> str:
    """The goods as an ad names them; with the chance `veiled` in the words of insiders."""
    good, random = GOODS[species], dice.random
    terms = good.veiled if good.veiled and random() < veiled else good.terms
    return terms[int(random() * len(terms))] + good.objects[int(random() * len(good.objects))]


def _some(items: tuple[str, ...], style: int, count: int) -> tuple[str, ...]:
    """A seller's habits: always the same few of all."""
    return tuple(items[(style * 7 + step * 11 + step * step) % len(items)] for step in range(count))


def _varied(dice: Dice, contacts: list[Contact]) -> list[Contact]:
    """VARIANTS draws, the account's usual contact in about half."""
    if not contacts:
        return []
    return [contacts[0] if dice.chance(0.45) else dice.pick(contacts) for _ in range(VARIANTS)]


def _own(dice: Dice, operator: Operator, contact: Contact, role: str = "own") -> Turn:
    return (*contact.turn(operator), (own_phrase(dice, contact), contact, role, False))


def _source(dice: Dice, agent: Operator) -> tuple[Style | None, list[Turn]]:
    """Whose texts an agent copies, with the contacts that he leaves in them."""
    supplier = agent.supplier
    if supplier is None or not agent.copies_text:
        return None, []
    left = [c for c in _written(supplier.contacts) if c not in set(agent.contacts)]
    return Style(dice, supplier), [_own(dice, supplier, c, "supplier") for c in _varied(dice, left[:2])]


def _written(contacts: list[Contact]) -> list[Contact]:
    return [c for c in contacts if c.kind in {"phone", "handle"}]


def _extras(dice: Dice, world: World, account: Account) -> list[tuple[float, list[Phrase]]]:
    """(share of ads, phrases) of everything that is not the account's own contact."""
    operator, found = account.operator, []
    own = set(operator.contacts)
    for share, role, contacts in (
        (HOTLINE_SHARE, "platform", _known(dice, world.hotlines.get(account.place.slug, []))),
        (COURIER_SHARE, "courier", _popular(dice, world.couriers)),
        (GUARANTOR_SHARE, "guarantor", _popular(dice, world.guarantors)),
        (SUPPLIER_SHARE, "supplier", operator.supplier.contacts[:1] if operator.supplier else []),
        (WARNING_SHARE, "warning", [operator.rival] if operator.rival else []),
    ):
        usable = [c for c in _written(contacts) if c not in own]
        if usable:
            found.append((share, [_other(dice, c, role) for c in usable for _ in range(OTHERS_VARIANTS)]))
    if account.names is not None:
        found.append((NAMING_SHARE, [_naming(dice, account.names)]))
    if account.auction is not None:
        found.append((AUCTION_SHARE, [(auction_phrase(dice, account.auction), account.auction, "own", False)]))
    if operator.recruits:
        found.append((RECRUITING_SHARE, [(words, None, "", False) for words in RECRUITING]))
    return found


def _known(dice: Dice, contacts: list[Contact]) -> list[Contact]:
    """The two best known and one more of a platform's staff or group owners."""
    return [*contacts[:2], *dice.sample(contacts[2:], 1)]


def _popular(dice: Dice, contacts: list[Contact]) -> list[Contact]:
    """Two that the seller works with; the first three of the list are known to all."""
    best, rest = contacts[:3], contacts[3:]
    return [
        dice.pick(best) if not rest or dice.chance(0.65) else rest[int(len(rest) * dice.random() ** 1.5)]
        for _ in range(2)
    ]


def _other(dice: Dice, contact: Contact, role: str) -> Phrase:
    words, told = others_phrase(dice, contact, role)
    return words, contact, role, told


def _naming(dice: Dice, account: Account) -> Phrase:
    named = Contact("handle", account.place.service, account.seller_id, "own")
    return naming_phrase(dice, account), named, "own", False
