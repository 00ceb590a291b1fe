"""Telephone numbers in a folded text: mainland mobiles in any writing, landlines, hotlines, other countries'."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache

from graph.values import Phone, is_mobile_prefix
from ingest.extract.breaks import gaps_in, is_break, is_card, is_code, is_decimal, is_fraction, sizes_in
from ingest.extract.digits import Run, runs
from ingest.extract.extensions import PhoneHit, is_extension, with_extension
from ingest.extract.refusals import Refusals
from ingest.extract.scan import JOINING, Scan

# A word that introduces a number stands at most this many characters before it.
_CUE_REACH = 8
# A number may touch the Latin words of these ('tel138…', 'vx138…'); 'ks138…' is a model.
_GLUED = frozenset(("tel", "wechat", "qq", "whatsapp", "zalo", "viber"))
# Services whose accounts are numbers with their country's code.
_INTERNATIONAL = frozenset(("whatsapp", "viber", "signal", "telegram"))
_REGIONAL_REACH = 14
_REGIONAL_GAP = re.compile(
    r"[\s:.,()\-#/]*(?:me|at|us|on|no\.?|number|num|号码?|是|ที่|เบอร์|số|nomor|al|ke|ngay)?[\s:.,()\-]*"
)
_CURRENCY = "¥$€£฿₫₩"
_UNITS = re.compile(
    r"\s*(?:元|块|型号机|万|次|克|g\b|kg|斤|人|件|个|只|条|颗|张|播放|浏览|阅读|粉丝|平方|平米|箱|[×x*]\d|在看|赞|rmb|usd|vnd|đ|฿|%|年|月|日)"
)
# Of units behind a blank only those that begin no other word.
_SPACED_UNITS = re.compile(
    r"\s+(?:型号机|人次|平方|平米|箱(?![\u4e00-\u9fff])|元整?(?![\u4e00-\u9fff])|克(?![\u4e00-\u9fff])|毫米|厘米|公分|期(?![\u4e00-\u9fff])|đồng|บาท|ครั้ง|ชิ้น"
    r"|(?:mm|cm|kg|g|rmb|usd|vnd|views?|likes?|plays|followers|fans|pieces|pcs|sold|reads|dollars|euros?|pesos|orang|kali)\b)"
)
# How people break an eleven-digit mobile; other breaks need a word before the number.
_MOBILE_BREAKS = frozenset(
    (
        (11,),
        (3, 4, 4),
        (3, 8),
        (4, 3, 4),
        (3, 3, 5),
        (7, 4),
        (4, 4, 3),
        (5, 6),
        (3, 2, 2, 2, 2),
        (1, 2, 4, 4),
        (3, 4, 2, 2),
    )
)
# Letters that only one country's language has.
_SCRIPTS = (
    ("VN", re.compile("[đơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")),
    ("TH", re.compile("[\u0e01-\u0e4e]")),
    ("KR", re.compile("[\uac00-\ud7a3]")),
    ("JP", re.compile("[\u3041-\u30fa]")),
)
# Of numbers without a plus sign in mainland China: mobiles, area codes and 00, 400 lines, 86 and 800 lines.
_FIRST_DIGITS = frozenset("1048")
_OTHER_SCRIPT = re.compile("(?<=d)n|(?<=n)d")
_CODE = re.compile(r"(?<=\+)[1-9]\d{0,2}|(?<=\+\s)[1-9]\d{0,2}")
_UNIT_STARTS = frozenset("元块型万次克斤人件个只条颗张播浏阅粉赞年月日%đ฿平箱在×x*")
_SPOKEN = re.compile("[đơưạ-ỹ\u0e01-\u0e4e\u3041-\u30fa\uac00-\ud7a3]")
_CHINESE = re.compile("[\u4e00-\u9fff]")
# United States, Mexico, Colombia; Spain; Mexico's large cities; Colombia.
_NATIONAL_BREAKS = frozenset(((3, 3, 4), (3, 3, 3), (3, 2, 2, 2), (2, 4, 4), (3, 7)))
_LONGEST_NATIONAL = 10
# '1-800-555-0199'
_AMERICAN = (1, 3, 3, 4)
# Codes of the North American lines that cost the caller nothing.
_TOLL_FREE = frozenset(("800", "888", "877", "866", "855", "844", "833", "822"))
# '98101-1234', a postal code of the United States.
_ZIP = (5, 4)
_HOTLINE_BREAKS = frozenset(((3, 3, 4), (3, 4, 3), (4, 3, 3), (4, 6), (3, 7), (4, 2, 4)))


def find_phones(text: str, scan: Scan, regions: tuple[str, ...]) -> list[PhoneHit]:
    """Valid numbers, in the order of the text."""
    found, reader = list[PhoneHit](), None
    for run in runs(text):
        reader = reader or _Reader(text, scan, regions)
        found.extend(reader.read(run))
    return found


class _Reader:
    """Reads the numbers of one text."""

    __slots__ = ("foreign", "given", "mainland", "refusals", "regions", "scan", "text", "word_ends")

    def __init__(self, text: str, scan: Scan, regions: tuple[str, ...]) -> None:
        self.text = text
        self.scan = scan
        self.word_ends = [word.end for word in scan.words]
        if scan.same:
            self.word_ends = sorted(self.word_ends + [end for _, end in scan.same])
        self.refusals = Refusals(text, scan)
        self.mainland, self.regions = _apart(regions)
        self.given = {*self.regions}
        spoken = {region for region, script in _SCRIPTS if script.search(text)} if _SPOKEN.search(text) else set[str]()
        if scan.regions or spoken or "+" in text:
            self.given |= spoken
            hinted = sorted(scan.regions | spoken | _of_codes(text))
            self.regions = tuple([r for r in dict.fromkeys((*self.regions, *hinted)) if r != "CN"])
        self.foreign = bool(self.regions) and not _CHINESE.search(text)

    def read(self, run: Run) -> list[PhoneHit]:
        found, reached, last = list[PhoneHit](), 0, len(run.digits) - 7
        for index in self._starts(run):
            if reached <= index <= last:
                hit, after = self._at(run, index)
                if hit:
                    hit = with_extension(self.text, hit)
                    found.append(hit)
                    reached = after
                    while reached < len(run.digits) and run.places[reached] < hit.end:
                        reached += 1
        return found

    def _at(self, run: Run, index: int) -> tuple[PhoneHit | None, int]:
        rest = run.digits[index:]
        plus = self._plus(run, index)
        if not plus and not self.regions and rest[0] not in _FIRST_DIGITS:
            return None, index
        skip = 2 if rest.startswith("86") else 4 if rest.startswith("0086") else 0
        if plus and not skip and self._foreign_plus(run, index) and (found := self._international(run, index, plus)):
            return found
        if (self.mainland or plus or skip) and (hit := self._mobile(run, index, index + skip, plus)):
            return hit, index + skip + 11
        if (plus or rest.startswith("00") or skip == 2 and index + 2 in run.gaps) and (
            found := self._international(run, index, plus)
        ):
            return found
        # '0812-3746-915' is a landline of Panzhihua, but not in a text that speaks of Indonesia in no Chinese word.
        if self.foreign and (found := self._regional(run, index)):
            return found
        if self.mainland and (found := self._fixed(run, index)):
            return found
        return self._regional(run, index) or (None, index)

    def _foreign_plus(self, run: Run, index: int) -> bool:
        """'+1 503 555 0138' is American, '➕13800001234' says 'add' to who reads Chinese."""
        if index + 1 in run.gaps or not _CHINESE.search(self.text):
            return True
        start = run.places[index]
        return any(start - _CUE_REACH <= w.end <= start and w.service in _INTERNATIONAL for w in self.scan.words)

    def _mobile(self, run: Run, first: int, index: int, plus: int) -> PhoneHit | None:
        digits = run.digits[index : index + 11]
        if len(digits) < 11 or digits[0] != "1" or digits[1] < "3" or not self._ends(run, index + 11):
            return None
        if not is_mobile_prefix(digits[:5]) or self.refusals.before(run.places[first]):
            return None
        sizes = sizes_in(run, index, index + 11)
        if self.refusals.behind(run.end_of(index + 11)):
            return None
        cued = self._cued(run, first)
        if index and (len(sizes) > 1 and is_card(run, index, sizes) or is_decimal(run, index) or is_code(run, first)):
            return None
        plain = run.scripts.count("d", index, index + 11) == 11
        if sizes == _AMERICAN and digits[1:4] in _TOLL_FREE:
            return None
        broken_so = sizes in _MOBILE_BREAKS and is_break(gaps_in(run, index, index + 11))
        if plain and not cued and not broken_so and not self._strewn(run, index, sizes):
            return None
        start = plus - 1 if plus and first != index else run.places[first]
        start = self._bracket(start, run, index)
        letters = not plain and "l" in run.scripts[index : index + 11]
        return PhoneHit(start, run.end_of(index + 11), Phone.mainland(digits), 0.85 if letters else 0.98)

    def _bracket(self, start: int, run: Run, index: int) -> int:
        """Include the bracket of '(86)138…' and the plus before."""
        if start and self.text[start - 1] == "(" and ")" in self.text[start : max(run.places[index], start + 6)]:
            start -= 1
        return start

    def _strewn(self, run: Run, index: int, sizes: tuple[int, ...]) -> bool:
        """One digit a group, or the same sign (no blank) at every break: somebody hides a number."""
        if sizes == _AMERICAN:
            return False
        gaps = gaps_in(run, index, index + 11)
        if gaps == {"."} and len(sizes) == 4 and max(sizes) <= 3:
            return False  # '147.27.100.253'
        if gaps == {"."} and len(sizes) == 2:
            return False  # '13.800012345'
        if len(sizes) == 11:
            return True
        return len(gaps) == 1 and not gaps & {" ", "  ", "\n", ",", "、", "/", ":", ", ", "x"} and len(sizes) <= 6

    def _international(self, run: Run, index: int, plus: int) -> tuple[PhoneHit, int] | None:
        skip = 0 if plus or run.digits.startswith("86", index) else 2
        for end in range(min(len(run.digits), index + skip + 15), index + skip + 6, -1):
            if not self._ends(run, end) or skip and not self._is_dialled(run, index, end):
                continue
            phone = Phone.clean("+" + run.digits[index + skip : end])
            if phone and not self.refusals.before(run.places[index]) and not self.refusals.behind(run.end_of(end)):
                start = plus - 1 if plus else run.places[index]
                return PhoneHit(start, run.end_of(end), phone, 0.97), end
        return None

    def _is_dialled(self, run: Run, index: int, end: int) -> bool:
        """Behind 00 or 86: no time ('00:47'), and without a word before it all of the digits in few groups."""
        if any(":" in gap for gap in gaps_in(run, index, end)):
            return False
        place = run.places[index]
        if place and self.text[place - 1] == ":":
            return False
        whole = index == 0 and end == len(run.digits) and len(sizes_in(run, index, end)) <= 5
        return whole or self._cued(run, index)

    def _fixed(self, run: Run, index: int) -> tuple[PhoneHit, int] | None:
        """Landlines with their area code, 400 and 800 lines."""
        rest = run.digits[index : index + 12]
        lengths = (
            (10,) if rest.startswith(("400", "800")) else (12, 11, 10) if rest[0] == "0" and rest[1] != "0" else ()
        )
        for length in lengths:
            end = index + length
            if (
                length > len(rest)
                or not self._ends(run, end)
                or self.refusals.before(run.places[index])
                or is_code(run, index)
            ):
                continue
            phone = Phone.clean(run.digits[index:end], "CN")
            if (
                phone
                and phone.region == "CN"
                and phone.kind != "mobile"
                and self._fixed_shape(run, index, end, phone.kind)
                and not self.refusals.behind(run.end_of(end))
            ):
                return PhoneHit(
                    self._bracket(run.places[index], run, min(end - 1, index + 5)), run.end_of(end), phone, 0.95
                ), end
        return None

    def _fixed_shape(self, run: Run, index: int, end: int, kind: str) -> bool:
        sizes = sizes_in(run, index, end)
        if self._cued(run, index):
            return len(sizes) <= 4 or set(sizes) == {1}
        if kind == "hotline":
            return sizes in _HOTLINE_BREAKS or "n" in run.scripts[index:end]
        return len(sizes) in (2, 3) and not is_card(run, index, sizes) and sizes[0] in (3, 4) and sizes[0] != sum(sizes)

    def _regional(self, run: Run, index: int) -> tuple[PhoneHit, int] | None:
        """Numbers in the national form of other regions.

        Right behind a contact word; without one, mobiles of the case's own regions and of the text's language.
        """
        if not self.regions or self.refusals.before(run.places[index]) or is_code(run, index):
            return None
        start = run.places[index]
        near = self.word_ends[bisect_left(self.word_ends, start - _REGIONAL_REACH) :]
        introduced = any(end <= start and _REGIONAL_GAP.fullmatch(self.text, end, start) for end in near)
        introduced = introduced or self._followed(run) or any(0 <= start - end <= 3 for end in self.scan.named)
        if not introduced and not (self.given and (run.digits[index] == "0" or self._national(run, index))):
            return None
        for end in range(min(len(run.digits), index + 13), index + 6, -1):
            sizes = sizes_in(run, index, end)
            if sizes == _ZIP:
                continue
            odd = len(sizes) > 6 or not introduced and 1 in sizes[1:]
            if not self._ends(run, end) or odd and set(sizes) != {1}:
                continue
            for region in self.regions:
                phone = Phone.clean(run.digits[index:end], region)
                if not phone or phone.region != region or self.refusals.behind(run.end_of(end)):
                    continue
                if introduced or region in self.given and (phone.kind == "mobile" or len(sizes) > 1):
                    return PhoneHit(run.places[index], run.end_of(end), phone, 0.85), end
        return None

    def _national(self, run: Run, index: int) -> bool:
        """The digits stand in groups in which some country writes its numbers without a 0 before them."""
        digits = len(run.digits) - index
        return digits <= _LONGEST_NATIONAL and sizes_in(run, index, len(run.digits)) in _NATIONAL_BREAKS

    def _followed(self, run: Run) -> bool:
        """A service that goes by numbers is named right behind the run: '0912 345 678 (zalo)'."""
        end = run.end_of(len(run.digits))
        return any(0 <= word.start - end <= 2 and word.service in _GLUED for word in self.scan.words)

    def _starts(self, run: Run) -> list[int]:
        """Indices of the digits that may begin a number: behind a break, or where the script changes."""
        starts = [*run.gaps]
        if "n" in run.scripts and "d" in run.scripts:
            starts = sorted({*starts, *(match.start() for match in _OTHER_SCRIPT.finditer(run.scripts))})
        return [0, *starts] if self._begins(run) else starts

    def _begins(self, run: Run) -> bool:
        start = run.places[0]
        before = self.text[start - 1] if start else " "
        if before in _CURRENCY or before == "-" and self._is_coded(start - 1):
            return False
        return before not in JOINING or any(w.end == start and w.service in _GLUED for w in self.scan.words)

    def _is_coded(self, dash: int) -> bool:
        """Letters that are no contact word stand before the dash: 'VN-0912000'."""
        letter = self.text[dash - 1 : dash]
        return letter.isascii() and letter.isalpha() and not any(w.end == dash for w in self.scan.words)

    def _ends(self, run: Run, index: int) -> bool:
        if index < len(run.digits):
            return index in run.gaps and not is_fraction(run, index)
        if index > len(run.digits):
            return False
        end = run.end_of(index)
        after = self.text[end] if end < len(self.text) else " "
        if after in JOINING and not self._word_starts(end) and not is_extension(self.text, end):
            return False
        if after == " " and _SPACED_UNITS.match(self.text, end):
            return False
        if after in _UNIT_STARTS and _UNITS.match(self.text, end):
            # '010-62550123x8016' dials on, '13800001234x100' are pieces.
            dialled = run.digits[0] == "0" or self._plus(run, 0)
            return after == "x" and bool(dialled) and is_extension(self.text, end)
        return True

    def _word_starts(self, place: int) -> bool:
        return any(word.start == place for word in self.scan.words) or any(
            start == place for start, _ in self.scan.same
        )

    def _plus(self, run: Run, index: int) -> int:
        """Place after a plus sign before the digit, 0 when there is none."""
        place = run.places[index] - 1
        while place >= 0 and self.text[place] in " (":
            place -= 1
        return place + 1 if place >= 0 and self.text[place] == "+" else 0

    def _cued(self, run: Run, index: int) -> bool:
        return _within(self.word_ends, run.places[index], _CUE_REACH)


def _of_codes(text: str) -> set[str]:
    """Regions whose country codes stand behind plus signs: who writes '+1 …' once may leave it out the next time."""
    if "+" not in text:
        return set()
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE as REGIONS

    found = set[str]()
    for match in _CODE.finditer(text):
        code = next((int(match[0][:size]) for size in (1, 2, 3) if int(match[0][:size]) in REGIONS), None)
        if code and code != 86:
            found.add(REGIONS[code][0])
    return found


@lru_cache(maxsize=1_000)
def _apart(regions: tuple[str, ...]) -> tuple[bool, tuple[str, ...]]:
    """Whether mainland China is among the regions, and the others."""
    return "CN" in regions, tuple(dict.fromkeys(r for r in regions if r != "CN"))


def _within(places: list[int], start: int, reach: int) -> bool:
    """Whether one of the sorted places lies in [start - reach, start]."""
    at = bisect_left(places, start - reach)
    return at < len(places) and places[at] <= start
