"""A small case, ingested and resolved by the program itself, and the app opened on it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from graph.stores import open_store
from ingest.pipeline import ingest
from resolvers import resolve
from sellergraph.case import Settings, create_case

APP = Path(__file__).resolve().parents[2] / "app.py"
HOSTILE = "</script><script>alert(1)</script> **b** $x$ :smile: [l](javascript:alert(1)) <b>bold</b>"
TEXT = "老料象牙手串，加微信 demo_ann01 看货"


def ad(platform: str, number: int, account: str, name: str, **more: Any) -> dict[str, Any]:
    day = f"2018-03-{number:02d}T20:30:00+08:00"
    known = {"platform": platform, "ad_id": str(number), "seller_id": account, "seller_name": name, "posted_at": day}
    return known | {"title": f"手串 {number}", "text": TEXT} | more


ADS = [
    *(ad("xianyu", number, "ann", "Demo Ann", images=["a.jpg"]) for number in range(1, 13)),
    ad("weibo", 20, "w1", HOSTILE, title=HOSTILE, text=f"{HOSTILE} 加微信 demo_ann01"),
    ad("weibo", 21, "w1", HOSTILE, images=["cut.jpg"]),
    ad("tieba", 22, "carl", "Demo Carl", text="犀角杯，电话 13800138000", price=1200, currency="CNY", location="北京"),
]


def jpeg() -> bytes:
    data = io.BytesIO()
    Image.effect_noise((320, 240), 80).convert("RGB").save(data, "JPEG")
    return data.getvalue()


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source")
    source = folder / "ads.jsonl"
    source.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in ADS), encoding="utf-8")
    picture = jpeg()
    (folder / "a.jpg").write_bytes(picture)
    (folder / "cut.jpg").write_bytes(picture[: len(picture) // 3])
    return source


@pytest.fixture(scope="session")
def ingested(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = create_case(tmp_path_factory.mktemp("app") / "case")
    with open_store(settings) as store:
        ingest(settings, store, [source], workers=1)
    return settings


@pytest.fixture(scope="session")
def resolved(ingested: Settings) -> Settings:
    with open_store(ingested) as store:
        resolve(store)
    return ingested


Opener = Callable[..., AppTest]


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Opener:
    """Opens one page of the app on a case: `open_page(folder, 'sellers', seller=...)`."""

    def opener(folder: Path, page: str = "overview", **query: str) -> AppTest:
        monkeypatch.setenv("SELLERGRAPH_CASE", str(folder))
        monkeypatch.setattr("sys.argv", ["app.py"])
        app = AppTest.from_file(str(APP), default_timeout=60).run()
        if page == "overview":
            return app
        app.switch_page(f"views/{page}.py")
        for key, value in query.items():
            app.query_params[key] = value
        return app.run()

    return opener
