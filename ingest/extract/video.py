"""The scenes of a short video, as pictures with time codes; decoded in a process of its own, which may crash."""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from ingest.extract.film import VideoLimits, ffmpeg_options
from sellergraph.errors import RejectError


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture of a video: its time code in seconds, and the picture as JPEG, the right way up."""

    seconds: float
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class VideoReading:
    """What is in a video file.

    Attributes:
        mime: media type found in the bytes.
        width, height: pixels, as shown (rotation applied).
        seconds: length, as far as known.
        frames: at least one, in the order of time, no two nearly alike.
        problem: what is wrong with the file, or what of it was not read, else None.
    """

    mime: str
    width: int
    height: int
    seconds: float | None
    frames: tuple[Frame, ...]
    problem: str | None


USUAL_LIMITS = VideoLimits()

# Twenty frames of 16 megapixels of noise are 300 MB.
_MOST_OUTPUT = 400 << 20

_HEAD_BYTES = 4096
_REFUSED = tuple(
    (re.compile(pattern, re.DOTALL | re.IGNORECASE), reason)
    for pattern, reason in (
        (rb"\0+\Z", "holds zero bytes only"),
        (rb"(\xef\xbb\xbf)?\s*#EXTM3U", "is a playlist, not a video"),
        (rb"(\xef\xbb\xbf)?\s*(<!doctype html|<html)", "is a web page, not a video"),
        (rb"%PDF", "is a PDF document, not a video"),
        (rb"PK\x03\x04|Rar!|7z\xbc\xaf|\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd", "is an archive, not a video"),
        (rb"\xff\xd8\xff|\x89PNG|GIF8|BM.{4}\0{4}|II\*\0|MM\0\*|RIFF.{4}WEBP", "is a picture, not a video"),
        (rb".{4}ftyp(hei|hev|avi|mif1|msf1)", "is a picture, not a video"),
        (rb".{4}ftyp(M4A|M4B|M4P|F4A|F4B)", "is an audio file, not a video"),
        (rb"ID3|\xff[\xe2\xe3\xf1-\xf3\xf9-\xfb]|fLaC|#!AMR|#!SILK|MThd|caff", "is an audio file, not a video"),
        (rb"RIFF.{4}WAVE|FORM.{4}AIF|OggS(?!.{24,}(\x80theora|OVP80|\x01video))", "is an audio file, not a video"),
        (rb"\xff\xfe|\xfe\xff|[^\0-\x08\x0e-\x1a\x1c-\x1f]+\Z", "is text, not a video"),
    )
)
# Signature, FFmpeg's demuxer, media type. FFmpeg uses that demuxer and no other: those of playlists open other files.
_CONTAINERS = tuple(
    (re.compile(pattern, re.DOTALL), demuxer, mime)
    for pattern, demuxer, mime in (
        (rb".{4}ftypqt  |.{4}(moov|mdat|wide|free|skip|pnot)", "mov", "video/quicktime"),
        (rb".{4}ftyp3g", "mov", "video/3gpp"),
        (rb".{4}ftyp", "mov", "video/mp4"),
        (rb"RIFF.{4}AVI ", "avi", "video/x-msvideo"),
        (rb"\x1aE\xdf\xa3.{,64}?\x42\x82.webm", "matroska", "video/webm"),
        (rb"\x1aE\xdf\xa3", "matroska", "video/x-matroska"),
        (rb"FLV\x01", "flv", "video/x-flv"),
        (rb"\0\0\x01\xba", "mpeg", "video/mpeg"),
        (rb"\0\0\x01\xb3", "mpegvideo", "video/mpeg"),
        (rb"G.{187}G.{187}G|.{4}G.{191}G.{191}G", "mpegts", "video/mpeg"),
        (rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf", "video/x-ms-asf"),
        (rb"OggS", "ogg", "video/ogg"),
    )
)


def read_video(path: Path, *, limits: VideoLimits = USUAL_LIMITS) -> VideoReading:
    """Find the scenes of a video; about 0.3 s and a tenth of its length.

    Raises:
        RejectError: the file is no video, nothing of it can be decoded, or its decoder crashed or took too long.
    """
    demuxer, mime = _container(_head(path))
    output = _run(_command(path, demuxer, limits), demuxer, limits.timeout)
    try:
        line, _, pictures = output.partition(b"\n")
        found = json.loads(line)
        if found["refused"] is not None:
            raise RejectError("", found["refused"] or _why_unopened(path, demuxer))
        frames = tuple(_frames(found["frames"], pictures))
        return VideoReading(mime, found["width"], found["height"], found["seconds"], frames, found["problem"])
    except (ValueError, KeyError, TypeError):
        raise RejectError("", "the decoder crashed") from None


def _head(path: Path) -> bytes:
    if not path.is_file():
        raise RejectError("", "is not a file" if path.exists() else "does not exist")
    try:
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES)
    except OSError as error:
        raise RejectError("", error.strerror or str(error)) from error


def _container(head: bytes) -> tuple[str, str]:
    """The demuxer and media type that the first bytes ask for; RejectError says what else they are."""
    if not head:
        raise RejectError("", "is empty (0 bytes)")
    for pattern, reason in _REFUSED:
        if pattern.match(head):
            raise RejectError("", reason)
    for pattern, demuxer, mime in _CONTAINERS:
        if pattern.match(head):
            return demuxer, mime
    raise RejectError("", "is no video of a known kind")


def _frames(places: list[tuple[float, int]], pictures: bytes) -> list[Frame]:
    if sum(size for _, size in places) != len(pictures):
        raise ValueError("the process ended while it wrote")
    frames, start = list[Frame](), 0
    for seconds, size in places:
        frames.append(Frame(seconds, pictures[start : start + size]))
        start += size
    return frames


def _why_unopened(path: Path, demuxer: str) -> str:
    if demuxer != "mov":
        return "cannot be opened: damaged, without a video track, or of an unknown codec"
    index = _index(path)
    if index is None:
        return "truncated or damaged: its index (moov) is missing"
    if not re.search(rb"hdlr.{8}vide", index, re.DOTALL):
        return "holds no video track (audio only?)"
    return "cannot be opened: damaged, or of an unknown codec"


def _index(path: Path) -> bytes | None:
    """The start of the box `moov` of an MP4 or QuickTime file (ISO 14496-12, 4.2), which lists its tracks."""
    place, end = 0, path.stat().st_size
    with path.open("rb") as file:
        for _ in range(1000):  # a file has a handful of boxes on this level
            file.seek(place)
            size, kind, large = struct.unpack(">I4sQ", file.read(16).ljust(16, b"\0"))
            if kind == b"moov":
                return file.read(16 << 20)
            place += large if size == 1 else max(size, 8)
            if size == 0 or place >= end:
                break
    return None


def _command(path: Path, demuxer: str, limits: VideoLimits) -> list[str]:
    script = Path(__file__).with_name("film.py")
    return [sys.executable, "-P", str(script), os.path.abspath(path), demuxer, json.dumps(asdict(limits))]


def _run(command: list[str], demuxer: str, timeout: float) -> bytes:
    """What the process writes; it is ended in any case. RejectError when it takes longer than `timeout` seconds."""
    pipe, none = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=none, env=_environment(demuxer)) as child:
        assert child.stdout is not None
        parts = list[bytes]()
        reader = threading.Thread(target=_collect, args=(child.stdout, parts), daemon=True)
        deadline = time.monotonic() + timeout
        try:
            reader.start()
            while reader.is_alive():
                if time.monotonic() > deadline:
                    raise RejectError("", f"took longer than {timeout:g} s")
                reader.join(0.2)  # in steps, or Windows would not heed Ctrl-C
        finally:
            child.kill()
            reader.join()
    return b"".join(parts)


def _collect(stream: IO[bytes], parts: list[bytes]) -> None:
    size = 0
    while size < _MOST_OUTPUT and (part := stream.read(1 << 20)):
        parts.append(part)
        size += len(part)


def _environment(demuxer: str) -> dict[str, str]:
    """FFmpeg may open local files only, with one demuxer only; Python finds what this process finds."""
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "OPENCV_FFMPEG_CAPTURE_OPTIONS": ffmpeg_options(demuxer),
        "OPENBLAS_NUM_THREADS": "1",  # starting its threads takes longer than what is computed here
    }
