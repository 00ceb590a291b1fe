"""What sellers do to a photograph before it appears again: 26 edits, each with a fixed seed a photograph.

Every edit gives the name of the variant that chance chose and a JPEG file (quality 85 unless the edit says otherwise).
A crop of n % leaves 100 - n % of the width and of the height.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from benchmarks.picture_sets.fetch import FACES, Cache

Edit = Callable[[Image.Image, random.Random, Cache], tuple[str, Image.Image]]
QUALITY = 85
_WORDS = ("老王家文玩", "实物拍摄 盗图必究", "诚信经营十年", "同城面交可看货", "小店新品到货", "懂的来 非诚勿扰")
_LINES = ("实物如图，成色看图，支持验货。", "喜欢的朋友直接联系，价格可以小刀。", "发货地 本市，顺丰包邮，不满意包退。")


def edited(picture: Image.Image, name: str, edit: str, cache: Cache) -> tuple[str, bytes]:
    """The variant and the file of one edit; the same at each call."""
    chance = random.Random(f"{name} {edit}")  # noqa: S311  # pictures to compare, no secret
    variant, changed = EDITS[edit](picture, chance, cache)
    if edit == "rotate 90° with EXIF":
        return variant, _turned(changed, variant)
    return variant, jpeg(changed, 30 if edit == "JPEG 30" else 45 if edit == "combination" else QUALITY)


def jpeg(picture: Image.Image, quality: int = QUALITY) -> bytes:
    """The file of a picture."""
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()


def _turned(picture: Image.Image, variant: str) -> bytes:
    """Pixels that lie on their side, and the note that says so: shown, it is the same picture."""
    exif, out = Image.Exif(), io.BytesIO()
    clockwise = variant == "clockwise"
    exif[0x0112] = 6 if clockwise else 8
    lying = picture.transpose(Image.Transpose.ROTATE_90 if clockwise else Image.Transpose.ROTATE_270)
    lying.save(out, "JPEG", quality=QUALITY, exif=exif)
    return out.getvalue()


def _border(picture: Image.Image, chance: random.Random, _: Cache) -> tuple[str, Image.Image]:
    share, colour = chance.choice(((0.03, "white"), (0.07, "black"), (0.12, "#b03a2e")))
    return f"{share:.0%} {colour}", ImageOps.expand(picture, round(share * max(picture.size)), colour)


def _padding(picture: Image.Image, chance: random.Random, _: Cache) -> tuple[str, Image.Image]:
    colour = chance.choice(("white", "black"))
    if chance.random() < 0.5:
        side = max(picture.size)
        # One that is nearly square gets some padding all the same.
        wanted, shape = (side, round(side * 1.15) if min(picture.size) > 0.9 * side else side), "square"
    else:
        wanted, shape = (picture.width, max(round(picture.width * 16 / 9), round(picture.height * 1.2))), "letterbox"
    return f"{shape} {colour}", ImageOps.pad(picture, wanted, color=colour)


def _mirror(picture: Image.Image, _: random.Random, __: Cache) -> tuple[str, Image.Image]:
    return "", ImageOps.mirror(picture)


def _light_screenshot(picture: Image.Image, chance: random.Random, cache: Cache) -> tuple[str, Image.Image]:
    return "", screenshot(picture, chance, cache, dark=False)


def _dark_screenshot(picture: Image.Image, chance: random.Random, cache: Cache) -> tuple[str, Image.Image]:
    return "", screenshot(picture, chance, cache, dark=True)


def screenshot(picture: Image.Image, chance: random.Random, cache: Cache, *, dark: bool) -> Image.Image:
    """A phone's screen: status bar, title, the picture in its page, some text, the app's bar below."""
    page, ink, faint = ("#111111", "#eeeeee", "#333333") if dark else ("#ffffff", "#222222", "#dddddd")
    screen = Image.new("RGB", (1080, 2340), page)
    draw = ImageDraw.Draw(screen)
    draw.text((40, 20), f"{chance.randrange(24):02}:{chance.randrange(60):02}", ink, cache.font(36))
    draw.rounded_rectangle((980, 28, 1040, 56), 8, outline=ink, width=3)
    draw.text((60, 110), "‹", ink, cache.font(64))
    draw.text((480, 120), "宝贝详情" if not dark else "动态", ink, cache.font(44))
    margin = 0 if dark else chance.choice((0, 30, 48))
    shown = ImageOps.contain(picture, (1080 - 2 * margin, 1500), Image.Resampling.LANCZOS)
    top = chance.randrange(330, 560) if dark else chance.randrange(220, 320)
    screen.paste(shown, ((1080 - shown.width) // 2, top))
    _page_text(draw, top + shown.height + 40, ink, cache)
    draw.line((0, 2180, 1080, 2180), faint, 3)
    for number, word in enumerate(("首页", "消息", "发布", "购物车", "我的")):
        draw.text((60 + number * 210, 2230), word, ink, cache.font(34))
    return screen


def _page_text(draw: ImageDraw.ImageDraw, top: int, ink: str, cache: Cache) -> None:
    for number, line in enumerate(_LINES):
        if top + number * 70 < 2100:
            draw.text((48, top + number * 70), line, ink, cache.font(42))


def _watermark(picture: Image.Image, text: str, place: tuple[int, int], size: int, alpha: int, cache: Cache) -> None:
    layer = Image.new("L", picture.size)
    ImageDraw.Draw(layer).text(place, text, alpha, cache.font(size, FACES[1]), anchor="mm")
    picture.paste("white", (0, 0), layer)


def _across(picture: Image.Image, chance: random.Random, cache: Cache) -> tuple[str, Image.Image]:
    text, turn = chance.choice(_WORDS), chance.choice((0, 20, 30))
    size = max(16, round(0.8 * picture.width / len(text)))
    layer = Image.new("L", picture.size)
    middle = (picture.width // 2, picture.height // 2)
    ImageDraw.Draw(layer).text(middle, text, chance.randrange(140, 220), cache.font(size, FACES[1]), anchor="mm")
    marked = picture.copy()
    marked.paste("white", (0, 0), layer.rotate(turn, Image.Resampling.BICUBIC))
    return "", marked


def _corner(picture: Image.Image, chance: random.Random, cache: Cache) -> tuple[str, Image.Image]:
    marked, size = picture.copy(), max(14, min(picture.size) // 16)
    x, y = chance.choice((0.25, 0.75)), chance.choice((0.06, 0.94))
    _watermark(marked, chance.choice(_WORDS), (round(x * picture.width), round(y * picture.height)), size, 230, cache)
    return "", marked


def _repeated(picture: Image.Image, chance: random.Random, cache: Cache) -> tuple[str, Image.Image]:
    size, text = max(14, min(picture.size) // 18), chance.choice(_WORDS)
    layer = Image.new("L", picture.size)
    draw, font = ImageDraw.Draw(layer), cache.font(size, FACES[1])
    for row in range(0, picture.height, size * 4):
        for column in range(-row % (size * 5), picture.width, size * (len(text) + 3)):
            draw.text((column, row), text, chance.randrange(70, 100), font)
    marked = picture.copy()
    marked.paste("white", (0, 0), layer)
    return "", marked


def _crop(percent: int) -> Edit:
    def edit(picture: Image.Image, chance: random.Random, _: Cache) -> tuple[str, Image.Image]:
        cut = (round(picture.width * percent / 100), round(picture.height * percent / 100))
        centred = chance.random() < 0.5
        left, top = (side // 2 if centred else chance.randrange(side + 1) for side in cut)
        box = (left, top, left + picture.width - cut[0], top + picture.height - cut[1])
        return "centred" if centred else "off-centre", picture.crop(box)

    return edit


def _resize(share: float) -> Edit:
    def edit(picture: Image.Image, _: random.Random, __: Cache) -> tuple[str, Image.Image]:
        size = (round(picture.width * share), round(picture.height * share))
        return "", picture.resize(size, Image.Resampling.BILINEAR)

    return edit


def _same(picture: Image.Image, _: random.Random, __: Cache) -> tuple[str, Image.Image]:
    return "", picture


def _brightness(picture: Image.Image, chance: random.Random, _: Cache) -> tuple[str, Image.Image]:
    factor = chance.choice((0.6, 1.4))
    return "brighter" if factor > 1 else "darker", ImageEnhance.Brightness(picture).enhance(factor)


def _contrast(picture: Image.Image, chance: random.Random, _: Cache) -> tuple[str, Image.Image]:
    factor = chance.choice((0.6, 1.5))
    return "more" if factor > 1 else "less", ImageEnhance.Contrast(picture).enhance(factor)


def _gamma(picture: Image.Image, chance: random.Random, _: Cache) -> tuple[str, Image.Image]:
    power = chance.choice((0.6, 1.7))
    return f"{power}", picture.point([round(255 * (level / 255) ** power) for level in range(256)] * 3)


def _grey(picture: Image.Image, _: random.Random, __: Cache) -> tuple[str, Image.Image]:
    return "", picture.convert("L")


def _cast(picture: Image.Image, chance: random.Random, _: Cache) -> tuple[str, Image.Image]:
    gains = chance.choice(((1.2, 1.0, 0.7), (0.75, 1.0, 1.25), (1.0, 1.15, 0.8)))
    name = {1.2: "warm", 0.75: "cold"}.get(gains[0], "green")
    return name, picture.point([min(255, round(level * gain)) for gain in gains for level in range(256)])


def _blur(picture: Image.Image, chance: random.Random, _: Cache) -> tuple[str, Image.Image]:
    return "", picture.filter(ImageFilter.GaussianBlur(chance.uniform(1.5, 4)))


def _sharpen(picture: Image.Image, chance: random.Random, _: Cache) -> tuple[str, Image.Image]:
    return "", picture.filter(ImageFilter.UnsharpMask(chance.uniform(2, 4), 180, 2))


def _banner(picture: Image.Image, chance: random.Random, cache: Cache) -> tuple[str, Image.Image]:
    marked, height = picture.copy(), round(picture.height * chance.uniform(0.07, 0.12))
    below = chance.random() < 0.5
    top = picture.height - height if below else 0
    draw = ImageDraw.Draw(marked)
    draw.rectangle((0, top, picture.width, top + height), chance.choice(("#c0392b", "#f1c40f", "white", "black")))
    font = cache.font(max(10, round(height * 0.55)), FACES[1])
    draw.text((picture.width // 2, top + height // 2), chance.choice(_WORDS), "#2e86c1", font, anchor="mm")
    return "below" if below else "above", marked


def _rotate(picture: Image.Image, chance: random.Random, _: Cache) -> tuple[str, Image.Image]:
    return chance.choice(("clockwise", "anticlockwise")), picture


def _sticker(picture: Image.Image, chance: random.Random, _: Cache) -> tuple[str, Image.Image]:
    """A round yellow face over a fifth or so of the shorter side, where chance puts it."""
    marked, side = picture.copy(), round(min(picture.size) * chance.uniform(0.15, 0.25))
    x, y = chance.randrange(picture.width - side), chance.randrange(picture.height - side)
    draw = ImageDraw.Draw(marked)
    draw.ellipse((x, y, x + side, y + side), "#ffd93b", "#e0a800", max(1, side // 40))
    for eye in (0.3, 0.6):
        draw.ellipse((x + side * eye, y + side * 0.3, x + side * (eye + 0.1), y + side * 0.42), "#5d4037")
    draw.arc((x + side * 0.22, y + side * 0.3, x + side * 0.78, y + side * 0.8), 20, 160, "#5d4037", max(2, side // 20))
    return "", marked


def _combination(picture: Image.Image, chance: random.Random, cache: Cache) -> tuple[str, Image.Image]:
    _, smaller = _resize(0.6)(picture, chance, cache)
    _, marked = _across(smaller, chance, cache)
    return "60 %, watermark, JPEG 45", marked


EDITS: dict[str, Edit] = {
    "border": _border,
    "padding": _padding,
    "mirror": _mirror,
    "screenshot, light": _light_screenshot,
    "screenshot, dark": _dark_screenshot,
    "watermark across": _across,
    "watermark in a corner": _corner,
    "watermark repeated": _repeated,
    "crop 5 %": _crop(5),
    "crop 10 %": _crop(10),
    "crop 15 %": _crop(15),
    "crop 20 %": _crop(20),
    "resize 50 %": _resize(0.5),
    "resize 25 %": _resize(0.25),
    "JPEG 30": _same,
    "brightness": _brightness,
    "contrast": _contrast,
    "gamma": _gamma,
    "grey": _grey,
    "colour cast": _cast,
    "blur": _blur,
    "sharpen": _sharpen,
    "text banner": _banner,
    "rotate 90° with EXIF": _rotate,
    "sticker": _sticker,
    "combination": _combination,
}
