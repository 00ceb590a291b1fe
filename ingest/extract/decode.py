"""From the bytes of a picture to its pixels, refusing what is none and what would fill the memory."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from sellergraph.errors import RejectError

# Decoded to grey and colour this takes about 500 MB; phones make 12 to 50 megapixels, scanners up to 100.
MAX_PIXELS = 100_000_000
# Beyond this a JPEG is decoded at half, a quarter or an eighth of its size: QR codes and hashes need no more.
_ENOUGH_PIXELS = 16_000_000
# What pictures in advertisements are; the other decoders of Pillow are surface for attacks only.
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "MPO", "AVIF", "JPEG2000", "PPM", "TGA", "ICO")
# Pillow's decoders let these out for broken files.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
)
_ORIENTATION = 0x0112
# Pillow's two switches are global; pictures may be read by several threads.
_SWITCHES = Lock()


@cache
def _formats() -> tuple[str, ...]:
    """Those of _FORMATS that this Pillow was built with, and HEIF where the extra 'heic' is installed."""
    Image.init()
    return tuple(name for name in (*_FORMATS, *(("HEIF",) if _reads_heic() else ())) if name in Image.OPEN)


@cache
def _reads_heic() -> bool:
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        return False
    register_heif_opener(thumbnails=False)
    return True


def open_picture(data: bytes) -> tuple[Image.Image, str]:
    """Read the header; return the picture, not yet decoded, and its media type.

    Raises:
        RejectError: no picture, one that is not read, or too many pixels.
    """
    refuse_non_pictures(data)
    try:
        with _switched(bombs=True):
            picture = Image.open(io.BytesIO(data), formats=_formats())
    except UnidentifiedImageError:
        raise RejectError("", "is no picture of a known format") from None
    except _BROKEN as error:
        raise RejectError("", f"has a broken header: {_clause(error)}") from error
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise RejectError(
            "", f"{width} x {height} pixels are more than the {MAX_PIXELS // 1_000_000} megapixels allowed"
        )
    if width < 1 or height < 1:
        raise RejectError("", "has no pixels")
    kind = "JPEG" if picture.format == "MPO" else picture.format or ""
    return picture, Image.MIME.get(kind, "application/octet-stream")


def decode(picture: Image.Image, data: bytes) -> tuple[Image.Image, str | None]:
    """Decode the first frame, the right way up, as mode L or RGB, transparent parts white; and what was wrong.

    Raises:
        RejectError: nothing of it can be decoded.
    """
    problem = None
    try:
        _reduce(picture)
        picture.load()
    except _BROKEN as error:
        picture, problem = _salvaged(data), f"truncated or damaged: {_clause(error)}"
    return plain(_upright(picture)), problem


def _salvaged(data: bytes) -> Image.Image:
    try:
        with _switched(bombs=True, truncated=True):
            picture = Image.open(io.BytesIO(data), formats=_formats())
            _reduce(picture)
            picture.load()
            return picture
    except _BROKEN as error:
        raise RejectError("", f"cannot be decoded: {_clause(error)}") from error


def _reduce(picture: Image.Image) -> None:
    """Ask the JPEG decoder for a smaller picture where the full one is far larger than is needed."""
    excess = picture.width * picture.height / _ENOUGH_PIXELS
    if excess > 1:
        scale = excess**0.5
        picture.draft("RGB", (round(picture.width / scale), round(picture.height / scale)))


def _upright(picture: Image.Image) -> Image.Image:
    try:
        # Without the question the whole picture would be copied.
        return picture if picture.getexif().get(_ORIENTATION, 1) == 1 else ImageOps.exif_transpose(picture)
    except _BROKEN:
        return picture


def shrunk(picture: Image.Image, side: int) -> Image.Image:
    """The picture at a longest side of at most so many pixels, each the mean of what it covers."""
    if max(picture.size) <= side:
        return picture
    scale = side / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.BOX, reducing_gap=2)


def plain(picture: Image.Image) -> Image.Image:
    """A picture of any mode as L or RGB, transparent parts white."""
    if picture.mode in ("L", "RGB"):
        return picture
    if picture.mode in ("I", "F") or picture.mode.startswith("I;"):
        return _stretched(picture)
    if picture.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in picture.info:
        colours = picture.convert("RGBA")
        white = Image.new("RGBA", colours.size, "white")
        return Image.alpha_composite(white, colours).convert("RGB")
    return picture.convert("L" if picture.mode == "1" else "RGB")


def _stretched(picture: Image.Image) -> Image.Image:
    """16 and 32 bits a pixel to 8: the range that the format has, or for wider ones that the picture uses."""
    import numpy as np

    values = np.asarray(picture, dtype=np.float64)
    values, most = np.nan_to_num(values), float(np.abs(np.nan_to_num(values)).max(initial=0))
    ranges = (1.0, 255.0) if picture.mode == "F" else (65535.0,)
    top = next((top for top in ranges if most <= top), most)
    return Image.fromarray((values.clip(0) / top * 255).astype(np.uint8))


@contextmanager
def _switched(*, bombs: bool, truncated: bool = False) -> Iterator[None]:
    """Let Pillow open any size (it is checked here, with a better message) and decode cut files."""
    with _SWITCHES:
        limit, load = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES
        Image.MAX_IMAGE_PIXELS = None if bombs else limit
        ImageFile.LOAD_TRUNCATED_IMAGES = truncated
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES = limit, load


def refuse_non_pictures(data: bytes) -> None:
    """Raise RejectError for what can be named: nothing, text, SVG, video, PDF, archives, HEIC."""
    if not data:
        raise RejectError("", "is empty (0 bytes)")
    start = data[:4096]
    named = _named(start)
    if named:
        raise RejectError("", named)
    if not start.strip(b"\x00"):
        raise RejectError("", "holds zero bytes only")
    if b"\x00" not in start and _is_text(start):
        raise RejectError("", "is text, not a picture")


_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "is a PDF document, not a picture"),
    (b"PK\x03\x04", "is a ZIP archive, not a picture"),
    (b"Rar!", "is a RAR archive, not a picture"),
    (b"\x1f\x8b", "is a gzip archive, not a picture"),
    (b"\x1aE\xdf\xa3", "is a video (Matroska or WebM), not a picture"),
    (b"ID3", "is an audio file, not a picture"),
    (b"OggS", "is an audio file, not a picture"),
    (b"fLaC", "is an audio file, not a picture"),
    (b"#!AMR", "is an audio file, not a picture"),
    (b"FLV", "is a video (FLV), not a picture"),
)
_STILL_BRANDS = (b"avif", b"avis")
_HEIC_BRANDS = (b"heic", b"heix", b"heif", b"heim", b"heis", b"hevc", b"mif1", b"msf1")


_NO_HEIC = "is a HEIC picture, which takes pip install 'sellergraph[heic]' to read; or convert it to JPEG"


def _named(start: bytes) -> str | None:
    for signature, reason in _SIGNATURES:
        if start.startswith(signature):
            return reason
    if start[4:8] == b"ftyp":
        brand = start[8:12]
        if brand in _HEIC_BRANDS and not any(still in start[8:40] for still in _STILL_BRANDS):
            return None if _reads_heic() else _NO_HEIC
        return (
            None if brand in _STILL_BRANDS or brand in _HEIC_BRANDS else "is a video or audio file (MP4), not a picture"
        )
    if start[:4] == b"RIFF" and start[8:12] != b"WEBP":
        return "is a video or audio file (RIFF), not a picture"
    head = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<?xml", b"<svg", b"<!doctype svg")) and b"<svg" in head:
        return "is an SVG drawing, which is not read; convert it to PNG"
    return "is a web page, not a picture" if head.startswith((b"<!doctype html", b"<html")) else None


def _is_text(start: bytes) -> bool:
    if start[:2] in (b"BM", b"II", b"MM") or start[:1] == b"P" and start[1:2].isdigit():
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            text = start[: len(start) - 4 if len(start) > 64 else len(start)].decode(encoding)
        except UnicodeDecodeError:
            continue
        return all(c.isprintable() or c in "\r\n\t\ufeff" for c in text)
    return False


def _clause(error: BaseException) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
