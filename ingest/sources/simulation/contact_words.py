"""How sellers write their contacts: words, fillers and disguises."""

from __future__ import annotations

from ingest.sources.simulation.dice import Dice
from ingest.sources.simulation.others_words import HINTED, TOLD
from ingest.sources.simulation.people import Account, Contact

WECHAT = (
    "微信：{}", "微信{}", "加微信 {}", "微信号:{}", "V信{}", "威信 {}", "薇❤{}", "+v {}", "加薇{}", "vx：{}",
    "VX {}", "wx:{}", "微 信 号 {}", "➕V:{}", "徽信{}", "v信号 {} 备注来意", "看货加V {}", "喜欢的加薇信{}",
    "WeChat: {}", "绿泡泡{}", "唯一微信 {}", "本人V {}", "微信号码{}", "新微信 {}", "加我 v {}", "大号微信 {}",
    "看更多图 wx {}", "wei信 {}", "溦信：{}", "卫星 {}", "微⭐{}", "私聊加微信{}",
)  # fmt: skip
QQ = ("QQ：{}", "扣扣{}", "q q {}", "加Q{}", "企鹅号{}", "QQ {} 常在", "Q：{}", "Q号 {}", "QQ联系{}", "球球 {}")
PHONE = (
    "电话：{}", "手机{}", "联系电话 {}", "致电{}", "Tel:{}", "☎️{}", "📱{}", "打电话 {} 聊", "联系方式{}",
    "有意者联系{}", "{} 陈列室看货", "手机号 {}", "电联 {}", "直接打 {}", "店里电话{}", "咨询 {}", "24小时 {}",
)  # fmt: skip
SAME_NUMBER = ("{}微信同号", "电话微信同号{}", "手机 {}（微信同号）", "{} V同号", "☎{} 同薇")
EMAIL = ("邮箱 {}", "E-mail: {}", "发邮件 {}")
NAMED = ("{word}搜 {id} 看更多", "{word}：{id}", "更多实物在{word} {id}", "{word}同名 {id}")
AUCTIONS = ("扫码进拍卖", "识别二维码参拍", "今晚八点截拍，扫码", "图中码进店竞拍")
AUCTION_LINKS = ("进店竞拍 {}", "拍卖链接 {}", "点这里出价 {}")
SCAN = ("扫码加我", "扫图中二维码", "长按识别二维码", "码在图里", "")

# Own contacts beside words that are mostly said of others' contacts.
BESIDE = (
    "中介勿扰，{}", "不走中介直接找我 {}", "担保交易都行 {}", "快递包邮，{}", "顺丰到付 {}", "防骗认准本人 {}",
    "本人唯一，其他都是骗子 {}", "订购热线 {}", "招代理，详情 {}", "厂家自销 {}", "我是群主 {}", "客服忙请直接 {}",
)  # fmt: skip
BESIDE_SHARE = 0.03
# Others' contacts without a word that tells whose they are: as messages and copies leave them.
BARE = ("{}", "☎ {}", "联系 {}", "📞{}")
# How often a seller says whose the contact of his supplier or of a rival is; others' carry their own share, `cue`.
TOLD_SHARE = {"supplier": 0.6, "warning": 0.7}
# What stands before a contact in a phrase about others.
SERVICE_WORDS = {
    "tel": ("", "", "", "电话", "手机 ", "☎"),
    "wechat": ("微信 ", "微信：", "V ", "vx ", "微信", "wx:", ""),
    "qq": ("QQ ", "扣扣", "QQ：", ""),
}


def _table(plain: str, others: str) -> dict[int, str]:
    return {ord(char): other for char, other in zip(plain, others, strict=True)}


DIGITS = "0123456789"
CIRCLED = _table(DIGITS, "⓪①②③④⑤⑥⑦⑧⑨")
CHINESE = _table(DIGITS, "零一二三四五六七八九")
LETTERS = _table("01", "Ol")
WIDE = {code: chr(code + 0xFEE0) for code in range(0x21, 0x7F)}
KEYCAP = {ord(digit): digit + "\ufe0f\u20e3" for digit in DIGITS}
_DISGUISES: tuple[dict[int, str], ...] = (CIRCLED, CHINESE, WIDE, KEYCAP, LETTERS)


def shown(contact: Contact) -> str:
    """The value as people write it: mainland numbers without prefix."""
    return contact.value.removeprefix("+86") if contact.kind == "phone" else contact.value


def disguised_phone(dice: Dice, number: str) -> str:
    """Mostly plain or grouped, sometimes hidden from simple readers."""
    form = dice.below(20)
    if form < 9:
        return number
    if form < 12:
        return f"{number[:3]}-{number[3:7]}-{number[7:]}"
    if form < 15:
        return f"{number[:3]} {number[3:7]} {number[7:]}"
    if form == 15:
        return " ".join(number)
    if form == 16:
        return "+86 " + number
    return number.translate(dice.pick(_DISGUISES))


def disguised_handle(dice: Dice, value: str) -> str:
    form = dice.below(24)
    if form < 19:
        return value
    if form < 21:
        return value.upper() if form == 19 else value.capitalize()
    if form == 21:
        return value.translate(WIDE)
    return " ".join(value) if form == 22 else value.translate(CIRCLED)


def own_phrase(dice: Dice, contact: Contact) -> str:
    """One way in which its owner gives the contact; '' for a code, which stands in a picture."""
    plain = shown(contact)
    if contact.kind in {"phone", "handle"} and dice.chance(BESIDE_SHARE):
        return dice.pick(BESIDE).format(dice.pick(SERVICE_WORDS[contact.service][:-1]) + plain)
    if contact.kind == "phone":
        wording = SAME_NUMBER if contact.same_number and dice.chance(0.8) else PHONE
        return dice.pick(wording).format(disguised_phone(dice, plain))
    if contact.kind == "email":
        return dice.pick(EMAIL).format(plain)
    if contact.kind == "qr":
        return dice.pick(SCAN)
    return dice.pick(WECHAT if contact.service == "wechat" else QQ).format(disguised_handle(dice, plain))


def others_phrase(dice: Dice, contact: Contact, role: str) -> tuple[str, bool]:
    """How another's contact is given, and whether with words that tell whose it is.

    A contact whose `cue` is 0 never has such words, not even hints.
    """
    table = contact.called if role == "platform" else role
    if dice.chance(TOLD_SHARE.get(role, contact.cue)):
        return dice.pick(TOLD[table]).format(_said(dice, contact)), True
    hints = {"warning": 0.9, "supplier": 0.5}.get(role, 0.5 if contact.cue else 0.0)
    if dice.chance(hints):
        return dice.pick(HINTED[table]).format(_said(dice, contact)), False
    return _bare_phrase(dice, contact), False


def _bare_phrase(dice: Dice, contact: Contact) -> str:
    if contact.kind == "phone":
        return dice.pick(BARE if dice.chance(0.6) else PHONE).format(_others_value(dice, contact))
    return dice.pick(WECHAT if contact.service == "wechat" else QQ).format(_others_value(dice, contact))


def _said(dice: Dice, contact: Contact) -> str:
    return dice.pick(SERVICE_WORDS[contact.service]) + _others_value(dice, contact)


def _others_value(dice: Dice, contact: Contact) -> str:
    """Others' contacts are less often disguised than one's own; hotlines are written in groups."""
    plain = shown(contact)
    if contact.called == "hotline" and contact.kind == "phone":
        return f"{plain[:3]}-{plain[3:6]}-{plain[6:]}"
    if dice.chance(0.6):
        return plain
    return disguised_phone(dice, plain) if contact.kind == "phone" else disguised_handle(dice, plain)


def auction_phrase(dice: Dice, contact: Contact) -> str:
    """Leads to the seller's shop in an auction app, by a code in a picture or a link."""
    return dice.pick(AUCTIONS if contact.kind == "qr" else AUCTION_LINKS).format(contact.value)


def naming_phrase(dice: Dice, account: Account) -> str:
    """Names another account of the seller on its platform."""
    words = dice.pick(account.place.called)
    return dice.pick(NAMED).format(word=words, id=account.seller_id)
