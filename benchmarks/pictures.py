"""How well and how fast pictures are read: the same photograph found again, codes, text in pictures, a million hashes.

    .venv/bin/python benchmarks/pictures.py [--part near|qr|ocr|speed|million] [--cache DIR]

Fetches what it needs into the cache, without root and outside the environment: photographs and a typeface from
Debian's packages (apt-get download), segno, which draws codes, and faiss-cpu from PyPI. All cases are made with fixed
seeds and are the same at each run; none was chosen by what the program makes of it.

near     176 photographs, at most 1440 px a side, x 26 edits (benchmarks/picture_sets/edits.py), and every pair of
         pictures of different photographs, some of which show one building. 'Strong' leaves out pictures that the
         program calls weak (pages, blank ones), which it links only where a contact says so too.
qr       380 pictures with QR codes of 18 kinds, and more than 900 without. The time is that of the codes alone, on
         decoded pixels.
ocr      276 pictures of contacts of ten kinds. 'Folded' forgives 0/O, 1/l/I, separators, widths and case.
speed    JPEG photographs of 1080 x 1440, quality 88, beside decoding alone, on one thread.
million  all near pairs of a million hashes, beside faiss in the same run.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

# Python puts a script's own folder first, where this file's neighbours would hide the package `ingest`.
_ROOT = Path(__file__).resolve().parent.parent
sys.path[:] = [str(_ROOT), *(entry for entry in sys.path if Path(entry or ".").resolve() != _ROOT / "benchmarks")]

from PIL import Image, ImageOps  # noqa: E402  # after the line above

from benchmarks.picture_sets.codeless import codeless_cases  # noqa: E402
from benchmarks.picture_sets.codes import CodeCase, code_cases  # noqa: E402
from benchmarks.picture_sets.contacts import contact_cases  # noqa: E402
from benchmarks.picture_sets.edits import EDITS, edited, jpeg  # noqa: E402
from benchmarks.picture_sets.fetch import Cache  # noqa: E402
from benchmarks.picture_sets.photographs import described, photographs, shrunk  # noqa: E402
from sellergraph.errors import SellergraphError  # noqa: E402

_PHONE_SIDES = (1080, 1440)
_TIMED = 60
# False pairs that are named.
_SHOWN = 30
_PICTURES = 1 + len(EDITS)
# What _versions gives of a picture; what match_all says of two.
Version = tuple[str, Any, str | None]
Verdicts = Mapping[tuple[int, int], str]
_COUNTED = ("same", "candidate", "missed", "strong")
_APART = ("same", "strong same", "candidate", "strong candidate")


def main() -> None:
    """Parse the options, measure, print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--part", choices=_PARTS, help="one part; all of them otherwise")
    options.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "sellergraph-benchmark")
    chosen = options.parse_args()
    cache = Cache(chosen.cache)
    for name in [chosen.part] if chosen.part else _PARTS:
        print(f"== {name}", flush=True)
        start = time.perf_counter()
        _PARTS[name](cache)
        print(f"-- {time.perf_counter() - start:.0f} s\n", flush=True)


def _photographs(cache: Cache) -> list[Path]:
    paths = photographs(cache)
    print(described(paths))
    return paths


def _near(cache: Cache) -> None:
    """Recall by edit and variant, then pairs of different photographs."""
    from graph.photos import match_all

    paths = _photographs(cache)
    # Fetched here, since several workers at once would disturb each other.
    cache.font(20)
    workers = os.cpu_count() or 1
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        read = [row for rows in pool.map(_versions, paths, [cache.folder] * len(paths)) for row in rows]
    start = time.perf_counter()
    verdicts = {(left, right): match.verdict for left, right, match in match_all([views for _, views, _ in read])}
    print(f"{len(read):,} pictures compared with each other in {time.perf_counter() - start:.1f} s")
    print(f"weak pictures: {sum(1 for _, _, weak in read if weak)}\n")
    _recall(read, verdicts)
    _apart(paths, read, verdicts)


def _versions(path: Path, folder: Path) -> list[Version]:
    """Variant, views and weakness of a photograph and each of its edits, in the order of EDITS."""
    from ingest.extract.pictures import read_picture

    cache, picture = Cache(folder), shrunk(path)
    files = [("", jpeg(picture, 90)), *(edited(picture, path.stem, edit, cache) for edit in EDITS)]
    readings = [(variant, read_picture(data)) for variant, data in files]
    return [(variant, reading.views, reading.weak) for variant, reading in readings]


def _recall(read: list[Version], verdicts: Verdicts) -> None:
    """Each edit beside its photograph, both as all are compared at once and two at a time."""
    from graph.photos import compare_views

    counts, unequal = Counter[tuple[str, str, str]](), 0
    for first in range(0, len(read), _PICTURES):
        for place, edit in enumerate(EDITS, first + 1):
            verdict = verdicts.get((first, place), "missed")
            match = compare_views(read[first][1], read[place][1])
            unequal += (match.verdict if match else "missed") != verdict
            for variant in {"", read[place][0]}:
                counts[edit, variant, verdict] += 1
                counts[edit, variant, "strong"] += verdict == "same" and _strong(read, first, place)
    print(f"{'edit':<40}{'same':>7}{'candidate':>11}{'missed':>8}{'recall':>8}{'strong':>8}")
    for edit, variant in sorted({key[:2] for key in counts}, key=lambda key: (list(EDITS).index(key[0]), key[1])):
        _recall_line(f"  {variant}" if variant else edit, {v: counts[edit, variant, v] for v in _COUNTED})
    whole = {v: sum(counts[edit, "", v] for edit in EDITS) for v in _COUNTED}
    _recall_line("all edits", whole)
    print(f"compare_views and match_all disagree on {unequal} of {len(read) - len(read) // _PICTURES:,}")


def _strong(read: list[Version], left: int, right: int) -> bool:
    return not read[left][2] and not read[right][2]


def _recall_line(name: str, counts: dict[str, int]) -> None:
    same, candidate, missed, strong = (counts[verdict] for verdict in _COUNTED)
    total = same + candidate + missed
    print(f"{name:<40}{same:>7}{candidate:>11}{missed:>8}{same / total:>8.3f}{strong / total:>8.3f}")


def _apart(paths: list[Path], read: list[Version], verdicts: Verdicts) -> None:
    """Pairs of pictures of different photographs that were matched, by what they are."""
    photos = len(paths)
    pairs = photos * (photos - 1) // 2
    totals = {"originals": pairs, "original, edit": 2 * pairs * len(EDITS), "edits": pairs * len(EDITS) ** 2}
    counts, false = Counter[tuple[str, str]](), list[str]()
    for (left, right), verdict in verdicts.items():
        one, other = left // _PICTURES, right // _PICTURES
        if one != other:
            name = list(totals)[(left % _PICTURES > 0) + (right % _PICTURES > 0)]
            strong = _strong(read, left, right)
            for what in (verdict, f"strong {verdict}") if strong else (verdict,):
                counts[name, what] += 1
                counts["all", what] += 1
            if verdict == "same":
                names = (_name(paths, left), _name(paths, right))
                false.append(f"  {' and '.join(names)}{'' if strong else ' (weak)'}")
    print(
        f"\n{'pairs of different photographs':<40}{'pairs':>12}{'false':>7}{'strong':>8}{'candidate':>11}{'strong':>8}"
    )
    for name, total in {**totals, "all": sum(totals.values())}.items():
        same, strong_same, near, strong_near = (counts[name, what] for what in _APART)
        print(f"{name:<40}{total:>12,}{same:>7}{strong_same:>8}{near:>11}{strong_near:>8}")
    print(*sorted(false)[:_SHOWN], sep="\n")


def _name(paths: list[Path], place: int) -> str:
    """The photograph and the edit of a picture."""
    edit = ["original", *EDITS][place % _PICTURES]
    return f"{paths[place // _PICTURES].stem.partition('~')[2]}, {edit},"


def _qr(cache: Cache) -> None:
    """Recall by kind of picture, then false codes."""
    paths = _photographs(cache)
    _code_table("kind", code_cases(cache, paths))
    _code_table("without a code", codeless_cases(cache, paths))


def _code_table(title: str, cases: Iterable[CodeCase]) -> None:
    print(f"\n{title:<24}{'pictures':>9}{'codes':>7}{'found':>7}{'recall':>8}{'false':>7}{'ms a picture':>14}")
    counts, spent = Counter[tuple[str, str]](), dict[str, float]()
    for case in cases:
        found, seconds = _codes(case.data)
        wanted = _node_ids(case.contents)
        for kind in (case.kind, "all"):
            counts[kind, "pictures"] += 1
            counts[kind, "codes"] += len(wanted)
            counts[kind, "found"] += len(wanted & found)
            counts[kind, "false"] += len(found - wanted)
            spent[kind] = spent.get(kind, 0) + seconds
    for kind in [*(kind for kind in spent if kind != "all"), "all"]:
        pictures, codes, found_codes = (counts[kind, what] for what in ("pictures", "codes", "found"))
        share = f"{found_codes / codes:.3f}" if codes else ""
        milliseconds = 1000 * spent[kind] / pictures
        false = counts[kind, "false"]
        print(f"{kind:<24}{pictures:>9}{codes:>7}{found_codes:>7}{share:>8}{false:>7}{milliseconds:>14.1f}")


def _codes(data: bytes) -> tuple[set[str], float]:
    """What the picture's reading has, and the seconds that the codes alone take on decoded pixels."""
    from ingest.extract.codes import read_codes
    from ingest.extract.decode import decode, open_picture
    from ingest.extract.pictures import read_picture

    found = {code.node_id for code in read_picture(data).codes}
    grey = decode(open_picture(data)[0], data)[0].convert("L")
    return found, _seconds(lambda: read_codes(grey))


def _node_ids(contents: Iterable[str]) -> set[str]:
    from graph.values import QRPayload

    cleaned = [QRPayload.clean(content) for content in contents]
    return {payload.node_id for payload in cleaned if payload}


def _ocr(cache: Cache) -> None:
    """Share of pictures whose contact is in the text read, by kind and mode."""
    from ingest.extract.ocr import OcrReader

    cases = list(contact_cases(cache, _photographs(cache)))
    for mode in ("default", "fast"):
        try:
            reader = OcrReader(mode)
            reader.read(cases[0].picture)
        except SellergraphError as error:
            print(f"not measured: {error}")
            return
        counts, spent = Counter[tuple[str, str]](), 0.0
        for case in cases:
            start = time.perf_counter()
            lines = [line.text for line in reader.read(case.picture)]
            spent += time.perf_counter() - start
            for kind in (case.kind, "all"):
                counts[kind, "pictures"] += 1
                counts[kind, "exact"] += case.contact in "\n".join(lines)
                counts[kind, "folded"] += folded(case.contact) in folded("".join(lines))
        _ocr_table(mode, counts, 1000 * spent / len(cases))


def folded(text: str) -> str:
    """The text in the form that forgives what readers of pictures confuse."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(filter(str.isalnum, plain.translate(str.maketrans("oil|", "0111"))))


def _ocr_table(mode: str, counts: Counter[tuple[str, str]], milliseconds: float) -> None:
    print(f"\n{f'mode {mode}':<24}{'pictures':>9}{'exact':>8}{'folded':>8}")
    for kind in sorted({kind for kind, _ in counts}, key=lambda kind: (kind == "all", kind)):
        pictures, exact, forgiving = (counts[kind, what] for what in ("pictures", "exact", "folded"))
        print(f"{kind:<24}{pictures:>9}{exact / pictures:>8.3f}{forgiving / pictures:>8.3f}")
    print(f"{milliseconds:.0f} ms a picture")


def _speed(cache: Cache) -> None:
    """Median milliseconds a picture of decoding alone and of all that is read of it, the best of three each."""
    from ingest.extract.pictures import read_picture

    files = list(islice((_phone_jpeg(path) for path in _photographs(cache) if _large(path)), _TIMED))
    for data in files[:5]:
        read_picture(data)
        _decoded(data)
    alone, whole = list[float](), list[float]()
    for data in files:
        # In turn, so that a slow moment of the machine falls on both.
        times = [(_seconds(lambda: _decoded(data)), _seconds(lambda: read_picture(data))) for _ in range(3)]  # noqa: B023
        alone.append(1000 * min(time[0] for time in times))
        whole.append(1000 * min(time[1] for time in times))
    kilobytes = statistics.median(map(len, files)) / 1000
    print(f"{len(files)} photographs of 1080 x 1440, median {kilobytes:.0f} kB")
    print(f"decoding alone   {statistics.median(alone):6.1f} ms a picture")
    print(f"read_picture     {statistics.median(whole):6.1f} ms a picture")
    ratio = statistics.median(b / a for a, b in zip(alone, whole, strict=True))
    print(f"median ratio     {ratio:6.2f}")


def _large(path: Path) -> bool:
    with Image.open(path) as picture:
        return min(picture.size) >= _PHONE_SIDES[0] and max(picture.size) >= _PHONE_SIDES[1]


def _phone_jpeg(path: Path) -> bytes:
    """The middle of the photograph, never enlarged; lying ones are turned upright, as phones hold them."""
    with Image.open(path) as picture:
        sides = _PHONE_SIDES if picture.height > picture.width else _PHONE_SIDES[::-1]
        return jpeg(ImageOps.fit(picture.convert("RGB"), sides, Image.Resampling.LANCZOS), 88)


def _decoded(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as picture:
        return picture.convert("L")


def _seconds(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def _million(cache: Cache) -> None:
    """In a fresh process, whose memory is that of the search."""
    command = [sys.executable, "-m", "benchmarks.picture_sets.hashes", str(cache.folder)]
    subprocess.run(command, cwd=_ROOT, check=True)


_PARTS: dict[str, Callable[[Cache], None]] = {
    "near": _near,
    "qr": _qr,
    "ocr": _ocr,
    "speed": _speed,
    "million": _million,
}


if __name__ == "__main__":
    main()
