"""Contacts read in pictures: one edit from another contact of the account they are no second contact."""

from __future__ import annotations

import pyarrow as pa
import pytest

from graph.schema import load_schema
from graph.stores import GraphStore, open_store
from ingest.misreadings import find_misreadings
from ingest.watermarks import find_watermarks
from sellergraph.case import Settings


@pytest.fixture
def filled(store_settings: Settings):
    with open_store(store_settings) as store:
        yield store


def write(store: GraphStore, **tables: list[dict[str, object]]) -> None:
    named = {name.replace("__", "."): rows for name, rows in tables.items()}
    store.write(
        {name: pa.Table.from_pylist(rows, schema=load_schema().table(name).arrow) for name, rows in named.items()}
    )


def show(store: GraphStore, *mentions: tuple[str, str, str, str]) -> None:
    """(account, contact, place, method): an ad an account, an image a place that is none of the ad's texts."""
    images = sorted({place for _, _, place, _ in mentions if place.startswith("sha256:")})
    write(
        store,
        Ad=[{"id": f"ad|{a}", "account_id": a or None} for a in sorted({m[0] for m in mentions})],
        Image=[{"id": image, "text": "x"} for image in images],
        Phone=[{"id": c} for c in sorted({m[1] for m in mentions}) if c.startswith("tel:")],
        Handle=[{"id": c} for c in sorted({m[1] for m in mentions}) if not c.startswith("tel:")],
    )
    for label, prefix in (("Phone", True), ("Handle", False)):
        rows = [
            {"src": f"ad|{a}", "dst": c, "place": p, "span_start": n, "method": m, "role": "own", "score": 0.9}
            for n, (a, c, p, m) in enumerate(mentions)
            if c.startswith("tel:") == prefix
        ]
        write(store, **{f"Ad__MENTIONS__{label}": rows} if rows else {})
    shown = sorted({(a, p) for a, _, p, _ in mentions if p.startswith("sha256:")})
    write(store, Ad__SHOWS__Image=[{"src": f"ad|{a}", "dst": p, "position": n} for n, (a, p) in enumerate(shown)])


def candidates(store: GraphStore) -> dict[str, str]:
    rows = store.read_all("Ad.MENTIONS.Phone").to_pylist() + store.read_all("Ad.MENTIONS.Handle").to_pylist()
    return {row["dst"]: row["candidate_of"] for row in rows if row["candidate_of"]}


def test_a_number_one_edit_from_the_written_one(filled: GraphStore) -> None:
    show(
        filled,
        ("a", "tel:+8613800001234", "text", "regex"),
        ("a", "tel:+8613800001284", "sha256:1", "ocr"),
        ("a", "tel:+8613899991234", "sha256:1", "ocr"),
    )
    assert find_misreadings(filled, ["sha256:1"]) == 1
    assert candidates(filled) == {"tel:+8613800001284": "tel:+8613800001234"}
    assert find_misreadings(filled, ["sha256:1"]) == 0


def test_lost_characters_and_the_number_as_a_wechat_id(filled: GraphStore) -> None:
    show(
        filled,
        ("a", "wechat:demo_seller_1", "text", "regex"),
        ("a", "wechat:demo_seller_", "sha256:1", "ocr"),
        ("a", "tel:+8613800001234", "text", "regex"),
        ("a", "wechat:13800001284", "sha256:1", "ocr"),
        ("a", "qq:138000012", "sha256:1", "ocr"),
    )
    find_misreadings(filled, ["sha256:1"])
    assert candidates(filled) == {
        "wechat:demo_seller_": "wechat:demo_seller_1",
        "wechat:13800001284": "tel:+8613800001234",
    }


def test_of_two_that_were_only_read_the_one_in_more_pictures_stands(filled: GraphStore) -> None:
    show(
        filled,
        ("a", "tel:+8613800001234", "sha256:1", "ocr"),
        ("a", "tel:+8613800001234", "sha256:2", "ocr"),
        ("a", "tel:+8613800001234", "sha256:5", "ocr"),
        ("a", "tel:+8613800001284", "sha256:3", "ocr"),
        ("b", "tel:+8613800001284", "sha256:4", "ocr"),
    )
    find_misreadings(filled, ["sha256:1", "sha256:3", "sha256:4"])
    rows = filled.read_all("Ad.MENTIONS.Phone").to_pylist()
    assert [(r["src"], r["candidate_of"]) for r in rows if r["candidate_of"]] == [("ad|a", "tel:+8613800001234")]


def test_real_second_contacts_are_no_misreadings(filled: GraphStore) -> None:
    """Two in one picture; one that stands in somebody's words; two that were read equally often."""
    show(
        filled,
        ("a", "tel:+8613800001234", "sha256:1", "ocr"),
        ("a", "tel:+8613800001284", "sha256:1", "ocr"),
        ("c", "tel:+8613800005555", "text", "regex"),
        ("c", "tel:+8613800005556", "sha256:2", "ocr"),
        ("d", "tel:+8613800005556", "text", "regex"),
        ("e", "wechat:demo_shop_1", "sha256:3", "ocr"),
        ("e", "wechat:demo_shop_2", "sha256:4", "ocr"),
    )
    assert find_misreadings(filled, ["sha256:1", "sha256:2", "sha256:3", "sha256:4"]) == 0


def mark(store: GraphStore, account: str, number: int, text: str, box: str) -> str:
    image = f"sha256:{account}{number}"
    write(
        store,
        Ad=[{"id": f"ad|{account}{number}", "account_id": account}],
        Image=[{"id": image, "text": f"其他 {number}\n{text}", "text_boxes": ["0,0,9,9,0.9", f"{box},0.95"],
                "width": 1000, "height": 1000}],
        Ad__SHOWS__Image=[{"src": f"ad|{account}{number}", "dst": image, "position": 0}],
    )  # fmt: skip
    return image


def test_a_text_that_recurs_in_a_stable_place_is_a_watermark(filled: GraphStore) -> None:
    corner = "700,900,900,950"
    images = [mark(filled, "a", n, "老王牙雕" if n else "老王 牙雕.", corner) for n in range(4)]
    images += [mark(filled, "b", n, "包邮", f"{n * 200},{n * 200},{n * 200 + 90},{n * 200 + 40}") for n in range(4)]
    images += [mark(filled, "c", n, "同一张", corner) for n in range(4)]
    images += [mark(filled, "d", n, "13800001234", corner) for n in range(4)]
    photo_of = {image: "photo:one" if image.startswith("sha256:c") else f"photo:{image}" for image in images}
    found = find_watermarks(filled, images, photo_of)
    assert found["Ad.MENTIONS.Watermark"].num_rows == 4
    filled.write(found)
    assert [row["text"] for row in filled.read_all("Watermark").to_pylist()] == ["老王牙雕"]
    rows = filled.read_all("Ad.MENTIONS.Watermark").to_pylist()
    assert {row["raw"] for row in rows} == {"老王牙雕", "老王 牙雕."}
    texts = {row["id"]: row["text"] for row in filled.read_all("Image").to_pylist()}
    assert all(texts[r["image_id"]][r["span_start"] : r["span_end"]] == r["raw"] for r in rows)
    assert {row["box"] for row in rows} == {corner}
    assert find_watermarks(filled, [], {}) == {}
