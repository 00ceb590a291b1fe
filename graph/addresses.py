"""Web addresses: their normal form, and the handle that a profile or short link names."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit, urlunsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
# Parameters that say where a click came from, never what is shown.
_TRACKING = frozenset(
    ("fbclid", "gclid", "dclid", "msclkid", "igshid", "igsh", "spm", "scm", "mc_cid", "mc_eid", "_ga", "share_source")
)
_HOST = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_\-]{0,61}[a-z0-9_])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9\-]{2,59})"
    r"|(?:\d{1,3}\.){3}\d{1,3}|localhost"
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.\-]*://", re.IGNORECASE)


def normal_address(value: str) -> str:
    """Lower-case scheme and host, no default port, user, fragment or tracking parameter; '' when no address.

    Signal's invitations keep their fragment.
    """
    text = value.strip()
    if not _SCHEME.match(text):
        text = "https://" + text.removeprefix("//")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return ""
    scheme, host = parts.scheme.lower(), _ascii_host(parts.hostname or "")
    if scheme not in _DEFAULT_PORTS or not _HOST.fullmatch(host):
        return ""
    if port is not None and port != _DEFAULT_PORTS[scheme]:
        host = f"{host}:{port}"
    query = _query(parts.query)
    # A fragment is the reader's place on a page; Signal's invitations put the number there.
    fragment = parts.fragment if host == "signal.me" else ""
    path = "" if parts.path == "/" and not query and not fragment else parts.path
    return urlunsplit(SplitResult(scheme, host, path, query, fragment))


def host_of(url: str) -> str:
    """Host name of a normal address, without its port."""
    return urlsplit(url).hostname or ""


def _ascii_host(host: str) -> str:
    host = host.rstrip(".").lower()
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _query(query: str) -> str:
    kept = [part for part in query.split("&") if part and not _is_tracking(part.partition("=")[0].lower())]
    return "&".join(kept)


def _is_tracking(name: str) -> bool:
    return name in _TRACKING or name.startswith("utm_")


# Host (without www., m. or mobile.), pattern of path and query, service; the first group is the id.
# Where each address comes from: the services' own pages on profile, invitation and click-to-chat links.
_OWNERS: tuple[tuple[str, str, str], ...] = (
    ("wa.me", r"/(?!qr/|message/)\+?(?P<number>\d{7,15})", "whatsapp"),
    ("api.whatsapp.com", r"/send/?\?(?:.*&)?phone=(?:%2b|\+)?(?P<number>\d{7,15})", "whatsapp"),
    ("web.whatsapp.com", r"/send/?\?(?:.*&)?phone=(?:%2b|\+)?(?P<number>\d{7,15})", "whatsapp"),
    ("t.me", r"/\+(?P<number>\d{7,15})$", "telegram"),
    ("t.me", r"/(?:s/)?(?!joinchat|addstickers|share|proxy|socks|iv\b|c/|\+)(?P<id>\w{5,32})", "telegram"),
    ("telegram.me", r"/(?!joinchat|share|\+)(?P<id>\w{5,32})", "telegram"),
    ("telegram.dog", r"/(?!joinchat|share|\+)(?P<id>\w{5,32})", "telegram"),
    ("line.me", r"/(?:r/)?ti/p/(?:~|%7e)(?P<id>[\w.\-]+)", "line"),
    ("line.me", r"/(?:r/)?ti/p/(?P<id>(?:@|%40)[\w.\-]+)", "line"),
    ("lin.ee", r"(?!)(?P<id>)", "line"),
    ("zalo.me", r"/(?P<local>0\d{8,10})\b", "zalo"),
    ("zalo.me", r"/\+?(?P<number>84\d{8,10})\b", "zalo"),
    ("zalo.me", r"/(?!g/|pc)(?P<id>[\w.]{4,30})", "zalo"),
    ("weibo.com", r"/u/(?P<id>\d{5,11})", "weibo"),
    ("weibo.com", r"/(?P<id>\d{10})(?:/|$|\?)", "weibo"),
    ("weibo.com", r"/n/(?P<id>[^/?]+)", "weibo"),
    (
        "weibo.com",
        r"/(?!u/|n/|p/|tv|hot|login|signup|ttarticle|newlogin|search|home)(?P<id>[a-z][\w\-]{3,29})(?:/|$|\?)",
        "weibo",
    ),
    ("weibo.cn", r"/(?:u/|profile/)(?P<id>\d{5,11})", "weibo"),
    ("user.qzone.qq.com", r"/(?P<id>[1-9]\d{4,10})", "qq"),
    ("wpa.qq.com", r"/msgrd\?(?:.*&)?uin=(?P<id>[1-9]\d{4,10})", "qq"),
    ("douyin.com", r"/user/(?!MS4w)(?P<id>[\w.\-]{4,})", "douyin"),
    ("kuaishou.com", r"/(?:profile|u)/(?P<id>[\w\-]{4,})", "kuaishou"),
    ("xiaohongshu.com", r"/user/profile/(?P<id>[0-9a-f]{24})", "xiaohongshu"),
    ("space.bilibili.com", r"/(?P<id>\d{1,16})", "bilibili"),
    ("weidian.com", r"/.*?\buser_?id=(?P<id>\d{5,})", "weidian"),
    ("weidian.com", r"/s/(?P<id>\d{5,})", "weidian"),
    ("facebook.com", r"/profile\.php\?(?:.*&)?id=(?P<id>\d{5,})", "facebook"),
    ("facebook.com", r"/people/[^/]+/(?P<id>\d{5,})", "facebook"),
    (
        "facebook.com",
        r"/(?!groups|marketplace|watch|events|pages|share|sharer|photo|story|login|profile|permalink|hashtag|reel)"
        r"(?P<id>[\w.\-]{5,50})",
        "facebook",
    ),
    ("fb.com", r"/(?!groups|share|watch)(?P<id>[\w.\-]{5,50})", "facebook"),
    ("fb.me", r"/(?!e/|s/|g/|p/)(?P<id>[\w.\-]{5,50})(?:/|$|\?)", "facebook"),
    ("m.me", r"/(?P<id>[\w.\-]{5,50})", "facebook"),
    (
        "instagram.com",
        r"/(?!p/|reel|explore|stories/highlights|tv/|accounts|direct)(?:stories/)?(?P<id>[\w.]{2,30})",
        "instagram",
    ),
    ("twitter.com", r"/(?!i/|search|hashtag|intent|share|home|explore|login)@?(?P<id>\w{2,15})(?:/|$|\?)", "twitter"),
    ("x.com", r"/(?!i/|search|hashtag|intent|share|home|explore|login)@?(?P<id>\w{2,15})(?:/|$|\?)", "twitter"),
    ("tiktok.com", r"/@(?P<id>[\w.]{2,24})", "tiktok"),
    ("youtube.com", r"/@(?P<id>[\w.\-]{3,30})", "youtube"),
    ("youtube.com", r"/channel/(?P<id>UC[\w\-]{22})", "youtube"),
    ("youtube.com", r"/(?:c|user)/(?P<id>[\w.\-]{3,30})", "youtube"),
    ("snapchat.com", r"/add/(?P<id>[\w.\-]{3,15})", "snapchat"),
    ("join.skype.com", r"(?!)(?P<id>)", "skype"),
    ("open.kakao.com", r"/me/(?P<id>[\w.\-]{4,20})", "kakaotalk"),
    ("viber.me", r"/\+?(?P<number>\d{7,15})", "viber"),
    ("signal.me", r"/#p/\+(?P<number>\d{7,15})", "signal"),
)
_BY_HOST: dict[str, list[tuple[re.Pattern[str], str]]] = {}
for _host, _pattern, _slug in _OWNERS:
    _BY_HOST.setdefault(_host, []).append((re.compile(_pattern, re.IGNORECASE), _slug))
# Shops whose name is the host's first label: shop<digits>.taobao.com, <name>.1688.com.
_SHOP_HOST = re.compile(
    r"(?P<id>(?!(?:www|m|item|s|detail|world|login|2|h5|market|winport|show)\.)[a-z0-9\-]+)\.(?P<site>taobao|1688)\.com"
)
_MOBILE_PREFIX = re.compile(r"^(?:www|m|mobile|mbasic|web|live)\.")


def owner_of_address(url: str) -> tuple[str, str] | None:
    """(service, id) that a normal address names, the id as written; None when it names none."""
    parts = urlsplit(url)
    full = parts.hostname or ""
    host = full if full in _BY_HOST else _MOBILE_PREFIX.sub("", full)
    rest = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    rest += f"#{parts.fragment}" if parts.fragment else ""
    for pattern, service in _BY_HOST.get(host, ()):
        if found := pattern.match(rest):
            return service, _id_in(found)
    shop = _SHOP_HOST.fullmatch(full)
    if shop:
        return shop["site"], shop["id"]
    return _xianyu_user(parts) if host in ("goofish.com", "2.taobao.com", "h5.m.goofish.com") else None


def _id_in(found: re.Match[str]) -> str:
    groups = found.groupdict()
    if number := groups.get("number"):
        return f"+{number}"
    if local := groups.get("local"):
        # Zalo's own links carry Vietnamese numbers in their national form.
        return f"+84{local[1:]}"
    return unquote(groups["id"])


def _xianyu_user(parts: SplitResult) -> tuple[str, str] | None:
    named = parse_qs(parts.query).get("userId") or parse_qs(parts.query).get("userid")
    if named:
        return "xianyu", named[0]
    found = re.match(r"/u/([\w\-]+)", parts.path)
    return ("xianyu", found[1]) if found else None
