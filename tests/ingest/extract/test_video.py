"""Videos: which frames are given, what is kept of damaged ones, what is refused, and that nothing harms or stays."""

from __future__ import annotations

import io
import itertools
import json
import os
import re
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import psutil
import pytest
from numpy.typing import NDArray
from PIL import Image

from ingest.extract import film as decoding
from ingest.extract import video
from ingest.extract.video import VideoLimits, VideoReading, read_video
from sellergraph.errors import RejectError

Picture = NDArray[np.uint8]
SIZE = (320, 180)
RATE = 25
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")


PARENT = """
import sys
from pathlib import Path
from ingest.extract.video import read_video

print("started", flush=True)
read_video(Path(sys.argv[1]))
"""


def scene(seed: int, size: tuple[int, int] = SIZE) -> Picture:
    """A made-up picture with soft shapes, as a photograph has."""
    coarse = (np.random.default_rng(seed).random((9, 16, 3)) * 255).astype(np.uint8)
    return np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def still(picture: Picture, seconds: float) -> Iterator[Picture]:
    """The picture with a little noise, as a camera that stands still sees it."""
    random = np.random.default_rng(0)
    for _ in range(round(seconds * RATE)):
        yield cv2.add(picture, random.integers(0, 6, picture.shape, dtype=np.uint8))  # type: ignore[misc]


def scenes(count: int, seconds: float) -> Iterator[Picture]:
    return itertools.chain.from_iterable(still(scene(seed), seconds) for seed in range(count))


def film(path: Path, pictures: Iterator[Picture], codec: str = "mp4v", rate: float = RATE) -> Path:
    first = next(pictures)
    code = cv2.VideoWriter.fourcc(*codec)
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, code, rate, (first.shape[1], first.shape[0]))
    assert writer.isOpened()
    for picture in itertools.chain([first], pictures):
        writer.write(picture)
    writer.release()
    return path


def times(reading: VideoReading) -> list[float]:
    return [frame.seconds for frame in reading.frames]


def decoded(jpeg: bytes) -> Picture:
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"))[:, :, ::-1]


def reason(path: Path, limits: VideoLimits = video.USUAL_LIMITS) -> str:
    with pytest.raises(RejectError) as refused:
        read_video(path, limits=limits)
    return refused.value.reason


@pytest.fixture(scope="module")
def cuts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve scenes of 3 s."""
    return film(tmp_path_factory.mktemp("video") / "cuts.mp4", scenes(12, 3))


def test_each_scene_gives_one_frame_soon_after_its_cut(cuts: Path) -> None:
    reading = read_video(cuts)
    assert (reading.mime, reading.width, reading.height, reading.problem) == ("video/mp4", *SIZE, None)
    assert reading.seconds == pytest.approx(36, abs=0.1)
    assert len(reading.frames) == 12
    for place, frame in enumerate(reading.frames):
        assert 3 * place <= frame.seconds <= 3 * place + 0.45
        assert np.abs(decoded(frame.jpeg).astype(int) - scene(place)).mean() < 10


def test_the_same_file_gives_the_same_bytes(cuts: Path) -> None:
    assert read_video(cuts) == read_video(cuts)


def test_a_still_picture_gives_one_frame(tmp_path: Path) -> None:
    assert times(read_video(film(tmp_path / "a.mp4", still(scene(1), 8)))) == [0.0]


def test_one_picture_is_a_video(tmp_path: Path) -> None:
    assert times(read_video(film(tmp_path / "a.mp4", iter([scene(1)])))) == [0.0]


def test_of_many_scenes_twenty_are_given_from_all_of_the_video(tmp_path: Path) -> None:
    reading = read_video(film(tmp_path / "a.mp4", scenes(50, 0.6)))
    found = times(reading)
    assert reading.problem == "has more scenes than the 20 pictures taken from it"
    assert len(found) == 20
    assert found[0] == 0.0
    assert found[-1] > 25
    assert max(b - a for a, b in itertools.pairwise(found)) < 6


def test_a_scene_that_returns_is_not_given_again(tmp_path: Path) -> None:
    pictures = (still(scene(seed), 1) for seed in (1, 2, 1, 2, 1))
    assert len(read_video(film(tmp_path / "a.mp4", itertools.chain.from_iterable(pictures))).frames) == 2


def test_a_slow_pan_gives_a_frame_now_and_then(tmp_path: Path) -> None:
    wide = scene(3, (960, 180))
    found = times(read_video(film(tmp_path / "a.mp4", (wide[:, x : x + 320] for x in range(0, 600, 3)))))
    assert 3 <= len(found) <= 9
    assert max(b - a for a, b in itertools.pairwise(found)) < 3


def test_after_a_fade_the_clear_picture_is_given(tmp_path: Path) -> None:
    one, two = scene(1), scene(2)
    fade = (np.asarray(cv2.addWeighted(one, 1 - i / 20, two, i / 20, 0), dtype=np.uint8) for i in range(20))
    reading = read_video(film(tmp_path / "a.mp4", itertools.chain(still(one, 2), fade, still(two, 2))))
    assert len(reading.frames) == 2
    assert np.abs(decoded(reading.frames[1].jpeg).astype(int) - two).mean() < 10


def test_a_number_that_appears_in_a_still_picture_gives_a_frame(tmp_path: Path) -> None:
    plain, written = scene(1), scene(1)
    cv2.putText(written, "13800138000", (60, 100), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (255, 255, 255), 1)
    found = times(read_video(film(tmp_path / "a.mp4", itertools.chain(still(plain, 3), still(written, 2)))))
    assert len(found) == 2
    assert 3 <= found[1] <= 3.45


@pytest.mark.parametrize("level", [0, 255])
def test_a_blank_start_is_not_given_when_there_is_more(tmp_path: Path, level: int) -> None:
    blank = np.full((SIZE[1], SIZE[0], 3), level, dtype=np.uint8)
    found = times(read_video(film(tmp_path / "a.mp4", itertools.chain([blank] * 30, still(scene(1), 2)))))
    assert len(found) == 1
    assert 1.2 <= found[0] <= 1.6
    assert times(read_video(film(tmp_path / "b.mp4", iter([blank] * 30)))) == [0.0]


def test_slides_of_a_second_each_are_all_given(tmp_path: Path) -> None:
    assert len(read_video(film(tmp_path / "a.avi", (scene(seed) for seed in range(8)), "MJPG", 1)).frames) == 8


def test_rotation_is_applied(tmp_path: Path) -> None:
    data = bytearray(film(tmp_path / "a.mp4", still(scene(1), 1)).read_bytes())
    # tkhd of ISO 14496-12, 8.3.2: the matrix is 40 bytes after the type; this one turns by 90 degrees.
    place = data.index(b"tkhd") + 44
    data[place : place + 36] = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    (tmp_path / "b.mp4").write_bytes(data)
    reading = read_video(tmp_path / "b.mp4")
    assert (reading.width, reading.height) == (180, 320)
    turned = cv2.rotate(scene(1), cv2.ROTATE_90_CLOCKWISE)
    assert np.abs(decoded(reading.frames[0].jpeg).astype(int) - turned).mean() < 10


@pytest.mark.parametrize(
    ("name", "codec", "mime"),
    [
        ("a.mov", "mp4v", "video/quicktime"), ("a.3gp", "mp4v", "video/3gpp"), ("a.avi", "MJPG", "video/x-msvideo"),
        ("a.webm", "VP80", "video/webm"), ("a.mkv", "mp4v", "video/x-matroska"), ("a.flv", "FLV1", "video/x-flv"),
        ("a.mpg", "MPG1", "video/mpeg"), ("a.ts", "MPG2", "video/mpeg"), ("a.wmv", "WMV2", "video/x-ms-asf"),
    ],
)  # fmt: skip
def test_containers_are_found_in_the_bytes(tmp_path: Path, name: str, codec: str, mime: str) -> None:
    made = film(tmp_path / name, scenes(2, 1), codec)
    reading = read_video(made.rename(tmp_path / "named.jpg"))
    assert (reading.mime, reading.width, reading.height, reading.problem) == (mime, *SIZE, None)
    assert len(reading.frames) == 2


def test_names_that_ffmpeg_could_take_for_something_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = film(tmp_path / "a.mp4", still(scene(1), 1))
    monkeypatch.chdir(tmp_path)
    for name in ("concat:a.mp4|b.mp4", "-i.mp4", "象牙 %03d.mp4", *(["\udcb1\udcb2.mp4"] * (sys.platform == "linux"))):
        if sys.platform != "win32" or not re.search(r"[:|]", name):
            Path(name).write_bytes(made.read_bytes())
            assert len(read_video(Path(name)).frames) == 1


def test_what_precedes_the_cut_of_a_truncated_file_is_kept(tmp_path: Path) -> None:
    data = film(tmp_path / "a.avi", scenes(4, 1), "MJPG").read_bytes()
    (tmp_path / "b.avi").write_bytes(data[: len(data) // 2])
    reading = read_video(tmp_path / "b.avi")
    assert len(reading.frames) == 2
    assert re.fullmatch(r"truncated or damaged: ends after \d\.\d s of 4\.0 s", reading.problem or "")


def test_damage_in_the_middle_costs_no_more_than_that(tmp_path: Path) -> None:
    data = bytearray(film(tmp_path / "a.avi", scenes(4, 1), "MJPG").read_bytes())
    middle = len(data) // 2
    data[middle : middle + 20_000] = os.urandom(20_000)
    (tmp_path / "b.avi").write_bytes(data)
    assert times(read_video(tmp_path / "b.avi"))[-1] >= 3


def test_an_mp4_without_its_index(cuts: Path, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(cuts.read_bytes()[:50_000])
    assert reason(tmp_path / "a.mp4") == "truncated or damaged: its index (moov) is missing"


def test_an_mp4_without_a_video_track(tmp_path: Path) -> None:
    data = film(tmp_path / "a.mp4", still(scene(1), 1)).read_bytes()
    # The handler of the only track says that it is sound.
    (tmp_path / "b.mp4").write_bytes(data.replace(b"vide", b"soun"))
    assert reason(tmp_path / "b.mp4") == "holds no video track (audio only?)"


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b"", "is empty (0 bytes)"),
        (b"\0" * 5000, "holds zero bytes only"),
        (b"RIFF\x24\x10\0\0WAVEfmt \x10\0\0\0", "is an audio file, not a video"),
        (b"ID3\x04\0\0\0\0\0\0", "is an audio file, not a video"),
        (b"\xff\xfb\x90\x64\0\0", "is an audio file, not a video"),
        (b"fLaC\0\0\0\x22", "is an audio file, not a video"),
        (b"#!AMR\n\x3c", "is an audio file, not a video"),
        (b"OggS\0\x02" + b"\0" * 22 + b"\x01vorbis", "is an audio file, not a video"),
        (b"\0\0\0\x20ftypM4A \0\0\0\0", "is an audio file, not a video"),
        (b"\x89PNG\r\n\x1a\n\0\0", "is a picture, not a video"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "is a picture, not a video"),
        (b"GIF89a\x01\0\x01\0", "is a picture, not a video"),
        (b"RIFF\x24\x10\0\0WEBPVP8 ", "is a picture, not a video"),
        (b"\0\0\0\x20ftypheic\0\0\0\0", "is a picture, not a video"),
        (b"%PDF-1.7\n\0", "is a PDF document, not a video"),
        (b"PK\x03\x04\x14\0", "is an archive, not a video"),
        (b"#EXTM3U\n#EXTINF:3,\nhttp://127.0.0.1/a.ts\n", "is a playlist, not a video"),
        (b"\xef\xbb\xbf<!DOCTYPE html><html>", "is a web page, not a video"),
        (b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n", "is text, not a video"),
        (b"ffconcat version 1.0\nfile '/etc/passwd'\n", "is text, not a video"),
        ("价格私聊".encode("gb18030"), "is text, not a video"),
        ("价格私聊".encode("utf-16"), "is text, not a video"),
        (b"\x7fELF\x02\x01\x01\0\0", "is no video of a known kind"),
        (b"\0\0\0\x1cftypisom\0\0\x02\0" + bytes(range(256)), "truncated or damaged: its index (moov) is missing"),
        (b"FLV\x01\x05" + bytes(99), "cannot be opened: damaged, without a video track, or of an unknown codec"),
    ],
)  # fmt: skip
def test_what_is_no_video_is_refused(tmp_path: Path, head: bytes, said: str) -> None:
    (tmp_path / "a.mp4").write_bytes(head)
    assert reason(tmp_path / "a.mp4") == said


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    assert (reason(tmp_path), reason(tmp_path / "a.mp4")) == ("is not a file", "does not exist")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nb.ts\n#EXT-X-ENDLIST\n"),
        ("a.ffconcat", "ffconcat version 1.0\nfile 'b.ts'\n"),
    ],
)
def test_ffmpeg_itself_is_kept_from_lists_of_other_files(tmp_path: Path, name: str, text: str) -> None:
    film(tmp_path / "b.ts", still(scene(1), 1), "MPG2")
    path = tmp_path / name
    path.write_text(text)
    assert cv2.VideoCapture(str(path), cv2.CAP_FFMPEG).isOpened()
    for _, demuxer, _ in video._CONTAINERS:
        output = video._run(video._command(path, demuxer, VideoLimits()), demuxer, 30)
        assert json.loads(output)["refused"] is not None


def test_a_long_video_is_sampled_and_says_so(cuts: Path) -> None:
    reading = read_video(cuts, limits=VideoLimits(seconds=20, frames=6))
    assert reading.problem == "is 36 s long; sampled at 6 places"
    assert times(reading) == pytest.approx([3, 9, 15, 21, 27, 33], abs=0.1)


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that decode in this process: what is set for FFmpeg is restored."""
    monkeypatch.setenv("OPENCV_FFMPEG_CAPTURE_OPTIONS", "")


@pytest.mark.usefixtures("options")
def test_a_video_that_hides_its_length_is_read_up_to_the_limit(tmp_path: Path) -> None:
    made = film(tmp_path / "a.mpg", scenes(6, 1), "MPG1")
    at_work = decoding._Film(str(made), "mpeg", VideoLimits(seconds=2.8))
    at_work.length = None
    assert at_work.read() == "is longer than 2.8 s; the rest was not read"
    assert len(at_work.chosen.finish()) == 3


def test_five_gigabytes_are_neither_read_nor_slow(cuts: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(cuts.read_bytes())
    os.truncate(path, 5 << 30)
    start = time.monotonic()
    reading = read_video(path)
    assert time.monotonic() - start < 30
    assert reading.problem == "is 5,120 MiB large; sampled at 20 places"
    assert len(reading.frames) == 12


@pytest.mark.usefixtures("options")
def test_a_slow_video_is_sampled_from_where_time_ran_short(cuts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = itertools.count()
    monkeypatch.setattr(decoding, "time", SimpleNamespace(monotonic=lambda: next(ticks) / 20))
    at_work = decoding._Film(str(cuts), "mov", VideoLimits())
    problem = at_work.read() or ""
    assert re.fullmatch(r"is slow to decode; after 2\d s sampled at 20 places", problem)
    assert len(at_work.chosen.finish()) == 12


@pytest.mark.parametrize("side", [16_000, 60_000])
def test_a_head_that_claims_a_huge_picture_harms_nobody(tmp_path: Path, side: int) -> None:
    data = bytearray(film(tmp_path / "a.avi", scenes(1, 1), "MJPG").read_bytes())
    place = data.index(b"strf") + 12
    data[place : place + 8] = struct.pack("<ii", side, side)
    for jpeg in re.finditer(rb"\xff\xc0\0\x11\x08", bytes(data)):
        data[jpeg.end() : jpeg.end() + 4] = struct.pack(">HH", side, side)
    (tmp_path / "b.avi").write_bytes(data)
    said = reason(tmp_path / "b.avi")
    assert said.endswith(("megapixels allowed", "no picture in it can be decoded"))


def test_a_decoder_that_crashes(cuts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for code in ("import os; os.abort()", "print('{}')", 'print(\'{"refused": null, "frames": [[0, 9]]}\')', ""):
        monkeypatch.setattr(video, "_command", lambda *_, code=code: [sys.executable, "-c", code])
        assert reason(cuts) == "the decoder crashed"


def test_a_decoder_that_hangs_is_ended(cuts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "_command", lambda *_: [sys.executable, "-c", "import time; time.sleep(60)"])
    start, before = time.monotonic(), psutil.Process().children()
    assert reason(cuts, VideoLimits(timeout=0.5)) == "took longer than 0.5 s"
    assert time.monotonic() - start < 10
    assert psutil.Process().children() == before


@pytest.mark.skipif(sys.platform != "linux", reason="macOS does not enforce it, Windows has none")
def test_memory_is_limited() -> None:
    code = "from ingest.extract.film import _confine; _confine(9); bytearray(5 << 30)"
    done = subprocess.run([sys.executable, "-c", code], stdin=subprocess.PIPE, capture_output=True, text=True)
    assert "MemoryError" in done.stderr or done.returncode == 1


def test_nothing_is_written_to_the_terminal(tmp_path: Path) -> None:
    data = bytearray(film(tmp_path / "a.avi", scenes(1, 1), "MJPG").read_bytes())
    data[len(data) // 2 :: 97] = b"\xff" * len(data[len(data) // 2 :: 97])
    (tmp_path / "b.avi").write_bytes(data)
    done = subprocess.run([sys.executable, "-c", PARENT, str(tmp_path / "b.avi")], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "started\n", "")


def test_the_parent_does_without_opencv() -> None:
    code = "import sys, ingest.extract.video; print('cv2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"


@POSIX
@pytest.mark.parametrize("end", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_the_decoder_ends_with_its_parent(cuts: Path, tmp_path: Path, end: str) -> None:
    # A FLV whose index is zeros for gigabytes keeps FFmpeg at work for most of a minute.
    path = film(tmp_path / "a.flv", scenes(1, 1), "FLV1")
    os.truncate(path, 4000)
    os.truncate(path, 5 << 30)
    command = [sys.executable, "-c", PARENT, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=tmp_path) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"started\n"
        children: list[psutil.Process] = []
        while not children:
            time.sleep(0.05)
            children = psutil.Process(parent.pid).children()
        time.sleep(1)
        assert children[0].is_running()
        parent.send_signal(getattr(signal, end))
        parent.wait(timeout=10)
    assert not psutil.wait_procs(children, timeout=10)[1]
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.flv"]
