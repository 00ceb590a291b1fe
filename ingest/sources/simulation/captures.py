"""How a platform's posts look when captured: ids, addresses, and times in several ways of writing."""

from __future__ import annotations

from ingest.sources.simulation.dice import Dice
from ingest.sources.simulation.figures import FIRST_YEAR, MONTH_DAYS
from ingest.sources.simulation.people import Account

# Captures follow posts by up to LATEST_CAPTURE days.
LATEST_CAPTURE = 20
# How often a capture lacks the account, the time of posting, or the post's id.
NO_ACCOUNT, NO_TIME, NO_AD_ID = 0.008, 0.015, 0.02
FIRST_AD_ID, LARGEST_STEP = 10_000_000, 40
DAY, _MINUTES, _CHINA = 86_400, 1440, 8 * 3600

# Looked up, not computed: a large market writes hundreds of thousands of times.
_DATES = [
    (FIRST_YEAR + month // 12, month % 12 + 1, day + 1) for month, days in enumerate(MONTH_DAYS) for day in range(days)
] + [(FIRST_YEAR + 2, 1, day + 1) for day in range(31)]
_ISO = [f"{y}-{m:02d}-{d:02d}" for y, m, d in _DATES]
_SLASH = [f"{y}/{m}/{d}" for y, m, d in _DATES]
_CLOCK = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(_MINUTES)]


class CaptureForm:
    """Fields that every capture of one account's posts has in common, and those that change."""

    def __init__(self, dice: Dice, account: Account, last_id: dict[str, int]) -> None:
        place = account.place
        self._random, self._last_id = dice.random, last_id
        self._slug, self._clock = place.slug, place.clock
        self._base: dict[str, object] = {"platform": place.slug, "platform_kind": place.kind}
        self._seller: dict[str, object] = {"seller_id": account.seller_id, "seller_name": account.name}
        if place.profile:
            self._seller["seller_url"] = place.profile.format(account.seller_id)
        self._item = f"https://{place.profile.split('/')[2]}/item/" if place.profile else ""
        self._losable = place.kind == "website"

    def heading(self, second: int) -> dict[str, object]:
        """A new row for a post of that local second since 2017-01-01: everything but what it says."""
        random, row, slug = self._random, self._base.copy(), self._slug
        number = self._last_id[slug] = self._last_id.get(slug, FIRST_AD_ID) + 1 + int(random() * LARGEST_STEP)
        if not self._item or random() > NO_AD_ID:
            row["ad_id"] = str(number)
        if self._item:
            row["url"] = f"{self._item}{number}"
        if not self._losable or random() > NO_ACCOUNT:
            row.update(self._seller)
        if random() > NO_TIME:
            row["posted_at"] = written_time(self._clock, second)
        # Captures are dated by the minute.
        day, rest = divmod(second + 3600 + int(random() * LATEST_CAPTURE * DAY), DAY)
        row["captured_at"] = f"{_ISO[day]}T{_CLOCK[rest // 60]}:00+08:00"
        return row


def written_time(clock: str, second: int) -> str:
    """A local time as a platform's captures write it; 'day' knows no hour, 'utc' is eight hours less."""
    day, rest = divmod(second - _CHINA if clock == "utc" else second, DAY)
    if clock == "offset":
        return f"{_ISO[day]}T{_CLOCK[rest // 60]}:{rest % 60:02d}+08:00"
    if clock == "local":
        return f"{_ISO[day]} {_CLOCK[rest // 60]}"
    if clock == "day":
        return _ISO[day]
    if clock == "slash":
        return f"{_SLASH[day]} {rest // 3600}:{rest // 60 % 60:02d}"
    return f"{_ISO[day]}T{_CLOCK[rest // 60]}:{rest % 60:02d}Z"
