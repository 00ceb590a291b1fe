"""The process that decodes a video and chooses its frames: `python -P film.py PATH DEMUXER LIMITS`.

It is started by its path since importing `ingest.extract` would take as long as importing OpenCV, which nothing else
imports; it must not be compiled by mypyc, and imports nothing of this project.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import cv2
    from cv2.typing import MatLike


@dataclass(frozen=True, slots=True)
class VideoLimits:
    """How much of a video is read.

    Attributes:
        seconds, bytes: what is longer or larger is looked at in `frames` places only.
        frames: how many are given at most.
        timeout: seconds on the clock, of which half are for decoding; the other half is for videos that are slow.
    """

    seconds: float = 600.0
    bytes: int = 500 << 20
    frames: int = 20
    timeout: float = 120.0


# What the header says; a frame of 8K has 33 million.
MAX_PIXELS = 100_000_000
# A larger frame is handed on smaller: QR codes and hashes need no more (as in ingest.extract.decode).
_ENOUGH_PIXELS = 16_000_000
_JPEG_QUALITY = 92
# The process holds 300 MB of addresses; 8K HEVC takes 2 GB more.
_MOST_MEMORY = 4 << 30
# Grey pictures of 64 x 36 are compared, by the mean absolute difference of 0 to 255. Measured on 12 made-up pictures
# with the spectrum of photographs, at 720p: noise and JPEG 20 under 1, moved by 10 pixels 13, by 40 pixels 29,
# another scene 42 and more.
_SIZE = (64, 36)
_LOOK_SECONDS = 0.2
_ANOTHER = 20.0
# The same in the worst of 8 x 9 parts, for pictures that stand still: a line of text that appears has 17 to 81 there,
# moved by 5 pixels 9, brighter by 10 levels 10.
_PARTS = (8, 9)
_ANOTHER_PART = 14.0
# While a part changes by more from look to look, a fade is under way or the camera moves, and it is waited.
_STILL_PART = 7.0
_WAIT_SECONDS = 1.0
# Standard deviation of a blank picture; a small line of text on black has 10.
_BLANK = 3.0
# Seconds between two frames; more is a damaged time code.
_MOST_GAP = 60.0
# So many failures in a row are the end, not damage.
_MOST_FAILURES = 50


def ffmpeg_options(demuxer: str, *more: str) -> str:
    return "|".join([f"input_format;{demuxer}", f"format_whitelist;{demuxer}", "protocol_whitelist;file", *more])


class _Kept(NamedTuple):
    seconds: float
    small: MatLike
    jpeg: bytes


class _Chooser:
    """Keeps the frames that differ from all others, at most `most` in the end."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.width = self.height = self.scenes = 0
        self.kept = list[_Kept]()
        self._last: MatLike | None = None
        self._blank: _Kept | None = None
        self._waiting: tuple[float, float, MatLike, MatLike] | None = None

    def look(self, seconds: float, frame: MatLike, *, alone: bool = False) -> None:
        """Keep the frame if it is new and still, or new for a second; `alone` says that it follows no other."""
        small, last = _small(frame), self._last
        self._last = small
        self.height, self.width = frame.shape[:2]
        if float(small.std()) < _BLANK:
            self._blank = self._blank or _Kept(seconds, small, _jpeg(frame))
            return
        still = alone or last is None or _change(last, small)[1] < _STILL_PART
        if not self._is_new(small, still):
            self._waiting = None
            return
        since = self._waiting[0] if self._waiting else seconds
        self._waiting = (since, seconds, small, frame)
        if still or seconds - since >= _WAIT_SECONDS:
            self._keep_waiting()

    def _is_new(self, small: MatLike, still: bool) -> bool:
        changes = (_change(kept.small, small) for kept in self.kept)
        return all(mean >= _ANOTHER or (still and part >= _ANOTHER_PART) for mean, part in changes)

    def _keep_waiting(self) -> None:
        if self._waiting:
            _, seconds, small, frame = self._waiting
            self.kept.append(_Kept(seconds, small, _jpeg(frame)))
            self.scenes += 1
        self._waiting = None
        if len(self.kept) > 3 * self.most:
            self.kept = _thinned(self.kept, 2 * self.most)

    def finish(self) -> list[_Kept]:
        """The chosen frames. A blank one is among them only if there is no other."""
        self._keep_waiting()
        if not self.kept:
            return [self._blank] if self._blank else []
        return _thinned(self.kept, self.most)


def _thinned(kept: list[_Kept], most: int) -> list[_Kept]:
    """In the order of time, without the later of the pair that differs least, until `most` are left.

    What differs is measured as root mean square, to which small changes count more than to the mean, and counts up
    to twice for frames that are far apart in time.
    """
    import numpy as np

    kept = sorted(kept, key=lambda one: one.seconds)
    pixels = np.array([one.small.ravel() for one in kept], dtype=np.float32)
    times = np.array([one.seconds for one in kept])
    apart = 1 + np.abs(times[:, None] - times) / max(float(np.ptp(times)), 1e-3)
    worth = np.array([np.sqrt(np.square(pixels - one).mean(axis=1)) for one in pixels]) * apart
    worth[np.tril_indices(len(kept))] = np.inf
    left = set(range(len(kept)))
    while len(left) > most:
        later = int(worth.argmin()) % len(kept)
        worth[later, :] = worth[:, later] = np.inf
        left.remove(later)
    return [kept[place] for place in sorted(left)]


def _small(frame: MatLike) -> MatLike:
    import cv2

    return cv2.cvtColor(cv2.resize(frame, _SIZE, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)


def _change(one: MatLike, other: MatLike) -> tuple[float, float]:
    """Mean absolute difference of two small pictures, and that of the part which differs most."""
    import cv2

    difference = cv2.absdiff(one, other)
    return float(difference.mean()), float(cv2.resize(difference, _PARTS, interpolation=cv2.INTER_AREA).max())


def _jpeg(frame: MatLike) -> bytes:
    import cv2

    scale = (_ENOUGH_PIXELS / (frame.shape[0] * frame.shape[1])) ** 0.5
    if scale < 1:
        frame = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1].tobytes()


def _name(path: str) -> str:
    """The path, or another name of the same file: OpenCV crashes at one that is not UTF-8, which POSIX has."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return f"/dev/fd/{os.open(path, os.O_RDONLY)}"
    return path


class _Unusable(Exception):
    """Nothing can be had of this video; '' when it could not even be opened."""


class _Film:
    """A video at work: `length` in seconds, as far as known, and the frames `chosen`."""

    def __init__(self, path: str, demuxer: str, limits: VideoLimits) -> None:
        import cv2

        self._path, self._demuxer, self._limits = path, demuxer, limits
        self._start = time.monotonic()
        # A demuxer may look through gigabytes for the next frame; 5 s are enough for a slow disk.
        self._patience = limits.timeout / 24
        self._capture = self._open()
        rate, count = (self._capture.get(p) for p in (cv2.CAP_PROP_FPS, cv2.CAP_PROP_FRAME_COUNT))
        known = 0.01 <= rate <= 1000
        self._step = 1 / rate if known else 1 / 25
        self.length = count / rate if known and count > 0 else None
        self.chosen = _Chooser(limits.frames)

    def _open(self, *options: str) -> cv2.VideoCapture:
        import cv2

        os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = ffmpeg_options(self._demuxer, *options)
        settings = {
            cv2.CAP_PROP_N_THREADS: 1,  # other videos have the other cores
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC: int(2000 * self._patience),
            cv2.CAP_PROP_READ_TIMEOUT_MSEC: int(1000 * self._patience),
        }
        capture = cv2.VideoCapture(_name(self._path), cv2.CAP_FFMPEG, list(chain.from_iterable(settings.items())))
        if not capture.isOpened():
            raise _Unusable("")
        width, height = (int(capture.get(p)) for p in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
        if width * height > MAX_PIXELS:
            raise _Unusable(f"{width} x {height} pixels are more than the {MAX_PIXELS // 1_000_000} megapixels allowed")
        return capture

    def read(self) -> str | None:
        """Choose frames; return what is wrong with the video or was left out."""
        size = os.stat(self._path).st_size
        large = size > self._limits.bytes
        if self.length and (large or self.length > self._limits.seconds):
            places = self._sample(0.0, self.length)
            if places or time.monotonic() > self._start + self._patience:
                what = f"{size >> 20:,} MiB large" if large else f"{self.length:,.0f} s long"
                return f"is {what}; sampled at {places} places"
        # Frames that no other refers to are left out, which saves a third to a half of the time.
        return self._scan(self._open("avdiscard;nonref"))

    def _scan(self, capture: cv2.VideoCapture) -> str | None:
        now, looked, failures, damaged = -self._step, float("-inf"), 0, False
        reached = time.monotonic()
        while failures < _MOST_FAILURES and time.monotonic() < reached + self._patience:
            if not capture.grab():
                failures += 1
                continue
            now, reached = self._clock(capture, now), time.monotonic()
            damaged, failures = damaged or failures > 0, 0
            if now > self._limits.seconds:
                return f"is longer than {self._limits.seconds:g} s; the rest was not read"
            if reached > self._start + self._limits.timeout / 2:
                return self._hurry(now)
            if now - looked > _LOOK_SECONDS - self._step / 2:
                self._look(capture, now, alone=now - looked > 2 * _LOOK_SECONDS)
                looked = now
        return self._verdict(now + self._step, damaged)

    def _clock(self, capture: cv2.VideoCapture, before: float) -> float:
        """Time code of the frame at hand, or one step on when the file's own goes back or leaps."""
        import cv2

        now = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        return now if before < now < before + _MOST_GAP else before + self._step

    def _look(self, capture: cv2.VideoCapture, seconds: float, *, alone: bool) -> bool:
        done, frame = capture.retrieve()
        if done:
            self.chosen.look(seconds, frame, alone=alone)
        return done

    def _sample(self, start: float, end: float) -> int:
        """Look at evenly spaced places, as far as the time allows; return at how many."""
        import cv2

        capture, count, places = self._capture, self._limits.frames, 0
        if not capture.grab():
            return 0  # seeking would try the same again and again
        until = time.monotonic() + self._limits.timeout / 4
        # When time runs out, the places are still spread over the video.
        for place in (*range(0, count, 4), *range(2, count, 4), *range(1, count, 2)):
            began = time.monotonic()
            capture.set(cv2.CAP_PROP_POS_MSEC, 1000 * (start + (end - start) * (place + 0.5) / count))
            done = capture.grab() and self._look(capture, max(capture.get(cv2.CAP_PROP_POS_MSEC) / 1000, 0), alone=True)
            places += done
            took = time.monotonic() - began
            if began + took > until or (took > self._patience and not done):
                break
        return places

    def _hurry(self, now: float) -> str:
        places = self._sample(now, self.length) if self.length and self.length > now else 0
        return f"is slow to decode; after {now:.0f} s " + (f"sampled at {places} places" if places else "not read")

    def _verdict(self, end: float, damaged: bool) -> str | None:
        length = self.length or 0.0
        if length - end > max(0.5, 0.05 * length):
            return f"truncated or damaged: ends after {end:.1f} s of {length:,.1f} s"
        self.length = max(length, end)  # the rate in the file's head is a guess, and may be too high
        return "truncated or damaged: parts of it cannot be decoded" if damaged else None


def _found(path: str, demuxer: str, limits: VideoLimits) -> tuple[dict[str, object], list[bytes]]:
    """What is written to the parent: a head, and the pictures, whose sizes the head gives."""
    import cv2

    film, refused = None, "truncated or damaged: no picture in it can be decoded"
    try:
        film = _Film(path, demuxer, limits)
        problem = film.read()
    except (MemoryError, cv2.error):
        problem = refused = f"is damaged or needs more than {_MOST_MEMORY >> 30} GiB of memory"
    except _Unusable as error:
        refused = str(error)
    frames = film.chosen.finish() if film else []
    if not film or not frames:
        return {"refused": refused}, []
    if film.chosen.scenes > len(frames):
        problem = "; ".join(filter(None, (problem, f"has more scenes than the {len(frames)} pictures taken from it")))
    head: dict[str, object] = {"refused": None, "problem": problem}
    head |= {"width": film.chosen.width, "height": film.chosen.height, "seconds": film.length and round(film.length, 3)}
    places = [(round(frame.seconds, 3), len(frame.jpeg)) for frame in frames]
    return head | {"frames": places}, [frame.jpeg for frame in frames]


def _confine(seconds: float) -> None:
    """Leave Ctrl-C to the parent, end with it, and take a share of the memory and time only (POSIX)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if sys.platform == "win32":
        return
    import resource

    limits = (resource.RLIMIT_AS, _MOST_MEMORY), (resource.RLIMIT_CPU, int(seconds) + 5)
    for kind, most in (*limits, (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)):
        with suppress(ValueError, OSError):  # macOS has some by name only
            resource.setrlimit(kind, (most, most))


def _end_with_parent() -> None:
    """Nothing is ever written to this process: reading ends when the parent does, however that ends."""
    os.read(0, 1)
    os._exit(1)


def _main(path: str, demuxer: str, limits: str) -> None:
    import cv2  # before files are forbidden, since Python may keep its bytecode

    output = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # FFmpeg may print
    cv2.setNumThreads(1)
    bounds = VideoLimits(**json.loads(limits))
    _confine(bounds.timeout)
    head, pictures = _found(path, demuxer, bounds)
    output.write(json.dumps(head).encode() + b"\n" + b"".join(pictures))
    output.flush()
    os._exit(0)  # what FFmpeg might still do at the end interests nobody


if __name__ == "__main__":
    _main(*sys.argv[1:])
