"""What is in a QR code: its kind, its normal form, and the contacts that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from graph.addresses import host_of, normal_address, owner_of_address

# Tried from the top; what WeChat, QQ and Alipay put into their codes, seen in the codes they print.
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (
            "wechat_pay",
            r"wxp://|weixin://wxpay/|https?://(?:payapp|wx\.tenpay|pay)\.weixin\.qq\.com/|https?://wx\.tenpay\.com/",
        ),
        ("wechat_group", r"https?://weixin\.qq\.com/g/"),
        ("wechat_friend", r"https?://u\.wechat\.com/|https?://weixin\.qq\.com/r/|weixin://(?:contacts|dl/chat|qr)"),
        (
            "mini_program",
            r"https?://mp\.weixin\.qq\.com/a/|https?://(?:\w+\.)?(?:wxaurl|wxmpurl)\.cn/|weixin://dl/business/|#小程序://"
            r"|https?://(?:ur|render)\.alipay\.com/p/s/",
        ),
        ("alipay", r"https?://(?:qr|ds|mobilecodec|render|ur)\.alipay\.com/|alipays?(?:qr)?://"),
        ("qq", r"https?://(?:qm|im|qun|wpa|user\.qzone|ti|jq)\.qq\.com/|mqqapi://|https?://i\.qianbao\.qq\.com/"),
        ("vcard", r"BEGIN:VCARD|MECARD:"),
        ("phone", r"(?:tel|sms|smsto):\s*\+?\d|\+?\d[\d \-]{6,18}$"),
    )
)
_SHOP_HOSTS = (
    "taobao.com",
    "tmall.com",
    "tb.cn",
    "1688.com",
    "weidian.com",
    "goofish.com",
    "youzan.com",
    "jd.com",
    "koudai.com",
)
# Apps and pages on which handicrafts are sold by auction: 微拍堂, 玩物得志, 东家, Taobao's and JD's auctions.
_AUCTION_HOSTS = (
    "weipaitang.com",
    "wptqc.com",
    "wanwudezhi.com",
    "idongjia.cn",
    "paimai.taobao.com",
    "sf.taobao.com",
    "paimai.jd.com",
)
_PROFILE_HOSTS = (
    "v.douyin.com", "v.kuaishou.com", "lin.ee", "line.me", "t.me", "wa.me", "zalo.me", "xhslink.com", "b23.tv",
    "kakao.com",
)  # fmt: skip
# Codes of this host are printed in upper or lower case at will; their token ignores case.
_CASELESS = "qr.alipay.com"
# What these hosts put behind the token says when and from where a code was shown, not whose it is.
_TOKENS_ONLY = {
    "u.wechat.com": (),
    "weixin.qq.com": (),
    "qr.alipay.com": (),
    "qm.qq.com": ("k",),
    "v.douyin.com": (),
    "v.kuaishou.com": (),
}
_VCARD_LINE = re.compile(r"(?im)^(?:item\d+\.)?(TEL|URL|X-QQ|X-WECHAT|IMPP)([^:\r\n]*):(.+?)\s*$")
_MECARD_FIELD = re.compile(r"(?i)(TEL|URL):((?:\\.|[^;\\])+)")


def normal_payload(value: str) -> str:
    """Content without surrounding blanks; an address with its scheme and host in lower case.

    Of codes of the large apps only the token is kept: the rest says when and from where a code was shown.
    """
    text = value.strip().strip("\ufeff\x00").strip()
    found = re.match(r"([A-Za-z][A-Za-z0-9+.\-]*)://([^/?#]*)", text)
    if not found:
        return text
    if found[1].lower() not in ("http", "https"):
        return f"{found[1].lower()}{text[found.end(1) :]}"
    host, rest = found[2].lower(), text[found.end() :]
    if host not in _TOKENS_ONLY:
        return f"{found[0].lower()}{rest}"
    token = _token(rest, _TOKENS_ONLY[host])
    return f"https://{host}{token.lower() if host == _CASELESS else token}"


def _token(rest: str, kept: tuple[str, ...]) -> str:
    """The path, and of the parameters those that are a part of the token."""
    path, _, query = rest.partition("#")[0].partition("?")
    parts = [part for part in query.split("&") if part.partition("=")[0] in kept]
    return path.rstrip("/") + ("?" + "&".join(sorted(parts)) if parts else "")


def kind_of_payload(payload: str) -> str:
    """One of the kinds that graph/schema.yaml lists under QRCode.kind."""
    for kind, pattern in _KINDS:
        if pattern.match(payload):
            return kind
    url = normal_address(payload) if payload.startswith(("http://", "https://")) else ""
    if not url:
        return "unknown"
    host = host_of(url)
    if _is_on(host, _AUCTION_HOSTS):
        return "auction"
    if _is_on(host, _SHOP_HOSTS):
        return "shop"
    return "profile" if _is_on(host, _PROFILE_HOSTS) or owner_of_address(url) else "link"


def names_in(payload: str, kind: str) -> Iterator[tuple[str, str, str]]:
    """(kind, service, value) of each phone, handle and link that the content names, unchecked."""
    if payload.startswith(("http://", "https://")):
        yield "link", "", payload
    elif kind == "phone":
        yield "phone", "", re.sub(r"^[a-z]+:\s*", "", payload, flags=re.IGNORECASE).partition(":")[0]
    elif kind == "qq":
        yield from _qq_number(payload)
    elif payload.upper().startswith("MECARD:"):
        yield from (_field(name, "", value) for name, value in _MECARD_FIELD.findall(payload))
    elif kind == "vcard":
        yield from (_field(name, given, value) for name, given, value in _VCARD_LINE.findall(payload))
    elif kind == "wechat_friend":
        yield from _wechat_contact(payload)


def _field(name: str, given: str, value: str) -> tuple[str, str, str]:
    name = name.upper()
    if name == "TEL":
        return "phone", "", value.removeprefix("tel:")
    if name in ("X-QQ", "X-WECHAT"):
        return "handle", name[2:].lower(), value
    if name == "IMPP":
        scheme, _, rest = value.partition(":")
        return "handle", scheme.lower(), rest
    return "link", "", value


def _qq_number(payload: str) -> Iterator[tuple[str, str, str]]:
    number = parse_qs(urlsplit(payload).query).get("uin")
    if number:
        yield "handle", "qq", number[0]


def _wechat_contact(payload: str) -> Iterator[tuple[str, str, str]]:
    found = re.match(r"weixin://contacts/profile/([\w\-]+)", payload, re.IGNORECASE)
    if found:
        yield "handle", "wechat", found[1]


def _is_on(host: str, sites: tuple[str, ...]) -> bool:
    return any(host == site or host.endswith("." + site) for site in sites)
