"""Read QR codes in a grey picture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PIL import Image, ImageFilter, ImageOps

from graph.values import QRPayload

# A Micro QR code has 11 modules or more; zxing-cpp takes no side above 65,535.
_LEAST_SIDE, _MOST_SIDE = 11, 65_000
# Twice the size helps codes that are small in small pictures; above this many pixels it costs more than all the rest.
_UPSCALE_PIXELS = 500_000
# A code without a margin fills its picture, so that it survives shrinking to this side.
_MARGIN_SIDE = 720
# A QR code's quiet zone is 4 modules; its smallest version has 21 of them.
_MARGIN_SHARE = 5
# Printed modules stay darker than this, so that all else turns white, which gives back a quiet zone that a
# photograph covers. Measured on 60 codes pasted without a margin, half JPEG 40: 1 read plain, 24 at 60, 49 at 25.
_BLACK, _DARK = 25, 60


def read_codes(grey: Image.Image) -> tuple[QRPayload, ...]:
    """Every QR and Micro QR code of the picture, each content once, in the order found."""
    if min(grey.size) < _LEAST_SIDE or max(grey.size) > _MOST_SIDE:
        return ()
    for version in _versions(grey):
        found = _read(version)
        if found:
            return found
    return ()


def _versions(grey: Image.Image) -> Iterator[Image.Image]:
    """The picture, and on a miss what was measured to help: a margin, dark parts alone, twice the size, a blur."""
    yield grey
    small = grey
    if max(grey.size) > _MARGIN_SIDE and min(grey.size) * _MARGIN_SIDE // max(grey.size) >= _LEAST_SIDE:
        small = ImageOps.contain(grey, (_MARGIN_SIDE, _MARGIN_SIDE), Image.Resampling.BOX)
    yield ImageOps.expand(small, border=max(8, min(small.size) // _MARGIN_SHARE), fill=255)
    yield _dark_parts(grey, _BLACK)
    yield _dark_parts(small, _DARK)
    if grey.width * grey.height <= _UPSCALE_PIXELS:
        doubled = grey.resize((grey.width * 2, grey.height * 2), Image.Resampling.BICUBIC)
        yield doubled
        yield doubled.filter(ImageFilter.BoxBlur(1))
    elif min(grey.size) >= 2:
        yield grey.reduce(2)


def _dark_parts(grey: Image.Image, below: int) -> Image.Image:
    return grey.point([0] * below + [255] * (256 - below))


def _read(grey: Image.Image) -> tuple[QRPayload, ...]:
    import numpy as np
    import zxingcpp

    formats: Any = [zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.MicroQRCode]
    found = zxingcpp.read_barcodes(np.ascontiguousarray(grey), formats=formats)
    payloads = (QRPayload.clean(_content(code)) for code in found)
    return tuple({p.node_id: p for p in payloads if p is not None}.values())


def _content(code: Any) -> str:
    """Bytes as UTF-8, then GB18030 (Chinese makers leave the encoding out), then as the library reads them."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return bytes(code.bytes).decode(encoding)
        except UnicodeDecodeError:
            continue
    return str(code.text)
