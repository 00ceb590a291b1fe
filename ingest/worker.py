"""What a worker process does: raw rows in, Arrow tables and rejects out. Pure but for the evidence store."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from ingest.checks import check_record, utc_now
from ingest.evidence import EvidenceStore
from ingest.extract import extract, with_platform
from ingest.extract.claims import find_claims
from ingest.extract.commodities import Offer, find_commodities
from ingest.extract.mention import Mention
from ingest.extract.normalise import normalise
from ingest.extract.ocr import OcrReader
from ingest.extract.templates import template_bands
from ingest.pictures import Picture, PictureReader
from ingest.readings import Readings
from ingest.record import AdRecord
from ingest.rejects import Reject
from ingest.sources.base import Line
from ingest.sources.jsonl import parse_json_line
from ingest.tables import TableBuilder
from ingest.videos import VideoReader
from sellergraph.errors import RejectError, SellergraphError, unforeseen
from sellergraph.without_pandas import do_without_pandas


@dataclass(frozen=True)
class Job:
    """What holds for all rows of one source file."""

    file: str
    folder: Path
    capture: str
    zone: str
    regions: tuple[str, ...]
    evidence: Path
    columns: dict[str, str] = field(default_factory=dict)
    ocr: str = "off"
    # UTC without offset: one for all rows, so that the time at which a row's turn comes changes nothing.
    now: datetime = field(default_factory=utc_now)

    @cached_property
    def zone_info(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


@dataclass(frozen=True, slots=True)
class Parsed:
    """What became of some rows: `ads` were taken, in `tables`; the rest is in `rejects`."""

    tables: dict[str, pa.Table]
    rejects: list[Reject]
    ads: int
    pictures: int
    read: int = 0
    seconds: float = 0.0


class Worker:
    """Reads rows; one a process, evidence store and way to read text, since it remembers pictures."""

    def __init__(self, evidence: Path, ocr: str = "off") -> None:
        store, readings = EvidenceStore(evidence), Readings(evidence.parent / "cache" / "readings.sqlite")
        self._pictures = PictureReader(store, readings, None if ocr == "off" else OcrReader(ocr))
        self._videos = VideoReader(store, readings, self._pictures)

    def parse(self, job: Job, lines: list[Line]) -> Parsed:
        """Check, extract and tabulate some rows of one file."""
        builder, rejects, ads, pictures = TableBuilder(), list[Reject](), 0, 0
        start = time.perf_counter()
        for line in lines:
            notes = list[RejectError]()
            try:
                with _foreseen(""):
                    record = _record(job, line, notes)
                with _foreseen("text"):
                    ad_id = self._add_text(builder, job, line.number, record)
            except RejectError as error:
                rejects.append(Reject(_file(job, line), line.number, error.field, error.reason))
                continue
            rejects += [Reject(_file(job, line), line.number, note.field, note.reason, kept=True) for note in notes]
            ads += 1
            seen = _Seen(builder, job, line, record, ad_id, rejects)
            pictures += self._add_pictures(seen) + self._add_videos(seen)
        spent = time.perf_counter() - start
        return Parsed(builder.tables(), rejects, ads, pictures, lines[-1].read if lines else 0, spent)

    def _add_text(self, builder: TableBuilder, job: Job, number: int, record: AdRecord) -> str:
        regions = with_platform(job.regions, record.platform)
        texts = (("text", record.text), ("title", record.title), ("seller_name", record.seller_name))
        # All is read before anything is added: a text that cannot be read leaves no half of its ad.
        readings = [(place, _reading(text, regions)) for place, text in texts if text]
        ad_id = builder.add_ad(record, job.capture, number, _templates(record, readings))
        for place, (mentions, offers, claims) in readings:
            builder.add_mentions(record, ad_id, place, mentions)
            builder.claim(claims)
            if place != "seller_name":
                builder.add_offers(ad_id, place, offers)
        return ad_id

    def _add_pictures(self, seen: _Seen) -> int:
        read = 0
        for position, name in enumerate(seen.record.images):
            with seen.noting(f"images[{position}]", name):
                picture = self._pictures.read(seen.job.folder, name)
                read += 1
                seen.add_picture(position, name, picture)
        return read

    def _add_videos(self, seen: _Seen) -> int:
        read, place = 0, len(seen.record.images)
        for position, name in enumerate(seen.record.videos):
            with seen.noting(f"videos[{position}]", name):
                video = self._videos.read(seen.job.folder, name)
                node = seen.builder.add_video(seen.ad_id, position, name, video)
                seen.note(name, video.problem)
                for seconds, picture in video.frames:
                    image = seen.add_picture(place, f"{name}#t={seconds:g}", picture)
                    seen.builder.add("Image.FRAME_OF.Video", image, node, seconds)
                    place += 1
                read += len(video.frames)
        return read


@dataclass(slots=True)
class _Seen:
    """One advertisement while its pictures and videos are added."""

    builder: TableBuilder
    job: Job
    line: Line
    record: AdRecord
    ad_id: str
    rejects: list[Reject]
    field: str = ""

    @contextmanager
    def noting(self, field: str, name: str) -> Iterator[None]:
        """What goes wrong in the block costs this picture or video, and is said; the ad is kept."""
        self.field = field
        try:
            with _foreseen("", f"{name}: "):
                yield
        except RejectError as error:
            self._reject(error.reason if name in error.reason else f"{name} {error.reason}")

    def note(self, name: str, problem: str | None) -> None:
        if problem:
            self._reject(f"{name}: {problem}")

    def _reject(self, reason: str) -> None:
        self.rejects.append(Reject(_file(self.job, self.line), self.line.number, self.field, reason, kept=True))

    def add_picture(self, position: int, name: str, picture: Picture) -> str:
        """Add a picture and what its text names; return the image's id."""
        image = self.builder.add_picture(self.record, self.ad_id, position, name, picture)
        self.note(name, picture.problem)
        if picture.text:
            mentions, offers, claims = _reading(picture.text, with_platform(self.job.regions, self.record.platform))
            self.builder.claim(claims)
            self.builder.add_read_text(self.record, self.ad_id, image, picture, mentions)
            self.builder.add_offers(self.ad_id, image, offers)
        return image


@contextmanager
def _foreseen(field_name: str, subject: str = "") -> Iterator[None]:
    """An error that nobody foresaw costs the ad or picture at hand, never the others."""
    try:
        yield
    except SellergraphError:
        raise
    except Exception as error:
        raise RejectError(field_name, f"{subject}{unforeseen(error)}") from error


def _file(job: Job, line: Line) -> str:
    return f"{job.file}[{line.sheet}]" if line.sheet else job.file


def _record(job: Job, line: Line, notes: list[RejectError]) -> AdRecord:
    if line.problem:
        raise RejectError("", line.problem)
    content = line.content
    raw = parse_json_line(content, job.columns) if isinstance(content, bytes) else content
    return check_record(raw, job.zone_info, notes, job.now)


_Reading = tuple[list[Mention], list[Offer], list[str]]


def _read(text: str, regions: tuple[str, ...]) -> _Reading:
    normal = normalise(text)
    mentions = extract(normal, regions=regions)
    offers = find_commodities(normal, [(mention.start, mention.end) for mention in mentions])
    return mentions, offers, find_claims(normal)


# Names recur in each of a seller's advertisements, and texts are posted again and again.
_REMEMBERED_LENGTH = 500
_read_again = lru_cache(maxsize=50_000)(_read)


def _reading(text: str, regions: tuple[str, ...]) -> _Reading:
    return (_read_again if len(text) <= _REMEMBERED_LENGTH else _read)(text, regions)


def _templates(record: AdRecord, readings: list[tuple[str, _Reading]]) -> list[str] | None:
    """The sketch of the ad's words; None where nothing may be said, so that an earlier capture's text keeps its own."""
    spans = [(place, m.start, m.end) for place, (mentions, _, _) in readings for m in mentions]
    return template_bands(record.title, record.text, spans) or ([] if record.text else None)


_workers: dict[tuple[Path, str], Worker] = {}


def parse_lines(job: Job, lines: list[Line]) -> Parsed:
    """Entry of a worker process. See `Worker.parse`."""
    key = (job.evidence, job.ocr)
    if key not in _workers:
        _workers[key] = Worker(*key)
    return _workers[key].parse(job, lines)


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for it without end, on a lock that nobody holds."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def warm_up() -> None:
    """Start of a worker process: load the lexicon and converters before the first rows come."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    do_without_pandas()
    extract("微信 abc_12345")
    find_commodities("象牙")
    find_claims("野生")
    template_bands(None, "象牙")


@contextmanager
def ignoring_interrupts() -> Iterator[None]:
    """Processes that start in the block leave Ctrl-C to this one, which ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def start_pool(workers: int) -> ProcessPoolExecutor:
    """A pool whose processes have all been started, so that Ctrl-C reaches none of them."""
    # Not fork: this process may have the threads of a store.
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"), initializer=warm_up)
    with ignoring_interrupts():
        for _ in range(workers):
            pool.submit(int)  # starts a process; it need not do anything
    return pool
