"""Source files in, batches of Arrow tables into the store: order kept, nothing lost, repeatable."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from graph.stores.base import GraphStore
from graph.values import check_regions
from ingest.evidence import EvidenceStore
from ingest.misreadings import find_misreadings
from ingest.photos import group_photos
from ingest.rejects import Reject, RejectsFile
from ingest.sources import FoundFile, find_files, source_of
from ingest.sources.base import Line, Source
from ingest.stale import forget_stale
from ingest.tables import TableBuilder, registered_kinds
from ingest.watermarks import find_watermarks
from ingest.worker import Job, Parsed, parse_lines, start_pool
from sellergraph.case import Settings
from sellergraph.errors import SellergraphError, SourceError, unforeseen

# Rows a worker gets at once: large enough that passing them costs little, small enough to share out. A row with
# pictures takes a hundred times as long as one without, and ten thousand times when text is read in them.
CHUNK_ROWS, FIRST_ROWS, CHUNK_SECONDS = 2_000, 20, 2.0
# The same for long rows: bytes.
CHUNK_BYTES = 4 << 20
# Advertisements a store transaction, by the store's dialect. A commit of Ladybug into filled tables costs seconds,
# however few rows (100,000 ads take 21 s at 20,000 a batch, 5.5 s in one); a transaction of Neo4j lives in its heap.
BATCH_ADS = {"embedded": 100_000, "neo4j": 10_000}
# Long texts fill a batch earlier: bytes of Arrow, which the store's buffers come on top of.
BATCH_BYTES = 256 << 20
# Starting worker processes costs about as long; until then rows are read in this process. Seconds.
INLINE_SECONDS = 1.5
# Files as large as this in all take longer than that, so that the processes may start before the first row is read.
_CERTAIN_BYTES = 4 << 20

Progress = Callable[[str, int, int], None]
"""Called with a file's name, bytes read and bytes in all."""


@dataclass(slots=True)
class IngestReport:
    """What a run did; `stages` are seconds by stage, as seen from the writing process."""

    files: int = 0
    ads: int = 0
    pictures: int = 0
    rejects: list[Reject] = field(default_factory=list)
    new: dict[str, int] = field(default_factory=dict)
    stages: dict[str, float] = field(default_factory=dict)


def ingest(
    settings: Settings,
    store: GraphStore,
    paths: Iterable[Path],
    *,
    workers: int | None = None,
    columns: dict[str, str] | None = None,
    progress: Progress = lambda name, done, total: None,
) -> IngestReport:
    """Read files and folders into the store; what cannot be used goes to the case's rejects.jsonl.

    Ingesting the same files again changes nothing. `columns` renames headings to fields of the ad
    record. `workers` is the number of processes (default: one a core).

    Raises:
        StoreError: a batch could not be written; earlier batches stand, and a second run completes them.
        UsageError: the case names a region that there is not.
    """
    check_regions(settings.regions)
    run = _Run(settings, store, workers or os.cpu_count() or 1, columns or {}, progress)
    try:
        files = list(find_files(paths))
        run.expect(files)
        run.write_lexicon()
        for found in files:
            if found.problem:
                run.reject(Reject(found.name, None, "", found.problem))
            else:
                run.file(found.path, found.name)
        run.flush()
        run.name_kinds()
        run.compare_pictures()
    finally:
        run.close()
    return run.report


class _Run:
    """One call of `ingest`: a batch being filled, and a pool that starts when it is worth it."""

    def __init__(
        self, settings: Settings, store: GraphStore, workers: int, columns: dict[str, str], progress: Progress
    ) -> None:
        self.report = IngestReport()
        self._settings, self._store, self._workers = settings, store, workers
        self._columns, self._progress = columns, progress
        self._rejects = RejectsFile(settings.rejects_file)
        self._evidence = EvidenceStore(settings.evidence)
        self._evidence.sweep()
        self._batch: list[dict[str, pa.Table]] = []
        self._batch_ads = self._batch_bytes = 0
        self._pool: ProcessPoolExecutor | None = None
        self._inline_seconds = 0.0
        self._shown = set[str]()

    def expect(self, files: Sequence[FoundFile]) -> None:
        """Start the worker processes already now if these files will need them."""
        size = sum(os.path.getsize(found.path) for found in files if not found.problem)
        if self._workers > 1 and size >= _CERTAIN_BYTES:
            self._processes()

    def write_lexicon(self) -> None:
        builder = TableBuilder()
        builder.add_lexicon()
        self._write(builder.tables())

    def reject(self, *rejects: Reject) -> None:
        self.report.rejects += rejects
        self._rejects.add(rejects)

    def file(self, path: Path, name: str) -> None:
        """Read one file, which is called `name` wherever it is cited."""
        try:
            self._read_file(path, name)
        except (SourceError, OSError) as error:
            reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
            self.reject(Reject(name, None, "", reason.removeprefix(f"{path}: ")))

    def _read_file(self, path: Path, name: str) -> None:
        kind, source = source_of(path)
        with self._timed("evidence"):
            digest, place, size = self._evidence.keep_file(path)
        job = Job(
            name, path.parent, f"sha256:{digest}", self._settings.timezone, self._settings.regions,
            self._settings.evidence, self._columns, self._settings.ocr,
        )  # fmt: skip
        capture = TableBuilder()
        capture.add("Capture", job.capture, name, place, kind, size)
        self._batch.append(capture.tables())
        self._read_rows(job, source, self._settings.evidence / place, size)
        self.report.files += 1

    def _read_rows(self, job: Job, source: Source, kept: Path, size: int) -> None:
        """Rows come from the kept copy: what is cited is what was read."""
        ads = self.report.ads
        rejected = len(self.report.rejects)
        for parsed in self._parsed(job, _lines(source, kept, job.columns)):
            self._take(parsed)
            self._progress(job.file, parsed.read, size)
        self._progress(job.file, size, size)
        if self.report.ads == ads and len(self.report.rejects) == rejected:
            raise SourceError("holds no advertisements")

    def _parsed(self, job: Job, lines: Iterator[Line]) -> Iterator[Parsed]:
        chunks = _Chunks(lines)
        pending: deque[tuple[Future[Parsed], int]] = deque()
        try:
            for chunk in chunks:
                if self._is_inline():
                    yield chunks.seen(self._parse_here(job, chunk), len(chunk))
                    continue
                pending.append((self._processes().submit(parse_lines, job, chunk), len(chunk)))
                while len(pending) > 2 * self._workers:
                    yield chunks.seen(*self._wait(pending))
            while pending:
                yield self._wait(pending)[0]
        except BrokenProcessPool as error:
            raise SellergraphError(
                f"a worker process died while reading {job.file} (out of memory?); what was read before stands; "
                "run the same command again, with --workers 1 if it repeats"
            ) from error

    def _is_inline(self) -> bool:
        return self._workers == 1 or (self._pool is None and self._inline_seconds < INLINE_SECONDS)

    def _parse_here(self, job: Job, chunk: list[Line]) -> Parsed:
        start = time.perf_counter()
        with self._timed("extraction"):
            parsed = parse_lines(job, chunk)
        self._inline_seconds += time.perf_counter() - start
        return parsed

    def _wait(self, pending: deque[tuple[Future[Parsed], int]]) -> tuple[Parsed, int]:
        future, rows = pending.popleft()
        with self._timed("waiting for extraction"):
            return future.result(), rows

    def _processes(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = start_pool(self._workers)
        return self._pool

    def _take(self, parsed: Parsed) -> None:
        self._batch.append(parsed.tables)
        self._batch_ads += parsed.ads
        if "Ad.SHOWS.Image" in parsed.tables:
            self._shown.update(parsed.tables["Ad.SHOWS.Image"]["dst"].to_pylist())
        self._batch_bytes += sum(table.nbytes for table in parsed.tables.values())
        self.report.ads += parsed.ads
        self.report.pictures += parsed.pictures
        if parsed.rejects:
            self.reject(*parsed.rejects)
        if self._batch_ads >= BATCH_ADS[self._store.dialect] or self._batch_bytes >= BATCH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what has been gathered, in one transaction."""
        if self._batch:
            batch, self._batch, self._batch_ads, self._batch_bytes = _joined(self._batch), [], 0, 0
            self._write(batch)

    def name_kinds(self) -> None:
        """Platforms that are only led to have the register's kind."""
        if missing := registered_kinds(self._store):
            self._write(missing)

    def compare_pictures(self) -> None:
        """What only the pictures of the whole case tell: photographs, watermarks, misread contacts."""
        with self._timed("photographs"):
            grouping = group_photos(self._store)
        with self._timed("watermarks"):
            shown = sorted(self._shown.union(grouping.fresh))
            forget_stale(self._store, shown)
            find_misreadings(self._store, shown)
            marks = find_watermarks(self._store, shown, grouping.photo_of)
        # In one transaction: of a picture with a photograph all this was asked.
        self._write(grouping.tables | marks)

    def _write(self, tables: dict[str, pa.Table]) -> None:
        with self._timed("store"):
            for name, rows in self._store.write(tables).items():
                self.report.new[name] = self.report.new.get(name, 0) + rows

    def _timed(self, stage: str) -> _Stage:
        return _Stage(self.report.stages, stage)

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def _lines(source: Source, path: Path, columns: dict[str, str]) -> Iterator[Line]:
    """The source's rows; an error that it does not foresee costs this file, not the run."""
    try:
        yield from source.lines(path, columns)
    except (SellergraphError, OSError):
        raise
    except Exception as error:  # whatever one file holds must not cost the others
        raise SourceError(unforeseen(error)) from error


class _Stage:
    """Adds the seconds of a block to a stage."""

    def __init__(self, stages: dict[str, float], name: str) -> None:
        self._stages, self._name = stages, name

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        spent = time.perf_counter() - self._start
        self._stages[self._name] = self._stages.get(self._name, 0.0) + spent


class _Chunks:
    """Rows in chunks that take a worker about CHUNK_SECONDS, as far as what came before can tell."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self._rows = FIRST_ROWS

    def __iter__(self) -> Iterator[list[Line]]:
        chunk, size = list[Line](), 0
        for line in self._lines:
            chunk.append(line)
            size += len(line.content)
            if len(chunk) >= self._rows or size >= CHUNK_BYTES:
                yield chunk
                chunk, size = [], 0
        if chunk:
            yield chunk

    def seen(self, parsed: Parsed, rows: int) -> Parsed:
        """Take note of how long a chunk of so many rows took; return it."""
        if rows and parsed.seconds:
            self._rows = min(CHUNK_ROWS, max(1, int(CHUNK_SECONDS * rows / parsed.seconds)))
        return parsed


def _joined(batch: list[dict[str, pa.Table]]) -> dict[str, pa.Table]:
    names = dict.fromkeys(name for tables in batch for name in tables)
    return {name: pa.concat_tables([tables[name] for tables in batch if name in tables]) for name in names}
