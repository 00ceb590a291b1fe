"""Read QR codes in a grey picture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PIL import Image, ImageFilter, ImageOps

from graph.values import QRPayload

# Retries only help codes that are small in their picture; above this size a module is wide enough or hopeless.
_UPSCALE_PIXELS = 1_200_000
# A QR code's quiet zone is 4 modules; its smallest version has 21 of them.
_MARGIN_SHARE = 5


def read_codes(grey: Image.Image) -> tuple[QRPayload, ...]:
    """Every QR and Micro QR code of the picture, each content once, in the order found."""
    for version in _versions(grey):
        found = _read(version)
        if found:
            return found
    return ()


def _versions(grey: Image.Image) -> Iterator[Image.Image]:
    """The picture, and on a miss what was measured to help: a white margin, twice the size, a slight blur."""
    yield grey
    yield ImageOps.expand(grey, border=max(8, min(grey.size) // _MARGIN_SHARE), fill=255)
    if grey.width * grey.height <= _UPSCALE_PIXELS:
        doubled = grey.resize((grey.width * 2, grey.height * 2), Image.Resampling.BICUBIC)
        yield doubled
        yield doubled.filter(ImageFilter.GaussianBlur(1.5))
    else:
        yield grey.filter(ImageFilter.GaussianBlur(1))


def _read(grey: Image.Image) -> tuple[QRPayload, ...]:
    import numpy as np
    import zxingcpp

    formats = [zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.MicroQRCode]
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
