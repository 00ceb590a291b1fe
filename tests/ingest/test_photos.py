"""Photographs of a case: which pictures join a group, which are only near, which nothing is said of."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from graph.stores import GraphStore, open_store
from ingest.pipeline import ingest
from sellergraph.case import Settings


def photo(seed: int, size: tuple[int, int] = (480, 360)) -> Image.Image:
    """A made-up picture with shapes of every size, as a photograph has."""
    random = np.random.default_rng(seed)
    whole = np.zeros((size[1], size[0], 3))
    for cells, weight in ((4, 0.5), (12, 0.3), (40, 0.2)):
        coarse = Image.fromarray((random.random((cells, cells, 3)) * 255).astype(np.uint8))
        whole += weight * np.asarray(coarse.resize(size, Image.Resampling.BICUBIC), float)
    return Image.fromarray(whole.clip(0, 255).astype(np.uint8))


def page(seed: int) -> Image.Image:
    """Black bars on white, as a page of text has."""
    random = np.random.default_rng(seed)
    ink = np.kron(random.random((30, 20)) < 0.3, np.ones((12, 18))) * 255
    return Image.fromarray((255 - ink).astype(np.uint8))


class Market:
    """Advertisements with pictures, ingested one file after the other."""

    def __init__(self, folder: Path, settings: Settings, store: GraphStore) -> None:
        self.folder, self.settings, self.store, self.files = folder, settings, store, 0

    def add(self, *ads: tuple[str, Image.Image], text: str = "") -> None:
        """(account, picture) of each ad."""
        rows = []
        for number, (account, picture) in enumerate(ads):
            name = f"{self.files}-{number}.png"
            picture.save(self.folder / name)
            rows.append({"platform": "xianyu", "ad_id": name, "seller_id": account, "text": text, "images": [name]})
        source = self.folder / f"{self.files}.jsonl"
        source.write_text("\n".join(map(json.dumps, rows)))
        self.files += 1
        ingest(self.settings, self.store, [source], workers=1)

    def groups(self) -> list[list[str]]:
        """The names of the pictures of each photograph."""
        names = {row["dst"]: row["name"] for row in self.store.read_all("Ad.SHOWS.Image").to_pylist()}
        found: dict[str, list[str]] = {}
        for row in self.store.read_all("Image.COPY_OF.Photo").to_pylist():
            found.setdefault(row["dst"], []).append(names[row["src"]])
        sizes = {row["id"]: row["images"] for row in self.store.read_all("Photo").to_pylist()}
        assert sizes == {photo: len(images) for photo, images in found.items()}
        return sorted(sorted(images) for images in found.values())


@pytest.fixture
def market(tmp_path: Path, store_settings: Settings):
    with open_store(store_settings) as store:
        yield Market(tmp_path, store_settings, store)


def test_edits_join_and_others_do_not(market: Market) -> None:
    one = photo(1)
    market.add(("a", one), ("b", ImageOps.expand(one, border=30, fill="white")), ("c", ImageOps.mirror(one)))
    market.add(("d", photo(2)), ("e", one.resize((240, 180))))
    assert market.groups() == [["0-0.png", "0-1.png", "0-2.png", "1-1.png"], ["1-0.png"]]
    views = {row["view"] for row in market.store.read_all("Image.COPY_OF.Photo").to_pylist()}
    assert "full/full" in views
    assert any("trimmed" in view for view in views)
    assert any("mirror" in view for view in views)


def test_later_pictures_join_without_redoing_the_old(market: Market) -> None:
    one = photo(3)
    market.add(("a", one))
    before = market.store.read_all("Image.COPY_OF.Photo").to_pylist()
    market.add(("b", ImageOps.expand(one, border=20, fill="black")))
    after = market.store.read_all("Image.COPY_OF.Photo").to_pylist()
    assert market.groups() == [["0-0.png", "1-0.png"]]
    assert all(row in after for row in before)
    market.add(("c", photo(4)))
    assert market.groups() == [["0-0.png", "1-0.png"], ["2-0.png"]]


def test_a_chain_of_small_differences_joins_nothing_far(market: Market) -> None:
    """Each picture is like the next one, the first is unlike the last."""
    one, other = photo(5), photo(6)
    market.add(*(("a", Image.blend(one, other, step / 16)) for step in range(17)))
    groups = market.groups()
    assert len(groups) > 1
    assert not any({"0-0.png", "0-16.png"} <= set(group) for group in groups)
    near = market.store.read_all("Image.RESEMBLES.Image").to_pylist()
    assert near
    assert all(row["src"] < row["dst"] for row in near)


def test_plain_pictures_join_only_beside_a_shared_contact(market: Market) -> None:
    blank = Image.new("L", (300, 300), 250)
    market.add(("a", blank), ("b", blank.resize((310, 310))), ("a", page(1)), ("b", page(1).resize((380, 380))))
    weak = {row["weakness"] for row in market.store.read_all("Image").to_pylist()}
    assert weak == {"plain", "page"}
    assert [len(group) for group in market.groups()] == [1, 1, 1, 1]
    shown = page(2)
    market.add(("c", shown), ("d", shown.resize((400, 400))), text="象牙 微信 demo_same_1")
    assert max(map(len, market.groups())) == 2
    [joined] = [r for r in market.store.read_all("Image.COPY_OF.Photo").to_pylist() if r["confirmed_by"] != "phash256"]
    assert joined["confirmed_by"] == "wechat:demo_same_1"
    assert {row["weak"] for row in market.store.read_all("Photo").to_pylist()} == {True}


def test_frames_of_an_animation_and_turned_photographs(market: Market) -> None:
    one = photo(7)
    stream = io.BytesIO()
    one.quantize(64).save(stream, "GIF", save_all=True, append_images=[photo(8).quantize(64)])
    (market.folder / "moving.gif").write_bytes(stream.getvalue())
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned by 90 degrees
    one.transpose(Image.Transpose.ROTATE_90).save(market.folder / "turned.jpg", exif=exif, quality=95)
    rows = [{"platform": "xianyu", "ad_id": name, "images": [name]} for name in ("moving.gif", "turned.jpg")]
    (market.folder / "x.jsonl").write_text("\n".join(map(json.dumps, rows)))
    ingest(market.settings, market.store, [market.folder / "x.jsonl"], workers=1)
    market.add(("a", one))
    assert market.groups() == [["0-0.png", "moving.gif", "turned.jpg"]]
