"""Photographs from Debian packages: animals, buildings, landscapes, people, things.

Chosen by eye; drawings, paintings, renderings and patterns of the same packages are left out, and so is what shows a
photograph of another package again. Several show one building, two of them (Neuschwanstein) from the same place on
different days: those are different photographs, and hard ones.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from PIL import Image

from benchmarks.picture_sets.fetch import Cache, contained

# What sellers' pictures have at most on their longest side.
SIDE = 1440
# Kept larger than that for the measurement of speed, which takes 1080 x 1440 out of them.
_KEPT_SIDE, _KEPT_QUALITY = 2400, 95
_GCOMPRIS = "gcompris-qt-data"
# In which of its resource files, under which names.
_GCOMPRIS_PHOTOGRAPHS: dict[str, tuple[str, ...]] = {
    "clickgame": ("sea?",),
    "details": (
        "Chenonceau_*",
        "EgeskovSlotSpejling_*",
        "EilanDonanCastle_*",
        "FanoeWindmill_*",
        "GizahPyramids_*",
        "Louvre_2007_02_24_c_*",
        "NDP_*",
        "Nagoya_*",
        "Neuschwanstein_*",
        "OperaSidney_*",
        "TajMahal_*",
        "TourEiffel_*",
        "TowerBridgeLondon_*",
    ),
    "erase": ("*",),
    "explore_farm_animals": ("*",),
    "explore_monuments": ("*",),
    "explore_world_animals": ("*",),
    "explore_world_music": ("*",),
}
# Its icons and buttons are smaller than this.
_LEAST_SIDE = 320
_FILES: dict[str, tuple[str, ...]] = {
    "mate-backgrounds": ("*/mate/nature/*.jpg",),
    "palapeli-data": ("*/collection/*.jpg",),
    "puzzle-jigsaw": ("*/samples/*",),
    "lomiri-wallpapers-16.04": (
        "*/Bridge_by_*",
        "*/Dragonfly_by_*",
        "*/Picture_??_by_*",
        "*/Wine_by_*",
        "*/*_by_Aitzol_Berasategi.jpg",
        "*/free_by_*",
        "*/greentock_by_*",
        "*/seeding_by_*",
    ),
    "lomiri-wallpapers-20.04": ("*/Kleiber_by_*",),
    "plasma-workspace-wallpapers": tuple(
        f"*/{name}/contents/images/2560x1600.jpg"
        for name in (
            "BytheWater",
            "ColdRipple",
            "ColorfulCups",
            "DarkestHour",
            "EveningGlow",
            "FallenLeaf",
            "Grey",
            "Kite",
            "OneStandsOut",
            "Path",
            "summer_1am",
        )
    ),
}


def photographs(cache: Cache) -> list[Path]:
    """JPEG files of all photographs, at most 2,400 pixels a side, in the order of their names."""
    folder = cache.folder / "photographs"
    if not folder.is_dir():
        partly = cache.folder / "photographs.partly"
        partly.mkdir(parents=True, exist_ok=True)
        for name, picture in _all(cache):
            _keep(picture, partly / f"{name}.jpg")
        partly.rename(folder)
    return sorted(folder.glob("*.jpg"))


def shrunk(path: Path, side: int = SIDE) -> Image.Image:
    """The photograph as a seller would show it."""
    with Image.open(path) as picture:
        return contained(picture.convert("RGB"), side)


def described(paths: list[Path]) -> str:
    """How many come from which package."""
    counts = dict[str, int]()
    for path in paths:
        package = path.name.partition("~")[0]
        counts[package] = counts.get(package, 0) + 1
    return f"{len(paths)} photographs: " + ", ".join(f"{package} {count}" for package, count in counts.items())


def _keep(picture: Image.Image, path: Path) -> None:
    picture.draft("RGB", (_KEPT_SIDE, _KEPT_SIDE))
    contained(picture.convert("RGB"), _KEPT_SIDE).save(path, quality=_KEPT_QUALITY)


def _all(cache: Cache) -> Iterator[tuple[str, Image.Image]]:
    for package, patterns in _FILES.items():
        folder = cache.debian(package)
        for path in sorted(folder.rglob("*")) if folder else ():
            if path.is_file() and any(fnmatch(str(path), pattern) for pattern in patterns):
                # Plasma's wallpapers are named by their size, in a folder with the name.
                title = path.parts[-4] if path.stem[0].isdigit() else path.stem
                yield f"{package}~{title}", Image.open(path)
    folder = cache.debian(_GCOMPRIS)
    for resource, patterns in _GCOMPRIS_PHOTOGRAPHS.items() if folder else ():
        for path in sorted(folder.rglob(f"{resource}.rcc")) if folder else ():
            yield from _of_resource(path, patterns)


def _of_resource(path: Path, patterns: tuple[str, ...]) -> Iterator[tuple[str, Image.Image]]:
    for name, data in _resource_files(path.read_bytes()):
        stem, _, ending = name.rpartition(".")
        if ending in ("webp", "jpg", "png") and any(fnmatch(stem, pattern) for pattern in patterns):
            picture = Image.open(io.BytesIO(data))
            if min(picture.size) >= _LEAST_SIDE:
                yield f"{_GCOMPRIS}~{path.stem}-{stem}", picture


def _resource_files(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file of a Qt resource collection (`rcc --binary`, versions 1 to 3)."""
    version, tree, content, names = struct.unpack(">4i", data[4:20])
    # A node: name, flags, then for folders count and first child, for files locale and place; version 2 added a date.
    size = 22 if version >= 2 else 14
    waiting = [0]
    while waiting:
        place = tree + waiting.pop() * size
        name, flags, count, last = struct.unpack(">IHII", data[place : place + 14])
        if flags & 2:
            waiting += range(last, last + count)
            continue
        length = int.from_bytes(data[names + name : names + name + 2], "big")
        start = names + name + 6
        whole = int.from_bytes(data[content + last : content + last + 4], "big")
        body = data[content + last + 4 : content + last + 4 + whole]
        # Behind the size of the whole, zlib's stream.
        yield data[start : start + 2 * length].decode("utf-16-be"), zlib.decompress(body[4:]) if flags & 1 else body
