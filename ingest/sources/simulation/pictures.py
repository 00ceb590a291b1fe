"""Draw the market's pictures: plausible, procedural 'photographs' of goods, watermarks and codes.

Only Pillow, numpy and zxing-cpp are used; text is in Pillow's own font, so no system font is needed.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

from ingest.sources.simulation.album import Album, Shot, mark_text
from ingest.sources.simulation.dice import Dice
from ingest.sources.simulation.shapes import draw_goods

if TYPE_CHECKING:
    import numpy as np

SIZES = ((640, 480), (480, 640), (560, 560), (600, 450))
QUALITY, COPY_QUALITY = 86, 68
_FRAME = ((250, 250, 246), (20, 20, 20), (160, 30, 30))


def draw_album(album: Album, seed: int, out: Path, tell: Callable[[str, int, int], None]) -> int:
    """Write every picture of the album below `out`; return how many."""
    (out / "images").mkdir(parents=True, exist_ok=True)
    for number, shot in enumerate(album.all, start=1):
        (out / shot.file).write_bytes(picture_bytes(shot, seed))
        tell("pictures", number, len(album.all))
    return len(album.all)


def picture_bytes(shot: Shot, seed: int) -> bytes:
    """The file of one picture: PNG for a code alone, else JPEG. Equal arguments give equal bytes."""
    stream = io.BytesIO()
    if shot.kind == "code":
        _code_picture(shot).save(stream, "PNG")
        return stream.getvalue()
    image = _photograph(shot, seed)
    if shot.kind == "watermark":
        _watermark(image, shot, Dice(seed, "mark", shot.file))
    if shot.kind == "corner_code":
        _paste_code(image, shot)
    if shot.kind in {"copy", "watermark", "corner_code"}:
        image = _edited(image, shot.edit, Dice(seed, "edit", shot.file))
    image.save(stream, "JPEG", quality=COPY_QUALITY if shot.kind == "copy" else QUALITY)
    return stream.getvalue()


def _photograph(shot: Shot, seed: int) -> Image.Image:
    """Goods on a table or cloth under uneven light; a copy has its original's drawing number, so its photograph."""
    import numpy as np

    dice = Dice(seed, "photo", shot.drawing)
    size = dice.pick(SIZES)
    noise = np.random.RandomState(dice.below(2**31))  # a stream that numpy has frozen
    image = Image.fromarray(_ground(dice, noise, size), "RGB")
    draw_goods(image, shot.species, dice)
    return Image.fromarray(_lit(np.asarray(image), dice, noise))


def _ground(dice: Dice, noise: np.random.RandomState, size: tuple[int, int]) -> np.ndarray:
    """Wood, cloth, stone or paper: waves of one colour with coarse stains."""
    import numpy as np

    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle, step = dice.random() * 3.14, 6 + dice.random() * 60
    bend = np.sin(y / (20 + 80 * dice.random())) * 3 * dice.random()
    waves = np.sin((x * np.cos(angle) + y * np.sin(angle)) / step + bend)
    stains = Image.fromarray(noise.randint(0, 255, (dice.between(3, 7), dice.between(3, 7))).astype(np.uint8))
    coarse = np.asarray(stains.resize(size, Image.Resampling.BICUBIC), dtype=np.float32) - 128
    colour = np.array([dice.between(40, 220), dice.between(35, 200), dice.between(30, 190)], dtype=np.float32)
    shade = waves * dice.between(4, 16) + coarse * (0.15 + 0.4 * dice.random())
    ground: np.ndarray = np.clip(colour + shade[..., None], 0, 255).astype(np.uint8)
    return ground


def _lit(pixels: np.ndarray, dice: Dice, noise: np.random.RandomState) -> np.ndarray:
    """Light from one side, and the grain of a telephone's camera."""
    import numpy as np

    height, width = pixels.shape[:2]
    x, y = np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    light = 1 + 0.35 * ((dice.random() - 0.5) * x + (dice.random() - 0.5) * y) - 0.18 * (x * x + y * y)
    grain = noise.randint(-7, 8, (height, width, 1)).astype(np.float32)
    lit: np.ndarray = np.clip(pixels * light[..., None] + grain, 0, 255).astype(np.uint8)
    return lit


def _watermark(image: Image.Image, shot: Shot, dice: Dice) -> None:
    assert shot.contact is not None
    font = ImageFont.load_default(size=dice.between(22, 34))
    text, draw = mark_text(shot.contact), ImageDraw.Draw(image, "RGBA")
    width = draw.textlength(text, font=font)
    place = (dice.between(10, max(11, int(image.width - width - 10))), dice.between(20, image.height - 60))
    draw.text((place[0] + 2, place[1] + 2), text, font=font, fill=(0, 0, 0, 120))
    draw.text(place, text, font=font, fill=(255, 255, 255, dice.between(170, 255)))


def _code(payload: str, scale: int) -> Image.Image:
    import zxingcpp

    code = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode)
    return Image.fromarray(code.to_image(scale=scale)).convert("RGB")


def _paste_code(image: Image.Image, shot: Shot) -> None:
    assert shot.contact is not None
    code = _code(shot.contact.value, 4)
    image.paste(code, (image.width - code.width - 12, image.height - code.height - 12))


def _code_picture(shot: Shot) -> Image.Image:
    """A code alone on a coloured card, as apps offer it for saving."""
    assert shot.contact is not None
    code = _code(shot.contact.value, 7)
    dice = Dice("card", shot.contact.value)
    card = Image.new("RGB", (code.width + 120, code.height + 200), tuple(dice.between(60, 235) for _ in range(3)))
    card.paste(code, (60, 110))
    font = ImageFont.load_default(size=30)
    ImageDraw.Draw(card).text((60, 40), f"No. {dice.below(10**6):06d}", font=font, fill=(255, 255, 255))
    return card


def _edited(image: Image.Image, edit: str, dice: Dice) -> Image.Image:
    """A copy as re-posters make it; 'recompress' changes nothing but the file."""
    width, height = image.size
    if edit == "crop":
        cut = 0.03 + 0.03 * dice.random()
        return image.crop((int(width * cut), int(height * cut), int(width * (1 - cut)), int(height * (1 - cut))))
    if edit == "border":
        return ImageOps.expand(image, border=dice.between(6, 14), fill=dice.pick(_FRAME))
    if edit == "mirror":
        return ImageOps.mirror(image)
    if edit == "brighten":
        return ImageEnhance.Brightness(image).enhance(1.08 + 0.12 * dice.random())
    return image
