"""Words before and behind digits that say what else the digits are: an order's number, a price, 'no phone number'."""

from __future__ import annotations

import re
from bisect import bisect_left

from ingest.extract.scan import Scan

# A word such as 单号 stands at most this many characters before the digits.
_REACH = 4
_GAP = re.compile(r"[\s:=#.\-(【\[+]*(?:no\.?|号|是|为)?[\s:#.\-(+]*")
# 'X is the order's number', 'X (order no)', and words that follow such as 'this is no phone'.
_THIS = r"(?:这|那|此|该|以上|上面)?的?(?:个|串|组)?(?:数字?|号码?)?\s?"
_SAID_TO_BE = re.compile(
    rf"(?:[\s,]{{0,2}}{_THIS}(?:就?是|为|只是|乃|is|=)\s?(?:我们?的?|the |my |our |an? )?|\s?[(\[【])"
    r"[^\W\d_]{0,4}\s?\Z"
)
_LONGEST_SAID = 16
_SAID_NO_PHONE = re.compile(
    rf"(?:\s?[(\[][^)\]]{{0,15}}[)\]])?[\s,(\[]{{0,2}}{_THIS}"
    r"(?:已(?:发(?![我你给])|寄|签收|揽)|派送中|运输中|(?:可?不是|并非|非|不算)(?:什么|一个)?(?:手机|电话|联系方式|联系电话)"
    r"|(?:is |it's |this is )?not? an? (?:phone|telephone|mobile|contact)"
    r"|(?:is |it's )?no (?:phone|telephone) (?:no|number))"
)
# 'Certificate number 138…', 'parcel no.'; not 'phone number', 'my number'.
_ENGLISH = re.compile(
    r"\b(?:certificate|cert|serial|tracking|waybill|consignment|invoice|receipt|passport|licen[cs]e|permit|microchip"
    r"|(?:certificate|cert|serial|product|parcel|package|tracking|order|item|model|part|batch|lot|invoice|receipt|permit"
    r"|licen[cs]e|registration|reference|bank|card|policy|case|file|ticket|booking|customer|member|membership|student"
    r"|employee|tax|vat|passport|document|shipment|waybill|consignment|chip|microchip|ring|band|tag|auction|listing"
    r"|catalog(?:ue)?|inventory|stock|bar|zip|postal|promo|coupon|flight|seat|room|routing|swift|export|import)"
    r"[ \-](?:number|no\.?|num|code|id|nr\.?))[\s:#.\-]*\Z"
)
_ENGLISH_REACH = 30
_NAMES_A_NUMBER = re.compile(r"(?:[号码单证]|id|no|number|nr|num|编号|账户|ref|reference)\Z")


class Refusals:
    """The words of one text that refuse digits."""

    __slots__ = ("ends", "spans", "text")

    def __init__(self, text: str, scan: Scan) -> None:
        self.text = text
        self.spans = scan.refusals
        self.ends = sorted([end for _, end in scan.refusals]) if scan.refusals else []

    def before(self, start: int) -> bool:
        """A word that refuses them stands before the digits at `start`."""
        at = bisect_left(self.ends, start - _REACH)
        if any(_GAP.fullmatch(self.text, end, start) for end in self.ends[at:] if end <= start):
            return True
        return _ENGLISH.search(self.text, max(0, start - _ENGLISH_REACH), start) is not None

    def behind(self, end: int) -> bool:
        """What follows says that the digits are another number: '138… 是订单号', '138… (not a phone number)'."""
        if _SAID_NO_PHONE.match(self.text, end):
            return True
        return any(
            end <= start <= end + _LONGEST_SAID
            and _NAMES_A_NUMBER.search(self.text, start, behind)
            and _SAID_TO_BE.match(self.text[end:start])
            for start, behind in self.spans
        )
