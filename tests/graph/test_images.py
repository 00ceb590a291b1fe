"""Finding the ads, accounts and sellers that show a picture."""

from __future__ import annotations

import pyarrow as pa
import pytest

from graph.images import find_image
from graph.photos import ViewHash
from graph.schema import load_schema
from graph.stores import GraphStore

ZERO, NEAR, FAR = "0" * 16, "0" * 15 + "3", "f" * 16


def view(small: str, large: str = "0" * 64) -> ViewHash:
    return ViewHash("full", small, large)


@pytest.fixture
def shown(store: GraphStore) -> GraphStore:
    images = [
        {"id": "sha256:1", "path": "1.jpg", "view_hashes": [str(view(ZERO))]},
        {"id": "sha256:2", "path": "2.jpg", "view_hashes": [str(view(NEAR))]},
        {"id": "sha256:3", "path": "3.jpg", "view_hashes": [str(view(NEAR))], "weakness": "page"},
        {"id": "sha256:4", "path": "4.jpg", "view_hashes": [str(view(FAR, "f" * 64))]},
        {"id": "sha256:5", "path": "5.jpg", "view_hashes": [str(view("0" * 13 + "1ff"))]},
        {"id": "sha256:6", "path": "6.jpg", "view_hashes": None},
    ]
    numbers = range(1, 7)
    rows = {
        "Account": [{"id": "xianyu|a"}],
        "Seller": [{"id": "seller:1", "name": "Ann"}],
        "Ad": [{"id": f"xianyu|{n}", "platform": "xianyu", "account_id": "xianyu|a"} for n in numbers],
        "Image": images,
        "QRCode": [{"id": "qr:1"}],
        "Account.RUN_BY.Seller": [{"src": "xianyu|a", "dst": "seller:1"}],
        "Ad.SHOWS.Image": [
            {"src": f"xianyu|{n}", "dst": f"sha256:{n}", "position": 0, "name": f"{n}.jpg"} for n in numbers
        ],
        "Ad.MENTIONS.QRCode": [
            {"src": "xianyu|4", "dst": "qr:1", "place": "sha256:4", "span_start": 0, "image_id": "sha256:4"}
        ],
    }  # fmt: skip
    schema = load_schema()
    store.write({name: pa.Table.from_pylist(found, schema=schema.table(name).arrow) for name, found in rows.items()})
    return store


def test_every_way_to_be_found(shown: GraphStore) -> None:
    found = find_image(shown, "1", [view(ZERO)], ["qr:1"]).to_pylist()
    assert [(row["how"], row["image_id"], row["distance"]) for row in found] == [
        ("identical", "sha256:1", 0),
        ("same", "sha256:2", 2),
        ("same code", "sha256:4", None),
        ("candidate", "sha256:5", 9),
        ("plain", "sha256:3", 2),
    ]
    assert {(row["account_id"], row["seller_id"], row["seller"]) for row in found} == {("xianyu|a", "seller:1", "Ann")}
    assert found[0]["name"] == "1.jpg"
    assert len(find_image(shown, "1", [view(ZERO)], ["qr:1"], limit=2)) == 2


def test_a_plain_picture_finds_nothing_for_sure(shown: GraphStore) -> None:
    assert {row["how"] for row in find_image(shown, "9", [view(ZERO)], weak=True).to_pylist()} == {"plain"}
    assert find_image(shown, "9", [view("5" * 16)]).num_rows == 0
