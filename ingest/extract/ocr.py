"""Read the text in a picture: Chinese and English, lines turned by any quarter, in small print and long screenshots.

The engine is rapidocr on onnxruntime with the models of its wheel. It finds lines in a reduced copy of the picture and
reads each one from the full pixels, so that reducing costs lines only where they become too small to be found.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, reduce
from importlib.metadata import version
from itertools import accumulate, compress
from math import ceil, dist, floor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from PIL import Image

from ingest.extract.decode import plain
from sellergraph.case import OCR_MODES as MODES
from sellergraph.errors import RejectError, SellergraphError, UsageError

if TYPE_CHECKING:
    from numpy import floating, uint8
    from numpy.typing import NDArray

    Pixels = NDArray[uint8]  # height x width x 3, blue, green, red
    Polygon = NDArray[floating[Any]]  # 4 x 2: x and y of the corners, clockwise from the line's upper left
Box = tuple[int, int, int, int]

# Raise it when a change here may change what is read: results are kept by OcrReader.version.
_REVISION = 1
# Longest side of what lines are looked for in. Of 276 made-up contacts 960 reads .966, 640 .943 in half the time.
_LIMITS = {"default": 960, "fast": 640}
_MODELS = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Cls": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
}
# The means and deviations that PaddleOCR trains the detector with (RapidOCR discussion 715). With rapidocr's own ones
# of 0.5 a single small line in a large picture is lost: 1 of 6 found at 14 of 1440 pixels on white, 6 of 6 with these.
_MEAN, _DEVIATION = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
# Mean of the detector's map in the box of a line; at rapidocr's own .5 two of 40 columns of upright digits were lost.
_LEAST_FOUND = 0.4
# rapidocr's own threshold; faint watermarks score .97 and more even where a character at the edge is missed.
_LEAST_SCORE = 0.5
# Lines are read from at most this many pixels (48 MB); pictures with more are reduced first.
_MOST_PIXELS = 16_000_000
# Nothing legible is smaller, and the engine fails on sides that round to nothing.
_LEAST_SIDE = 8
# Windows in which no colour's darkest and lightest values differ by more are taken for blank and cost nothing.
_LEAST_CONTRAST = 16
# From this ratio of the sides on a picture is looked at in slices of that one; a phone's screen is 2.2.
_LONG, _SLICE = 2.5, 1.5
# Windows a pass at most, 12 of 960 pixels taking about 6 s, and how much of each the next one shows again.
_MOST_WINDOWS, _OVERLAP = 12, 0.1
# Boxes of 8 pixel letters are 13 to 14 high; smaller letters begin to be lost, so that more of them may be there.
_SMALL = 15
# How much larger than in the first pass lines are looked for in the second: letters of 4 pixels become 10.
_FINER = 2.5
# A second pass that enlarges by less finds nothing new; where nothing was found, one needs a picture so much reduced.
_LEAST_GAIN, _MUCH_REDUCED = 1.2, 0.5
# Time and memory for reading grow with length over height: of what is joined into a line, and of all lines of a pass,
# the largest first; all of them take some 15 s. A line counts as 7 at least, to which the engine fills it up.
_LONGEST_LINE, _ALL_LINES, _SHORTEST_LINE = 60, 2500, 7


class OcrLine(NamedTuple):
    """One line of text.

    Attributes:
        text: as the engine read it, stripped: vertical digits may be full-width, ⓪ an O, an underscore a blank.
        box: left, top, right, bottom in pixels of the picture as given, round the line however it is turned.
        score: the engine's mean over the characters, 0 to 1.
    """

    text: str
    box: Box
    score: float


class _Line(NamedTuple):
    text: str
    polygon: Polygon
    score: float

    @property
    def box(self) -> Box:
        return _box(self.polygon)


class OcrReader:
    """Reads pictures with one engine, in one thread, one at a time; the engine is loaded when it is first needed.

    The mode is one of MODES, else it is a UsageError; 'off' reads nothing.
    """

    def __init__(self, mode: str) -> None:
        if mode not in MODES:
            raise UsageError(f"there is no way '{mode}' to read text; choose from {', '.join(MODES)}")
        self.mode = mode
        self._limit = _LIMITS.get(mode, 0)

    @property
    def version(self) -> str:
        """Name of what reads, as in 'rapidocr 3.10.0 default 1': another one may read other texts."""
        return f"rapidocr {version('rapidocr')} {self.mode} {_REVISION}"

    def read(self, picture: Image.Image) -> list[OcrLine]:
        """Every line of text, top to bottom and left to right, a column of prose after the other.

        The picture, of any Pillow mode, has to be upright. The time is bounded: there are two passes at most, a pass
        looks at 12 windows of 960 pixels at most (640 when fast) and reads some 350 lines of them, the largest first,
        and of more than 16 megapixels a reduced copy is read.

        Raises:
            RejectError: the engine failed on this picture.
            SellergraphError: the engine or one of its models is missing or broken.
        """
        if self.mode == "off":
            return []
        try:
            return self._read(picture)
        except SellergraphError:
            raise
        except Exception as error:  # whatever the engine or a decoder lets out concerns this picture only
            raise RejectError("", f"text could not be read: {_clause(error)}") from error

    @cached_property
    def _engine(self) -> Any:
        return _loaded(self._limit)

    def _read(self, picture: Image.Image) -> list[OcrLine]:
        pixels, factor = _pixels(picture)
        height, width = pixels.shape[:2]
        if min(height, width) < _LEAST_SIDE:
            return []
        scale, windows = _windows(width, height, _first_side(width, height, self._limit), self._limit)
        lines = self._recognise(pixels, self._find(pixels, windows))
        finer, windows = _windows(width, height, self._limit / min(1.0, scale * _FINER), self._limit)
        small = [line for line in lines if _sides(line.polygon)[0] * scale < _SMALL]
        may_miss = small or not lines and scale <= _MUCH_REDUCED
        if may_miss and finer >= scale * _LEAST_GAIN:
            lines = self._again(pixels, windows, lines, small)
        return [OcrLine(text, _scaled(polygon, factor, picture), score) for text, polygon, score in _in_order(lines)]

    def _again(self, pixels: Pixels, windows: list[Box], lines: list[_Line], small: list[_Line]) -> list[_Line]:
        """The lines with those that are found in the windows; small ones give way to what is found in their place."""
        sure = [line for line in lines if all(line is not other for other in small)]
        taken = [line.box for line in sure]
        fresh = self._recognise(pixels, [new for new in self._find(pixels, windows) if not _is_in(_box(new), taken)])
        taken = [line.box for line in fresh]
        return [*sure, *fresh, *(line for line in small if not _is_in(line.box, taken))]

    def _find(self, pixels: Pixels, windows: Iterable[Box]) -> list[Polygon]:
        """Polygons of the lines in the windows, each line once although windows overlap and cut it."""
        found = []
        for left, top, right, bottom in windows:
            window = pixels[top:bottom, left:right]
            if (window.max(axis=(0, 1)) - window.min(axis=(0, 1))).max() >= _LEAST_CONTRAST:
                found.append([polygon + (left, top) for polygon in self._find_in(window)])
        return _joined(found)

    def _find_in(self, window: Pixels) -> list[Polygon]:
        import cv2
        from rapidocr.main import RapidOCRError
        from rapidocr.utils.process_img import map_boxes_to_original

        height, width = window.shape[:2]
        ratio = max(1.0, max(height, width) / self._limit)
        size = max(1, round(width / ratio)), max(1, round(height / ratio))
        # Means of what a pixel stands for keep thin strokes; the engine notes in the record how much it pads.
        reduced, record = cv2.resize(window, size, interpolation=cv2.INTER_AREA), dict[str, Any]()
        try:
            _, found = self._engine.detect_and_crop(reduced, record)
        except RapidOCRError:  # it found nothing
            return []
        return [box * ratio for box in map_boxes_to_original(found.boxes, record, size[1], size[0])]

    def _recognise(self, pixels: Pixels, polygons: list[Polygon]) -> list[_Line]:
        from rapidocr.utils.process_img import get_rotate_crop_image

        polygons = _affordable(polygons)
        if not polygons:
            return []
        crops = [get_rotate_crop_image(pixels, polygon.astype("float32")) for polygon in polygons]
        read = self._engine.recognize_txt(self._engine.cls_and_rotate(crops)[0])
        lines = map(_Line, map(str.strip, read.txts), polygons, map(float, read.scores))
        return [line for line in lines if line.text and line.score >= _LEAST_SCORE]


def _affordable(polygons: list[Polygon]) -> list[Polygon]:
    """The largest of the lines, as far as the time for reading goes; none that are no rectangles."""
    polygons = sorted((polygon for polygon in polygons if _sides(polygon)[0] >= 2), key=lambda each: -_area(_box(each)))
    lengths = (max(_SHORTEST_LINE, longer / shorter) for shorter, longer in map(_sides, polygons))
    return [polygon for polygon, total in zip(polygons, accumulate(lengths), strict=True) if total <= _ALL_LINES]


def _loaded(limit: int) -> Any:
    """rapidocr with all its models in memory, so that a broken one stops the run and is not laid to a picture."""
    try:
        import numpy as np
        import rapidocr

        models = {part: Path(rapidocr.__file__).parent / "models" / name for part, name in _MODELS.items()}
        missing = [path for path in models.values() if not path.is_file()]
        if not missing:
            engine = rapidocr.RapidOCR(params=_settings(limit, models))
            blank = np.full((32, 32, 3), 255, np.uint8)
            engine(blank)
            engine.recognize_txt(engine.cls_and_rotate([blank])[0])
            return engine
    except Exception as error:  # onnxruntime lets out its own types for broken models
        raise SellergraphError(f"the reader of text in pictures cannot be started: {_clause(error)}") from error
    raise SellergraphError(f"{missing[0]} is missing; install rapidocr again in the version of constraints.txt")


def _settings(limit: int, models: dict[str, Path]) -> dict[str, Any]:
    """Parameters of rapidocr; every model's path is given, since it fetches from the net what it has to look for."""
    return {
        **{f"{part}.model_path": str(path) for part, path in models.items()},
        # Never read, the model holding its characters itself; without it they would be fetched where it does not.
        "Rec.rec_keys_path": str(models["Rec"]),
        "Global.log_level": "critical",
        "Det.limit_type": "max",
        "Det.limit_side_len": limit,
        "Det.mean": _MEAN,
        "Det.std": _DEVIATION,
        "Det.box_thresh": _LEAST_FOUND,
        # Workers are processes: two with a thread each read 4 pictures a second, one with two threads 3.
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        "EngineConfig.onnxruntime.enable_cpu_mem_arena": False,
    }


def _clause(error: BaseException) -> str:
    """The last line of an error: onnxruntime's are whole tracebacks."""
    return " ".join((str(error).strip().splitlines() or [type(error).__name__])[-1].split())[:120]


def _pixels(picture: Image.Image) -> tuple[Pixels, float]:
    """The picture as the engine takes it, and by how much its sides were divided."""
    import numpy as np

    colours = plain(picture).convert("RGB")
    factor = max(1.0, (colours.width * colours.height / _MOST_PIXELS) ** 0.5)
    if factor > 1:
        size = ceil(colours.width / factor), ceil(colours.height / factor)
        colours = colours.resize(size, Image.Resampling.BOX)
    return np.ascontiguousarray(np.asarray(colours)[:, :, ::-1]), factor


def _first_side(width: int, height: int, limit: int) -> float:
    """The longest side of the whole picture, or of slices of a long one, in pixels."""
    short, long = sorted((width, height))
    return max(limit, long if long <= short * _LONG else short * _SLICE)


def _windows(width: int, height: int, side: float, limit: int) -> tuple[float, list[Box]]:
    """Scale and place of overlapping windows of this side in pixels, a larger one if they are more than allowed."""
    while True:
        columns, rows = _spans(width, round(side)), _spans(height, round(side))
        if len(columns) * len(rows) <= _MOST_WINDOWS:
            windows = [(left, top, right, bottom) for top, bottom in rows for left, right in columns]
            return min(1.0, limit / side), windows
        side *= 1.05


def _spans(length: int, side: int) -> list[tuple[int, int]]:
    """Spans of at most this side, evenly laid so that each shares _OVERLAP of it with the next."""
    if length <= side:
        return [(0, length)]
    steps = -(-(length - side) // max(1, round(side * (1 - _OVERLAP))))
    return [(start, start + side) for start in (round(i * (length - side) / steps) for i in range(steps + 1))]


def _box(polygon: Polygon) -> Box:
    (left, top), (right, bottom) = polygon.min(axis=0), polygon.max(axis=0)
    return floor(left), floor(top), ceil(right), ceil(bottom)


def _scaled(polygon: Polygon, factor: float, picture: Image.Image) -> Box:
    left, top, right, bottom = _box(polygon * factor)
    return max(0, left), max(0, top), min(picture.width, right), min(picture.height, bottom)


def _sides(polygon: Polygon) -> tuple[float, float]:
    """The shorter and the longer side of a line's rectangle in pixels."""
    first, second, third, _ = polygon.tolist()
    sides = dist(first, second), dist(second, third)
    return min(sides), max(sides)


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def _shared(one: Box, other: Box, axis: int) -> int:
    return max(0, min(one[axis + 2], other[axis + 2]) - max(one[axis], other[axis]))


def _share(one: Box, other: Box) -> float:
    """How much of a box lies in the other, 0 to 1."""
    return _shared(one, other, 0) * _shared(one, other, 1) / max(1, _area(one))


def _is_in(box: Box, others: list[Box]) -> bool:
    return sum(_share(box, other) for other in others) >= 0.5


def _joined(windows: list[list[Polygon]]) -> list[Polygon]:
    """The polygons of all windows, what several show of one line as one; lines of a single window stay apart."""
    lines: list[tuple[Box, Polygon]] = []
    for window in windows:
        new = []
        for box, polygon in zip(map(_box, window), window, strict=True):
            same = [_same_line(box, other) for other, _ in lines]
            if not any(same):
                new.append((box, polygon))
                continue
            others = [line for line, joins in zip(lines, same, strict=True) if not joins]
            union = reduce(_union, (other for _, other in compress(lines, same)), polygon)
            lines = [*others, (_box(union), union)]
        lines += new
    return [polygon for _, polygon in lines]


def _same_line(one: Box, other: Box) -> bool:
    """Does one box hold most of the other, or do both lie on one line and overlap?"""
    small, large = sorted((one, other), key=_area)
    along, across = (0, 1) if large[2] - large[0] >= large[3] - large[1] else (1, 0)
    thin, thick = sorted(box[across + 2] - box[across] for box in (one, other))
    length = max(one[along + 2], other[along + 2]) - min(one[along], other[along])
    fits = thin * 2 >= thick and length <= thick * _LONGEST_LINE
    joins = fits and _shared(one, other, along) > 0 and _shared(one, other, across) >= 0.6 * thin
    return joins or _share(small, large) >= 0.7


def _union(one: Polygon, other: Polygon) -> Polygon:
    """The larger polygon where it holds most of the other, else the least rectangle, turned if need be, round both."""
    import cv2
    import numpy as np

    small, large = sorted((one, other), key=lambda polygon: _area(_box(polygon)))
    if _share(_box(small), _box(large)) >= 0.95:
        return large
    corners = cv2.boxPoints(cv2.minAreaRect(np.concatenate((one, other)).astype(np.float32)))
    sums, differences = corners.sum(axis=1), corners[:, 1] - corners[:, 0]
    order = [sums.argmin(), differences.argmin(), sums.argmax(), differences.argmax()]
    return np.asarray(corners[order])


def _in_order(lines: list[_Line]) -> list[_Line]:
    """Columns of prose one after the other, else rows from the top, each from the left."""
    lines = sorted(lines, key=lambda line: (line.box, line.text))
    for cut in _gaps(lines):
        left, right = lines[:cut], lines[cut:]
        if _is_column(left) and _is_column(right):
            return [*_in_order(left), *_in_order(right)]
    return [line for row in _rows(lines) for line in row]


def _gaps(lines: list[_Line]) -> list[int]:
    """Where, among lines sorted from the left, a gap as wide as a line is high runs from top to bottom."""
    cuts, right = [], 0
    for index, line in enumerate(lines):
        if index and line.box[0] - right >= _sides(line.polygon)[0]:
            cuts.append(index)
        right = max(right, line.box[2])
    return cuts


def _is_column(lines: list[_Line]) -> bool:
    """Three lines or more that are mostly long: the names and values of a table are short and stay side by side."""
    long = sum(line.box[2] - line.box[0] >= 5 * (line.box[3] - line.box[1]) for line in lines)
    return len(lines) >= 3 and 2 * long > len(lines)


def _rows(lines: list[_Line]) -> list[list[_Line]]:
    """A line is of the row above when the middle of either lies within the height of the other."""
    rows: list[list[_Line]] = []
    for line in sorted(lines, key=lambda line: line.box[1]):
        top, bottom = line.box[1::2]
        first, last = rows[-1][0].box[1::2] if rows else (0, 0)
        if not (first < (top + bottom) / 2 < last and top < (first + last) / 2 < bottom):
            rows.append([])
        rows[-1].append(line)
    return [sorted(row, key=lambda line: line.box[0]) for row in rows]
