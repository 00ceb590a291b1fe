"""The extension behind a number: 'ring the switchboard, then dial these'."""

from __future__ import annotations

import re
from typing import NamedTuple

from graph.values import Phone
from ingest.extract.digits import NUMERALS

# RFC 3966 gives extensions no length; libphonenumber takes up to six digits where the sign is not sure.
_DIGITS = rf"(?:[0-9]{{1,6}}|[0-9{''.join(NUMERALS)}]{{2,6}})"
_WORDS = (
    r"转接?(?:分机号?|内线)?|分机号?|内线"
    r"|extension|extn|ext|ex(?=[.:])|anexo|interno|ramal|máy lẻ|nhánh|nội bộ|số lẻ|ต่อ|pesawat|내선"
)
_SAID = re.compile(
    rf"[\s,;(\[]{{0,2}}(?:(?:{_WORDS})[\s.:]{{0,2}}{_DIGITS}|[x#][\s.]?[0-9]{{2,6}}(?![x*×]))"
    rf"(?:(?:转|,)(?:分机)?{_DIGITS}(?=[^0-9]|\Z)){{0,2}}[)\]]?"
)
# '010-62550123-8016': so only behind lines that a firm has.
_DASHED = re.compile(r"\s?-{1,2}\s?[0-9]{1,5}(?![0-9]|\s?[-/.:][0-9])")
# What makes an amount of it ('转500元', '#2只') or part of a word.
_MORE = re.compile(r"[0-9a-z_@张]|\.\d|\s?(?:元|块|万|千|百|个|只|条|件|斤|克|次|人|颗|对|年|月|日|天|rmb|usd|%|k\b)")


class PhoneHit(NamedTuple):
    """A number, with its extension, at text[start:end]."""

    start: int
    end: int
    phone: Phone
    confidence: float


def is_extension(text: str, place: int) -> bool:
    """Whether letters that touch a number at `place` introduce its extension: '62550123x8016', '…ext8016'."""
    return (found := _SAID.match(text, place)) is not None and not _MORE.match(text, found.end())


def with_extension(text: str, hit: PhoneHit) -> PhoneHit:
    """The hit, grown over the extension behind it.

    The number stays the switchboard's: E.164 has no place for extensions.
    """
    found = _SAID.match(text, hit.end)
    if not found and hit.phone.kind in ("fixed_line", "hotline"):
        found = _DASHED.match(text, hit.end)
    if not found or _MORE.match(text, found.end()):
        return hit
    end = found.end()
    if text[end - 1] in ")]" and not set("([") & set(found[0]):
        end -= 1
    return hit._replace(end=end)
