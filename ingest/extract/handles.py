"""Handles in a folded text: a contact word and the id beside it, or a number that is the id too."""

from __future__ import annotations

import re
from typing import NamedTuple

from graph.values import Handle
from ingest.extract.digits import LETTERS, NUMERALS, digits_in, number_at, without_letters
from ingest.extract.extensions import PhoneHit
from ingest.extract.ids import CONFIDENCE, bare_ids, chinese_name_at, fits, name_at, numbered_at
from ingest.extract.scan import Scan, Word

# Between a contact word and its id; a link that was blanked out (\x00) ends it.
_FILLER = re.compile(
    r"""(?: [^\w\x00+@] | \+(?![\s(]{0,2}\d) | _(?![a-z0-9]) | ❤
    | 号码? | 码 | 账号 | 帐号 | 账户 | 官方(?:账号|号)? | 联系 | 私?聊 | 详聊 | 细聊 | 了解 | 都?就?是 | 一直是?
    | 了(?=:) | 也?可以 | 上 | 也 | 为 | 的 | 我 | 请 | 搜索? | 加 | 添加 | 复制 | 看 | 找 | [搵揾嗌]
    | 就?只有 | 唯一 | 同名 | 同步 | 同 | 名
    | 叫 | 哦 | 喔 | 呀 | 哈 | 啊 | 呢 | 都系 | 在这里? | 在此 | 在下面 | 如下 | 另外
    | 另一个 | 另 | 拆开写 | 分开写 | 分两段 | 也?(?:已经?)?(?:换成|改成|改为|换为|变更为|更新为)了?
    | [跟和与同](?:手机|电话)号?(?:是?一样的?|相同|一致|同号)
    | (?: account | username | handle | contact | same | sama )\b
    | (?<!\d)[1-9](?=\s?:) # 'QQ1: …'
    | (?: id | uid | is | only | add | me | my | number | no | on | at | here | là | es | mình | em | anh | tôi )\b
    | (?: bên\sem | lang | po )\b
    | id(?=[:=]) | lang\spo
    | ค่ะ | ครับ | เก่า | ใหม่ | นะคะ | นะครับ | คะ | ผม | แม่ค้า | พ่อค้า | ร้าน | หนู | ฉัน | ได้ที่ | ที่ | เลย | ส่วนตัว | คือ
    | 아이디[는은]? | ไอดี )*""",
    re.VERBOSE,
)
_LONGEST_FILLER = 14
# Between contact words that share an id ('电话/微信', 'Zalo or WhatsApp').
_CHAIN = re.compile(
    r"[^\S\n]?[/、,&+|·\-~()❤ ]{0,3}(?:或者?|和|与|及|同|就?是|即|也是|=|and|or|y|o|và|hoặc)?[/、,&+|·\-~() ]{0,3}"
)
# Between a number and the words that follow it ('138… (微信同号)', '+84… same number on Zalo').
_LEFT_GAP = re.compile(
    r"[\s(\[【「,;:\-/|~=→>]{0,3}(?:支付宝)?"
    r"(?:同|和|也是|即|就?是我?的?|亦[为是]|也为|亦?可以?加?|都?能加?|均可|加|搜|找|有|带|the )?"
    r"(?:(?:solo|sólo|only|just|chỉ|hanya|เฉพาะ) )?"
    r"(?:same(?: (?:number|no\.?))?(?: on| for)?|also(?: on)?|on|也有|有|có|kèm|dùng|cả)?[\s:]{0,2}"
)
_LONGEST_LEFT_GAP = 20
# A name or a part and a colon: 'WeChat of our Xiaomei: …'.
_LOOSE = re.compile(
    r"[\u4e00-\u9fff,]{1,10}\s?[:→>]\s*|\s?:\s?[\u4e00-\u9fff]{1,4}\s+|\s(?:[a-z']+ ){0,2}[a-z']+:\s*@(?=[a-z])"
)
_ID_LIKE = re.compile(r"[a-z][a-z0-9]*[._\-][a-z0-9._\-]{2,}")
# 'abc_1, abc_2, both are WeChat'.
_ALL_ARE = re.compile(r"(?:都是|均是|均为|全是|都为|都系)我?的?$")
# 'No WhatsApp', '不用微信': the contact behind the word is not there.
_BEFORE_DENIED = frozenset(" 用上玩有没无加走")
_DENIED = re.compile(r"(?:\bno|\bnot on|\bnot use|\bwithout|不用|不上|不玩|(?<!有)没有?|无|不加|勿加|别加|不走)\s*\Z")
# 'WeChat is full', 'not often on WeChat': the number before is not said to be there.
_NEGATED = re.compile(
    r"[号账\s:,]{0,3}(?:已经?|基本|一般|现在|最近|暂时|经常|总|老)?(?:不|没|无|满|已满|被封|封了|登不|加不|用不|停用|勿|别|坏了|很少|少看|少上|少用|丢了|注销)"
)
_BY_NUMBER = frozenset(("wechat", "whatsapp", "viber", "signal", "telegram", "zalo", "line", "kakaotalk"))
_NUMBERED = _BY_NUMBER | {"tel", "qq"}
# A country's code in brackets: '(852) 5123 4567'.
_BRACKETED = re.compile(r"\(\+?\d{1,3}\)[ \-]?\d(?:[ \-]?\d){5,11}(?![\d%])")
_RUNS_ON = re.compile(r"[a-z][a-z0-9_\-]")
# Services on which people write their number without a plus sign.
_INTERNATIONAL = frozenset(("whatsapp", "viber", "signal", "telegram", "zalo"))


# A number of QQ with letters for digits, the most of it digits: '65OOO43l2'.
_LETTERED = re.compile(rf"(?=(?:[{''.join(LETTERS)}]*\d){{4}})[0-9{''.join(LETTERS)}]{{6,11}}(?![a-z0-9_])")
# Versions, prices and dates behind 'QQ'.
_NO_QQ = re.compile(r"\d{1,2}(?:\.\d+)+")
_UNIT_BEHIND = re.compile(r"\s?(?:元|块|万|人|个|只|条|颗|克|斤|件|次|kb|mb)")
_QQ_BEFORE = re.compile(r"(?<![\w.\-/:])(?P<id>[1-9]\d{5,10})\s?(?:\(\s?|就?是我的?\s?|→\s?)\Z")
_DATE = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_ALSO = re.compile(r"\s?(?:[/、,]|或者?|和|or|and)\s?(?=[a-z0-9])")
# Numbers of parcels, by the letters of their carriers (SF Express, JD, YTO, ZTO …) or as S10 of the Universal Postal
# Union has them; no id has so many digits either.
_WAYBILL = re.compile(
    r"(?:sf|sfx|jd|jdv[a-z]?|yt|yto|zt|zto|st|sto|jt|db|ky|yd|ht|ems|cn|lp|dpk|anl)\d{9,}(?:-\d+)*"
    r"|[a-z]{2}\d{9}[a-z]{2}|[a-z]+\d{12,}"
)
# An id may stand right behind or before some words.
_OPENS = re.compile(r"[ :,()\[【→>\n]{0,3}[a-z]")
_CLOSES = re.compile("[a-z0-9]")
# Characters that make a row of digits part of something longer.
_BORDERLESS = re.compile(r"[a-z0-9_@%]")


class HandleHit(NamedTuple):
    """A handle at text[start:end]."""

    start: int
    end: int
    handle: Handle
    confidence: float
    shared: bool = False  # the text says that a number is this id too


def find_handles(text: str, scan: Scan, phones: list[PhoneHit]) -> list[HandleHit]:
    """Handles in the order in which their words stand; a number that is an id too gives a handle at its place."""
    words, place = scan.words, 0
    if not words and not scan.cues and not scan.same:
        return []
    reader = _Reader(text, scan, phones)
    while place < len(words):
        place = reader.read(words, place)
    if scan.same:
        reader.read_same(scan)
    reader.read_bare(scan)
    return reader.found


class _Reader:
    __slots__ = ("found", "phones", "same", "shared", "taken_to", "text", "word_starts", "words")

    def __init__(self, text: str, scan: Scan, phones: list[PhoneHit]) -> None:
        self.text = text
        self.same = dict(scan.same)
        self.words = scan.words
        self.word_starts = {word.start for word in scan.words}
        self.phones = phones
        self.found = list[HandleHit]()
        self.shared = set[int]()
        self.taken_to = 0

    def read(self, words: list[Word], first: int) -> int:
        """Read the id of the chain of contact words that starts at `first`; return the next word's index."""
        if words[first].start < self.taken_to or self._is_denied(words[first].start):
            return first + 1
        last = self._chain_end(words, first)
        if last == first and words[first].service == "tel":
            return last + 1
        chain = words[first : last + 1]
        if all([word.service == "tel" for word in chain]):
            return last + 1
        end, same = self._after_same(chain[-1].end)
        left = self._number_left(chain[0].start)
        if left and same and self._claim(chain, left, same="号" in self.text[chain[-1].end : end]):
            return last + 1
        if right := self._right(chain, end):
            for hit in right:
                self._add(hit)
        elif left and not _NEGATED.match(self.text, end) and not self._other_id(end):
            self._claim(chain, left)
        elif not left:
            self._left_name(chain)
        return last + 1

    def _other_id(self, end: int) -> bool:
        """Something is given right behind the word that is no id of the service: the number before it is not meant."""
        filler = _FILLER.match(self.text, end)
        return _ID_LIKE.match(self.text, filler.end() if filler else end) is not None

    def _is_denied(self, start: int) -> bool:
        """'No WhatsApp', '不用微信'."""
        near = self.text[max(0, start - 12) : start]
        return near[-1:] in _BEFORE_DENIED and _DENIED.search(near) is not None

    def _chain_end(self, words: list[Word], first: int) -> int:
        last = first
        while last + 1 < len(words):
            end, start = words[last].end, words[last + 1].start
            joined = start - end <= 10 and (
                self._are_joined(words[last], words[last + 1]) or self._after_same(end)[0] == start
            )
            if joined and not self._starts_id(words[last + 1]):
                last += 1
            else:
                break
        return last

    def _are_joined(self, word: Word, other: Word) -> bool:
        """A sign or 'and' between them; a blank does for services that go by numbers."""
        if not _CHAIN.fullmatch(self.text, word.end, other.start):
            return False
        between = self.text[word.end : other.start].strip()
        if between and between != ",":
            return True
        # '可走闲鱼，微信…' names two services, '电话，微信…' one number.
        if not between and self._after_same(other.end)[1]:
            return True
        return {word.service, other.service} <= _NUMBERED or word.service == other.service

    def _starts_id(self, word: Word) -> bool:
        """A Latin word that runs on is the beginning of an id: 'wx12345678' after 微信."""
        return bool(_RUNS_ON.match(self.text, word.end - 1))

    def _after_same(self, end: int) -> tuple[int, bool]:
        """Place after 同号 when it follows within a sign or two."""
        if self.same:
            for gap in range(3):
                if end + gap in self.same and not self.text[end : end + gap].strip(" (),:"):
                    self.shared.add(end + gap)
                    return self.same[end + gap], True
        return end, False

    def _number_left(self, start: int) -> PhoneHit | None:
        for hit in reversed(self.phones):
            if hit.end <= start:
                near = start - hit.end <= _LONGEST_LEFT_GAP
                return hit if near and _LEFT_GAP.fullmatch(self.text, hit.end, start) else None
        return None

    def _claim(self, chain: list[Word], number: PhoneHit, *, same: bool = False) -> bool:
        """Take the number for the id on the services of the chain; whether one of them has such ids."""
        claimed = False
        for word in chain:
            if handle := _by_number(word.service, number) or (_same_number(word.service, number) if same else None):
                sure = 0.9 if word.strength == "strong" else 0.8
                self._add(HandleHit(number.start, number.end, handle, sure, same))
                claimed = True
        return claimed

    def _right(self, chain: list[Word], end: int) -> list[HandleHit]:
        filler = _FILLER.match(self.text, end)
        start = filler.end() if filler else end
        if "," in self.text[end:start] and self._is_next_words(start, chain):
            return []  # '可以上闲鱼，QQ812345678': the id is the next word's
        if (loose := _LOOSE.match(self.text, end)) and (hits := self._named_after(chain, loose.end())):
            return hits
        if start - end > _LONGEST_FILLER or start > end and not self.word_starts.isdisjoint(range(end, start)):
            return []
        between = self.text[end:start]
        hits = [hit for word in chain if word.service != "tel" and (hit := self._id_at(word, start, between))]
        return hits + self._also(chain, hits)

    def _is_next_words(self, start: int, chain: list[Word]) -> bool:
        after = next((word for word in self.words if word.start == start), None)
        return after is not None and after not in chain and self.text[after.end : after.end + 1] not in ("_", "-")

    def _named_after(self, chain: list[Word], start: int) -> list[HandleHit]:
        """'微信售后小美：abc_123': a name and a colon between, so that the id must look like one."""
        read = next(bare_ids(self.text, start=start), None)
        if not read or read[0] != start or start in self.word_starts:
            return []
        hits = list[HandleHit]()
        for word in chain:
            handle = Handle.clean(word.service, self.text[start : read[1]]) if word.strength != "weak" else None
            if handle and word.service not in ("tel", "qq", "qq_group"):
                hits.append(HandleHit(start, read[1], handle, 0.8))
        return hits

    def _also(self, chain: list[Word], hits: list[HandleHit]) -> list[HandleHit]:
        """The other ids of 'abc12345/xyz98765/…'."""
        more, end = list[HandleHit](), hits[0].end if len(hits) == 1 else -1
        while end >= 0 and (sign := _ALSO.match(self.text, end)) and sign.end() not in self.word_starts:
            word = next(word for word in chain if word.service == hits[0].handle.service)
            other = self._id_at(word, sign.end(), "")
            end = -1
            if other and other.start >= sign.end() and any(c.isdigit() for c in other.handle.value):
                more.append(other)
                end = other.end
        return more

    def _id_at(self, word: Word, start: int, between: str) -> HandleHit | None:
        sign = self.text[start : start + 1]
        number = self._number_at(start) if self.phones else None
        if not number and sign and sign in "+(":
            number = self._number_at(start + 1)
        if number and (handle := _by_number(word.service, number)):
            return HandleHit(number.start, number.end, handle, CONFIDENCE[word.strength])
        if word.service in ("qq", "qq_group"):
            return self._qq_at(word, start, between)
        if word.service in _INTERNATIONAL and (hit := self._without_plus(word, start)):
            return hit
        return self._name_at(word, start, between)

    def _number_at(self, start: int) -> PhoneHit | None:
        return next((hit for hit in self.phones if hit.start == start), None)

    def _name_at(self, word: Word, start: int, between: str) -> HandleHit | None:
        if self.text[start : start + 1] == "@" and word.service != "line":
            start, between = start + 1, between + "@"
        elif not between and self.text.startswith("id", start) and not self.text[word.end - 1].isascii():
            start, between = start + 2, "id"  # '快手IDabc_1'
        read = name_at(self.text, word.service, start) or numbered_at(self.text, word.service, start)
        if read and fits(self.text, word, read, between) and (handle := Handle.clean(word.service, read.value)):
            return HandleHit(start, read.end, handle, CONFIDENCE[word.strength])
        named = chinese_name_at(self.text, word)
        handle = Handle.clean(word.service, named.value) if named else None
        return HandleHit(named.start, named.end, handle, 0.7) if named and handle else None

    def _qq_at(self, word: Word, start: int, between: str) -> HandleHit | None:
        start += self.text[start : start + 1] == "+"
        digits, end = number_at(self.text, start)
        if lettered := _LETTERED.match(self.text, start):
            digits, end = without_letters(lettered[0]), lettered.end()
        after = self.text[end : end + 1]
        if not 5 <= len(digits) <= 11 or after in NUMERALS or _BORDERLESS.fullmatch(after):
            return None
        if word.strength != "strong" and len(digits) < 6 and not between.strip():
            return None
        if _NO_QQ.match(self.text[start:end]) or _UNIT_BEHIND.match(self.text, end):
            return None
        if _DATE.fullmatch(self.text[start:end]) and not between.strip():
            return None
        handle = Handle.clean(word.service, digits)
        return HandleHit(start, end, handle, CONFIDENCE[word.strength]) if handle else None

    def _without_plus(self, word: Word, start: int) -> HandleHit | None:
        start -= self.text[start - 1 : start] == "("
        bracketed = _BRACKETED.match(self.text, start)
        digits, end = (digits_in(bracketed[0]), bracketed.end()) if bracketed else number_at(self.text, start)
        if not 10 <= len(digits) <= 15 or digits[0] == "0":
            return None
        handle = Handle.clean(word.service, "+" + digits)
        return HandleHit(start, end, handle, 0.8) if handle else None

    def _left_name(self, chain: list[Word]) -> None:
        """An id before its word: 'abc12345（微信）', 'abc12345是我微信'."""
        word = chain[0]
        if word.service in ("qq", "qq_group"):
            self._left_qq(word)
        if word.strength == "weak" or word.service in ("qq", "qq_group", "tel"):
            return
        listed = _ALL_ARE.search(self.text, max(0, word.start - 4), word.start)
        place = listed.start() if listed else word.start
        for start, end in bare_ids(self.text, place, tight=not listed, listed=bool(listed)):
            handle = Handle.clean(word.service, self.text[start:end])
            if handle and start >= self.taken_to:
                self._add(HandleHit(start, end, handle, 0.7))

    def _left_qq(self, word: Word) -> None:
        """'812345678（QQ）', '812345678是我的QQ'."""
        number = _QQ_BEFORE.search(self.text, max(0, word.start - 20), word.start)
        handle = Handle.clean(word.service, number["id"]) if number and number.start("id") >= self.taken_to else None
        if number and handle:
            self._add(HandleHit(*number.span("id"), handle, 0.7))

    def read_same(self, scan: Scan) -> None:
        """'138… 同号' without a service: on WeChat."""
        for start, end in scan.same:
            if start not in self.shared and self._is_wechats(start, end) and (hit := self._number_left(start)):
                handle = _by_number("wechat", hit)
                if handle and not any(h.start == hit.start for h in self.found):
                    self._add(HandleHit(hit.start, hit.end, handle, 0.75))

    def _is_wechats(self, start: int, end: int) -> bool:
        """'同号' and '可V可电' mean WeChat where no service is named."""
        return self.text[end - 1] == "号" or self.text[start] == "可"

    def read_bare(self, scan: Scan) -> None:
        """Ids without a contact word, where only words such as 'contact' or 'middleman' stand beside them.

        They are WeChat's, unless the text names ids of one other service.
        """
        opened = {word.end for word in scan.words if word.service == "tel" and word.strength == "medium"}
        opened.update([cue.end for cue in scan.cues if cue.side != "before"])
        closed = {cue.start for cue in scan.cues if cue.side == "before" or cue.role == "warning"}
        opened = {place for place in opened if _OPENS.match(self.text, place)}
        closed = {place for place in closed if _CLOSES.search(self.text, max(0, place - 2), place)}
        if not (opened or closed) or not (tokens := list(bare_ids(self.text))):
            return
        spans = [(h.start, h.end) for h in self.found] + [(p.start, p.end) for p in self.phones]
        taken = {place for span in spans for place in range(*span)}
        services = {hit.handle.service for hit in self.found} - _BY_NUMBER - {"qq", "qq_group"}
        service = services.pop() if len(services) == 1 else "wechat"
        for start, end in tokens:
            if not taken.isdisjoint(range(start, end)) or _WAYBILL.fullmatch(self.text, start, end):
                continue
            beside = opened & set(range(_before_signs(self.text, start), start + 1)) or closed & {end, end + 1}
            if beside and (handle := Handle.clean(service, self.text[start:end])):
                self._add(HandleHit(start, end, handle, 0.6))

    def _add(self, hit: HandleHit) -> None:
        self.found.append(hit)
        self.taken_to = max(self.taken_to, hit.end)


def _before_signs(text: str, start: int) -> int:
    """Where the blanks and signs, three at most, before a place begin."""
    first = start
    while first > max(0, start - 3) and text[first - 1] in " :,()[【→>\n":
        first -= 1
    return first


def _same_number(service: str, number: PhoneHit) -> Handle | None:
    """The id on a service of which the text says that it is the number ('抖音同号')."""
    if service == "tel" or not number.phone.number.startswith("+861"):
        return None
    return Handle.clean(service, number.phone.number.removeprefix("+86"))


def _by_number(service: str, number: PhoneHit) -> Handle | None:
    """The handle of a service whose accounts are found by number."""
    if service not in _BY_NUMBER or number.phone.kind == "hotline":
        return None
    value = number.phone.number
    return Handle.clean(service, value.removeprefix("+86") if service == "wechat" else value)
