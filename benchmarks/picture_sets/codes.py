"""Pictures with QR codes in them, as sellers show them: 380 pictures of 18 kinds, with fixed seeds."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from benchmarks.picture_sets.edits import jpeg, screenshot
from benchmarks.picture_sets.fetch import Cache
from benchmarks.picture_sets.photographs import shrunk

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_NAMES = ("小店客服", "老王文玩", "同城看货", "扫码加好友")


@dataclass(frozen=True, slots=True)
class CodeCase:
    """A picture file and what the codes in it say; none when there are none."""

    kind: str
    data: bytes
    contents: tuple[str, ...]


@dataclass(slots=True)
class Maker:
    """Draws codes; remembers what they say."""

    chance: random.Random
    cache: Cache
    photos: list[Path]
    contents: list[str]

    def content(self) -> str:
        """Made up, of the kinds and lengths that apps print."""
        token = "".join(self.chance.choices(_LETTERS, k=self.chance.randrange(8, 45)))
        return self.chance.choice(("https://u.example/{}", "wxp://f2f0{}", "https://qr.example/p/{}?t=3", "{}")).format(
            token
        )

    def code(self, module: float, *, border: int = 4, error: str = "m", dark: Any = 0, light: Any = 255) -> Image.Image:
        """A code with modules of so many pixels, in any two colours."""
        content = self.content()
        self.contents.append(content)
        return self.drawn(self._segno().make_qr(content, error=error), module, border, dark, light)

    def drawn(self, code: Any, module: float, border: int = 4, dark: Any = 0, light: Any = 255) -> Image.Image:
        """A code of segno as a picture."""
        bits = np.array([list(row) for row in code.matrix_iter(border=border)], np.uint8)
        small = Image.fromarray(np.where(bits, 255, 0).astype(np.uint8))
        side = round(len(bits) * module)
        mask = small.resize((side, side), Image.Resampling.NEAREST)
        mode = "L" if isinstance(dark, int) else "RGB"
        picture = Image.new(mode, mask.size, light)
        picture.paste(dark, (0, 0), mask)
        return picture.convert("RGB")

    def _segno(self) -> Any:
        return self.cache.pypi("segno", "segno")

    def gbk(self, module: float) -> Image.Image:
        """A code of GB18030 bytes that does not say so, as many Chinese makers print."""
        content = f"{self.chance.choice(_NAMES)} 微信 {self.chance.randrange(10**7, 10**8)}"
        self.contents.append(content)
        code = self._segno().make_qr(content, mode="byte", encoding="gb18030", eci=False)
        return self.drawn(code, module)

    def micro(self, module: float) -> Image.Image:
        """A Micro QR code; they hold no more than a number or a word."""
        content = str(self.chance.randrange(10**5, 10**9))
        self.contents.append(content)
        return self.drawn(self._segno().make_micro(content), module, border=2)

    def photo(self, side: int = 1440) -> Image.Image:
        """Any photograph."""
        return shrunk(self.chance.choice(self.photos), side)

    def module(self) -> int:
        return self.chance.randrange(4, 10)


def _clean(make: Maker) -> bytes:
    return _png(_on_page(make, make.code(make.module())))


def _small(make: Maker) -> bytes:
    return _png(_on_page(make, make.code(make.chance.choice((2, 2.5, 3)))))


def _jpeg(make: Maker) -> bytes:
    return jpeg(_on_page(make, make.code(make.module())), make.chance.randrange(30, 51))


def _perspective(make: Maker) -> bytes:
    return jpeg(slanted(_on_page(make, make.code(make.module())), make.chance, 0.22), 80)


def _rotation(make: Maker) -> bytes:
    page = _on_page(make, make.code(make.module()))
    angle = make.chance.uniform(0, 360)
    return jpeg(page.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor="white"), 80)


def _blur(make: Maker) -> bytes:
    module = make.module()
    page = _on_page(make, make.code(module))
    return jpeg(page.filter(ImageFilter.GaussianBlur(make.chance.uniform(0.3, 0.7) * module)), 80)


def _no_quiet_zone(make: Maker) -> bytes:
    photo, code = make.photo(900), make.code(make.module(), border=0)
    return jpeg(_pasted(make, photo, code, 0.5), 80)


def _coloured(make: Maker) -> bytes:
    dark = make.chance.choice(((20, 60, 160), (150, 20, 30), (10, 100, 50), (90, 20, 120), (130, 70, 10)))
    light = make.chance.choice(((255, 245, 200), (210, 240, 255), (255, 225, 230), (220, 255, 220)))
    return jpeg(make.code(make.module(), dark=dark, light=light), 85)


def _inverted(make: Maker) -> bytes:
    return jpeg(ImageOps.expand(make.code(make.module(), dark=255, light=0), 40, "black"), 85)


def _logo(make: Maker) -> bytes:
    code = make.code(make.module(), error="h")
    side = round(code.width * make.chance.uniform(0.15, 0.28))
    logo = make.photo(400).resize((side, side))
    code.paste(
        ImageOps.expand(logo, max(2, side // 12), "white"), ((code.width - side) // 2, (code.height - side) // 2)
    )
    return jpeg(code, 85)


def _low_contrast(make: Maker) -> bytes:
    dark = make.chance.randrange(70, 170)
    return jpeg(make.code(make.module(), dark=dark, light=dark + make.chance.randrange(25, 60)), 85)


def _in_photo(make: Maker) -> bytes:
    """A card with a code, lying in a photograph."""
    photo, code = make.photo(), make.code(make.module())
    share = make.chance.uniform(0.2, 0.4)
    return jpeg(_pasted(make, photo, slanted(code, make.chance, 0.06), share, make.chance.uniform(-25, 25)), 75)


def _in_screenshot(make: Maker) -> bytes:
    card = Image.new("RGB", (900, 1100), "white")
    code = make.code(make.module() + 4)
    draw = ImageDraw.Draw(card)
    draw.text((450, 80), make.chance.choice(_NAMES), "black", make.cache.font(56), anchor="mm")
    code = ImageOps.contain(code, (760, 760))
    card.paste(code, ((900 - code.width) // 2, 160))
    draw.text((450, 1000), "扫一扫上面的二维码图案，加我为朋友", "#888888", make.cache.font(36), anchor="mm")
    return jpeg(screenshot(card, make.chance, make.cache, dark=make.chance.random() < 0.3), 75)


def _poster(make: Maker) -> bytes:
    """Four or five codes with their names under a photograph."""
    poster = Image.new("RGB", (1080, 1440), make.chance.choice(("#fff6e5", "#ffffff", "#e8f4ff")))
    poster.paste(ImageOps.fit(make.photo(), (1080, 420)), (0, 0))
    draw = ImageDraw.Draw(poster)
    for number in range(4 + make.chance.randrange(2)):
        code = ImageOps.contain(make.code(6), (300, 300), Image.Resampling.NEAREST)
        x, y = 40 + number % 3 * 350, 470 + number // 3 * 460
        poster.paste(code, (x, y))
        draw.text((x + 150, y + 340), make.chance.choice(_NAMES), "black", make.cache.font(36), anchor="mm")
    return jpeg(poster, 80)


def _gb18030(make: Maker) -> bytes:
    return jpeg(_on_page(make, make.gbk(make.module())), 85)


def _micro(make: Maker) -> bytes:
    return jpeg(_on_page(make, make.micro(make.module() + 2)), 85)


def _noise(make: Maker) -> bytes:
    values = np.asarray(_on_page(make, make.code(make.module())), np.float64)
    noise = np.random.default_rng(make.chance.randrange(2**32))
    values = values * 0.75 + 32 + noise.normal(0, make.chance.uniform(20, 55), values.shape)
    return jpeg(Image.fromarray(values.clip(0, 255).astype(np.uint8)), 80)


def _shade(make: Maker) -> bytes:
    """A shadow with a soft edge over part of the code."""
    page = _on_page(make, make.code(make.module()))
    shadow = Image.new("L", page.size, 255)
    cut = make.chance.uniform(0.3, 0.7) * page.width
    lean = make.chance.uniform(-0.4, 0.4) * page.height
    corners = ((0, 0), (cut - lean, 0), (cut + lean, page.height), (0, page.height))
    ImageDraw.Draw(shadow).polygon(corners, fill=make.chance.randrange(50, 110))
    soft = np.asarray(shadow.filter(ImageFilter.GaussianBlur(8)), np.float64)[..., None] / 255
    return jpeg(Image.fromarray((np.asarray(page) * soft).astype(np.uint8)), 80)


KINDS: dict[str, tuple[int, Callable[[Maker], bytes]]] = {
    "clean": (30, _clean),
    "modules of 2 to 3 px": (30, _small),
    "JPEG 30 to 50": (30, _jpeg),
    "perspective": (30, _perspective),
    "rotated": (30, _rotation),
    "blurred": (24, _blur),
    "no quiet zone": (20, _no_quiet_zone),
    "coloured": (24, _coloured),
    "inverted": (12, _inverted),
    "logo": (20, _logo),
    "low contrast": (20, _low_contrast),
    "in a photograph": (20, _in_photo),
    "in a screenshot": (20, _in_screenshot),
    "poster of several": (12, _poster),
    "GB18030 without ECI": (16, _gb18030),
    "Micro QR": (12, _micro),
    "noise": (14, _noise),
    "shadow": (16, _shade),
}


def code_cases(cache: Cache, photos: list[Path]) -> Iterator[CodeCase]:
    """Every picture, one at a time; the same at each call."""
    for kind, (count, draw) in KINDS.items():
        for number in range(count):
            chance = random.Random(f"{kind} {number}")  # noqa: S311  # pictures to read, no secret
            make = Maker(chance, cache, photos, [])
            data = draw(make)
            yield CodeCase(kind, data, tuple(make.contents))


def slanted(picture: Image.Image, chance: random.Random, most: float) -> Image.Image:
    """Seen from the side: each corner moves inwards by up to `most` of the side; white around."""
    width, height = picture.size
    corners = ((0, 0), (width, 0), (width, height), (0, height))
    moved = [(abs(x - chance.uniform(0, most) * width), abs(y - chance.uniform(0, most) * height)) for x, y in corners]
    rows, wanted = list[list[float]](), list[float]()
    for (x, y), (u, v) in zip(moved, corners, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    numbers = np.linalg.solve(np.array(rows), np.array(wanted)).tolist()
    return picture.transform(
        picture.size, Image.Transform.PERSPECTIVE, numbers, Image.Resampling.BICUBIC, fillcolor="white"
    )


def _on_page(make: Maker, code: Image.Image) -> Image.Image:
    """Somewhere on a white page up to twice as large."""
    spare = [round(side * make.chance.uniform(0.1, 1)) for side in code.size]
    page = Image.new("RGB", (code.width + spare[0], code.height + spare[1]), "white")
    page.paste(code, (make.chance.randrange(spare[0] + 1), make.chance.randrange(spare[1] + 1)))
    return page


def _pasted(make: Maker, photo: Image.Image, code: Image.Image, share: float, turn: float = 0) -> Image.Image:
    """The code over the photograph, at `share` of its shorter side but no module under 2 pixels, turned."""
    side = max(round(min(photo.size) * share), 120)
    card = code.resize((side, side), Image.Resampling.LANCZOS)
    whole = Image.new("L", card.size, 255).rotate(turn, expand=True)
    card = card.rotate(turn, Image.Resampling.BICUBIC, expand=True)
    place = (
        make.chance.randrange(max(1, photo.width - card.width)),
        make.chance.randrange(max(1, photo.height - card.height)),
    )
    photo.paste(card, place, whole)
    return photo


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
