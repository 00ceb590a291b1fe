"""Pictures of contacts: 276 of ten kinds. Numbers are of prefixes given to nobody, ids are made up."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

from benchmarks.picture_sets.edits import jpeg
from benchmarks.picture_sets.fetch import FACES, Cache
from benchmarks.picture_sets.photographs import shrunk

# No Chinese operator has these.
_PREFIXES = ("160", "161", "163", "164", "168", "169", "179")
_WORDS = ("ceshi", "yangben", "shili", "jiade", "lianxi", "Demo", "OldShop", "wenwan")
_HANDLE_SENTENCES = ("加微信 {}", "V信：{} 看视频", "喜欢的联系 {}", "诚心要加 {} 备注文玩", "薇信 {} 秒通过")
_PHONE_SENTENCES = ("电话{}", "同城面交，手机{}", "喜欢的联系 {}", "加微信 {} 备注文玩", "手机微信同号：{}")
_INKS = ("#111111", "#b71c1c", "#0d47a1", "#1b5e20")


@dataclass(frozen=True, slots=True)
class ContactCase:
    """A picture and the contact that is written in it."""

    kind: str
    picture: Image.Image
    contact: str


@dataclass(frozen=True, slots=True)
class _Maker:
    chance: random.Random
    cache: Cache
    photos: list[Path]

    def words(self) -> tuple[str, str]:
        """The contact, and a line or sentence with it in it."""
        if self.chance.random() < 0.5:
            contact, sentences = self._phone(), _PHONE_SENTENCES
        else:
            contact, sentences = self._handle(), _HANDLE_SENTENCES
        sentence = self.chance.choice(sentences) if self.chance.random() < 0.6 else "{}"
        return contact, sentence.format(contact)

    def _phone(self) -> str:
        digits = self.chance.choice(_PREFIXES) + "".join(self.chance.choices("0123456789", k=8))
        separator = self.chance.choice(("", "", " ", "-"))
        return separator.join((digits[:3], digits[3:7], digits[7:]))

    def _handle(self) -> str:
        tail = "".join(self.chance.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=self.chance.randrange(3, 7)))
        return self.chance.choice(_WORDS) + self.chance.choice(("_", "", "-")) + tail

    def photo(self, side: int = 1080) -> Image.Image:
        return shrunk(self.chance.choice(self.photos), side)

    def line(self, text: str, size: int, ink: str = "", page: str = "white") -> Image.Image:
        """The text on a page with room around it, which is about as large as a picture in an ad."""
        font = self.cache.font(size, self.chance.choice(FACES))
        width = round(font.getlength(text))
        picture = Image.new("RGB", (max(width + 6 * size, 480), self.chance.randrange(8, 16) * size), page)
        place = (
            self.chance.randrange(size, picture.width - width),
            self.chance.randrange(size, picture.height - 2 * size),
        )
        ImageDraw.Draw(picture).text(place, text, ink or self.chance.choice(_INKS), font)
        return picture


def _plain(make: _Maker, text: str) -> Image.Image:
    return make.line(text, make.chance.randrange(28, 56))


def _watermark(make: _Maker, text: str) -> Image.Image:
    """Half transparent letters over a photograph, in the middle or in a corner, at times slanted."""
    photo, size = make.photo(), make.chance.randrange(36, 64)
    font = make.cache.font(
        min(size, round(0.85 * photo.width * size / make.cache.font(size).getlength(text))), FACES[1]
    )
    layer = Image.new("L", photo.size)
    place = (photo.width // 2, round(photo.height * make.chance.choice((0.15, 0.5, 0.85))))
    ImageDraw.Draw(layer).text(place, text, make.chance.randrange(110, 200), font, anchor="mm")
    photo.paste("white", (0, 0), layer)
    return photo


def _quarter(make: _Maker, text: str) -> Image.Image:
    return _plain(make, text).transpose(make.chance.choice((Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270)))


def _half(make: _Maker, text: str) -> Image.Image:
    return _plain(make, text).transpose(Image.Transpose.ROTATE_180)


def _tilt(make: _Maker, text: str) -> Image.Image:
    angle = make.chance.choice((-1, 1)) * make.chance.uniform(3, 12)
    return _plain(make, text).rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor="white")


def _vertical(make: _Maker, text: str) -> Image.Image:
    """One character below the other."""
    size = make.chance.randrange(30, 46)
    picture = Image.new("RGB", (size * 10, size * (len(text) + 4)), "white")
    draw, font, ink = ImageDraw.Draw(picture), make.cache.font(size), make.chance.choice(_INKS)
    for number, character in enumerate(text):
        draw.text((size * 5, size * (number + 2)), character, ink, font, anchor="mm")
    return picture


def _tiny(make: _Maker, text: str) -> Image.Image:
    """14 pixels high in a picture of a phone's width, where shrinking takes it away."""
    page = Image.new("RGB", (1080, make.chance.randrange(900, 1440)), "white")
    page.paste(make.photo(900).resize((700, 500)), (make.chance.randrange(380), 40))
    place = (make.chance.randrange(40, 600), make.chance.randrange(600, 860))
    ImageDraw.Draw(page).text(place, text, make.chance.choice(_INKS), make.cache.font(14))
    return page


def _jpeg_40(make: _Maker, text: str) -> Image.Image:
    return Image.open(io.BytesIO(jpeg(make.line(text, make.chance.randrange(24, 44)), 40)))


def _on_photo(make: _Maker, text: str) -> Image.Image:
    """Opaque letters with an outline, as apps write them on pictures."""
    photo, size = make.photo(), make.chance.randrange(30, 60)
    font = make.cache.font(min(size, round(0.85 * photo.width * size / make.cache.font(size).getlength(text))))
    ink, outline = make.chance.choice((("white", "black"), ("yellow", "#7b1fa2"), ("red", "white")))
    place = (photo.width // 2, round(photo.height * make.chance.uniform(0.1, 0.9)))
    ImageDraw.Draw(photo).text(place, text, ink, font, anchor="mm", stroke_width=2, stroke_fill=outline)
    return photo.filter(ImageFilter.GaussianBlur(0.5))


def _light_on_dark(make: _Maker, text: str) -> Image.Image:
    page = make.chance.choice(("#111111", "#263238", "#4a148c", "#7f0000"))
    return make.line(text, make.chance.randrange(28, 56), make.chance.choice(("white", "#ffeb3b", "#b2ebf2")), page)


KINDS: dict[str, tuple[int, Callable[[_Maker, str], Image.Image]]] = {
    "plain": (40, _plain),
    "watermark over a photo": (36, _watermark),
    "turned by 90°": (28, _quarter),
    "turned by 180°": (28, _half),
    "slight tilt": (28, _tilt),
    "vertical": (24, _vertical),
    "14 px": (28, _tiny),
    "JPEG 40": (24, _jpeg_40),
    "on a photo": (24, _on_photo),
    "light on dark": (16, _light_on_dark),
}


def contact_cases(cache: Cache, photos: list[Path]) -> Iterator[ContactCase]:
    """Every picture, one at a time; the same at each call."""
    for kind, (count, draw) in KINDS.items():
        for number in range(count):
            chance = random.Random(f"{kind} {number}")  # noqa: S311  # pictures to read, no secret
            make = _Maker(chance, cache, photos)
            contact, text = make.words()
            yield ContactCase(kind, draw(make, text).convert("RGB"), contact)
