"""What counts as an id on each messaging or trading service, and how ids are compared there."""

from __future__ import annotations

import re
from dataclasses import dataclass

# A mainland mobile number without its prefix; `graph.values.Phone` decides whether it is valid.
_MOBILE = r"1[3-9]\d{9}"
# Names that Chinese services allow: letters, digits, _ and -, Chinese characters.
_NICKNAME = r"[a-z0-9_\-\u4e00-\u9fff]"


@dataclass(frozen=True, slots=True)
class Service:
    """Rule of one service.

    Attributes:
        slug: name of the service in node ids.
        pattern: what an id must look like after folding.
        fold: ids are compared in lower case.
        phone: a telephone number in E.164 is an id too.
        ascii: the shape of an id that may be read beside a contact word in running text.
    """

    slug: str
    pattern: re.Pattern[str]
    fold: bool = True
    phone: bool = False
    at: bool = True


def _service(slug: str, pattern: str, *, fold: bool = True, phone: bool = False, at: bool = True) -> Service:
    return Service(slug, re.compile(pattern), fold, phone, at)


SERVICES: dict[str, Service] = {
    rule.slug: rule
    for rule in (
        # Tencent's help pages: 6 to 20 letters, digits, _ and -, a letter first; wxid_ is what an account has before
        # its owner chooses an id; gh_ and 12 hex digits is a public account. Friends are found by mobile number too.
        _service("wechat", rf"wxid_[a-z0-9]{{8,24}}|[a-z][a-z0-9_\-]{{5,19}}|{_MOBILE}"),
        # Numbers of 5 to 11 digits have been given out; none starts with 0. Groups are numbered the same way.
        _service("qq", r"[1-9]\d{4,10}"),
        _service("qq_group", r"[1-9]\d{4,10}"),
        # The account is the telephone number.
        _service("whatsapp", r"(?!)", phone=True),
        _service("viber", r"(?!)", phone=True),
        # Signal's user names end in a dot and at least two digits.
        _service("signal", r"[a-z_][a-z0-9_]{2,31}\.\d{2,9}", phone=True),
        # Accounts are found by number; zalo.me also has names for official accounts.
        _service("zalo", r"[a-z0-9][a-z0-9_.]{3,29}", phone=True),
        # Telegram: 5 to 32 letters, digits and _, a letter first, case does not matter.
        _service("telegram", r"[a-z][a-z0-9_]{4,31}", phone=True),
        # LINE: up to 20 small letters, digits, . _ -; official accounts begin with @, which is part of the id.
        _service("line", r"@?[a-z0-9][a-z0-9._\-]{2,19}", phone=True, at=False),
        # KakaoTalk: 4 to 15 letters, digits, . _ -.
        _service("kakaotalk", r"[a-z0-9][a-z0-9._\-]{3,19}", phone=True),
        # Snapchat: 3 to 15, a letter first.
        _service("snapchat", r"[a-z][a-z0-9._\-]{2,14}"),
        # Skype: 6 to 32, a letter first; newer accounts are live: and a name.
        _service("skype", r"live:[a-z0-9._\-]{3,40}|[a-z][a-z0-9._,\-]{5,31}"),
        # Chosen ids of letters, digits, _ - (4 to 20 or so) or the number that every account has.
        _service("kuaishou", rf"{_NICKNAME}{{2,30}}"),
        _service("douyin", r"[a-z0-9_.\-\u4e00-\u9fff]{2,30}"),
        _service("xiaohongshu", r"[a-z0-9_.\-\u4e00-\u9fff]{2,30}"),
        _service("weibo", rf"{_NICKNAME}{{2,30}}"),
        _service("bilibili", rf"{_NICKNAME}{{2,30}}"),
        _service("tieba", rf"{_NICKNAME}{{2,30}}"),
        # Taobao names have 5 to 25 bytes; Xianyu, 1688 and Weidian show names of the same kind.
        _service("taobao", r"[a-z0-9_\-:\u4e00-\u9fff]{2,30}"),
        _service("1688", r"[a-z0-9_\-:\u4e00-\u9fff]{2,30}"),
        _service("xianyu", r"[a-z0-9_\-:\u4e00-\u9fff]{2,30}"),
        _service("weidian", r"[a-z0-9_\-:\u4e00-\u9fff]{2,30}"),
        _service("zhuanzhuan", rf"{_NICKNAME}{{2,30}}"),
        # Facebook: at least 5 letters, digits and dots, or the number of a profile.
        _service("facebook", r"[a-z0-9.\-]{5,50}"),
        # Instagram: up to 30 letters, digits, . and _.
        _service("instagram", r"[a-z0-9_][a-z0-9._]{1,29}"),
        # Twitter: up to 15 letters, digits and _.
        _service("twitter", r"[a-z0-9_]{2,15}"),
        # TikTok: 2 to 24 letters, digits, . and _.
        _service("tiktok", r"[a-z0-9_.]{2,24}"),
        # YouTube: a handle of 3 to 30, or the channel's id, where case matters.
        _service("youtube", r"UC[A-Za-z0-9_\-]{22}|[A-Za-z0-9_.\-]{3,30}", fold=False),
    )
}
# For services that are not listed: a name without spaces.
ANY = _service("", r"[^\s:|]{2,64}")
E164 = re.compile(r"\+[1-9]\d{6,14}")


def rule_of(service: str) -> Service:
    """The rule of a service; a permissive one when it is not listed."""
    return SERVICES.get(service, ANY)
