"""Find the pictures that an advertisement names, keep their bytes, read them once in the life of a case."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

from graph.photos import ViewHash
from graph.values import QRPayload
from ingest.evidence import EvidenceStore
from ingest.extract.ocr import OcrLine, OcrReader
from ingest.extract.pictures import PictureReading, read_lines, read_picture
from ingest.readings import Readings
from sellergraph.errors import RejectError

# A phone's photo is under 20 MB; what is larger is not an advertisement's picture.
MAX_PICTURE_BYTES = 200 << 20
# Stock photos recur in many advertisements; a reading is about 2 KB.
_REMEMBERED = 20_000
# Raised whenever what `read_picture` finds in a file changes.
_READER = "picture 2"


@dataclass(frozen=True)
class Picture:
    """A picture in the evidence store and what was read in it.

    Attributes:
        place: relative to the evidence store.
        reading: hashes and codes.
        lines: text in it; None when it was not looked for or could not be read.
        reader: the engine that looked for text, None when none did.
        problem: what was wrong, in words, else None.
    """

    place: str
    reading: PictureReading
    lines: tuple[OcrLine, ...] | None = None
    reader: str | None = None
    problem: str | None = None

    @cached_property
    def text(self) -> str | None:
        """The lines, a line each; None when no text was looked for."""
        return None if self.lines is None else "\n".join(line.text for line in self.lines)

    @property
    def boxes(self) -> list[str] | None:
        """For each line its box in pixels and the engine's score."""
        if self.lines is None:
            return None
        return [f"{','.join(map(str, line.box))},{line.score:.3f}" for line in self.lines]

    def lines_of(self, start: int, end: int) -> OcrLine:
        """The lines in which the characters of text[start:end] stand, as one: the box around them, the least score."""
        assert self.lines
        starts = [0, *accumulate(len(line.text) + 1 for line in self.lines)]
        first, last = (min(bisect_right(starts, place), len(self.lines)) - 1 for place in (start, end - 1))
        lines = self.lines[first : last + 1]
        left, top, right, bottom = zip(*(line.box for line in lines), strict=True)
        box = min(left), min(top), max(right), max(bottom)
        return OcrLine(" ".join(line.text for line in lines), box, min(line.score for line in lines))


class PictureReader:
    """Reads pictures beside source files into an evidence store, each content once."""

    def __init__(self, evidence: EvidenceStore, readings: Readings, ocr: OcrReader | None = None) -> None:
        self._evidence, self._readings, self._ocr = evidence, readings, ocr
        self._read: OrderedDict[str, Picture | RejectError] = OrderedDict()

    def read(self, folder: Path, name: str) -> Picture:
        """Read the picture `name`, given relative to `folder`.

        Raises:
            RejectError: no such file, outside of the folder, or no usable picture.
        """
        return self.read_bytes(bytes_of(path_of(folder, name), name), Path(name).suffix)

    def read_bytes(self, data: bytes, suffix: str) -> Picture:
        """Keep and read a picture that is in memory.

        Raises:
            RejectError: no usable picture.
        """
        digest, place = self._evidence.keep_bytes(data, suffix)
        if digest not in self._read:
            self._read[digest] = self._try(data, digest, place)
            if len(self._read) > _REMEMBERED:
                self._read.popitem(last=False)
        found = self._read[digest]
        if isinstance(found, RejectError):
            raise found
        return found

    def _try(self, data: bytes, digest: str, place: str) -> Picture | RejectError:
        try:
            reading = self._reading(data, digest)
        except RejectError as error:
            return error
        problem, lines = reading.problem, None
        if self._ocr is not None:
            try:
                lines = self._lines(data, digest, self._ocr)
            except RejectError as error:
                problem = f"{problem}; {error.reason}" if problem else error.reason
        return Picture(place, reading, lines, self._ocr.version if self._ocr else None, problem)

    def _reading(self, data: bytes, digest: str) -> PictureReading:
        kept = self._readings.get(digest, _READER)
        if kept is None:
            kept = _kept(data)
            self._readings.put(digest, _READER, kept)
        if "reject" in kept:
            raise RejectError("", kept["reject"])
        return _reading_of(kept)

    def _lines(self, data: bytes, digest: str, ocr: OcrReader) -> tuple[OcrLine, ...]:
        kept = self._readings.get(digest, ocr.version)
        if kept is None:
            kept = read_lines(data, ocr)
            self._readings.put(digest, ocr.version, kept)
        return tuple(OcrLine(text, (box[0], box[1], box[2], box[3]), score) for text, box, score in kept)


def _kept(data: bytes) -> dict[str, Any]:
    """What JSON holds of a reading, or of the reason why there is none."""
    try:
        reading = read_picture(data)
    except RejectError as error:
        return {"reject": error.reason}
    return asdict(reading) | {"codes": [code.payload for code in reading.codes]}


def _reading_of(kept: dict[str, Any]) -> PictureReading:
    codes = (QRPayload.clean(payload) for payload in kept["codes"])
    return PictureReading(
        **kept
        | {
            "views": tuple(ViewHash(*view) for view in kept["views"]),
            "codes": tuple(code for code in codes if code is not None),
            "code_boxes": tuple((box[0], box[1], box[2], box[3]) for box in kept["code_boxes"]),
        }
    )


def path_of(folder: Path, name: str) -> Path:
    """The file `name`, given relative to `folder`.

    Raises:
        RejectError: no such file, or outside of the folder.
    """
    base = folder.resolve()
    try:
        path = (base / name).resolve()
        if "\\" in name and not path.exists():
            path = (base / name.replace("\\", "/")).resolve()  # as Windows writes it
        if not path.is_relative_to(base):
            raise RejectError("", f"{name} lies outside of the folder of the file that names it")
        if "://" in name:
            raise RejectError("", f"{name} is an address, not a file beside the advertisements")
        if not path.is_file():
            raise RejectError("", f"{name} {'is not a file' if path.exists() else 'does not exist'}")
    except RuntimeError as error:
        # Python 3.11 and 3.12 raise this for a link that leads to itself.
        raise RejectError("", f"{name} is a link that leads to itself") from error
    except OSError as error:
        raise RejectError("", f"{name}: {error.strerror or error}") from error
    return path


def bytes_of(path: Path, name: str) -> bytes:
    """The bytes of a picture's file.

    Raises:
        RejectError: no regular file, too large, or it cannot be read.
    """
    try:
        if not path.is_file():
            raise RejectError("", f"{name} {'is not a file' if path.exists() else 'does not exist'}")
        if path.stat().st_size > MAX_PICTURE_BYTES:
            raise RejectError("", f"{name} is larger than {MAX_PICTURE_BYTES >> 20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise RejectError("", f"{name}: {error.strerror or error}") from error
