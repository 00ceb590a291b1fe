"""Pictures too plain to link anything by: by hashes alone, one page or one round thing on white is like the next."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from graph.hamming256 import MIN_QUALITY
from ingest.extract.codes import Code
from ingest.extract.decode import shrunk

# The gradients of PDQ's reference implementation: counted per 64 x 64 luminance, in hundredths, divided by 90.
_PDQ_SIDE, _PDQ_DIVISOR = 64, 90
# The features below are measured at this longest side.
_SIDE = 512
# A code that takes up this share of the picture is the picture: friend cards differ in the code alone.
_CODE_SHARE = 0.12
# Ink on paper has two luminances, so many levels apart: this share of the pixels lies within so many of one of them.
_TWO_TONE_SHARE, _TWO_TONE_LEVELS, _TWO_TONE_APART = 0.86, 16, 70
# A plain ground: this share of the outermost pixels within so many levels of their median.
_GROUND_SHARE, _GROUND_LEVELS, _RIM = 0.95, 14, 0.02
# A thing is round when it covers this share of the ellipse that its bounding box holds, and no more than so much of
# what lies outside (a square: 27 %); a thing that fills less of the picture than this is a speck.
_INSIDE_SHARE, _OUTSIDE_SHARE, _LEAST_AREA = 0.93, 0.12, 0.02


def weakness(grey: Image.Image, codes: tuple[Code, ...], quality: float) -> str | None:
    """Why a picture links nothing by its hashes alone: plain, code, page or round; None when it may.

    'plain': hardly any gradients; 'code': a machine-readable code fills much of it; 'page': two luminances, as text,
    drawings and chats have; 'round': one round thing on a plain ground.
    """
    if quality < MIN_QUALITY:
        return "plain"
    if _code_share(codes, grey.size) >= _CODE_SHARE:
        return "code"
    pixels = np.asarray(shrunk(grey, _SIDE), np.int16)
    if _is_round_on_plain(pixels):
        return "round"
    return "page" if _is_two_tone(pixels) else None


def pdq_quality(picture: Image.Image) -> float:
    """PDQ's quality: how much there is to hash, 0 for a blank picture, 100 at most; a whole number."""
    luminance = picture.convert("L").resize((_PDQ_SIDE, _PDQ_SIDE), Image.Resampling.BOX)
    values = np.asarray(luminance, dtype=np.float64)
    steps = [np.abs(np.trunc(np.diff(values, axis=axis) * 100 / 255)).sum() for axis in (0, 1)]
    return float(min(100, int(sum(steps) / _PDQ_DIVISOR)))


def _code_share(codes: tuple[Code, ...], size: tuple[int, int]) -> float:
    covered = sum((right - left) * (bottom - top) for _, (left, top, right, bottom) in codes)
    return covered / (size[0] * size[1])


def _is_two_tone(pixels: NDArray[Any]) -> bool:
    counts = np.bincount(pixels.ravel(), minlength=256).astype(float)
    window = np.ones(2 * _TWO_TONE_LEVELS + 1)
    around = np.convolve(counts, window, mode="same")
    first = int(around.argmax())
    far = np.abs(np.arange(256) - first) >= _TWO_TONE_APART
    return bool(around[first] + around[far].max(initial=0) >= _TWO_TONE_SHARE * pixels.size)


def _is_round_on_plain(pixels: NDArray[Any]) -> bool:
    ground = _ground(pixels)
    if ground is None:
        return False
    thing = np.abs(pixels - ground) > _GROUND_LEVELS
    rows, columns = np.flatnonzero(thing.any(axis=1)), np.flatnonzero(thing.any(axis=0))
    if thing.mean() < _LEAST_AREA:
        return False
    filled = _filled(thing[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    inside = _ellipse(filled.shape)
    return bool(filled[inside].mean() >= _INSIDE_SHARE and filled[~inside].mean() <= _OUTSIDE_SHARE)


def _ground(pixels: NDArray[Any]) -> float | None:
    """The luminance of the plain ground that a picture's rim shows, if it does."""
    rim = max(1, round(_RIM * min(pixels.shape)))
    outer = np.concatenate(
        [pixels[:rim].ravel(), pixels[-rim:].ravel(), pixels[:, :rim].ravel(), pixels[:, -rim:].ravel()]
    )
    level = float(np.median(outer))
    return level if (np.abs(outer - level) <= _GROUND_LEVELS).mean() >= _GROUND_SHARE else None


def _filled(thing: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """With what lies between its edges, along rows and columns: a ring becomes a disc."""
    across = np.maximum.accumulate(thing, axis=1) & np.maximum.accumulate(thing[:, ::-1], axis=1)[:, ::-1]
    down = np.maximum.accumulate(thing, axis=0) & np.maximum.accumulate(thing[::-1], axis=0)[::-1]
    filled: NDArray[np.bool_] = across & down
    return filled


def _ellipse(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    y, x = (np.linspace(-1, 1, side) for side in shape)
    return np.asarray(y[:, None] ** 2 + x[None, :] ** 2 <= 1)
