"""Turn a source's raw fields into a checked AdRecord, or say which field is at fault.

The formats accepted are those of the ad record (README, 'The ad record'): times in ISO 8601 or as
people write them ('2018-04-03', '2018/4/3 21:05', '2018年4月3日'), numbers with thousands signs or 万.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from ingest.record import PLATFORM_KINDS, AdRecord
from sellergraph.errors import RejectError

FIELDS = [
    "platform",
    "platform_kind",
    "ad_id",
    "url",
    "seller_id",
    "seller_name",
    "seller_url",
    "title",
    "text",
    "posted_at",
    "captured_at",
    "price",
    "currency",
    "location",
    "views",
    "comments",
    "images",
    "videos",
]
REQUIRED = "platform"
ONE_OF = ("ad_id", "url")

# The web is younger than this; an earlier year is a misread field. The later bound catches milliseconds.
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
# Two sites may write the times of one moment almost a day apart (UTC-12 to UTC+14), and clocks differ.
_TOLERANCE = timedelta(days=1)
# int64 in the graph; anything near it is not a price or a count.
_MAX_NUMBER = 10**15
# Above this a float does not tell neighbouring whole numbers apart (Excel keeps 15 digits).
_EXACT_FLOATS = 2**53
_LOOSE_TIME = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    r"(?:[T\s]*(\d{1,2})\s*[:时点]\s*(\d{1,2})(?:\s*[:分]\s*(\d{1,2})(?:\.\d+)?)?\s*[分秒]?)?\s*(Z|[+-]\d{2}:?\d{2})?"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# Blanks, control characters and the sign that divides a platform from an id.
_NO_SLUG = re.compile(r"[\s\x00-\x1f|]")
_IDENTIFYING = frozenset(("platform", "ad_id", "url", "seller_id"))
_NUMBER = re.compile(r"[-+]?\d[\d,，]{0,40}(?:\.\d{1,40})?(?:[eE][-+]?\d{1,3}\b)?")
_FACTORS = {"万": 10_000, "w": 10_000, "W": 10_000, "k": 1_000, "K": 1_000, "千": 1_000, "亿": 100_000_000}


def utc_now() -> datetime:
    """The time of this machine's clock, UTC without offset."""
    return datetime.now(UTC).replace(tzinfo=None)


def check_record(
    raw: Mapping[str, object], zone: ZoneInfo, notes: list[RejectError], now: datetime | None = None
) -> AdRecord:
    """Return the AdRecord of one raw row; `zone` holds for times without an offset.

    What had to be mended or left out, though the row can be used, is added to `notes`.

    Args:
        raw: the row's fields by name.
        zone: of times without an offset.
        notes: what was mended or left out is added here.
        now: UTC without offset; what was captured more than a day later cannot be. None: the machine's clock.

    Raises:
        RejectError: naming the field that cannot be used and why.
    """
    text = _texts(raw, notes)
    platform = _platform(text["platform"])
    if not (text["ad_id"] or text["url"]):
        raise RejectError("ad_id", "neither ad_id nor url is given; one of them must be")
    posted, captured = raw.get("posted_at"), raw.get("captured_at")
    posted_at, captured_at = _times(posted, captured, zone, now or utc_now(), notes)
    return AdRecord(
        platform=platform,
        platform_kind=_platform_kind(text["platform_kind"]),
        ad_id=text["ad_id"],
        url=text["url"],
        seller_id=text["seller_id"],
        seller_name=text["seller_name"],
        seller_url=text["seller_url"],
        title=text["title"],
        text=text["text"],
        posted_at=posted_at,
        captured_at=captured_at,
        posted_at_raw=_raw_time(posted),
        captured_at_raw=_raw_time(captured),
        price_cents=_number("price", raw, 100, notes),
        currency=text["currency"],
        location=text["location"],
        views=_number("views", raw, 1, notes),
        comments=_number("comments", raw, 1, notes),
        images=_paths(raw, "images", notes),
        videos=_paths(raw, "videos", notes),
        extra={name: value for name, value in raw.items() if name not in _KNOWN},
    )


_TEXT_FIELDS = (
    "platform",
    "platform_kind",
    "ad_id",
    "url",
    "seller_id",
    "seller_name",
    "seller_url",
    "title",
    "text",
    "currency",
    "location",
)
_KNOWN = frozenset(FIELDS)


def _texts(raw: Mapping[str, object], notes: list[RejectError]) -> dict[str, str | None]:
    """The text fields without surrounding blanks; None where there is nothing."""
    text = dict.fromkeys(_TEXT_FIELDS, None)
    for name in _TEXT_FIELDS:
        value = raw.get(name)
        if value is not None:
            written = value if isinstance(value, str) else _plain(name, value)
            if _UNSTORABLE.search(written):
                written = _storable(name, written, notes)
            text[name] = written.strip() or None
    return text


def _storable(name: str, value: str, notes: list[RejectError]) -> str:
    """Text without halves of surrogate pairs, which no store takes: mended in words, refused in ids."""
    if "\x00" in value:
        raise RejectError(name, "holds a NUL byte")
    if name in _IDENTIFYING:
        raise RejectError(name, "holds half of a character (a lone surrogate)")
    notes.append(RejectError(name, "held half of a character (a lone surrogate), replaced by \ufffd"))
    return mend(value)


def mend(value: str) -> str:
    """The text with each lone surrogate replaced by U+FFFD: lengths and places stay."""
    return _SURROGATE.sub("\ufffd", value)


def _plain(name: str, value: object) -> str:
    """Numbers and dates that a sheet or JSON gives in place of text; 12345.0 is what Excel makes of an id."""
    if isinstance(value, bool) or not isinstance(value, int | float | date | Decimal):
        raise RejectError(name, f"is {_kind(value)}, not text")
    if isinstance(value, float) and value.is_integer():
        if abs(value) >= _EXACT_FLOATS and name in _IDENTIFYING:
            raise RejectError(name, f"{value:.0f} was stored as a number and has lost digits; store such ids as text")
        return str(int(value))
    return str(value)


def _kind(value: object) -> str:
    names = {bool: "true or false", list: "a list", dict: "an object", int: "a number", float: "a number"}
    return names.get(type(value), f"a {type(value).__name__}")


# A file names few platforms and many times.
@lru_cache(maxsize=1_000)
def _platform(value: str | None) -> str:
    if value is None:
        raise RejectError("platform", "is missing")
    slug = value.lower()
    if _NO_SLUG.search(slug) or len(slug) > 100:
        raise RejectError("platform", f"{shorten(value)!r} is not a short name without spaces or '|'")
    return slug


@lru_cache(maxsize=100)
def _platform_kind(value: str | None) -> str | None:
    if value is None:
        return None
    kind = re.sub(r"[\s-]+", "_", value.lower())
    if kind not in PLATFORM_KINDS:
        raise RejectError("platform_kind", f"{shorten(value)!r} is none of {', '.join(PLATFORM_KINDS)}")
    return kind


def _raw_time(value: object) -> str | None:
    if value is None or value == "":
        return None
    written = str(value).strip()
    return written if written.isascii() else mend(written)


def _times(
    posted: object, captured: object, zone: ZoneInfo, now: datetime, notes: list[RejectError]
) -> tuple[datetime | None, datetime | None]:
    """When it was posted and captured; a time that cannot be is noted and None, so that no month counts it."""
    posted_at, captured_at = _time("posted_at", posted, zone), _time("captured_at", captured, zone)
    if captured_at is not None and captured_at - now > _TOLERANCE:
        notes.append(RejectError("captured_at", f"{shorten(str(captured))!r} is in the future"))
        captured_at = None
    if posted_at is not None and posted_at - (captured_at or now) > _TOLERANCE:
        after = "in the future" if captured_at is None else f"after captured_at, {shorten(str(captured))!r}"
        notes.append(RejectError("posted_at", f"{shorten(str(posted))!r} is {after}"))
        posted_at = None
    return posted_at, captured_at


def _time(name: str, value: object, zone: ZoneInfo) -> datetime | None:
    """UTC without offset; None when empty."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, str):
        moment = _parse_time(value.strip())
    elif isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime(value.year, value.month, value.day)
    else:
        raise RejectError(name, f"is {_kind(value)}, not a date like 2018-04-03T21:05:00+08:00")
    if moment is not None and not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise RejectError(name, f"{shorten(str(value))!r} is not between {_FIRST_YEAR} and {_LAST_YEAR}")
    if moment is None:
        raise RejectError(name, f"{shorten(str(value))!r} is not a date like 2018-04-03 or 2018-04-03T21:05:00+08:00")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC).replace(tzinfo=None)


def _parse_time(value: str) -> datetime | None:
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        pass  # the forms below are not ISO 8601
    found = _LOOSE_TIME.fullmatch(value)
    if found is None:
        return None
    year, month, day, hour, minute, second, offset = found.groups()
    try:
        moment = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0))
        return moment.replace(tzinfo=datetime.strptime(offset, "%z").tzinfo) if offset else moment
    except ValueError:
        return None


def _amount(value: object) -> Decimal | None:
    """The first number of a captured amount ('¥1,200', '1.2万'); None for words like 面议."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value)
    text = str(value)
    found = _NUMBER.search(text)
    if found is None:
        return None
    number = Decimal(re.sub("[,，]", "", found.group()))
    return number * _FACTORS.get(text[found.end() : found.end() + 1], 1)


def _number(name: str, raw: Mapping[str, object], factor: int, notes: list[RejectError]) -> int | None:
    """A captured amount times `factor`, rounded; a number that cannot be one is noted."""
    value = raw.get(name)
    amount = _amount(value)
    if amount is not None and 0 <= amount < _MAX_NUMBER:
        return int((amount * factor).to_integral_value())
    if amount is not None or (isinstance(value, float) and not math.isfinite(value)):
        notes.append(RejectError(name, f"{shorten(str(value))!r} is out of range"))
    return None


def _paths(raw: Mapping[str, object], name: str, notes: list[RejectError]) -> tuple[str, ...]:
    """A list of paths, or one text with ';' between them; a path that no file can have is noted."""
    value = raw.get(name)
    if value is None:
        return ()
    parts = value.split(";") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple):
        raise RejectError(name, f"is {_kind(value)}, not a list of file names")
    kept = list[str]()
    for part in parts:
        if not isinstance(part, str):
            notes.append(RejectError(name, f"holds {_kind(part)}, which is no file name"))
        elif _UNSTORABLE.search(part):
            notes.append(RejectError(name, "a file name holds a NUL byte or half of a character"))
        elif part.strip():
            kept.append(part.strip())
    return tuple(kept)


def shorten(value: str, limit: int = 60) -> str:
    """The value, cut to `limit` characters for a message."""
    return value if len(value) <= limit else value[: limit - 1] + "…"
