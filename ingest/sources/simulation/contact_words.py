"""How sellers write their contacts: words, fillers and disguises."""

from __future__ import annotations

from ingest.sources.simulation.dice import Dice
from ingest.sources.simulation.people import Account, Contact

WECHAT = (
    "微信：{}", "微信{}", "加微信 {}", "微信号:{}", "V信{}", "威信 {}", "薇❤{}", "+v {}", "加薇{}", "vx：{}",
    "VX {}", "wx:{}", "微 信 号 {}", "➕V:{}", "徽信{}", "v信号 {} 备注来意", "看货加V {}", "喜欢的加薇信{}",
    "WeChat: {}", "绿泡泡{}",
)  # fmt: skip
QQ = ("QQ：{}", "扣扣{}", "q q {}", "加Q{}", "企鹅号{}", "QQ {} 常在", "Q：{}")
PHONE = (
    "电话：{}", "手机{}", "联系电话 {}", "致电{}", "Tel:{}", "☎️{}", "📱{}", "打电话 {} 聊", "联系方式{}",
    "有意者联系{}", "{} 陈列室看货",
)  # fmt: skip
SAME_NUMBER = ("{}微信同号", "电话微信同号{}", "手机 {}（微信同号）", "{} V同号", "☎{} 同薇")
EMAIL = ("邮箱 {}", "E-mail: {}", "发邮件 {}")
NAMED = ("{word}搜 {id} 看更多", "{word}：{id}", "更多实物在{word} {id}", "{word}同名 {id}")
AUCTIONS = ("扫码进拍卖", "识别二维码参拍", "今晚八点截拍，扫码", "图中码进店竞拍")
AUCTION_LINKS = ("进店竞拍 {}", "拍卖链接 {}", "点这里出价 {}")
SCAN = ("扫码加我", "扫图中二维码", "长按识别二维码", "码在图里", "")

HOTLINE = (
    "平台客服热线 {}", "官方客服电话：{}", "本站热线{} 谨防诈骗", "交易纠纷请拨打{}客服", "投诉举报电话 {}",
    "全国统一热线：{}",
)  # fmt: skip
COURIER = (
    "顺丰小哥 {} 上门取件", "快递代发联系 {}", "发货找物流 {}", "走物流，快递员微信 {}", "保价快递{}",
    "货运电话：{}", "代发货 {}",
)  # fmt: skip
GUARANTOR = (
    "可走中介，担保人微信 {}", "中介担保：{}", "第三方担保 {}", "不放心走担保 {}", "群主担保 {}", "中间人 {}",
)  # fmt: skip
SUPPLIER = ("货源微信 {}", "厂家直供 {}", "上家微信 {}", "一手货源找 {}", "总代 {}")
WARNING = (
    "骗子微信 {} 大家小心", "谨防假冒：{} 不是我", "{} 盗我的图，骗子", "曝光骗子 {}", "黑名单 {} 收钱不发货",
    "冒充我的人：{}",
)  # fmt: skip
# The same without a word that tells whose it is: what stands there after the message as platforms and copies leave it.
BARE = ("{}", "☎ {}", "联系 {}")
WITHOUT_CUE = 0.04


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
    if contact.kind == "phone":
        wording = SAME_NUMBER if contact.same_number and dice.chance(0.8) else PHONE
        return dice.pick(wording).format(disguised_phone(dice, plain))
    if contact.kind == "email":
        return dice.pick(EMAIL).format(plain)
    if contact.kind == "qr":
        return dice.pick(SCAN)
    return dice.pick(WECHAT if contact.service == "wechat" else QQ).format(disguised_handle(dice, plain))


def others_phrase(dice: Dice, contact: Contact, role: str) -> str:
    """How another's contact is given: mostly with a word that tells its role, sometimes without."""
    plain = shown(contact)
    words: tuple[str, ...] = _BY_ROLE[role]
    if dice.chance(WITHOUT_CUE):
        words = BARE if contact.kind == "phone" else WECHAT if contact.service == "wechat" else QQ
    if role == "platform" and contact.kind == "phone":
        plain = f"{plain[:3]}-{plain[3:6]}-{plain[6:]}"
    return dice.pick(words).format(plain)


_BY_ROLE = {
    "platform": HOTLINE,
    "courier": COURIER,
    "guarantor": GUARANTOR,
    "supplier": SUPPLIER,
    "warning": WARNING,
}


def auction_phrase(dice: Dice, contact: Contact) -> str:
    """Leads to the seller's shop in an auction app, by a code in a picture or a link."""
    return dice.pick(AUCTIONS if contact.kind == "qr" else AUCTION_LINKS).format(contact.value)


def naming_phrase(dice: Dice, account: Account) -> str:
    """Names another account of the seller on its platform."""
    words = dice.pick(account.place.called)
    return dice.pick(NAMED).format(word=words, id=account.seller_id)
