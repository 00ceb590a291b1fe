"""Pictures without a QR code in them, among them what looks like one: a code read here is a false one.

Data Matrix codes are not among them, since the program reads those too.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from benchmarks.picture_sets.codes import CodeCase, slanted
from benchmarks.picture_sets.edits import edited, jpeg
from benchmarks.picture_sets.fetch import FACES, Cache
from benchmarks.picture_sets.photographs import shrunk

_EDITS = ("screenshot, light", "watermark repeated", "JPEG 30")
_SENTENCES = (
    "本店主营各类文玩手串，实物拍摄，支持验货。",
    "Shipping takes three to five days; returns accepted within a week.",
    "珠子大小均匀没有裂纹，弹力绳是新换的，送一个布袋。",
    "No. 1 2 3 4 5 6 7 8 9 0 (kg, cm, %) A B C D E F G",
)


def codeless_cases(cache: Cache, photos: list[Path]) -> Iterator[CodeCase]:
    """Every picture, one at a time; the same at each call."""
    for path in photos:
        picture = shrunk(path)
        yield CodeCase("photograph", jpeg(picture), ())
        for edit in _EDITS:
            yield CodeCase("edited photograph", edited(picture, path.stem, edit, cache)[1], ())
    for kind, (count, draw) in _DRAWN.items():
        for number in range(count):
            chance = random.Random(f"{kind} {number}")  # noqa: S311  # pictures to read, no secret
            yield CodeCase(kind, jpeg(draw(chance, cache), chance.randrange(60, 90)), ())


def _page(chance: random.Random, cache: Cache) -> Image.Image:
    page = Image.new("L", (900, 1200), 255)
    draw, size = ImageDraw.Draw(page), chance.randrange(18, 44)
    font = cache.font(size, chance.choice(FACES))
    for top in range(40, 1150, round(size * 1.6)):
        draw.text((40, top), chance.choice(_SENTENCES), chance.randrange(90), font)
    return page


def _texture(chance: random.Random, _: Cache) -> Image.Image:
    """Noise at some scale, in levels or in black and white, or stripes in two directions."""
    numbers, side = np.random.default_rng(chance.randrange(2**32)), chance.choice((30, 60, 120, 300, 600))
    values = numbers.integers(0, 256, (side, side)).astype(np.uint8)
    if chance.random() < 0.4:
        values = np.where(values > 127, 255, 0).astype(np.uint8)
    elif chance.random() < 0.4:
        waves = np.sin(np.arange(side) * chance.uniform(0.2, 2.5))
        values = (127 + 63 * (waves[:, None] + waves)).astype(np.uint8)
    return Image.fromarray(values).resize(
        (600, 600), chance.choice((Image.Resampling.NEAREST, Image.Resampling.BICUBIC))
    )


def _checkerboard(chance: random.Random, _: Cache) -> Image.Image:
    fields, size = chance.randrange(6, 40), chance.randrange(6, 40)
    board = np.where(np.indices((fields, fields)).sum(axis=0) % 2, 255, 0).astype(np.uint8)
    picture = Image.fromarray(board).resize((fields * size, fields * size), Image.Resampling.NEAREST)
    return slanted(ImageOps.expand(picture, 30, 255), chance, 0.15)


def _almost(chance: random.Random, _: Cache) -> Image.Image:
    """Modules by chance, behind them often the three squares that a code has in its corners."""
    numbers, side = np.random.default_rng(chance.randrange(2**32)), chance.choice((21, 25, 29, 33, 41))
    bits = numbers.integers(0, 2, (side, side))
    if chance.random() < 0.7:
        for top, left in ((0, 0), (0, side - 7), (side - 7, 0)):
            square = bits[top : top + 7, left : left + 7]
            square[:], square[1:6, 1:6], square[2:5, 2:5] = 1, 0, 1
    values = np.where(bits, 0, 255).astype(np.uint8)
    size = side * chance.randrange(4, 10)
    return ImageOps.expand(Image.fromarray(values).resize((size, size), Image.Resampling.NEAREST), 40, 255)


def _barcode(names: tuple[str, ...]) -> Callable[[random.Random, Cache], Image.Image]:
    def draw(chance: random.Random, _: Cache) -> Image.Image:
        import zxingcpp

        name = chance.choice(names)
        digits = str(chance.randrange(10**11, 10**12))
        # An EAN's last digit is its checksum: left out, it is added.
        code = zxingcpp.create_barcode(digits, getattr(zxingcpp.BarcodeFormat, name))
        bars = np.asarray(code.to_image(scale=chance.randrange(2, 6), add_quiet_zones=True))
        page = Image.new("L", (bars.shape[1] + 200, bars.shape[0] + 200), 255)
        page.paste(Image.fromarray(bars), (chance.randrange(200), chance.randrange(200)))
        return page

    return draw


_DRAWN: dict[str, tuple[int, Callable[[random.Random, Cache], Image.Image]]] = {
    "page of text": (50, _page),
    "texture": (50, _texture),
    "checkerboard": (30, _checkerboard),
    "modules by chance": (40, _almost),
    "bars": (40, _barcode(("EAN13", "Code128", "Code39", "ITF"))),
    "other square code": (40, _barcode(("Aztec", "PDF417"))),
}
