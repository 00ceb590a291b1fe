"""Read one picture: size, media type, hashes of its views, quality, the codes in it; and the text in it."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass
from typing import NamedTuple

from PIL import Image

from graph.photos import ViewHash
from graph.values import QRPayload
from ingest.extract.codes import Box, Code, read_codes
from ingest.extract.decode import decode, open_picture
from ingest.extract.ocr import OcrLine, OcrReader
from ingest.extract.plainness import pdq_quality, weakness
from ingest.extract.views import Frame, cut, frame_of, view_hashes


@dataclass(frozen=True, slots=True)
class PictureReading:
    """What is in a picture file.

    Attributes:
        sha256: digest of the bytes, in hex.
        mime: media type found in the bytes.
        width, height: pixels, as shown (EXIF orientation applied).
        n_bytes: size of the file.
        views: perceptual hashes of each view; see `ingest.extract.views`.
        quality: sum of gradients as PDQ defines it, 0 (blank) to 100.
        weak: why nothing is to be linked by the hashes alone, else None; see `ingest.extract.plainness`.
        codes: codes, each content once. code_boxes: where they stand, in pixels, as shown.
        problem: what is wrong with the file although it was read, else None.
    """

    sha256: str
    mime: str
    width: int
    height: int
    n_bytes: int
    views: tuple[ViewHash, ...]
    quality: float
    weak: str | None
    codes: tuple[QRPayload, ...]
    code_boxes: tuple[Box, ...]
    problem: str | None

    @property
    def phash64(self) -> str:
        """Hash of the whole picture, 16 hex digits."""
        return self.views[0].phash64

    @property
    def phash256(self) -> str:
        """Hash of the whole picture, 64 hex digits."""
        return self.views[0].phash256


def read_picture(data: bytes) -> PictureReading:
    """Decode and measure a picture, and read the codes in it.

    Raises:
        RejectError: the bytes are no usable picture; the reason says what they are.
    """
    shown = _shown(data)
    grey = shown.picture.convert("L")
    codes, quality, frame = read_codes(grey), pdq_quality(grey), frame_of(grey)
    return PictureReading(
        sha256=hashlib.sha256(data).hexdigest(),
        mime=shown.mime,
        width=shown.width,
        height=shown.height,
        n_bytes=len(data),
        views=view_hashes(grey, frame),
        quality=quality,
        weak=_weakness(grey, codes, quality, frame),
        codes=tuple(code.payload for code in codes),
        code_boxes=tuple(_scaled(code.box, shown.scale) for code in codes),
        problem=shown.problem,
    )


def _weakness(grey: Image.Image, codes: tuple[Code, ...], quality: float, frame: Frame | None) -> str | None:
    if frame is None or not frame.is_page:
        return weakness(grey, codes, quality)
    # A screenshot is as telling as the photograph in it.
    photograph = cut(grey, frame.box)
    return weakness(photograph, (), pdq_quality(photograph))


def read_lines(data: bytes, ocr: OcrReader) -> list[OcrLine]:
    """The text in a picture, each line with its box in pixels of the picture as shown.

    Raises:
        RejectError: the bytes are no usable picture, or the engine failed on it.
    """
    shown = _shown(data)
    return [line._replace(box=_scaled(line.box, shown.scale)) for line in ocr.read(shown.picture)]


class _Shown(NamedTuple):
    """A decoded picture, the right way up; `scale` is the full width over that of the decoded one."""

    picture: Image.Image
    mime: str
    width: int
    height: int
    problem: str | None

    @property
    def scale(self) -> float:
        return self.width / self.picture.width


def _shown(data: bytes) -> _Shown:
    with warnings.catch_warnings():
        # Pillow warns of oddities in files (corrupt EXIF, palette transparency) that it copes with.
        warnings.simplefilter("ignore")
        picture, mime = open_picture(data)
        width, height = picture.size
        shown, problem = decode(picture, data)
    if (shown.width > shown.height) != (width > height):
        width, height = height, width
    return _Shown(shown, mime, width, height, problem)


def _scaled(box: Box, scale: float) -> Box:
    """A box of a picture that was decoded smaller, in pixels of the full one."""
    left, top, right, bottom = (round(side * scale) for side in box)
    return left, top, right, bottom
