"""Read QR codes in a grey picture, and where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from PIL import Image, ImageFilter, ImageOps

from graph.values import QRPayload

# A Micro QR code has 11 modules or more; zxing-cpp takes no side above 65,535.
_LEAST_SIDE, _MOST_SIDE = 11, 65_000
# Twice the size helps codes that are small in small pictures; above this many pixels it costs more than all the rest.
_UPSCALE_PIXELS = 500_000
# A code without a margin fills its picture, so that it survives shrinking to this side. Data Matrix codes are looked
# for at this size only: at full size that costs five times what QR codes cost.
_SMALL_SIDE = 720
# A QR code's quiet zone is 4 modules; its smallest version has 21 of them.
_MARGIN_SHARE = 5
# Printed modules stay darker than this, so that all else turns white, which gives back a quiet zone that a
# photograph covers. Measured on 60 codes pasted without a margin, half JPEG 40: 1 read plain, 24 at 60, 49 at 25.
_BLACK, _DARK = 25, 60
# Of 11 codes that were not read, blurred by .3 to .7 modules, this made 7 readable at twice the size.
_SHARPENED = ImageFilter.UnsharpMask(radius=8, percent=400, threshold=0)

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""


class Code(NamedTuple):
    """A code's content, and the pixels of the picture in which it stands."""

    payload: QRPayload
    box: Box


class _Version(NamedTuple):
    """A changed picture; a place in it is `scale` times the place in the original, and `border` more."""

    picture: Image.Image
    scale: float = 1.0
    border: int = 0
    matrix: bool = False


def read_codes(grey: Image.Image) -> tuple[Code, ...]:
    """Every QR, Micro QR and Data Matrix code of the picture, each content once, in the order found.

    A picture in which a code was read is looked at in every version, since a poster's smallest code may need another
    one than its largest.
    """
    if min(grey.size) < _LEAST_SIDE or max(grey.size) > _MOST_SIDE:
        return ()
    found = dict[str, Code]()
    for version in _versions(grey):
        for code in _read(version, grey.size):
            found.setdefault(code.payload.node_id, code)
    return tuple(found.values())


def _versions(grey: Image.Image) -> Iterator[_Version]:
    """The picture, and what was measured to help on a miss: a margin, dark parts alone, twice the size, a blur."""
    yield _Version(grey)
    small, scale = grey, 1.0
    if max(grey.size) > _SMALL_SIDE and min(grey.size) * _SMALL_SIDE // max(grey.size) >= _LEAST_SIDE:
        small = ImageOps.contain(grey, (_SMALL_SIDE, _SMALL_SIDE), Image.Resampling.BOX)
        scale = small.width / grey.width
    border = max(8, min(small.size) // _MARGIN_SHARE)
    yield _Version(ImageOps.expand(small, border=border, fill=255), scale, border, matrix=True)
    yield _Version(_dark_parts(grey, _BLACK))
    yield _Version(_dark_parts(small, _DARK), scale)
    if grey.width * grey.height <= _UPSCALE_PIXELS:
        doubled = grey.resize((grey.width * 2, grey.height * 2), Image.Resampling.BICUBIC)
        yield _Version(doubled, 2.0)
        yield _Version(doubled.filter(ImageFilter.BoxBlur(1)), 2.0)
        yield _Version(doubled.filter(_SHARPENED), 2.0)
    elif min(grey.size) >= 2:
        yield _Version(grey.reduce(2), 0.5)


def _dark_parts(grey: Image.Image, below: int) -> Image.Image:
    return grey.point([0] * below + [255] * (256 - below))


def _read(version: _Version, size: tuple[int, int]) -> Iterator[Code]:
    import numpy as np
    import zxingcpp

    formats: Any = [zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.MicroQRCode]
    pixels = np.ascontiguousarray(version.picture)
    read = zxingcpp.read_barcodes(pixels, formats=formats)
    if version.matrix:
        # Upright ones: looking for those that lie on their side takes as long as all the rest.
        matrix: Any = zxingcpp.BarcodeFormat.DataMatrix
        read += zxingcpp.read_barcodes(pixels, formats=matrix, try_rotate=False)
    for found in read:
        payload = QRPayload.clean(_content(found))
        if payload is not None:
            yield Code(payload, _box(found.position, version, size))


def _box(position: Any, version: _Version, size: tuple[int, int]) -> Box:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    xs = [round((corner.x - version.border) / version.scale) for corner in corners]
    ys = [round((corner.y - version.border) / version.scale) for corner in corners]
    left, top, right, bottom = min(xs), min(ys), max(xs), max(ys)
    return max(0, left), max(0, top), min(size[0], right + 1), min(size[1], bottom + 1)


def _content(code: Any) -> str:
    """Bytes as UTF-8, then GB18030 (Chinese makers leave the encoding out), then as the library reads them.

    Bytes of Kanji mode, which some makers write Chinese in, are GB18030 of rare signs: there the library is right.
    """
    data, read = bytes(code.bytes), str(code.text)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        chinese = data.decode("gb18030")
    except UnicodeDecodeError:
        return read
    return read if _commonness(read) > _commonness(chinese) else chinese


def _commonness(text: str) -> float:
    """Share of the signs beyond ASCII that are among the 3,755 most used Chinese ones (level 1 of GB/T 2312)."""
    signs = [sign.encode("gb2312", "replace") for sign in text if not sign.isascii()]
    return sum(0xB0 <= sign[0] <= 0xD7 for sign in signs) / max(1, len(signs))
