"""From files to the graph: repeatable, order kept, nothing lost."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest
from PIL import Image

from graph.schema import load_schema
from graph.sellers import seller_profile
from graph.stores import open_store
from graph.stores.base import GraphStore
from ingest import pipeline, worker
from ingest.pipeline import IngestReport, ingest
from ingest.sources.simulated import simulate
from resolvers import resolve
from sellergraph.case import Settings


def _write(path: Path, *rows: object) -> Path:
    path.write_text("".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in rows), encoding="utf-8")
    return path


def _ad(number: int, **fields: object) -> dict[str, object]:
    return {"platform": "forum-a", "ad_id": str(number), "seller_id": f"u{number % 3}", **fields}


def _content(store: GraphStore) -> dict[str, list[dict[str, object]]]:
    """Every row of every table, but for the captures, which name the files."""
    tables = [table for table in load_schema().in_order() if "Capture" not in table.name]
    return {table.name: _sorted(store.read_all(table.name)) for table in tables}


def _sorted(rows: pa.Table) -> list[dict[str, object]]:
    return sorted(rows.to_pylist(), key=repr)


def _run(settings: Settings, store: GraphStore, *paths: Path, **options: int) -> IngestReport:
    return ingest(settings, store, paths, workers=options.get("workers", 1))


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("market")
    simulate(folder, seed=3, operators=12, images=True)
    return folder / "ads.jsonl"


def test_the_same_files_again_change_nothing(settings: Settings, market: Path) -> None:
    with open_store(settings) as store:
        first = _run(settings, store, market)
        before, counts = _content(store), store.counts()
        again = _run(settings, store, market)
        assert first.ads == again.ads > 100
        assert sum(again.new.values()) == 0
        assert store.counts() == counts
        assert _content(store) == before


def test_an_ad_captured_twice_cites_the_line_that_its_words_come_from(settings: Settings, tmp_path: Path) -> None:
    first = _ad(1, text="象牙 微信 demo_first", seller_id="u1")
    second = _ad(1, text="象牙 微信 demo_second", seller_id="u1")
    source = _write(tmp_path / "ads.jsonl", _ad(7, seller_id="u7"), first, second, first | {"text": ""})
    with open_store(settings) as store:
        _run(settings, store, source)
        resolve(store)
        [ad] = [row for row in seller_profile(store, f"{first['platform']}|u1").ads.to_pylist()]
    assert (ad["text"], ad["line"]) == (second["text"], 3)


def test_two_halves_give_the_same_graph_as_one_file(settings: Settings, market: Path, tmp_path: Path) -> None:
    lines = market.read_bytes().splitlines(keepends=True)
    middle = len(lines) // 2
    first, second = market.with_name("first.jsonl"), market.with_name("second.jsonl")
    first.write_bytes(b"".join(lines[:middle]))
    second.write_bytes(b"".join(lines[middle:]))
    try:
        with open_store(settings) as store:
            _run(settings, store, market)
            whole = _content(store)
        other = Settings(tmp_path / "other", ocr="off")
        other.folder.mkdir()
        with open_store(other) as store:
            _run(other, store, first, second)
            assert _content(store) == whole
    finally:
        first.unlink()
        second.unlink()


def test_workers_give_the_same_graph_as_one_process(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "INLINE_SECONDS", 0.0)
    monkeypatch.setattr(pipeline, "CHUNK_ROWS", 7)
    rows = [_ad(n, text=f"象牙 微信 demo_{n % 5}_x", seller_name=f"店{n}") for n in range(60)]
    source = _write(tmp_path / "ads.jsonl", *rows, "{broken", *rows[:5])
    with open_store(settings) as store:
        report = _run(settings, store, source)
        one = _content(store)
    other = Settings(tmp_path / "other", ocr="off")
    other.folder.mkdir()
    with open_store(other) as store:
        parallel = _run(other, store, source, workers=2)
        assert _content(store) == one
    assert parallel.rejects == report.rejects
    assert [(r.line, r.field) for r in report.rejects] == [(61, "")]


@pytest.mark.parametrize(("limit", "value"), [("BATCH_BYTES", 60_000), ("BATCH_ADS", {"embedded": 250})])
def test_batches_of_any_size_give_the_same_graph(
    settings: Settings, market: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: object
) -> None:
    with open_store(settings) as store:
        _run(settings, store, market)
        one = _content(store)
    other = Settings(tmp_path / "other", ocr="off")
    other.folder.mkdir()
    monkeypatch.setattr(pipeline, limit, value)
    with open_store(other) as store:
        writes, write = list[int](), store.write
        monkeypatch.setattr(store, "write", lambda tables: writes.append(1) or write(tables))
        _run(other, store, market)
        assert len(writes) > 2
        assert _content(store) == one


def test_both_stores_hold_the_same(store: GraphStore, settings: Settings, tmp_path: Path) -> None:
    source = _write(tmp_path / "ads.jsonl", _ad(1, text="出象牙 微信 demo_seller_1", posted_at="2018-04-03"), _ad(2))
    ingest(settings, store, [source], workers=1)
    counts = store.counts()
    assert (counts["Ad"], counts["Account"], counts["Handle"], counts["Ad.MENTIONS.Handle"]) == (2, 2, 1, 1)
    rows = store.read(
        "MATCH (a:Ad)-[m:MENTIONS]->(h:Handle) RETURN a.id AS ad, h.id AS handle, m.raw AS raw"
    ).to_pylist()
    assert rows == [{"ad": "forum-a|1", "handle": "wechat:demo_seller_1", "raw": "demo_seller_1"}]


def test_every_kind_of_bad_input_is_one_line_and_the_rest_goes_on(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    Image.new("RGB", (64, 64), "red").save(folder / "good.jpg")
    good = (folder / "good.jpg").read_bytes()
    Image.effect_noise((400, 400), 80).save(folder / "noise.jpg")
    noise = (folder / "noise.jpg").read_bytes()
    (folder / "cut.jpg").write_bytes(noise[: len(noise) // 2])
    (folder / "words.jpg").write_text("not a picture")
    (folder / "empty.png").write_bytes(b"")
    Image.new("1", (30_000, 30_000)).save(folder / "huge.png")
    (tmp_path / "secret.jpg").write_bytes(good)
    names = ["good.jpg", "cut.jpg", "words.jpg", "empty.png", "huge.png", "none.jpg", "../secret.jpg"]
    _write(
        folder / "ads.jsonl",
        *[_ad(number, images=[name]) for number, name in enumerate(names)],
        _ad(20, posted_at="the day before"),
        _ad(21, title="a\x00b"),
        '{"platform": "forum-a", "ad',
        _ad(22, text="the last one"),
    )
    (folder / "heads.csv").write_text("name,price\nx,1\n")
    (tmp_path / "nothing").mkdir()
    with open_store(settings) as store:
        report = _run(settings, store, folder, tmp_path / "none.csv", tmp_path / "nothing", tmp_path / "secret.jpg")
        assert store.counts()["Ad"] == len(names) + 1
        assert store.counts()["Ad.SHOWS.Image"] == 2
    seen = [(Path(r.file).name, r.line, r.field, r.kept) for r in report.rejects]
    assert seen == [
        *[("ads.jsonl", line, "images[0]", True) for line in range(2, 8)],
        ("ads.jsonl", 8, "posted_at", False),
        ("ads.jsonl", 9, "title", False),
        ("ads.jsonl", 10, "", False),
        ("heads.csv", None, "", False),
        ("none.csv", None, "", False),
        ("nothing", None, "", False),
        ("secret.jpg", None, "", False),
    ]
    assert "30000" in report.rejects[3].reason.replace(",", "").replace(" ", "")
    kept = [json.loads(line) for line in settings.rejects_file.read_text(encoding="utf-8").splitlines()]
    assert len(kept) == len(report.rejects)
    assert {"file", "line", "field", "reason", "kept"} == set(kept[0])


def test_an_ad_posted_after_its_capture_is_seen_when_it_was_captured(settings: Settings, tmp_path: Path) -> None:
    times = {"posted_at": "2027-01-01T00:00:00Z", "captured_at": "2018-04-05T00:00:00Z"}
    source = _write(tmp_path / "ads.jsonl", _ad(1, **times), _ad(2))
    with open_store(settings) as store:
        report = _run(settings, store, source)
        seen = store.read("MATCH (a:Ad) RETURN a.id AS id, a.posted_at AS posted, a.seen_at AS seen ORDER BY id")
    assert seen.to_pylist()[0] == {"id": "forum-a|1", "posted": None, "seen": datetime(2018, 4, 5)}
    assert [(r.line, r.field, r.kept) for r in report.rejects] == [(1, "posted_at", True)]
    assert "after captured_at" in report.rejects[0].reason


def test_rejects_are_not_written_twice(settings: Settings, tmp_path: Path) -> None:
    source = _write(tmp_path / "ads.jsonl", _ad(1), "{broken")
    for _ in range(2):
        with open_store(settings) as store:
            assert len(_run(settings, store, source).rejects) == 1
    assert len(settings.rejects_file.read_text(encoding="utf-8").splitlines()) == 1


def test_captures_and_pictures_are_kept_under_their_digest(settings: Settings, tmp_path: Path) -> None:
    Image.new("RGB", (40, 40), "blue").save(tmp_path / "a.png")
    source = _write(tmp_path / "ads.jsonl", _ad(1, images=["a.png"]))
    with open_store(settings) as store:
        _run(settings, store, source)
        [capture] = store.read_all("Capture").to_pylist()
        [image] = store.read_all("Image").to_pylist()
    assert (settings.evidence / capture["path"]).read_bytes() == source.read_bytes()
    assert (settings.evidence / image["path"]).read_bytes() == (tmp_path / "a.png").read_bytes()


def test_what_nobody_foresaw_costs_one_ad_or_file(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    Image.effect_noise((64, 64), 80).save(folder / "noise.png")
    _write(folder / "a.jsonl", _ad(1), _ad(2, text="BOOM"), _ad(3, images=["noise.png"]))
    _write(folder / "b.csv", "platform,ad_id", "forum-a,9")
    _write(folder / "c.jsonl", _ad(4))

    def broken(*_: object) -> None:
        raise ZeroDivisionError("nobody foresaw this")

    read = worker._read_again
    monkeypatch.setattr(
        worker, "_read_again", lambda text, regions: broken() if text == "BOOM" else read(text, regions)
    )
    monkeypatch.setattr("ingest.pictures.read_picture", broken)
    monkeypatch.setattr("ingest.sources.table.find_encoding", broken)
    with open_store(settings) as store:
        report = _run(settings, store, folder)
        assert store.counts()["Ad"] == report.ads == 3
    said = [str(reject) for reject in report.rejects]
    assert [line.split(": unforeseen")[0] for line in said] == [
        "in/a.jsonl:2: text",
        "in/a.jsonl:3: images[0]: noise.png",
        "in/b.csv",
    ]
    assert all("ZeroDivisionError: nobody foresaw this" in line for line in said)


def test_files_that_cannot_be_read_are_named_wherever_they_lie(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "below").mkdir(parents=True)
    _write(folder / "below" / "ads.jsonl", _ad(1))
    _write(folder / os.fsdecode(b"\xb9\xfd.jsonl"), _ad(2))
    (folder / "lost.jsonl").symlink_to(tmp_path / "nowhere.jsonl")
    (folder / "self.csv").symlink_to(folder / "self.csv")
    os.mkfifo(folder / "pipe.jsonl")
    (folder / "elsewhere").symlink_to(tmp_path, target_is_directory=True)
    (folder / ".hidden").mkdir()
    _write(folder / ".hidden" / "ads.jsonl", _ad(3))
    with open_store(settings) as store:
        report = _run(settings, store, folder)
        names = sorted(row["name"] for row in store.read_all("Capture").to_pylist())
    assert [str(reject) for reject in report.rejects] == [
        "in/elsewhere: is a link to a folder; not followed",
        "in/lost.jsonl: is a link to nothing",
        "in/pipe.jsonl: is neither a file nor a folder",
        "in/self.csv: is a link to nothing",
    ]
    assert names == ["in/below/ads.jsonl", "in/\ufffd\ufffd.jsonl"]


def test_files_of_one_name_are_told_apart(settings: Settings, tmp_path: Path) -> None:
    for number, folder in enumerate(("a", "b")):
        (tmp_path / folder).mkdir()
        _write(tmp_path / folder / "ads.jsonl", _ad(number), "{broken")
    with open_store(settings) as store:
        report = _run(settings, store, tmp_path / "a" / "ads.jsonl", tmp_path / "b" / "ads.jsonl")
    assert [str(reject).split(": ")[0] for reject in report.rejects] == ["a/ads.jsonl:2", "b/ads.jsonl:2"]


def test_a_picture_may_be_named_as_windows_does(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    Image.effect_noise((64, 64), 80).save(tmp_path / "sub" / "noise.png")
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    source = _write(tmp_path / "ads.jsonl", _ad(1, images=["sub\\noise.png", "loop.png"]))
    with open_store(settings) as store:
        report = _run(settings, store, source)
        assert store.counts()["Image"] == 1
    assert [reject.field for reject in report.rejects] == ["images[1]"]


def test_a_second_run_adds_no_reject_whatever_is_in_its_reason(settings: Settings, tmp_path: Path) -> None:
    source = _write(tmp_path / "ads.jsonl", _ad(1, images=["a\u2028b.png", "a\u0085c.png", "nul\x00.png"]))
    for _ in range(2):
        with open_store(settings) as store:
            report = _run(settings, store, source)
            assert (report.ads, report.pictures, store.counts()["Ad"]) == (1, 0, 1)
    assert len(settings.rejects_file.read_text(encoding="utf-8").split("\n")) == 4
