"""Two advertisements of one template share a band of their sketch, two others do not."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from graph.stores.base import GraphStore
from ingest.extract import extract
from ingest.extract.templates import BANDS, LEAST_SHINGLES, template_bands
from ingest.pipeline import ingest
from sellergraph.case import Settings

QUIET = (
    "家里老人留下的物件，懂行的朋友自己看图，{}重{}克，{}元不还价，非诚勿扰谢谢。"
    "看上了联系{}，发走之前拍好视频给您过目。"
)
LOUD = "🔥今晚八点开播🔥新到{}，{}起拍，没有套路的良心主播，关注直播间不迷路，错过再等一个月！客服{}，编号{}"
ENGLISH = (
    "Dear collectors, this {} comes out of my late uncle's cabinet, {} grams, asking ${}. "
    "Write to {} before noon please."
)
THAI = "ขายของสะสมเก่าจากบ้านคุณตา {} น้ำหนัก {} กรัม ราคา {} บาท สนใจทักมาได้เลยที่ {} ส่งฟรีทั่วประเทศไม่มีมัดจำ"
VIETNAMESE = (
    "Nhà mình cần nhượng lại món đồ gia truyền {}, nặng {} gam, giá {} nghìn, "
    "ai thích thì nhắn {} nhé, miễn tiếp trả giá"
)


def bands(text: str, title: str | None = None) -> set[str]:
    """The sketch with the contacts cut out, as ingest makes it."""
    spans = [("text", m.start, m.end) for m in extract(text)]
    spans += [("title", m.start, m.end) for m in extract(title or "")]
    return set(template_bands(title, text, spans))


SAME = [
    (QUIET.format("象牙手串", 58, 3600, "微信 demo_seller_1"), QUIET.format("玳瑁手镯", 12, 800, "微信 other_demo_22")),
    (QUIET.format("象牙手串", 58, 3600, "微信demo_seller_1"), QUIET.format("虎牙吊坠", 9, 12000, "电话13800001234")),
    (LOUD.format("猛犸料", 500, "vx demo_abc_1", 18), LOUD.format("鹤顶红挂件", "1.2万", "VX:demo_xyz_9", 2207)),
    (ENGLISH.format("ivory netsuke", 41, "1,200", "demo1@mail.example"),
     ENGLISH.format("hawksbill comb", 9, 85, "+84 912 345 678")),
    (THAI.format("งาช้าง", 30, 4500, "line: demo_one1"), THAI.format("กำไล", 128, 900, "line: demo_two2")),
    (VIETNAMESE.format("ngà voi", 30, 450, "zalo 0912345678"), VIETNAMESE.format("vòng", 8, 9000, "zalo 0987654321")),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second"), SAME)
def test_other_goods_contacts_and_figures_leave_the_template(first: str, second: str) -> None:
    shared = bands(first) & bands(second)
    assert len(shared) >= 3, shared


REWRITTEN = [
    lambda text: text.replace("，", "\n").replace("。", " ✨ "),
    lambda text: "❤️🐘" + "👍".join(text.split("，")),
    lambda text: text.replace("联系", "聯繫").replace("视频", "視頻").replace("发走", "發走"),
    lambda text: text.replace("，", "，\u200b").replace("物件", "物\u200d件"),
    lambda text: text + "支持验货",
]


@pytest.mark.parametrize("rewrite", REWRITTEN)
def test_signs_script_and_a_word_more_leave_the_template(rewrite: Callable[[str], str]) -> None:
    text = QUIET.format("象牙手串", 58, 3600, "微信 demo_seller_1")
    assert len(bands(text) & bands(rewrite(text))) >= 3


def test_full_width_capitals_and_accents_are_folded() -> None:
    text = "Nhượng lại món đồ gia truyền, ai thích thì nhắn cho mình trước buổi trưa nhé, miễn trả giá"
    plain = "NHUONG LAI MON DO GIA TRUYEN, AI THICH THI NHAN CHO MINH TRUOC BUOI TRUA NHE, MIEN TRA GIA"
    assert len(bands(text) & bands(plain.replace("DO", "ĐO"))) >= 8


DIFFERENT = [
    QUIET.format("象牙手串", 58, 3600, "微信 demo_seller_1"),
    LOUD.format("象牙手串", 3600, "微信 demo_seller_1", 58),
    "工厂直出象牙手串，支持定做，一件代发招代理，图片每天更新，量大从优，可走中介，全国顺丰到付，微信 demo_seller_1",
    "【转让】象牙手串58克，带证书，收的时候三千六，现在急用钱出掉，可以到店里来看，不来的不要问，微信 demo_seller_1",
    ENGLISH.format("ivory bracelet", 58, 3600, "demo1@mail.example"),
    "Ivory bracelet, 58 grams, 3600 dollars. Worldwide shipping with tracking, no questions asked, photos on request.",
    VIETNAMESE.format("ngà voi", 58, 3600, "zalo 0912345678"),
]


def test_the_same_goods_and_contacts_in_other_words_share_nothing() -> None:
    sketches = [bands(text) for text in DIFFERENT]
    assert all(len(sketch) == BANDS for sketch in sketches)
    assert len(set().union(*sketches)) == BANDS * len(DIFFERENT)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (None, None),
        ("", ""),
        (None, "出象牙手串 包邮 微信 demo_seller_1"),
        ("老料新工", "价格私聊，支持视频看货"),
        (None, "🐘🐘🐘🔥🔥❤️❤️👍👍👍🙏🙏🌹🌹🌹✨✨✨💰💰💰🐘🐘🐘🔥🔥❤️❤️👍👍👍"),
        (None, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25"),
        (None, "\ud83d" * 50),
        (None, "哈" * 400),
        (None, "好好好的的的" * 50),
        (None, "beautiful bracelet"),
        (None, "象牙手串 " * 60),
    ],
)
def test_too_few_words_say_nothing(title: str | None, text: str | None) -> None:
    assert template_bands(title, text) == []


def test_the_least_length() -> None:
    letters = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往"
    assert template_bands(None, letters[: LEAST_SHINGLES + 2]) == []
    assert len(template_bands(None, letters[: LEAST_SHINGLES + 3])) == BANDS


def test_a_short_text_is_taken_with_its_title() -> None:
    title, text = "家里老人留下的物件懂行的朋友自己看图", "非诚勿扰谢谢"
    assert template_bands(title, text) == template_bands(None, title + text) != []
    assert template_bands("另一个标题", QUIET) == template_bands(None, QUIET)


def test_odd_input_is_read() -> None:
    text = QUIET.format("象牙手串", 58, 3600, "微信 demo_seller_1")
    assert template_bands(None, f"{text}\ud83d") == template_bands(None, text)
    assert len(template_bands(None, text * 15_000)) == BANDS
    assert len(template_bands(None, "".join(map(chr, range(0x4E00, 0x9FA0))))) == BANDS
    assert len(template_bands(None, "".join(map(chr, range(1, 0x2000))))) == BANDS


def test_spans_may_overlap_and_stand_in_any_order() -> None:
    text = QUIET.format("", 5, 5, "abcdefgh")
    start = text.index("abcdefgh")
    whole = template_bands(None, text, [("text", start, start + 8)])
    assert template_bands(None, text, [("text", start + 3, start + 8), ("text", start, start + 5)]) == whole
    assert template_bands(None, text, [("title", 0, 9), ("text", start, start + 8)]) == whole
    assert template_bands(None, text) != whole


# If these change, so does every stored sketch: cases must be ingested again, and the changelog has to say so.
KNOWN = [
    "0ce99e208f66",
    "187335017966",
    "2d8f44ecc590",
    "317ffb81b557",
    "40e3c200b047",
    "58446d41741e",
    "6876be1c11cf",
    "7feb13eb4a58",
    "84fcda58cf20",
    "9c14d82b7154",
]


def test_the_same_in_every_process() -> None:
    script = "import sys; from ingest.extract.templates import template_bands; print(template_bands(None, sys.argv[1]))"
    for seed in ("0", "4711"):
        done = subprocess.run(
            [sys.executable, "-X", "utf8", "-c", script, QUIET],
            capture_output=True, text=True, encoding="utf-8", check=True, env={"PYTHONHASHSEED": seed},
        )  # fmt: skip
        assert done.stdout.strip() == repr(KNOWN)


def templates(store: GraphStore, settings: Settings, source: Path, *rows: dict[str, object]) -> list[list[str] | None]:
    """The stored templates by ad id, after the rows were ingested twice; the second time changes nothing."""
    ads = [{"platform": "forum-a", "ad_id": str(number), **row} for number, row in enumerate(rows)]
    source.write_text("\n".join(map(json.dumps, ads)), encoding="utf-8")
    ingest(settings, store, [source], workers=1)
    found = store.read_all("Ad").sort_by("id")["templates"].to_pylist()
    again = ingest(settings, store, [source], workers=1)
    assert sum(again.new.values()) == 0
    assert store.read_all("Ad").sort_by("id")["templates"].to_pylist() == found
    return found


def test_ingest_stores_them_and_follows_the_words(store: GraphStore, settings: Settings, tmp_path: Path) -> None:
    case = replace(settings, ocr="off")
    first, second = SAME[0]
    stored = templates(
        store, case, tmp_path / "1.jsonl", {"text": first}, {"text": second}, {"text": "包邮"}, {"title": ""}
    )
    assert (stored[0], stored[1]) == (sorted(bands(first)), sorted(bands(second)))
    assert stored[2:] == [[], None]
    # Another capture: other words, words that are too short now, and one that has none and leaves what is stored.
    anew = templates(
        store, case, tmp_path / "2.jsonl", {"text": DIFFERENT[3]}, {"text": "已出"}, {"text": first}, {"title": ""}
    )
    assert anew == [sorted(bands(DIFFERENT[3])), [], sorted(bands(first)), None]
    assert templates(store, case, tmp_path / "3.jsonl", {"text": ""}, {"title": "出"}, {})[:3] == anew[:3]
