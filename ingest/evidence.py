"""The evidence store: captured bytes, kept once, named by their SHA-256, never changed."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from sellergraph.errors import CaseError, SourceError

_BLOCK = 1 << 20
_INCOMING, _DAY = ".incoming-", 86_400
# Without a handler Python prints warnings to stderr as they are.
_LOG = logging.getLogger(__name__)


class EvidenceStore:
    """Files under `folder`, at ab/abcdef….suffix; safe for several processes at once.

    A file is written under a temporary name and renamed when complete, so a killed run leaves no
    half file under a digest.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # Looked at already: a picture stands in many ads.
        self._whole = set[str]()

    def keep_file(self, source: Path, suffix: str = "") -> tuple[str, str, int]:
        """Copy a file in; return its SHA-256, its place relative to the store, and its size in bytes.

        Raises:
            SourceError: the file cannot be read. CaseError: the store cannot be written.
        """
        try:
            stream = source.open("rb")
        except OSError as error:
            raise SourceError(f"{source}: {error.strerror or error}") from error
        with stream, self._writing():
            return self._keep_stream(stream, suffix or source.suffix)

    def keep_bytes(self, data: bytes, suffix: str) -> tuple[str, str]:
        """Keep bytes that are in memory; return their SHA-256 and place relative to the store.

        Raises:
            CaseError: the store cannot be written.
        """
        digest = hashlib.sha256(data).hexdigest()
        place = self._place(digest, suffix)
        with self._writing():
            if not self._holds(place, digest):
                temporary = self._temporary()
                try:
                    temporary.write_bytes(data)
                    self._settle(temporary, place)
                finally:
                    temporary.unlink(missing_ok=True)
        return digest, place

    def sweep(self) -> None:
        """Remove what killed runs left half written, a day ago or longer."""
        for left in self.folder.glob(f"{_INCOMING}*"):
            with suppress(OSError):
                if time.time() - left.stat().st_mtime > _DAY:
                    left.unlink()

    def _holds(self, place: str, digest: str) -> bool:
        """Whether the file is there, whole; a damaged one is named, and will be replaced."""
        if place in self._whole:
            return True
        kept = self.folder / place
        if not kept.exists():
            return False
        with kept.open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() == digest:
                self._whole.add(place)
                return True
        _LOG.warning("%s was damaged; it is restored from the file that is ingested", kept)
        return False

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            place = error.filename or self.folder
            raise CaseError(f"cannot keep evidence in {place}: {error.strerror or error}") from error

    def _keep_stream(self, stream: BinaryIO, suffix: str) -> tuple[str, str, int]:
        hasher, size, temporary = hashlib.sha256(), 0, self._temporary()
        try:
            with temporary.open("wb") as copy:
                while block := stream.read(_BLOCK):
                    hasher.update(block)
                    copy.write(block)
                    size += len(block)
                copy.flush()
                # On the disk before it bears its name: a power cut must not leave half a file under a digest.
                os.fsync(copy.fileno())
            digest = hasher.hexdigest()
            place = self._place(digest, suffix)
            if not self._holds(place, digest):
                self._settle(temporary, place)
            return digest, place, size
        finally:
            temporary.unlink(missing_ok=True)

    def _temporary(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=_INCOMING, dir=self.folder)
        os.close(handle)
        return Path(name)

    def _settle(self, temporary: Path, place: str) -> None:
        target = self.folder / place
        target.parent.mkdir(exist_ok=True)
        os.replace(temporary, target)

    @staticmethod
    def _place(digest: str, suffix: str) -> str:
        clean = suffix.lower() if suffix.lower().strip(".").isalnum() and len(suffix) <= 6 else ""
        return f"{digest[:2]}/{digest}{clean}"
