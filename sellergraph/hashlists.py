"""PDQ hash lists: the case's pictures for other agencies, and other agencies' lists against the case.

The list that is written is what PDQ's own programs print and read: a line a picture, `hash,quality,name`, no heading,
lower-case hex, line feeds, no BOM (facebook/ThreatExchange, pdq/cpp/bin/pdq-photo-hasher.cpp and pdq/cpp/io/hashio.h);
the name is the image's id. A heading would stop those programs. `cut -d, -f1` makes the bare list that
python-threatexchange takes (`tx match --hashes`, collaborations of type local_file).
"""

from __future__ import annotations

import csv
import hashlib
import os
import sqlite3
import warnings
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from PIL import Image

from graph.hamming256 import MIN_QUALITY, HashIndex
from graph.stores.base import GraphStore
from ingest.extract.decode import decode, open_picture
from sellergraph.case import Settings
from sellergraph.errors import CaseError, ExportError, RejectError, UsageError, unforeseen
from sellergraph.hash_forms import HashList, Progress

# Hashing takes 30 bytes a pixel, so larger pictures are shrunk. To 2048 this moves a hash by 4 bits, 10 at most (60
# photographs above 4 megapixels). To 512 it would by 12 bits and up to 46 (300 photographs of at most 1080 x 1440),
# which is too much of MAX_DISTANCE; python-threatexchange does not shrink either.
MAX_SIDE = 2048
# A change of how pictures are hashed takes a new name.
_MEMORY = "pdq-v1.sqlite"
_LOCK_SECONDS = 30.0
# Pictures between two commits: what a killed run does again.
_BATCH = 64
# Lines of a list that are looked up at once.
_LINES = 4096
_IDS = 10_000

_TEXT, _COUNT = pa.string(), pa.int64()
_TEXTS = pa.list_(_TEXT)
MATCHES = pa.schema([
    ("line", _COUNT), ("hash", _TEXT), ("distance", _COUNT), ("image_id", _TEXT), ("ads", _TEXTS), ("accounts", _TEXTS),
    ("sellers", _TEXTS), ("source", _TEXT), ("tags", _TEXT), ("description", _TEXT),
])  # fmt: skip
_IMAGES = "MATCH (i:Image) RETURN i.id AS id, i.path AS path ORDER BY id"
_SHOWN = """
MATCH (ad:Ad)-[:SHOWS]->(i:Image) WHERE i.id IN $ids
OPTIONAL MATCH (a:Account)-[:POSTED]->(ad)
OPTIONAL MATCH (a)-[:RUN_BY]->(s:Seller)
RETURN DISTINCT i.id AS image_id, ad.id AS ads, a.id AS accounts, s.id AS sellers
"""


@dataclass(frozen=True, slots=True)
class PictureHash:
    """PDQ of one picture file: its id in the graph, 64 hex digits, quality from 0 (blank) to 100."""

    image_id: str
    hash: str
    quality: int


@dataclass(frozen=True, slots=True)
class HashExport:
    """What was written: pictures, those of them below MIN_QUALITY, and which could not be read, in words."""

    pictures: int
    weak: int
    rejects: list[str]


@dataclass(frozen=True, slots=True)
class HashMatches:
    """The answer to a list.

    Attributes:
        rows: columns of MATCHES, a row a line and picture, sorted by line, distance and picture; lists are sorted.
        pictures, hashes: how many of the case and of the list were compared.
        weak: hashes of the list that were not, since their quality is below MIN_QUALITY.
        others: lines that hold no PDQ hash but another kind, by that kind's name.
        rejects: lines and pictures that could not be used, in words.
    """

    rows: pa.Table
    pictures: int
    hashes: int
    weak: int
    others: dict[str, int]
    rejects: list[str]


def export_hashes(
    store: GraphStore, settings: Settings, target: Path = Path("hashes.csv"), *, progress: Progress | None = None
) -> HashExport:
    """Write the hash of every picture of the case, by id; a file of that name is replaced when all is done.

    Raises:
        UsageError: the extra 'pdq' is not installed. ExportError: the file cannot be written.
    """
    if not target.absolute().parent.is_dir():
        raise ExportError(f"{target}: the folder {target.parent} does not exist")
    rejects = list[str]()
    hashes = case_hashes(store, settings, rejects, progress)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="ascii", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows((h.hash, h.quality, h.image_id) for h in hashes)
        part.replace(target)
    except OSError as error:
        raise ExportError(f"{target}: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
    return HashExport(len(hashes), sum(h.quality < MIN_QUALITY for h in hashes), rejects)


def match_hashes(
    store: GraphStore, settings: Settings, file: str | Path, *, progress: Progress | None = None
) -> HashMatches:
    """Find the case's pictures that are at most MAX_DISTANCE bits from a hash of a list ('-' is stdin).

    Raises:
        UsageError: the list cannot be read, or the extra 'pdq' is not installed.
    """
    listed, rejects = HashList(str(file)), list[str]()
    entries = listed.entries(progress)
    # A list that cannot be read is told before minutes of hashing.
    batch = list(islice(entries, _LINES))
    images, found = defaultdict[str, list[str]](list), list[dict[str, Any]]()
    for picture in case_hashes(store, settings, rejects, progress):
        if picture.quality >= MIN_QUALITY:
            images[picture.hash].append(picture.image_id)
    hashes, index = list(images), HashIndex(list(images))
    while batch:
        for left, right, bits in index.near([entry.hash for entry in batch]):
            found += [batch[left].row(bits, image) for image in images[hashes[right]]]
        batch = list(islice(entries, _LINES))
    rows, compared = _with_sellers(store, found), sum(map(len, images.values()))
    return HashMatches(rows, compared, listed.compared, listed.weak, dict(listed.others), listed.rejects + rejects)


def _with_sellers(store: GraphStore, rows: list[dict[str, Any]]) -> pa.Table:
    """The rows, sorted, with the ads that show their pictures, the accounts that posted those, and the sellers."""
    ids = sorted({row["image_id"] for row in rows})
    shown = {image: {name: set[str]() for name in ("ads", "accounts", "sellers")} for image in ids}
    for start in range(0, len(ids), _IDS):
        for line in store.read(_SHOWN, ids=ids[start : start + _IDS]).to_pylist():
            for name, values in shown[line["image_id"]].items():
                values.update({line[name]} - {None})
    told = {image: {name: sorted(values) for name, values in by.items()} for image, by in shown.items()}
    rows.sort(key=lambda row: (row["line"], row["distance"], row["image_id"]))
    return pa.Table.from_pylist([row | told[row["image_id"]] for row in rows], schema=MATCHES)


def case_hashes(
    store: GraphStore, settings: Settings, rejects: list[str], progress: Progress | None = None
) -> list[PictureHash]:
    """PDQ of every picture of the case, by id, each computed once; what cannot be read is added to `rejects`.

    Raises:
        UsageError: the extra 'pdq' is not installed and a picture is new. CaseError: the remembered hashes are damaged.
    """
    places = {row["id"]: settings.evidence / (row["path"] or "") for row in store.read(_IMAGES).to_pylist()}
    with closing(_memory(settings.folder / "cache" / _MEMORY)) as memory:
        known = {row[0]: PictureHash(*row) for row in memory.execute("SELECT id, hash, quality FROM pdq")}
        for read in _computed([image for image in places.items() if image[0] not in known], progress):
            rejects += [problem for problem in read if isinstance(problem, str)]
            hashes = [found for found in read if isinstance(found, PictureHash)]
            known |= {found.image_id: found for found in hashes}
            _remember(memory, hashes)
    return [known[image] for image in places if image in known]


def _memory(path: Path) -> sqlite3.Connection:
    """The case's remembered hashes: SQLite keeps two runs apart, and drops what a killed one left half written."""
    try:
        path.parent.mkdir(exist_ok=True)
        return _opened(str(path))
    except (OSError, sqlite3.OperationalError):
        # A case that cannot be written to is still compared.
        return _opened(":memory:")
    except sqlite3.DatabaseError as error:
        raise CaseError(f"{path}: {error}; delete it, and the hashes are computed again") from error


def _opened(name: str) -> sqlite3.Connection:
    memory = sqlite3.connect(name, timeout=_LOCK_SECONDS)
    try:
        memory.execute("CREATE TABLE IF NOT EXISTS pdq (id TEXT PRIMARY KEY, hash TEXT NOT NULL, quality INTEGER)")
        # Goes through the whole file, so that damage shows here.
        memory.execute("SELECT max(hash), max(quality) FROM pdq").fetchone()
    except BaseException:
        memory.close()
        raise
    return memory


def _remember(memory: sqlite3.Connection, hashes: list[PictureHash]) -> None:
    rows = [(found.image_id, found.hash, found.quality) for found in hashes]
    # What cannot be kept, on a full or a read-only disk, is computed again the next time.
    with suppress(sqlite3.OperationalError), memory:
        memory.executemany("INSERT OR IGNORE INTO pdq VALUES (?, ?, ?)", rows)


def _computed(images: list[tuple[str, Path]], progress: Progress | None) -> Iterator[list[PictureHash | str]]:
    if not images:
        return
    try:
        import pdqhash  # noqa: F401  # here once, not in every thread
    except ImportError as error:
        raise UsageError("PDQ hashes need the extra 'pdq': pip install 'sellergraph[pdq]'") from error
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(images), _BATCH):
            with warnings.catch_warnings():
                # Pillow warns of oddities in files that it copes with.
                warnings.simplefilter("ignore")
                read = list(pool.map(_hash_or_problem, images[start : start + _BATCH]))
            yield read
            if progress:
                progress("pictures", min(start + _BATCH, len(images)), len(images))


def _hash_or_problem(image: tuple[str, Path]) -> PictureHash | str:
    identity, place = image
    try:
        data = place.read_bytes()
        if f"sha256:{hashlib.sha256(data).hexdigest()}" != identity:
            return f"{place}: is not the file that was ingested (another SHA-256)"
        return PictureHash(identity, *pdq(data))
    except OSError as error:
        return f"{place}: {error.strerror or error}"
    except RejectError as error:
        return f"{place}: {error}"
    except Exception as error:  # one picture must not cost the others
        return f"{place}: {unforeseen(error)}"


def pdq(data: bytes) -> tuple[str, int]:
    """PDQ hash in hex and quality of a picture file, the right way up, transparent parts white.

    Raises:
        RejectError: the bytes are no usable picture.
    """
    import pdqhash

    grey = decode(open_picture(data)[0], data)[0].convert("L")
    grey.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BILINEAR)
    bits, quality = pdqhash.compute(np.broadcast_to(np.asarray(grey)[:, :, None], (grey.height, grey.width, 3)))
    return np.packbits(bits.astype(bool)).tobytes().hex(), int(quality)
