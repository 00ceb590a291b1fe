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


# Beside each rule stands where it is from: a service's own help page where it has one, else what its registration form
# accepts or its addresses hold. Rules are a little wider than today's forms, since old accounts keep their names.
SERVICES: dict[str, Service] = {
    rule.slug: rule
    for rule in (
        # kf.qq.com, "微信号设置规则": 6 to 20 letters, digits, _ and -, a letter first; wxid_ is what an account has
        # before its owner chooses an id; gh_ and 12 hex digits is a public account. Mobile numbers find friends too.
        _service("wechat", rf"wxid_[a-z0-9]{{8,24}}|[a-z][a-z0-9_\-]{{5,19}}|{_MOBILE}"),
        # Numbers of 5 to 11 digits have been given out (im.qq.com); none starts with 0. Groups are numbered alike.
        _service("qq", r"[1-9]\d{4,10}"),
        _service("qq_group", r"[1-9]\d{4,10}"),
        # The account is the telephone number (faq.whatsapp.com, help.viber.com).
        _service("whatsapp", r"(?!)", phone=True),
        _service("viber", r"(?!)", phone=True),
        # support.signal.org, "Phone Number Privacy and Usernames": 3 to 32, no digit first, a dot, two digits or more.
        _service("signal", r"[a-z_][a-z0-9_]{2,31}\.\d{2,9}", phone=True),
        # Accounts are found by number; addresses at zalo.me hold numbers, or names of official accounts.
        _service("zalo", r"[a-z0-9][a-z0-9_.]{3,29}", phone=True),
        # core.telegram.org, account.checkUsername: 5 to 32 letters, digits and _, a letter first, case does not matter.
        _service("telegram", r"[a-z][a-z0-9_]{4,31}", phone=True),
        # help.line.me: up to 20 small letters, digits, . _ -; official accounts begin with @, which is part of the id.
        _service("line", r"@?[a-z0-9][a-z0-9._\-]{2,19}", phone=True, at=False),
        # KakaoTalk's form: 4 to 15 letters, digits, . _ -; older ones up to 20.
        _service("kakaotalk", r"[a-z0-9][a-z0-9._\-]{3,19}", phone=True),
        # help.snapchat.com: 3 to 15 letters, digits, one of - _ . inside, a letter first, a letter or digit last.
        _service("snapchat", r"[a-z](?!.*[._\-]{2})[a-z0-9._\-]{1,13}[a-z0-9]"),
        # support.skype.com: 6 to 32, a letter first; newer accounts are live: and a name.
        _service("skype", r"live:[a-z0-9._\-]{3,40}|[a-z][a-z0-9._,\-]{5,31}"),
        # Kuaishou's form: a chosen id of letters, digits, _ - or the number that every account has; display names too.
        _service("kuaishou", rf"{_NICKNAME}{{2,30}}"),
        # Douyin's form: up to 16 letters, digits, _ . ; given numbers of 8 to 11 digits; display names too.
        _service("douyin", r"[a-z0-9_.\-\u4e00-\u9fff]{2,30}"),
        # Xiaohongshu's form: 6 to 15 letters, digits, _ ; given numbers of 9 to 11 digits; display names too.
        _service("xiaohongshu", r"[a-z0-9_.\-\u4e00-\u9fff]{2,30}"),
        # Weibo's form: names of 4 to 30 bytes of letters, digits, _ -, Chinese characters; numbers of 10 digits.
        _service("weibo", rf"{_NICKNAME}{{2,30}}"),
        # space.bilibili.com holds the number; names of 2 to 16 characters.
        _service("bilibili", rf"{_NICKNAME}{{2,30}}"),
        _service("tieba", rf"{_NICKNAME}{{2,30}}"),
        # Taobao's form: names of 5 to 25 bytes; Xianyu, 1688 and Weidian show names of the same kind, or numbers.
        _service("taobao", r"[a-z0-9_\-:\u4e00-\u9fff]{2,30}"),
        _service("1688", r"[a-z0-9_\-:\u4e00-\u9fff]{2,30}"),
        _service("xianyu", r"[a-z0-9_\-:\u4e00-\u9fff]{2,30}"),
        _service("weidian", r"[a-z0-9_\-:\u4e00-\u9fff]{2,30}"),
        _service("zhuanzhuan", rf"{_NICKNAME}{{2,30}}"),
        # facebook.com/help, "Guidelines for creating a custom username": at least 5 letters, digits and dots;
        # pages have a name, - and a number; profile.php?id= has the number.
        _service("facebook", r"[a-z0-9.\-]{5,50}"),
        # help.instagram.com: up to 30 letters, digits, . and _; no dot first or last, no two in a row.
        _service("instagram", r"(?!.*\.\.)[a-z0-9_][a-z0-9._]{0,28}[a-z0-9_]"),
        # help.x.com, "X username rules": 4 to 15 letters, digits and _; accounts of the first years have shorter ones.
        _service("twitter", r"[a-z0-9_]{2,15}"),
        # support.tiktok.com: 2 to 24 letters, digits, . and _; no dot last.
        _service("tiktok", r"[a-z0-9_.]{1,23}[a-z0-9_]"),
        # support.google.com/youtube, "Handles overview": 3 to 30 letters, digits, . _ -; or the channel's id, where
        # case matters.
        _service("youtube", r"UC[A-Za-z0-9_\-]{22}|[A-Za-z0-9_.\-]{3,30}", fold=False),
    )
}
# For services that are not listed: a name without spaces.
ANY = _service("", r"[^\s:|]{2,64}")
E164 = re.compile(r"\+[1-9]\d{6,14}")


def rule_of(service: str) -> Service:
    """The rule of a service; a permissive one when it is not listed."""
    return SERVICES.get(service, ANY)
