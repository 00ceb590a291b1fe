"""Captured bytes are kept once, under their digest."""

import hashlib
import os
from pathlib import Path

import pytest

from ingest.evidence import EvidenceStore
from sellergraph.errors import CaseError, SourceError


def test_a_file_is_kept_under_its_digest(tmp_path: Path) -> None:
    source = tmp_path / "ads.JSONL"
    source.write_bytes(b"x" * 3_000_000)
    digest, place, size = EvidenceStore(tmp_path / "evidence").keep_file(source)
    assert digest == hashlib.sha256(b"x" * 3_000_000).hexdigest()
    assert place == f"{digest[:2]}/{digest}" and size == 3_000_000 or place.endswith(".jsonl")
    assert (tmp_path / "evidence" / place).read_bytes() == source.read_bytes()


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path / "evidence")
    assert store.keep_bytes(b"one", ".jpg") == store.keep_bytes(b"one", ".jpg")
    assert len([f for f in store.folder.rglob("*") if f.is_file()]) == 1


@pytest.mark.parametrize("suffix", ["/../../x", ".a b", "." + "y" * 40, ""])
def test_an_odd_ending_cannot_name_a_place(tmp_path: Path, suffix: str) -> None:
    digest, place = EvidenceStore(tmp_path / "evidence").keep_bytes(b"two", suffix)
    assert place == f"{digest[:2]}/{digest}"


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        EvidenceStore(tmp_path / "evidence").keep_file(tmp_path / "none.csv")


@pytest.mark.parametrize("damage", [b"", b"half", b"tampered with"])
def test_a_damaged_copy_is_restored_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: bytes) -> None:
    source = tmp_path / "ads.jsonl"
    source.write_bytes(b"half of a file is none")
    place = EvidenceStore(tmp_path / "evidence").keep_file(source)[1]
    picture = EvidenceStore(tmp_path / "evidence").keep_bytes(b"picture", ".jpg")[1]
    for kept in (place, picture):
        (tmp_path / "evidence" / kept).write_bytes(damage)
    store = EvidenceStore(tmp_path / "evidence")
    store.keep_file(source)
    store.keep_bytes(b"picture", ".jpg")
    assert (tmp_path / "evidence" / place).read_bytes() == source.read_bytes()
    assert (tmp_path / "evidence" / picture).read_bytes() == b"picture"
    assert caplog.text.count("was damaged; it is restored") == 2


def test_evidence_that_cannot_be_written_is_no_fault_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "evidence").write_text("a file where a folder belongs")
    (tmp_path / "ads.jsonl").write_text("{}")
    with pytest.raises(CaseError, match="cannot keep evidence in"):
        EvidenceStore(tmp_path / "evidence").keep_file(tmp_path / "ads.jsonl")
    with pytest.raises(CaseError, match="cannot keep evidence in"):
        EvidenceStore(tmp_path / "evidence").keep_bytes(b"x", ".jpg")


def test_what_killed_runs_left_is_swept_a_day_later(tmp_path: Path) -> None:
    old, new = tmp_path / ".incoming-old", tmp_path / ".incoming-new"
    for left in (old, new):
        left.write_bytes(b"half")
    os.utime(old, (0, 0))
    EvidenceStore(tmp_path).sweep()
    assert (old.exists(), new.exists()) == (False, True)
