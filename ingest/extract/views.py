"""Views of a picture, each with its perceptual hashes: what an edit took away, some view of the original lacks too.

The hashes of the full view are those that imagehash.phash gives for the whole picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from graph.photos import FRAMED, ViewHash
from ingest.extract.decode import shrunk

Box = tuple[float, float, float, float]
"""Left, top, right, bottom as shares of the width and height."""

# imagehash's hash_size of the two hashes, and its highfreq_factor.
_SIDES, _FACTOR = (8, 16), 4
# Views other than the full one are cut from the picture at this longest side: Lanczos to 64 pixels needs no more.
_ENOUGH = 256
# Looking for frames takes no more than this longest side.
_FRAME_SIDE = 512
# A border's or page's luminance varies by so many levels (JPEG), covers so much of the rim, or of the whole picture;
# a line of pixels that shows more of it than this is not the photograph's.
_PAGE_LEVELS, _RIM_SHARE, _PAGE_SHARE, _MOSTLY = 5, 0.6, 0.2, 0.5
# Lines of a photograph may show the page's luminance: gaps up to this share of the side are bridged.
_BRIDGED = 0.01
# What is left of a picture without its frame is at least this share of each side, or no photograph was found.
_LEAST_LEFT = 0.2
# A cut of less than this share of the side is none.
_LEAST_CUT = 0.01
# Lines of a border show it alone, but for what JPEG leaves at its edge.
_ALL_BORDER = 0.97
# Above and below the photograph of a screenshot is more than a border, mostly page of one exact luminance (JPEG moves
# it by a level or two), and so many of its lines bear so much ink.
_BAR_SHARE, _PAGE_HEIGHT, _AROUND_SHARE, _EXACT_LEVELS, _EXACT_SHARE = 0.03, 0.8, 0.7, 2, 0.9
_INK_SHARE, _WRITTEN_SHARE, _ALL_PAGE = 0.02, 0.08, 0.9


# A tenth less at one side: a bar or a watermark was cut off.
_SIDES_CUT: tuple[tuple[str, Box], ...] = (
    ("left90", (0.0, 0.0, 0.9, 1.0)),
    ("right90", (0.1, 0.0, 1.0, 1.0)),
    ("top90", (0.0, 0.0, 1.0, 0.9)),
    ("bottom90", (0.0, 0.1, 1.0, 1.0)),
)


def view_hashes(grey: Image.Image, frame: Frame | None) -> tuple[ViewHash, ...]:
    """The hashes of every view of an upright grey picture, given what `frame_of` says of it.

    'full'; 'mirror'; 'trimmed': without borders and the frame of a screenshot, when there are any; 'centre90' and
    'centre80': the middle of each side; 'left90', 'right90', 'top90', 'bottom90': a tenth less at the other side;
    'square': the middle square, unless the picture is one. Of a screenshot all but the first are views of what stands
    in its frame, and the first is called 'framed': two screens of one app are alike whatever they show.
    """
    small, full = shrunk(grey, _ENOUGH), _all_reduced(grey)
    found = [ViewHash(FRAMED if frame and frame.is_page else "full", *_both(full))]
    if frame:
        inner = shrunk(cut(grey, frame.box), _ENOUGH)
        trimmed = _all_reduced(inner)
        found.append(ViewHash("trimmed", *_both(trimmed)))
        if frame.is_page:
            small, full = inner, trimmed
    found.append(ViewHash("mirror", *_both([ImageOps.mirror(one) for one in full])))
    found += [ViewHash(name, *_both(_all_reduced(cut(small, box)))) for name, box in _boxes(small)]
    return tuple(found)


def _boxes(small: Image.Image) -> list[tuple[str, Box]]:
    boxes = [("centre90", _centre(0.9, 0.9)), ("centre80", _centre(0.8, 0.8)), *_SIDES_CUT]
    side = min(small.size)
    if side / max(small.size) < 1 - _LEAST_CUT:
        boxes.append(("square", _centre(side / small.width, side / small.height)))
    return boxes


def _centre(width: float, height: float) -> Box:
    return (1 - width) / 2, (1 - height) / 2, (1 + width) / 2, (1 + height) / 2


def cut(picture: Image.Image, box: Box) -> Image.Image:
    """The part of a picture, one pixel at least."""
    left, top, right, bottom = (
        round(share * side) for share, side in zip(box, (*picture.size, *picture.size), strict=True)
    )
    return picture.crop((left, top, max(right, left + 1), max(bottom, top + 1)))


def phash(grey: Image.Image, hash_size: int) -> str:
    """Perceptual hash of `hash_size` squared bits, in hex, as imagehash.phash gives it."""
    return _hashed(_reduced(grey, hash_size), hash_size)


def _all_reduced(grey: Image.Image) -> list[Image.Image]:
    return [_reduced(grey, side) for side in _SIDES]


def _both(reduced: list[Image.Image]) -> tuple[str, str]:
    small, large = (_hashed(one, side) for one, side in zip(reduced, _SIDES, strict=True))
    return small, large


def _reduced(grey: Image.Image, hash_size: int) -> Image.Image:
    """What imagehash itself would make of the picture first; a mirrored picture's is the mirror image of it."""
    side = hash_size * _FACTOR
    return grey.resize((side, side), Image.Resampling.LANCZOS)


def _hashed(reduced: Image.Image, hash_size: int) -> str:
    import imagehash

    return str(imagehash.phash(reduced, hash_size=hash_size, highfreq_factor=_FACTOR))


class Frame(NamedTuple):
    """Where the photograph stands in a picture, and whether around it is a page with words or signs, no mere border."""

    box: Box
    is_page: bool


def frame_of(grey: Image.Image) -> Frame | None:
    """Where the photograph stands in a picture with borders, or in a screenshot; None when it fills the picture.

    Of a border the outer lines are stripped. On a page the photograph is the longest run of rows, and in those of
    columns, that do not mostly show the page; lines of text do.
    """
    # Pixels are picked, not averaged: between the strokes of text the page stays the page.
    step = max(1, max(grey.size) // _FRAME_SIDE)
    pixels = np.asarray(grey)[::step, ::step].astype(np.int16)
    for level in _page_levels(pixels):
        apart = np.abs(pixels - level)
        for box, is_page in ((_on_page(apart), True), (_in_border(apart <= _PAGE_LEVELS), False)):
            if box:
                return Frame(box, is_page)
    return None


def _page_levels(pixels: NDArray[Any]) -> Iterator[int]:
    """What a border or page may be: the luminance of the rim, and the most frequent one."""
    rim = np.concatenate((pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]))
    for some, least in ((rim, _RIM_SHARE), (pixels.ravel(), _PAGE_SHARE)):
        counts = np.bincount(some, minlength=256)
        level = int(counts.argmax())
        if counts[max(0, level - _PAGE_LEVELS) : level + _PAGE_LEVELS + 1].sum() >= least * len(some):
            yield level


def _on_page(apart: NDArray[Any]) -> Box | None:
    """The photograph of a screenshot, given how far each pixel is from the page's luminance."""
    page = apart <= _PAGE_LEVELS
    height, width = page.shape
    top, bottom, left, right = 0, height, 0, width
    # Again inside: of a narrow photograph the rows only show once the page beside it is gone.
    for _ in range(2):
        top, bottom = _run(page[:, left:right].mean(axis=1) < _MOSTLY)
        if top == bottom:
            return None
        left, right = _run(page[top:bottom].mean(axis=0) < _MOSTLY)
        if left == right:
            return None
    above, below = apart[:top], apart[bottom:]
    is_screen = min(len(above), len(below)) >= _BAR_SHARE * height and bottom - top < _PAGE_HEIGHT * height
    if not is_screen or not _is_page(np.concatenate((above, below))):
        return None
    # A photograph has straight edges, with the page beyond; a thing on a plain ground tapers.
    beyond = np.concatenate((page[max(0, top - 3) : top - 1], page[bottom + 1 : bottom + 3]))
    if beyond.size and beyond.mean() < _ALL_PAGE:
        return None
    return _box(top, bottom, left, right, page.shape)


def _is_page(apart: NDArray[Any]) -> bool:
    """Whether lines of pixels are of one exact luminance, as no sky is, but for some with words or signs."""
    page = apart <= _PAGE_LEVELS
    exact = (apart <= _EXACT_LEVELS).sum() >= _EXACT_SHARE * page.sum()
    written = (page.mean(axis=1) < 1 - _INK_SHARE).mean() >= _WRITTEN_SHARE
    return bool(exact and page.mean() >= _AROUND_SHARE and written)


def _in_border(page: NDArray[np.bool_]) -> Box | None:
    """What lies between the outermost lines that are not all border."""
    rows, columns = (np.flatnonzero(page.mean(axis=axis) < _ALL_BORDER) for axis in (1, 0))
    if not len(rows) or not len(columns):
        return None
    return _box(int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1, page.shape)


def _box(top: int, bottom: int, left: int, right: int, shape: tuple[int, ...]) -> Box | None:
    """As shares of the sides; None when next to nothing is left, or is cut."""
    height, width = shape
    shares = (bottom - top) / height, (right - left) / width
    if min(shares) < _LEAST_LEFT or min(shares) >= 1 - _LEAST_CUT:
        return None
    return left / width, top / height, right / width, bottom / height


def _run(lines: NDArray[np.bool_]) -> tuple[int, int]:
    """The longest run of true values; (0, 0) when there is none."""
    runs = _runs(lines, max(1, round(_BRIDGED * len(lines))))
    return max(runs, key=lambda run: run[1] - run[0], default=(0, 0))


def _runs(rich: NDArray[np.bool_], gap: int) -> list[tuple[int, int]]:
    """Runs of true values, joined over gaps of at most `gap`."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], rich.astype(np.int8), [0]))))
    runs = list[tuple[int, int]]()
    for start, end in edges.reshape(-1, 2).tolist():
        if runs and start - runs[-1][1] <= gap:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return runs
