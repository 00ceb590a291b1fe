"""PDQ hash lists: what is written, every form that is read, what is found, what is put aside."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import sys
from pathlib import Path
from threading import Thread

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings as limited
from hypothesis import strategies as st
from PIL import Image

from graph.hamming256 import MAX_DISTANCE, MIN_QUALITY, HashIndex
from graph.schema import load_schema
from graph.stores import GraphStore, open_store
from ingest.pipeline import ingest
from sellergraph.case import Settings, create_case
from sellergraph.errors import CaseError, ExportError, RejectError, UsageError
from sellergraph.hash_forms import Entry, HashList
from sellergraph.hashlists import MATCHES, HashExport, HashMatches, export_hashes, match_hashes, pdq

HASH = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22"
OTHER = "e64cc9d91c623882f8d1f1d9a398e78c9f199b3bd83924f2b7e11e0bf861b064"


@pytest.fixture(scope="module", autouse=True)
def _extra() -> None:
    """The extra is built from source, with a C++ compiler; where nothing may be left out, it must be there."""
    try:
        import pdqhash  # noqa: F401
    except ImportError:
        reason = "no pdqhash: pip install 'sellergraph[pdq]' (needs a C++ compiler and the headers of Python)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


def photo(width: int = 320, height: int = 240, seed: int = 1) -> Image.Image:
    """A made-up picture with shapes of several sizes, as a photograph has."""
    random = np.random.default_rng(seed)
    coarse = Image.fromarray((random.random((24, 32, 3)) * 255).astype(np.uint8))
    return coarse.resize((width, height), Image.Resampling.BICUBIC)


def saved(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def turned(digits: str, bits: int) -> str:
    """The hash with its first `bits` bits turned."""
    return f"{int(digits, 16) ^ ((1 << bits) - 1) << (256 - bits):064x}"


def bits_between(left: str, right: str) -> int:
    return (int(left, 16) ^ int(right, 16)).bit_count()


def _rows(name: str, *rows: dict[str, object]) -> pa.Table:
    schema = next(table.arrow for table in load_schema().in_order() if table.name == name)
    return pa.Table.from_pylist(list(rows), schema=pa.schema([f for f in schema if f.name in rows[0]]))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case: two ads of two accounts show one picture, a third ad, without an account, another and a blank one."""
    folder = tmp_path_factory.mktemp("hashes")
    for number in (1, 2):
        (folder / f"{number}.png").write_bytes(saved(photo(seed=number)))
    (folder / "blank.png").write_bytes(saved(Image.new("RGB", (200, 100), "red")))
    ads = [
        {"platform": "forum-a", "ad_id": "1", "seller_id": "u1", "images": ["1.png"]},
        {"platform": "forum-b", "ad_id": "2", "seller_id": "u2", "images": ["1.png"]},
        {"platform": "forum-b", "ad_id": "3", "images": ["2.png", "blank.png"]},
    ]
    (folder / "ads.jsonl").write_text("".join(json.dumps(ad) + "\n" for ad in ads), encoding="utf-8")
    settings = create_case(folder / "case")
    with open_store(settings) as store:
        ingest(settings, store, [folder / "ads.jsonl"], workers=1)
        run = _rows("Account.RUN_BY.Seller", {"src": "forum-a|u1", "dst": "seller:0123456789ab", "run_id": "r"})
        store.write({"Seller": _rows("Seller", {"id": "seller:0123456789ab"}), "Account.RUN_BY.Seller": run})
    return settings.folder


@pytest.fixture
def case(built: Path, tmp_path: Path) -> Settings:
    """A copy of it."""
    shutil.copytree(built, tmp_path / "copy")
    return Settings(tmp_path / "copy")


def _export(case: Settings, target: Path) -> HashExport:
    with open_store(case, read_only=True) as store:
        return export_hashes(store, case, target)


def _match(case: Settings, file: Path) -> HashMatches:
    with open_store(case, read_only=True) as store:
        return match_hashes(store, case, file)


def _listed(tmp_path: Path, content: str | bytes) -> tuple[HashList, list[Entry]]:
    file = tmp_path / "list.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    listed = HashList(str(file))
    return listed, list(listed.entries())


# What is written


def test_the_list_is_what_pdqs_own_programs_read(case: Settings, tmp_path: Path) -> None:
    told = _export(case, tmp_path / "hashes.csv")
    assert told == HashExport(pictures=3, weak=1, rejects=[])
    content = (tmp_path / "hashes.csv").read_bytes()
    lines = content.decode("ascii").split("\n")
    assert lines.pop() == ""
    assert all(re.fullmatch(r"[0-9a-f]{64},\d{1,3},sha256:[0-9a-f]{64}", line) for line in lines)
    assert [line.split(",")[2] for line in lines] == sorted(line.split(",")[2] for line in lines)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "hashes.csv"]


def test_what_is_written_is_read_and_finds_itself(case: Settings, tmp_path: Path) -> None:
    _export(case, tmp_path / "hashes.csv")
    found = _match(case, tmp_path / "hashes.csv")
    assert (found.pictures, found.hashes, found.weak, found.others, found.rejects) == (2, 2, 1, {}, [])
    rows = found.rows.to_pylist()
    assert [(row["distance"], row["description"] == row["image_id"]) for row in rows] == [(0, True), (0, True)]


def test_a_hash_is_that_of_pdqhash_on_the_colours() -> None:
    import pdqhash

    picture = photo(1080, 1440)
    bits, quality = pdqhash.compute(np.asarray(picture))
    expected = np.packbits(bits.astype(bool)).tobytes().hex()
    digits, told = pdq(saved(picture))
    assert bits_between(digits, expected) <= 4
    assert abs(told - quality) <= 1
    assert told >= MIN_QUALITY


def test_a_large_picture_is_shrunk_and_keeps_its_hash() -> None:
    import pdqhash

    picture = photo(3000, 2200)
    bits, _ = pdqhash.compute(np.asarray(picture))
    assert bits_between(pdq(saved(picture))[0], np.packbits(bits.astype(bool)).tobytes().hex()) <= 10


def test_a_picture_is_hashed_the_right_way_up() -> None:
    upright, exif = photo(), Image.Exif()
    exif[0x0112] = 6
    lying = saved(upright.transpose(Image.Transpose.ROTATE_90), exif=exif)
    assert bits_between(pdq(lying)[0], pdq(saved(upright))[0]) <= 2
    with pytest.raises(RejectError, match="text"):
        pdq(b"no picture")


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (63, 64)])
def test_the_smallest_pictures_have_a_hash(size: tuple[int, int]) -> None:
    assert re.fullmatch("[0-9a-f]{64}", pdq(saved(Image.new("L", size, 7)))[0])


def test_pictures_that_cannot_be_read_are_named_and_the_rest_goes_on(case: Settings, tmp_path: Path) -> None:
    gone, changed, _ = sorted(path for path in case.evidence.glob("*/*") if path.suffix == ".png")
    gone.unlink()
    changed.write_bytes(saved(photo(seed=9)))
    told = _export(case, tmp_path / "hashes.csv")
    assert told.pictures == len((tmp_path / "hashes.csv").read_text().splitlines()) == 1
    assert told.rejects == [
        f"{gone}: No such file or directory",
        f"{changed}: is not the file that was ingested (another SHA-256)",
    ]


def test_no_folder_and_no_place_to_write(case: Settings, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="does not exist"):
        _export(case, tmp_path / "none" / "hashes.csv")
    (tmp_path / "taken").mkdir()
    with pytest.raises(ExportError, match="taken"):
        _export(case, tmp_path / "taken")
    assert not list(tmp_path.glob(".*"))


def test_without_the_extra_it_is_said_how_to_get_it(
    case: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pdqhash", None)
    with pytest.raises(UsageError, match=re.escape("pip install 'sellergraph[pdq]'")):
        _export(case, tmp_path / "hashes.csv")


# What is remembered


def test_hashes_are_computed_once(case: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _export(case, tmp_path / "first.csv")
    monkeypatch.setitem(sys.modules, "pdqhash", None)
    assert _export(case, tmp_path / "again.csv") == first
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "first.csv").read_bytes()


def test_two_runs_at_once(case: Settings, tmp_path: Path) -> None:
    targets = [tmp_path / f"{number}.csv" for number in range(4)]
    with open_store(case, read_only=True) as store:
        runs = [Thread(target=export_hashes, args=(store, case, target)) for target in targets]
        for run in runs:
            run.start()
        for run in runs:
            run.join()
    assert {target.read_bytes() for target in targets} == {targets[0].read_bytes()}
    assert targets[0].read_bytes().count(b"\n") == 3


def test_a_case_that_cannot_be_written_to(case: Settings, tmp_path: Path) -> None:
    shutil.rmtree(case.folder / "cache")
    (case.folder / "cache").write_text("in the way")
    assert _export(case, tmp_path / "hashes.csv").pictures == 3


@pytest.mark.parametrize("damage", [slice(0, 100), slice(4096, 8192)])
def test_damaged_memory_is_named(case: Settings, tmp_path: Path, damage: slice) -> None:
    _export(case, tmp_path / "hashes.csv")
    [memory] = (case.folder / "cache").glob("pdq*")
    content = bytearray(memory.read_bytes())
    content[damage] = b"\xff" * (damage.stop - damage.start)
    memory.write_bytes(content)
    with pytest.raises(CaseError, match="delete it"):
        _export(case, tmp_path / "hashes.csv")


# What is read


@pytest.mark.parametrize(
    ("content", "line", "notes"),
    [
        (HASH, 1, ("", "", "")),
        (f"{HASH},98,a.jpg\n", 1, ("", "", "a.jpg")),
        (f"hash={HASH},norm=128,delta=0,quality=98,filename=a.jpg\n", 1, ("", "", "a.jpg")),
        (f"{HASH},2880742865368386,2020-07-31T18:47:52+0000,disputed\n", 1,
         ("", "", "2880742865368386; 2020-07-31T18:47:52+0000; disputed")),
        (f"{HASH},a;b;c\n", 1, ("", "", "a;b;c")),
        (f"pdq {HASH}\n", 1, ("", "", "")),
        (f"HASH_PDQ,{HASH},note\n", 1, ("", "", "note")),
        (f"{HASH},HASH_PDQ,note\n", 1, ("", "", "note")),
        (f"17,{HASH},98,photo\n", 1, ("", "", "17; photo")),
        (f"collab,signal_type,signal_str,category,tags\nSample,pdq,{HASH},WORTH_INVESTIGATING,ivory horn\n", 2,
         ("Sample", "ivory horn; WORTH_INVESTIGATING", "")),
        (f"id,indicator,type\n5,{HASH},HASH_PDQ\n", 2, ("", "", "5")),
        (f"raw_indicator\n{HASH}\n", 2, ("", "", "")),
        (f"hash\n{HASH}\n", 2, ("", "", "")),
        (f"PDQ Hash;Quality;Agency\n{HASH};98.0;police\n", 2, ("police", "", "")),
        (f"hashValue\tsignalType\tstatus\n{HASH}\tImagePDQ\tReceived\n", 2, ("", "Received", "")),
        (f"md5,pdq\n0123,{HASH}\n", 2, ("", "", "")),
        (f"value,type\n{HASH},photo\n", 2, ("", "", "")),
        (f"\ufeff# a list\r\n\r\nhash,description\r\n{HASH.upper()},\"ivory, \"\"old\"\"\"\r\n", 4,
         ("", "", 'ivory, "old"')),
        (f"sep=;\nhash;tags\n{HASH};a\n", 3, ("", "a", "")),
        (f"0x{HASH.upper()},98\n", 1, ("", "", "")),
        (f'hash,note\n{HASH},"a mark " inside\n', 2, ("", "", "a mark  inside")),
        (f"hash,note\n{HASH},出售象牙手镯，请加微信\n".encode("gb18030"), 2, ("", "", "出售象牙手镯，请加微信")),
        (f"hash,note\n{HASH},象牙\n".encode("utf-16"), 2, ("", "", "象牙")),
    ],
)  # fmt: skip
def test_every_form_of_list(tmp_path: Path, content: str | bytes, line: int, notes: tuple[str, str, str]) -> None:
    listed, entries = _listed(tmp_path, content)
    assert listed.rejects == []
    assert entries == [Entry(line, HASH, *notes)]


def test_bad_lines_are_named_and_put_aside(tmp_path: Path) -> None:
    listed, entries = _listed(tmp_path, f"{HASH},98,a\n{HASH[:32]},98,b\nnonsense\n{HASH[:-1]}g\n{OTHER},70\n")
    assert [entry.line for entry in entries] == [1, 5]
    place = tmp_path / "list.csv"
    assert [reject.partition(" no PDQ hash")[0] for reject in listed.rejects] == [f"{place}:{n}:" for n in (2, 3, 4)]
    assert "has 32 characters" in listed.rejects[0]


def test_other_kinds_and_weak_hashes_are_counted(tmp_path: Path) -> None:
    listed, entries = _listed(
        tmp_path,
        f"type,value,quality\nHASH_MD5,0123,\nHASH_PDQ,{HASH},49\nHASH_PDQ,{OTHER},50\nSHA256,{HASH},\nHASH_MD5,4567,\n",
    )
    assert [entry.hash for entry in entries] == [OTHER]
    assert (listed.compared, listed.weak, dict(listed.others)) == (1, 1, {"HASH_MD5": 2, "SHA256": 1})
    bare, entries = _listed(tmp_path, f"{HASH},49,a\nmd5 0123\n")
    assert (entries, bare.weak, len(bare.rejects)) == ([], 1, 1)


@pytest.mark.parametrize(("content", "words"), [(None, "No such file"), (b"\xff\x81" * 300, "text")])
def test_a_list_that_is_none(case: Settings, tmp_path: Path, content: bytes | None, words: str) -> None:
    if content:
        (tmp_path / "list.csv").write_bytes(content)
    with pytest.raises(UsageError, match=words):
        _match(case, tmp_path / "list.csv")


@given(st.text(alphabet="0123456789abcdefABCDEFpdqhs=,;|\"'#\t ", max_size=200))
def test_no_line_stops_a_run(line: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        listed, entries = _listed(Path(folder), f"{line}\n{HASH},98\n")
        assert len(entries) + len(listed.rejects) + listed.weak + sum(listed.others.values()) <= 2


# What is found


def test_matches_tell_the_ads_accounts_and_sellers(case: Settings, tmp_path: Path) -> None:
    _export(case, tmp_path / "hashes.csv")
    written = dict(line.split(",")[::2][::-1] for line in (tmp_path / "hashes.csv").read_text().splitlines())
    with open_store(case, read_only=True) as store:
        images = {row["dst"]: row["src"] for row in store.read_all("Ad.SHOWS.Image").to_pylist()}
    ours = next(image for image, ad in images.items() if not ad.endswith("3"))
    near, far = turned(written[ours], MAX_DISTANCE), turned(written[ours], MAX_DISTANCE + 1)
    (tmp_path / "list.csv").write_text(f"pdq,collab,tags\n{far},police,a\n{near},customs,b\n{OTHER},x,y\n")
    found = _match(case, tmp_path / "list.csv")
    assert found.rows.schema == MATCHES
    assert found.rows.to_pylist() == [
        {
            "line": 3, "hash": near, "distance": MAX_DISTANCE, "image_id": ours, "ads": ["forum-a|1", "forum-b|2"],
            "accounts": ["forum-a|u1", "forum-b|u2"], "sellers": ["seller:0123456789ab"], "source": "customs",
            "tags": "b", "description": "",
        }
    ]  # fmt: skip
    assert (found.pictures, found.hashes) == (2, 3)


def test_both_stores_answer(store: GraphStore, store_settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(saved(photo()))
    ads = [{"platform": "forum-a", "ad_id": str(n), "seller_id": f"u{n}", "images": ["a.png"]} for n in (1, 2)]
    (tmp_path / "ads.jsonl").write_text("".join(json.dumps(ad) + "\n" for ad in ads), encoding="utf-8")
    ingest(store_settings, store, [tmp_path / "ads.jsonl"], workers=1)
    export_hashes(store, store_settings, tmp_path / "hashes.csv")
    [row] = match_hashes(store, store_settings, tmp_path / "hashes.csv").rows.to_pylist()
    assert (row["ads"], row["accounts"]) == (["forum-a|1", "forum-a|2"], ["forum-a|u1", "forum-a|u2"])
    assert (row["sellers"], row["distance"]) == ([], 0)


def test_nothing_to_find(settings: Settings, case: Settings, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_bytes(b"")
    assert _match(case, tmp_path / "list.csv").rows.num_rows == 0
    (tmp_path / "list.csv").write_text(HASH)
    with open_store(settings) as store:
        empty = match_hashes(store, settings, tmp_path / "list.csv")
        assert export_hashes(store, settings, tmp_path / "hashes.csv").pictures == 0
    assert (empty.pictures, empty.hashes, empty.rows.num_rows) == (0, 1, 0)


def test_progress_is_told(case: Settings, tmp_path: Path) -> None:
    told = list[tuple[str, int, int]]()
    (tmp_path / "list.csv").write_text(f"{HASH},98\n" * 5000)
    with open_store(case, read_only=True) as store:
        found = match_hashes(store, case, tmp_path / "list.csv", progress=lambda *step: told.append(step))
    assert found.hashes == 5000
    assert ("pictures", 3, 3) in told
    assert any(name.endswith("list.csv") and 0 < done <= total for name, done, total in told)


# Building an index takes 10 ms.
@limited(max_examples=30)
@given(
    st.integers(0, 2**32),
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 40)), min_size=1, max_size=30),
)
def test_the_index_finds_what_comparing_all_finds(seed: int, changes: list[tuple[int, int]]) -> None:
    random = np.random.default_rng(seed)
    stored = [random.bytes(32).hex() for _ in range(12)]
    asked = []
    for place, turns in changes:
        spots = random.choice(256, turns, replace=False)
        asked.append(f"{int(stored[place], 16) ^ sum(1 << int(spot) for spot in spots):064x}")
    found = sorted(HashIndex(stored).near(asked))
    assert found == sorted(
        (left, right, bits)
        for left, one in enumerate(asked)
        for right, two in enumerate(stored)
        if (bits := bits_between(one, two)) <= MAX_DISTANCE
    )
