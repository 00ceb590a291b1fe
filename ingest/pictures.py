"""Find the pictures that an advertisement names, keep their bytes, read them once a worker."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from ingest.evidence import EvidenceStore
from ingest.extract.pictures import PictureReading, read_picture
from sellergraph.errors import RejectError

# A phone's photo is under 20 MB; what is larger is not an advertisement's picture.
MAX_PICTURE_BYTES = 200 << 20
# Stock photos recur in many advertisements; a reading is about 1 KB.
_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in the evidence store and what was read in it."""

    place: str
    reading: PictureReading


class PictureReader:
    """Reads pictures beside source files into an evidence store, each content once."""

    def __init__(self, evidence: EvidenceStore) -> None:
        self._evidence = evidence
        self._read: OrderedDict[str, Picture | RejectError] = OrderedDict()

    def read(self, folder: Path, name: str) -> Picture:
        """Read the picture `name`, given relative to `folder`.

        Raises:
            RejectError: no such file, outside of the folder, or no usable picture.
        """
        data = _bytes_of(folder, name)
        digest, place = self._evidence.keep_bytes(data, Path(name).suffix)
        if digest not in self._read:
            self._read[digest] = self._try(data, place)
            if len(self._read) > _REMEMBERED:
                self._read.popitem(last=False)
        found = self._read[digest]
        if isinstance(found, RejectError):
            raise found
        return found

    @staticmethod
    def _try(data: bytes, place: str) -> Picture | RejectError:
        try:
            return Picture(place, read_picture(data))
        except RejectError as error:
            return error


def _bytes_of(folder: Path, name: str) -> bytes:
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
        if path.stat().st_size > MAX_PICTURE_BYTES:
            raise RejectError("", f"{name} is larger than {MAX_PICTURE_BYTES >> 20} MiB")
        return path.read_bytes()
    except RuntimeError as error:
        # Python 3.11 and 3.12 raise this for a link that leads to itself.
        raise RejectError("", f"{name} is a link that leads to itself") from error
    except OSError as error:
        raise RejectError("", f"{name}: {error.strerror or error}") from error
