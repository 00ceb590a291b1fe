"""Advertisements built to the published counts of the monitoring report of March 2019, written as JSON Lines.

What the report prints holds exactly; what it shows as charts only, or not at all (single months, other species, all
accounts, wording), is made up so that the printed counts hold. Deterministic. No real account, no captured text.
"""

from __future__ import annotations

import json
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import chain, count, cycle, islice, repeat
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

Row = dict[str, Any]

# Words that the lexicon reads, by group of species as the report counts them.
WORDS = {
    "elephant": ("象牙 手串", "象牙 牌子", "象皮珠 手串", "牙雕 摆件"),
    "rhino": ("犀角 杯", "亚犀 手串", "犀牛角 片"),
    "tiger": ("虎牙吊坠", "虎骨 一副", "虎爪 小件"),
    "hawksbill": ("玳瑁 手镯", "十三鳞 梳子"),
    "helmeted_hornbill": ("盔犀鸟头胄 珠子",),
    "saiga": ("赛加羚羊角 整支",),
    "pangolin": ("穿山甲片 一袋",),
    "leopard": ("豹牙 老物", "雪豹皮 一张"),
    "whale": ("抹香鲸牙 雕件", "独角鲸牙 整支"),
}
EMOJI = {"elephant": "🐘🐘", "rhino": "🦏", "tiger": "🐅", "whale": "🐳"}
OTHERS = tuple(name for name in WORDS if name not in ("elephant", "rhino"))

# Websites: the printed average of 60 months and sum of 24 months, with three printed single months.
BEFORE_YEARS = {2012: 2030, 2013: 1100, 2014: 1500, 2015: 1600, 2016: 1265}
BEFORE_ELEPHANT, AFTER_ELEPHANT = 56_752, 5_102
AFTER_SUM = 9_737
AFTER_PRINTED = {(2017, 10): 171, (2018, 4): 794, (2018, 10): 108}
# Made up: how the other months lie to one another; elephants are fewer and rhinos more in the second year.
AFTER_SHAPE = (6, 5, 6, 5, 5, 5, 4, 4, 3, 0, 3, 4, 6, 5, 8, 0, 8, 6, 5, 4, 3, 0, 2, 3)
ELEPHANT_SHAPE, RHINO_OF_REST = {2017: 66, 2018: 39}, {2017: 40, 2018: 78}

# Social media: printed averages times the number of days of survey, two printed days, the printed share of ten.
DAY_SUMS, ACTIVE_SUMS = {2017: 12 * 273, 2018: 24 * 204}, {2017: 12 * 23, 2018: 24 * 18}
DAY_PRINTED = {date(2018, 4, 6): 356, date(2018, 11, 6): 105}
LOW_DAYS = (date(2017, 11, 1), date(2018, 3, 31))
ACCOUNTS, TOP, TOP_ADS = 58, 10, 5_369

FORUM = {(2018, 11): 234, (2018, 12): 281}
WEEK_END = date(2018, 12, 9)
SECOND_HAND = {"elephant": 180, "hawksbill": 60, "tiger": 30, "rhino": 20, "whale": 12, "pangolin": 6, "saiga": 4}
GUIDE_APP = {"elephant": 10, "hawksbill": 4, "helmeted_hornbill": 1, "whale": 1}
AUCTION_APP = {"elephant": 10, "pangolin": 1, "hawksbill": 1}
CHELONIANS = {
    "金钱龟": 3512, "黄喉拟水龟": 2566, "黄缘闭壳龟": 631, "黑颈乌龟": 65, "苏卡达陆龟": 41, "辐射陆龟": 36,
    "安布闭壳龟": 34, "赫曼陆龟": 22, "红腿陆龟": 6, "豹纹陆龟": 4, "玳瑁龟": 3, "亚达伯拉象龟": 3,
}  # fmt: skip
MOUNTAIN, RECRUITING, MAMMOTH = 12, 3, 2


def spread(total: int, weights: Sequence[float]) -> list[int]:
    """`total` in whole parts that lie to one another like the weights, by cumulative rounding."""
    whole, parts, run, given = sum(weights), [], 0.0, 0
    for weight in weights:
        run += weight
        upto = round(total * run / whole)
        parts.append(upto - given)
        given = upto
    return parts


def dealt(counts: dict[str, int]) -> Iterator[str]:
    """The species of each advertisement, mixed evenly."""
    places = [((n + 0.5) / number, species) for species, number in counts.items() for n in range(number)]
    return (species for _, species in sorted(places))


def times(first: date, days: int, number: int) -> Iterator[datetime]:
    """Local times over some days; the earliest of a day are the day before in UTC."""
    for n in range(number):
        day = datetime.combine(first, datetime.min.time()) + timedelta(days=n * days // number)
        yield day + timedelta(minutes=10 + 17 * (n % 83))


def wording(species: str, number: int) -> str:
    words = WORDS[species]
    return words[number % len(words)]


# --- websites ---------------------------------------------------------------------------------------------------


def website_months() -> dict[tuple[int, int], dict[str, int]]:
    """Advertisements by month and species."""
    before = {(year, month): n for year, n in BEFORE_YEARS.items() for month in range(1, 13)}
    elephants = spread(BEFORE_ELEPHANT, list(before.values()))
    months = {month: _mixed(n, e, 0.35) for (month, n), e in zip(before.items(), elephants, strict=True)}
    return months | _after_months()


def _after_months() -> dict[tuple[int, int], dict[str, int]]:
    names = [(year, month) for year in (2017, 2018) for month in range(1, 13)]
    rest = spread(AFTER_SUM - sum(AFTER_PRINTED.values()), AFTER_SHAPE)
    ads = {name: AFTER_PRINTED.get(name, n) for name, n in zip(names, rest, strict=True)}
    elephants = spread(AFTER_ELEPHANT, [n * ELEPHANT_SHAPE[year] for (year, _), n in ads.items()])
    shares = [RHINO_OF_REST[year] / 100 for year, _ in names]
    mixed = map(_mixed, ads.values(), elephants, shares)
    return dict(zip(names, mixed, strict=True))


def _mixed(ads: int, elephants: int, rhino_of_rest: float) -> dict[str, int]:
    rhinos = round((ads - elephants) * rhino_of_rest)
    others = spread(ads - elephants - rhinos, [1.0] * len(OTHERS))
    return {"elephant": elephants, "rhino": rhinos, **dict(zip(OTHERS, others, strict=True))}


def websites() -> Iterator[Row]:
    numbers = count()
    for (year, month), species in website_months().items():
        when = times(date(year, month, 1), monthrange(year, month)[1], sum(species.values()))
        for name, moment in zip(dealt(species), when, strict=True):
            n = next(numbers)
            yield {
                "platform": f"site-{n % 31:02}", "platform_kind": "website", "ad_id": str(n),
                "seller_id": f"s{n % 31:02}-{n % 2711}", "title": wording(name, n), "posted_at": moment.isoformat(),
            }  # fmt: skip


# --- social media -----------------------------------------------------------------------------------------------


def survey_counts() -> dict[date, tuple[int, int]]:
    """Advertisements and active accounts by day of the survey: the 6th and 20th of each month."""
    days = [date(2017 + m // 12, m % 12 + 1, day) for m in range(6, 24) for day in (6, 20)]
    found = dict[date, tuple[int, int]]()
    for year, total in DAY_SUMS.items():
        of_year = [day for day in days if day.year == year]
        free = [day for day in of_year if day not in DAY_PRINTED]
        printed = {day: n for day, n in DAY_PRINTED.items() if day.year == year}
        shape = [(6 if LOW_DAYS[0] <= day <= LOW_DAYS[1] else 9) + n % 2 * 0.4 for n, day in enumerate(free)]
        ads = printed | dict(zip(free, spread(total - sum(printed.values()), shape), strict=True))
        active = spread(ACTIVE_SUMS[year], [20 + n % 3 for n in range(len(of_year))])
        found |= {day: (ads[day], who) for day, who in zip(of_year, active, strict=True)}
    return found


def social_media() -> Iterator[Row]:
    surveyed = survey_counts()
    of_top = spread(TOP_ADS, [ads for ads, _ in surveyed.values()])
    small = cycle(range(TOP, ACCOUNTS))
    numbers = count()
    for (day, (ads, active)), top in zip(surveyed.items(), of_top, strict=True):
        big = spread(top, [float(20 - n) for n in range(TOP)])
        others = dict(zip(islice(small, active - TOP), spread(ads - top, [1.0] * (active - TOP)), strict=True))
        posts = chain.from_iterable(repeat(who, n) for who, n in [*enumerate(big), *others.items()])
        for place, who in enumerate(posts):
            yield _shared(next(numbers), day, place, who)


def _shared(number: int, day: date, place: int, account: int) -> Row:
    """An advertisement on a sharing homepage; it may have been posted on the evening before."""
    captured = datetime.combine(day, datetime.min.time()) + timedelta(minutes=20 + place)
    species = ("elephant", "elephant", "elephant", "rhino", "rhino", "tiger", "elephant", OTHERS[number % 7])[
        number % 8
    ]
    wordless = number % 6 == 5
    return {
        "platform": "wechat-moments", "ad_id": f"m{number}", "seller_id": f"a{account:02}",
        "seller_name": f"铺{account}",
        "text": EMOJI.get(species) if wordless else wording(species, number), "captured_at": captured.isoformat(),
        "posted_at": (captured - timedelta(hours=place % 5)).isoformat(), **_files(number),
    }  # fmt: skip


def _files(number: int) -> Row:
    """The first three of the first day show two pictures each, the fourth a film."""
    if number < 3:
        return {"images": ["one.png", f"picture{number}.png"]}
    return {"videos": ["film.mp4"], "images": ["one.png"]} if number == 3 else {}


# --- online community and apps ------------------------------------------------------------------------------------


def forum() -> Iterator[Row]:
    numbers = count()
    for (year, month), ads in FORUM.items():
        shares = spread(ads, [40, 25, 15, 10, 5, 5])
        species = dict(zip(("elephant", "rhino", "tiger", "whale", "hawksbill", "pangolin"), shares, strict=True))
        when = times(date(year, month, 1), monthrange(year, month)[1], ads)
        for name, moment in zip(dealt(species), when, strict=True):
            n = next(numbers)
            who = n % 4 if n % 3 else 4 + n % 37
            wordless = {"text": EMOJI.get(name)} if n % 5 == 4 else {"title": wording(name, n)}
            yield {
                "platform": "tieba",
                "ad_id": f"f{n}",
                "seller_id": f"u{who}",
                "posted_at": moment.isoformat(),
                **wordless,
            }


def of_week(platforms: Sequence[str], species: dict[str, int], accounts: int, **more: str) -> Iterator[Row]:
    """A week's advertisements, and some of the weeks before that the week must not count."""
    total = sum(species.values())
    week = zip(dealt(species), times(WEEK_END - timedelta(days=6), 7, total), strict=True)
    before = zip(repeat("elephant"), times(WEEK_END - timedelta(days=20), 14, 25), strict=False)
    for n, (name, moment) in enumerate(chain(week, before)):
        word = "象牙 手串" if name == "elephant" else wording(name, n)
        yield {
            "platform": platforms[n % len(platforms)], "ad_id": f"w{n}", "seller_id": f"u{n % accounts}", "title": word,
            "posted_at": moment.isoformat(), **more,
        }  # fmt: skip


def second_hand() -> Iterator[Row]:
    """Some of the accounts look for agents in their names."""
    for row in of_week(("xianyu", "zhuanzhuan"), SECOND_HAND, 120):
        who = int(row["seller_id"][1:])
        yield row | {"seller_name": f"店{who} 招代理" if who < RECRUITING else f"店{who}"}


def handicraft() -> Iterator[Row]:
    """Six of the accounts that the one app names; on the other two 'mammoth' pieces with marks of elephant ivory."""
    yield from of_week(("guide-app",), GUIDE_APP, 6, platform_kind="handicraft")
    mammoth = 0
    for row in of_week(("auction-app",), AUCTION_APP, 5, platform_kind="handicraft"):
        if row["title"].startswith("象牙") and mammoth < MAMMOTH:
            mammoth += 1
            row["title"] = "猛犸血牙 手串"
        yield row


def reptiles() -> Iterator[Row]:
    """Seven sites, each surveyed for a week of its own from July to September; some say 'from the mountains'."""
    numbers = count()
    for term, ads in CHELONIANS.items():
        for n in range(ads):
            site, number = n % 7, next(numbers)
            moment = datetime(2018, 7, 1, 0, 10) + timedelta(days=12 * site + n % 7, minutes=n % 1400)
            words = f"{term} 山上货" if term == "金钱龟" and n < MOUNTAIN else f"{term} 出售"
            yield {
                "platform": f"reptile-{site}", "platform_kind": "live_reptile", "ad_id": f"r{number}", "title": words,
                "seller_id": f"k{number % 401}", "posted_at": moment.isoformat(),
            }  # fmt: skip


# --- files --------------------------------------------------------------------------------------------------------


def write_monitored(folder: Path) -> None:
    """Write every survey as a file of its own, with the few pictures and the film that are named."""
    surveys = {
        "websites": websites(), "social_media": social_media(), "forum": forum(), "second_hand": second_hand(),
        "handicraft": handicraft(), "reptiles": reptiles(),
    }  # fmt: skip
    for name, rows in surveys.items():
        write_rows(folder / f"{name}.jsonl", rows)
    for seed, name in enumerate(("one", "picture0", "picture1", "picture2")):
        Image.fromarray(_scene(seed)).save(folder / f"{name}.png")
    film = cv2.VideoWriter(str(folder / "film.mp4"), cv2.VideoWriter.fourcc(*"mp4v"), 10, (320, 240))
    for seed in (8, 9):
        for _ in range(15):
            film.write(_scene(seed))
    film.release()


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _scene(seed: int) -> np.ndarray:
    coarse = Image.fromarray((np.random.default_rng(seed).random((8, 10, 3)) * 255).astype(np.uint8))
    return np.asarray(coarse.resize((320, 240), Image.Resampling.BICUBIC))
