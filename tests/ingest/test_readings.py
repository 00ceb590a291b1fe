"""Identical bytes are read once in a case's life; what remembers it may break without harm."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from graph.stores import open_store
from ingest import pictures, worker
from ingest.extract.ocr import OcrLine, OcrReader
from ingest.pipeline import IngestReport, ingest
from ingest.readings import Readings
from sellergraph.case import Settings
from sellergraph.errors import RejectError


@pytest.fixture(autouse=True)
def _forget_workers() -> None:
    worker._workers.clear()


def test_kept_by_bytes_and_reader(tmp_path: Path) -> None:
    file = tmp_path / "cache" / "readings.sqlite"
    readings = Readings(file)
    assert readings.get("a", "reader 1") is None
    readings.put("a", "reader 1", {"x": [1, "象"]})
    assert Readings(file).get("a", "reader 1") == {"x": [1, "象"]}
    assert Readings(file).get("a", "reader 2") is None


def test_a_damaged_file_only_costs_time(tmp_path: Path) -> None:
    file = tmp_path / "readings.sqlite"
    file.write_bytes(b"no database" * 100)
    readings = Readings(file)
    assert readings.get("a", "r") is None
    readings.put("a", "r", 1)
    assert readings.get("a", "r") is None


def picture(shade: int = 0) -> bytes:
    stream = io.BytesIO()
    Image.effect_noise((64, 64), 80).point(lambda v: max(v, shade)).save(stream, "PNG")
    return stream.getvalue()


def source(folder: Path, name: str, *images: str) -> Path:
    rows = [{"platform": "xianyu", "ad_id": f"{name}{n}", "images": [image]} for n, image in enumerate(images)]
    (folder / name).write_text("\n".join(map(json.dumps, rows)))
    return folder / name


def run(settings: Settings, *files: Path) -> IngestReport:
    with open_store(settings) as store:
        return ingest(settings, store, list(files), workers=1)


def test_the_same_bytes_in_another_run_and_ad(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, seen = pictures.read_picture, list[int]()
    monkeypatch.setattr(pictures, "read_picture", lambda data: seen.append(len(data)) or read(data))
    (tmp_path / "a.png").write_bytes(picture())
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes())
    (tmp_path / "no.png").write_bytes(b"no picture at all")
    first = run(settings, source(tmp_path, "1.jsonl", "a.png", "b.png", "no.png"))
    worker._workers.clear()
    second = run(settings, source(tmp_path, "2.jsonl", "b.png", "no.png"))
    assert len(seen) == 2
    assert (first.pictures, second.pictures) == (2, 1)
    assert first.rejects[0].reason == second.rejects[0].reason


class Reader(OcrReader):
    """Finds what it is told to find."""

    lines: list[OcrLine] = []
    read_so_far = 0

    def read(self, picture: Image.Image) -> list[OcrLine]:
        Reader.read_so_far += 1
        if not self.lines:
            raise RejectError("", "text could not be read: broken")
        return self.lines


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> type[Reader]:
    monkeypatch.setattr(worker, "OcrReader", Reader)
    Reader.read_so_far, Reader.lines = 0, [
        OcrLine("象牙手串", (1, 2, 30, 12), 0.99),
        OcrLine("加微信 demo_seller_9", (1, 20, 60, 32), 0.9),
        OcrLine("电话 13800001234", (1, 40, 60, 52), 0.8),
    ]  # fmt: skip
    return Reader


def test_text_of_a_picture_is_read_for_contacts_and_goods(
    settings: Settings, tmp_path: Path, engine: type[Reader]
) -> None:
    (tmp_path / "a.png").write_bytes(picture())
    run(replace(settings, ocr="default"), source(tmp_path, "1.jsonl", "a.png", "a.png"))
    assert engine.read_so_far == 1
    with open_store(settings) as store:
        [image] = store.read_all("Image").to_pylist()
        handles = store.read_all("Ad.MENTIONS.Handle").to_pylist()
        phones = store.read_all("Ad.MENTIONS.Phone").to_pylist()
        offers = store.read_all("Ad.OFFERS.Commodity").to_pylist()
    assert image["text"] == "象牙手串\n加微信 demo_seller_9\n电话 13800001234"
    assert image["text_boxes"][2] == "1,40,60,52,0.800"
    [mention, _] = handles
    assert (mention["method"], mention["place"], mention["image_id"]) == ("ocr", image["id"], image["id"])
    assert image["text"][mention["span_start"] : mention["span_end"]] == mention["raw"] == "demo_seller_9"
    assert (mention["box"], mention["score"]) == ("1,20,60,32", pytest.approx(0.9))
    assert mention["confidence"] < 0.8
    assert phones[0]["box"] == "1,40,60,52"
    assert {(offer["dst"].split("/")[0], offer["place"]) for offer in offers} == {("elephant", image["id"])}


def test_a_known_picture_in_another_account_is_compared_with_its_contacts(
    settings: Settings, tmp_path: Path, engine: type[Reader]
) -> None:
    (tmp_path / "a.png").write_bytes(picture())
    run(replace(settings, ocr="default"), source(tmp_path, "1.jsonl", "a.png"))
    other = {"platform": "xianyu", "ad_id": "9", "seller_id": "s9", "text": "微信 demo_seller_8", "images": ["a.png"]}
    (tmp_path / "2.jsonl").write_text(json.dumps(other))
    run(replace(settings, ocr="default"), tmp_path / "2.jsonl")
    with open_store(settings) as store:
        marked = {row["src"]: row["candidate_of"] for row in store.read_all("Ad.MENTIONS.Handle").to_pylist()
                  if row["candidate_of"]}  # fmt: skip
    assert marked == {"xianyu|9": "wechat:demo_seller_8"}


def test_what_is_read_anew_replaces_what_was_read(settings: Settings, tmp_path: Path, engine: type[Reader]) -> None:
    (tmp_path / "a.png").write_bytes(picture())
    file = source(tmp_path, "1.jsonl", "a.png")
    run(replace(settings, ocr="fast"), file)
    engine.lines = [OcrLine("象牙", (1, 2, 30, 12), 0.99), OcrLine("加微信 demo_seller_7", (1, 20, 60, 32), 0.9)]
    run(replace(settings, ocr="default"), file)
    with open_store(settings) as store:
        handles = [row["dst"] for row in store.read_all("Ad.MENTIONS.Handle").to_pylist()]
        phones = store.read_all("Ad.MENTIONS.Phone").num_rows
    assert (handles, phones) == (["wechat:demo_seller_7"], 0)


def test_a_contact_over_two_lines(settings: Settings, tmp_path: Path, engine: type[Reader]) -> None:
    engine.lines = [OcrLine("电话 138 0000", (1, 2, 30, 12), 0.99), OcrLine("1234", (5, 20, 60, 32), 0.9)]
    (tmp_path / "a.png").write_bytes(picture())
    run(replace(settings, ocr="default"), source(tmp_path, "1.jsonl", "a.png"))
    with open_store(settings) as store:
        [phone] = store.read_all("Ad.MENTIONS.Phone").to_pylist()
    assert (phone["raw"], phone["box"], phone["score"]) == ("138 0000\n1234", "1,2,60,32", pytest.approx(0.9))


def test_a_picture_whose_text_cannot_be_read_is_kept(settings: Settings, tmp_path: Path, engine: type[Reader]) -> None:
    engine.lines = []
    (tmp_path / "a.png").write_bytes(picture())
    report = run(replace(settings, ocr="fast"), source(tmp_path, "1.jsonl", "a.png"))
    assert [(r.field, r.reason, r.kept) for r in report.rejects] == [
        ("images[0]", "a.png: text could not be read: broken", True)
    ]
    with open_store(settings) as store:
        [image] = store.read_all("Image").to_pylist()
    assert image["text"] is None


def test_a_real_picture_with_a_contact(settings: Settings, tmp_path: Path, cjk_font: Path) -> None:
    shown = Image.new("RGB", (720, 480), (40, 60, 90))
    draw = ImageDraw.Draw(shown)
    draw.text((40, 200), "加微信 demo_seller_77", font=ImageFont.truetype(str(cjk_font), 44), fill="white")
    shown.save(tmp_path / "a.jpg", quality=90)
    run(replace(settings, ocr="default"), source(tmp_path, "1.jsonl", "a.jpg"))
    with open_store(settings) as store:
        assert [row["value"] for row in store.read_all("Handle").to_pylist()] == ["demo_seller_77"]
