"""Read one picture: size, media type, perceptual hashes, quality, and the QR codes in it."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass

from PIL import Image

from graph.values import QRPayload
from ingest.extract.codes import read_codes
from ingest.extract.decode import decode, open_picture

# The gradients of PDQ's reference implementation: counted per 64 x 64 luminance, in hundredths, divided by 90.
_PDQ_SIDE, _PDQ_DIVISOR = 64, 90


@dataclass(frozen=True, slots=True)
class PictureReading:
    """What is in a picture file.

    Attributes:
        sha256: digest of the bytes, in hex.
        mime: media type found in the bytes.
        width, height: pixels, as shown (EXIF orientation applied).
        n_bytes: size of the file.
        phash64, phash256: perceptual hashes, 16 and 64 hex digits.
        quality: sum of gradients as PDQ defines it, 0 (blank) to 100.
        codes: QR codes, each content once.
        problem: what is wrong with the file although it was read, else None.
    """

    sha256: str
    mime: str
    width: int
    height: int
    n_bytes: int
    phash64: str
    phash256: str
    quality: float
    codes: tuple[QRPayload, ...]
    problem: str | None


def read_picture(data: bytes) -> PictureReading:
    """Decode and measure a picture.

    Raises:
        RejectError: the bytes are no usable picture; the reason says what they are.
    """
    with warnings.catch_warnings():
        # Pillow warns of oddities in files (corrupt EXIF, palette transparency) that it copes with.
        warnings.simplefilter("ignore")
        picture, mime = open_picture(data)
        full_width, full_height = picture.size
        grey, problem = decode(picture, data)
        if (grey.width > grey.height) != (full_width > full_height):
            full_width, full_height = full_height, full_width
        codes = read_codes(grey)
    return PictureReading(
        sha256=hashlib.sha256(data).hexdigest(),
        mime=mime,
        width=full_width,
        height=full_height,
        n_bytes=len(data),
        phash64=phash(grey, 8),
        phash256=phash(grey, 16),
        quality=pdq_quality(grey),
        codes=codes,
        problem=problem,
    )


def phash(picture: Image.Image, hash_size: int) -> str:
    """Perceptual hash of `hash_size` squared bits, in hex: imagehash's own, of the whole picture."""
    import imagehash

    return str(imagehash.phash(picture, hash_size=hash_size))


def pdq_quality(picture: Image.Image) -> float:
    """PDQ's quality: how much there is to hash, 0 for a blank picture, 100 at most; a whole number."""
    import numpy as np

    luminance = picture.convert("L").resize((_PDQ_SIDE, _PDQ_SIDE), Image.Resampling.BOX)
    values = np.asarray(luminance, dtype=np.float64)
    steps = [np.abs(np.trunc(np.diff(values, axis=axis) * 100 / 255)).sum() for axis in (0, 1)]
    return float(min(100, int(sum(steps) / _PDQ_DIVISOR)))
