"""Find the videos that an advertisement names, keep their bytes, take pictures out of them once in a case's life."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.evidence import EvidenceStore
from ingest.extract.video import USUAL_LIMITS, VideoReading, read_video
from ingest.pictures import Picture, PictureReader, path_of
from ingest.readings import Readings
from sellergraph.errors import RejectError, SourceError

# Raised whenever `read_video` takes other frames.
_READER = "video 2"


@dataclass(frozen=True, slots=True)
class Video:
    """A video in the evidence store, and the pictures taken from it with their time codes in seconds."""

    sha256: str
    place: str
    n_bytes: int
    mime: str
    width: int
    height: int
    seconds: float | None
    frames: tuple[tuple[float, Picture], ...]
    problem: str | None


class VideoReader:
    """Reads videos beside source files into an evidence store, each content once."""

    def __init__(self, evidence: EvidenceStore, readings: Readings, pictures: PictureReader) -> None:
        self._evidence, self._readings, self._pictures = evidence, readings, pictures

    def read(self, folder: Path, name: str) -> Video:
        """Read the video `name`, given relative to `folder`.

        Raises:
            RejectError: no such file, outside of the folder, or no usable video.
        """
        path = path_of(folder, name)
        # A large file is read first: what is no video is not to be copied by the gigabyte.
        reading = read_video(path) if path.stat().st_size > USUAL_LIMITS.bytes else None
        try:
            digest, place, size = self._evidence.keep_file(path)
        except SourceError as error:
            raise RejectError("", f"{name}: {error}") from error
        kept = self._readings.get(digest, _READER) or self._kept(digest, place, reading)
        frames = [(seconds, self._frame(where)) for seconds, where in kept["frames"]]
        return Video(
            digest,
            place,
            size,
            kept["mime"],
            kept["width"],
            kept["height"],
            kept["seconds"],
            tuple(frames),
            kept["problem"],
        )

    def _frame(self, place: str) -> Picture:
        return self._pictures.read_bytes((self._evidence.folder / place).read_bytes(), Path(place).suffix)

    def _kept(self, digest: str, place: str, reading: VideoReading | None) -> dict[str, Any]:
        """What JSON holds of a reading: its frames are pictures in the evidence store."""
        kept = self._of(reading or read_video(self._evidence.folder / place))
        self._readings.put(digest, _READER, kept)
        return kept

    def _of(self, reading: VideoReading) -> dict[str, Any]:
        return {
            "mime": reading.mime,
            "width": reading.width,
            "height": reading.height,
            "seconds": reading.seconds,
            "problem": reading.problem,
            "frames": [(f.seconds, self._evidence.keep_bytes(f.jpeg, ".jpg")[1]) for f in reading.frames],
        }
