"""E-mail addresses and links in a folded text."""

from __future__ import annotations

import re
from typing import NamedTuple

from graph.values import Email, Handle, Link
from ingest.extract.normalise import Normal

_EMAIL = re.compile(
    r"(?<![a-z0-9._%+\-])[a-z0-9](?:[a-z0-9._%+\-]{0,62}[a-z0-9_\-+])?@(?:[a-z0-9\-]{1,63}\.)+"
    r"(?!(?:png|jpe?g|gif|webp|svg|bmp|mp4|css|js)(?![a-z0-9]))[a-z]{2,24}(?![a-z0-9@])"
)
# Sites' names end in one of these when they are written without https:// or www.
_ENDINGS = (
    "com|cn|net|org|me|cc|top|vip|shop|xyz|info|biz|site|store|online|club|wang|link|live|asia|mobi|ltd|co|io|tv|app|ly|gl|gd|ee|at|be|is|id|vn|th|my"
    "|hk|tw|sg|jp|kr|in|ru|uk|de|fr|es|it|us|ca|au|nz|mx|br|ar|pro|page|dev|example|test"
)
_PATH = r"[!#$%&*+,\-./0-9:;=?@a-z_~|()]"
_LINK = re.compile(
    rf"(?:h(?:tt|xx)ps?:(?://|\\\\)(?:[\w\-\u4e00-\u9fff]+\.)+[\w\-\u4e00-\u9fff]+(?::\d{{1,5}})?(?:[/?#]{_PATH}*)?)"
    rf"|(?<![a-z0-9@._\-])(?:[a-z0-9][a-z0-9\-]{{0,62}}\.){{1,4}}(?:{_ENDINGS})(?![a-z0-9\-@]|\.[a-z0-9])(?::\d{{2,5}})?(?:[/?#]{_PATH}*)?"
)
# In the ASCII characters of a text alone, which are few in most.
_MAYBE_LINK = re.compile(rf"\.(?:{_ENDINGS})|:(?://|\\\\)".encode())
# Addresses that open an app, (pattern of what follows ://, service); the group is the number or the name.
_APPS: dict[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    "whatsapp": ((re.compile(r"send/?\?(?:\S*&)?phone=(?:%2b|\+)?(\d{7,15})"), "whatsapp"),),
    "viber": ((re.compile(r"(?:chat|contact|add)/?\?number=(?:%2b|\+)?(\d{7,15})"), "viber"),),
    "tg": (
        (re.compile(r"resolve/?\?(?:\S*&)?phone=(\d{7,15})"), "telegram"),
        (re.compile(r"resolve/?\?(?:\S*&)?domain=([a-z]\w{4,31})"), "telegram"),
    ),
    "line": (
        (re.compile(r"(?:r/)?ti/p/~([\w.\-]{3,20})"), "line"),
        (re.compile(r"(?:r/)?ti/p/(@[\w.\-]{3,20})"), "line"),
    ),
    "snapchat": ((re.compile(r"add/([\w.\-]{3,15})"), "snapchat"),),
    "instagram": ((re.compile(r"user\?username=([\w.]{2,30})"), "instagram"),),
    "mqqwpa": ((re.compile(r"im/chat\?(?:\S*&)?uin=([1-9]\d{4,10})"), "qq"),),
}
_APP = re.compile(rf"(?<![a-z])(?P<app>{'|'.join(_APPS)})://")
_TRAILING = ".,;:!?'\"|*~"
# Named alone, without a path, these are brands and not addresses of anybody.
_FILE_NAMES = re.compile(r"\.(?:jpe?g|png|gif|mp4|pdf|docx?|xlsx?|txt|zip)$")


# An e-mail address whose @ or dot is put in words.
# It begins with one set of characters, which the matcher searches for; what follows looks back at the one it found.
_AT = re.compile(
    r"[(\[{<艾圈\s@点q#*&$^](?:(?<=[(\[{<])\s?(?:at|a|@|ät|собака|アット|arroba)\s?[)\]}>]|(?<=艾)特|(?<=圈)a|(?<=\s)(?:at\s|arroba\s|@)"
    r"|(?<=@) |(?<=点)c|(?<=q)邮箱|(?<=[#*&$^])\s?[a-z0-9]+\.)"
)
_WITH_PASSWORD = re.compile(r"://[^\s/@]*\Z")
_LONGEST_NAME = 64
_MAYBE_AT = re.compile(rb"[(\[{<]\s?(?:a|@|t?\s?[)\]}>])|\s(?:at\s|arroba\s|@)|@ |[#*&$^]\s?[a-z0-9]+\.")
_DOT = re.compile(r"\s*(?:[(\[{<]\s?(?:dot|\.)\s?[)\]}>]|\sdot\s|\spunto\s|点)\s*|\s*\.\s*")
_HIDDEN_EMAIL = re.compile(
    r"(?<![a-z0-9._%+\-])(?P<name>[a-z0-9][a-z0-9._%+\-]{1,62}(?: dot [a-z0-9_\-]{1,30}){0,3})\s*"
    r"(?P<at>[(\[{<]\s?(?:at|a|@|ät|собака|アット|arroba)\s?[)\]}>]|艾特|圈a|\sat\s|\sarroba\s|@)\s*"
    r"(?P<host>[a-z0-9\-]{1,40}(?:(?:\s*(?:[(\[{<]\s?(?:dot|\.)\s?[)\]}>]|\sdot\s|\spunto\s|点)\s*|\s?\.\s?)[a-z0-9\-]{1,20}){0,2}"
    r"(?:\s*(?:[(\[{<]\s?(?:dot|\.)\s?[)\]}>]|\sdot\s|\spunto\s|点)\s*|\s?\.\s?)(?:com|cn|net|org|example|edu|vn|th|id|tw|hk|me|io))(?![a-z0-9/])"
)
# 'Find me at facebook.com' names a site: a plain 'at' makes an address where the dot is in words too, or the host
# is one that gives out mailboxes.
_MAIL_HOST = re.compile(
    r"(?:gmail|googlemail|yahoo|ymail|hotmail|outlook|live|msn|icloud|proton|protonmail|aol|gmx|zoho|yandex|mail|qq|foxmail"
    r"|163|126|yeah|sina|sohu|139|189|aliyun|naver|daum|hanmail)\.[a-z.]{2,10}"
)
# 'abc#163.com': another sign for @, before such a host only.
_OTHER_SIGN = re.compile(
    r"(?<![a-z0-9._%+\-])(?P<name>[a-z0-9][a-z0-9._\-]{2,40})\s?[#*&$^]\s?"
    rf"(?P<host>{_MAIL_HOST.pattern})(?![a-z0-9\-/])"
)
# 'a b c @ 1 2 6 . c o m'
_SPACED_MAIL = re.compile(
    r"(?<![a-z0-9] )(?<![a-z0-9])[a-z0-9](?: [a-z0-9._\-]){2,30} @(?: [a-z0-9.\-]){4,30}(?! ?[a-z0-9])"
)
_PLAIN_DOT = re.compile(r"\s?\.\s?")
_MAIL_WORD = re.compile(r"mail|邮箱|correo|contact|write|reach")
_MAIL_WORD_REACH = 30
_NAME_OF_MAILBOX = re.compile(r"[\d._\-+]")
_NO_MAILBOX = frozenset(
    ("me", "us", "it", "is", "are", "look", "find", "contact", "reach", "shop", "store", "here", "now", "only")
)
_QQ_MAIL = re.compile(r"q\s?q?邮箱[^\w\n]{0,3}(?P<name>[1-9]\d{4,10})(?![\d@.])")


class Found(NamedTuple):
    """A value at text[start:end]."""

    start: int
    end: int
    value: Email | Link | Handle


def find_links(normal: Normal) -> list[Found]:
    """E-mails, links and the handles that links name, in the order of the text."""
    text = normal.text
    plain = text.encode("ascii", "ignore")
    hidden = _MAYBE_AT.search(plain) or "特" in text or "圈" in text or "点" in text or "邮箱" in text
    found = _hidden_emails(text) if hidden and _AT.search(text) else []
    if not _MAYBE_LINK.search(plain) and "@" not in text:
        return _without_overlaps(found)
    if "://" in text:
        found += _app_addresses(text)
    if "@" in text:
        for match in _EMAIL.finditer(text):
            email = Email.clean(match[0])
            # 'https://name:word@host' is an address of the web.
            if email and not _WITH_PASSWORD.search(text, max(0, match.start() - _LONGEST_NAME), match.start()):
                found.append(Found(match.start(), match.end(), email))
    taken = [(hit.start, hit.end) for hit in found]
    for match in _LINK.finditer(text):
        start, end = match.start(), _end_of(text, match)
        if any(start < b and a < end for a, b in taken):
            continue
        found.extend(_links_at(normal, start, end))
    return _without_overlaps(found)


def _without_overlaps(found: list[Found]) -> list[Found]:
    """In the order of the text; of two that overlap the first, the longer, unless they are one place's."""
    kept = list[Found]()
    for hit in sorted(found, key=_place):
        if not kept or hit.start >= kept[-1].end or (hit.start, hit.end) == (kept[-1].start, kept[-1].end):
            kept.append(hit)
    return kept


def _place(hit: Found) -> tuple[int, int]:
    return hit.start, -hit.end


def _app_addresses(text: str) -> list[Found]:
    """'whatsapp://send?phone=…', 'tg://resolve?domain=…': the handle that they open."""
    found = list[Found]()
    for app in _APP.finditer(text):
        for pattern, service in _APPS[app["app"]]:
            if match := pattern.match(text, app.end()):
                value = f"+{match[1]}" if match[1].isdigit() and service != "qq" else match[1]
                if handle := Handle.clean(service, value):
                    found.append(Found(app.start(), match.end(), handle))
    return found


def _hidden_emails(text: str) -> list[Found]:
    """'abc (at) mail . example', 'abc艾特qq点com', 'QQ邮箱123456'."""
    found = list[Found]()
    for match in _HIDDEN_EMAIL.finditer(text):
        host = re.sub(r"[\s(\[\])]", "", _DOT.sub(".", match["host"]))
        name = match["name"].replace(" dot ", ".")
        if match["at"].strip() in ("at", "arroba"):
            in_words = not _PLAIN_DOT.search(match["host"])
            if name in _NO_MAILBOX or not (in_words or _MAIL_HOST.fullmatch(host)):
                continue
            said = _MAIL_WORD.search(text, max(0, match.start() - _MAIL_WORD_REACH), match.start())
            if not (in_words or said or _NAME_OF_MAILBOX.search(name)):
                continue  # 'price at gmail.com'
        if email := Email.clean(f"{name}@{host}"):
            found.append(Found(match.start(), match.end(), email))
    for match in _SPACED_MAIL.finditer(text):
        if email := Email.clean(match[0].replace(" ", "")):
            found.append(Found(match.start(), match.end(), email))
    for match in _OTHER_SIGN.finditer(text):
        if email := Email.clean(f"{match['name']}@{match['host'].rstrip('.')}"):
            found.append(Found(match.start(), match.start("host") + len(match["host"].rstrip(".")), email))
    for match in _QQ_MAIL.finditer(text):
        if email := Email.clean(f"{match['name']}@qq.com"):
            found.append(Found(*match.span("name"), email))
    return found


def _links_at(normal: Normal, start: int, end: int) -> list[Found]:
    written = _as_written(normal, start, end)
    link = Link.clean(re.sub(r"^hxxp", "http", written, flags=re.IGNORECASE).replace(":\\\\", "://"))
    owner = link.owner() if link else None
    if link is None or not owner and not _is_address(normal.text[start:end]):
        return []
    return [Found(start, end, link), *([Found(start, end, owner)] if owner else [])]


def _as_written(normal: Normal, start: int, end: int) -> str:
    """The address with its letters in the case as captured, which paths keep."""
    first, last = normal.span(start, end)
    original = normal.captured[first:last]
    if original.isascii():
        return original
    cased = list[str]()
    for place in range(start, end):
        first, last = normal.span(place, place + 1)
        letter = normal.text[place]
        cased.append(letter.upper() if normal.captured[first:last].isupper() and len(letter.upper()) == 1 else letter)
    return "".join(cased)


def _end_of(text: str, match: re.Match[str]) -> int:
    """Without punctuation that ends the sentence, or a bracket that was opened before the address."""
    end = match.end()
    while end > match.start() and (text[end - 1] in _TRAILING + "(" or _unopened(text, match.start(), end)):
        end -= 1
    return end


def _unopened(text: str, start: int, end: int) -> bool:
    return text[end - 1] == ")" and text.count("(", start, end) < text.count(")", start, end)


def _is_address(written: str) -> bool:
    """A scheme, www. or a path; a bare name such as 'taobao.com' is a brand."""
    if "://" in written or written.startswith("www."):
        return True
    path = written.partition("/")[2]
    return bool(path) and not _FILE_NAMES.search(written.partition("/")[0])
