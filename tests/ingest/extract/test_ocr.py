"""Text in pictures: what is read wherever and however it stands, once, at its place; what is no text, no picture."""

from __future__ import annotations

import io
import os
import socket
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ingest.extract import ocr
from ingest.extract.ocr import MODES, OcrLine, OcrReader
from sellergraph.errors import RejectError, SellergraphError, UsageError

# fonts-noto-cjk of Debian and Ubuntu, noto-cjk of Fedora and Arch; the third face is simplified Chinese.
FONTS = [
    Path("/usr/share/fonts", folder, "NotoSansCJK-Regular.ttc")
    for folder in ("opentype/noto", "truetype/noto", "google-noto-sans-cjk-fonts", "noto-cjk")
]
CONTACT = "微信：laoya6688"
NUMBER = "电话13800138000"


def font(size: int) -> ImageFont.FreeTypeFont:
    path = next((path for path in FONTS if path.is_file()), None)
    if path is None and os.environ.get("CI"):
        pytest.fail("no font with Chinese characters: install fonts-noto-cjk")
    if path is None:
        pytest.skip("no font with Chinese characters (fonts-noto-cjk)")
    return ImageFont.truetype(str(path), size, index=2)


def drawn(
    *texts: tuple[str, tuple[int, int], int],
    size: tuple[int, int] = (600, 300),
    ink: str = "black",
    paper: str = "white",
) -> Image.Image:
    """A picture with texts, each with its left upper corner and the height of its letters."""
    picture = Image.new("RGB", size, paper)
    pen = ImageDraw.Draw(picture)
    for text, place, height in texts:
        pen.text(place, text, ink, font=font(height))
    return picture


def folded(lines: list[OcrLine]) -> list[str]:
    return ["".join(unicodedata.normalize("NFKC", line.text).split()) for line in lines]


@pytest.fixture(scope="module")
def reader() -> OcrReader:
    return OcrReader("default")


@pytest.fixture(scope="module")
def fast() -> OcrReader:
    return OcrReader("fast")


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("the network was used")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refused)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("mode", ["default", "fast"])
def test_a_fresh_reader_neither_fetches_nor_prints(mode: str, capfd: pytest.CaptureFixture[str]) -> None:
    reader = OcrReader(mode)
    assert reader.read(Image.new("RGB", (300, 200), "white")) == []
    assert folded(reader.read(drawn((CONTACT, (40, 100), 40)))) == ["微信:laoya6688"]
    assert tuple(capfd.readouterr()) == ("", "")


@pytest.mark.parametrize(("ink", "paper"), [("black", "white"), ("white", "#203040"), ("#d02020", "#ffe0a0")])
def test_two_lines_and_their_places(reader: OcrReader, ink: str, paper: str) -> None:
    lines = reader.read(drawn((CONTACT, (40, 40), 40), (NUMBER, (200, 180), 30), ink=ink, paper=paper))
    assert folded(lines) == ["微信:laoya6688", NUMBER]
    for line, (left, top), height in zip(lines, [(40, 40), (200, 180)], [40, 30], strict=True):
        ink_box = font(height).getbbox(CONTACT if height == 40 else NUMBER)
        wanted = (left + ink_box[0], top + ink_box[1], left + ink_box[2], top + ink_box[3])
        assert np.abs(np.subtract(line.box, wanted)).max() <= 15
        assert 0.9 < line.score <= 1


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_turned_text(reader: OcrReader, turn: int) -> None:
    picture = drawn((NUMBER, (60, 100), 44)).rotate(turn, expand=True)
    [line] = reader.read(picture)
    assert folded([line]) == [NUMBER]
    left, top, right, bottom = line.box
    assert (right - left > bottom - top) == (turn == 180)
    assert 0 <= left < right <= picture.width
    assert 0 <= top < bottom <= picture.height


def test_upright_signs_below_each_other(reader: OcrReader) -> None:
    picture = drawn(*((sign, (280, 20 + 46 * i), 40) for i, sign in enumerate("微信13800138000")), size=(600, 680))
    assert "13800138000" in "".join(folded(reader.read(picture)))


def test_a_watermark_on_a_photograph_saved_badly(reader: OcrReader) -> None:
    soft = (np.random.default_rng(5).random((9, 12, 3)) * 160).astype(np.uint8)
    picture = Image.fromarray(soft).resize((800, 600), Image.Resampling.BICUBIC)
    mark = drawn((CONTACT, (200, 400), 36), size=(800, 600), ink="white", paper="black").convert("L")
    picture.paste((255, 255, 255), mask=mark.point([value * 6 // 10 for value in range(256)]))
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=40)
    assert folded(reader.read(Image.open(stream))) == ["微信:laoya6688"]


def test_a_single_small_line_in_a_large_picture(reader: OcrReader, fast: OcrReader) -> None:
    picture = drawn((NUMBER, (700, 1100), 14), size=(1080, 1440))
    assert folded(reader.read(picture)) == folded(fast.read(picture)) == [NUMBER]


def test_small_print_is_read_once_though_windows_cut_it(reader: OcrReader) -> None:
    contacts = [f"联系人{i:02d}手机138001{i * 977 % 100000:05d}" for i in range(9)]
    texts = [(text, (60 + i % 3 * 780, 100 + i // 3 * 400), 16) for i, text in enumerate(contacts)]
    long = "上等老料手工打磨包邮到家诚信经营假一赔十先看货后付款电话13900139000微信同号非诚勿扰"
    picture = drawn(("批发", (1150, 960), 200), (long, (600, 700), 16), *texts, size=(2000, 1300))
    lines = folded(reader.read(picture))
    assert sorted(lines) == sorted([*contacts, long, "批发"])


def test_nothing_found_in_a_much_reduced_picture_is_looked_for_again(reader: OcrReader) -> None:
    picture = drawn((NUMBER, (2500, 1300), 18), size=(4000, 3000))
    [line] = reader.read(picture)
    assert folded([line]) == [NUMBER]
    assert 2480 <= line.box[0] <= 2505 < 2640 <= line.box[2] <= 2680


def test_a_long_screenshot(reader: OcrReader) -> None:
    said = [f"第{i:03d}句话价钱{i * 37}元" for i in range(16)]
    texts = [(text, (60 if i % 2 else 500, 80 + i * 430), 42) for i, text in enumerate(said)]
    assert folded(reader.read(drawn(*texts, size=(1080, 7000)))) == said


def test_a_wide_strip(reader: OcrReader) -> None:
    texts = [(f"分店{i}号13800138{i:03d}", (30 + 1000 * i, 20), 40) for i in range(5)]
    assert folded(reader.read(drawn(*texts, size=(5000, 90)))) == [text for text, _, _ in texts]


def test_more_pixels_than_are_read_are_reduced(reader: OcrReader) -> None:
    [line] = reader.read(drawn((CONTACT, (1000, 3000), 400), size=(6000, 4500)))
    assert folded([line]) == ["微信:laoya6688"]
    assert 900 < line.box[0] < 1100 < 3000 < line.box[1] < 3200


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (3, 5000), (5000, 3), (9, 1500), (1500, 9), (20, 20), (31, 33)])
def test_tiny_and_thin_pictures_hold_nothing(reader: OcrReader, size: tuple[int, int]) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (size[1], size[0]), np.uint8)
    assert isinstance(reader.read(Image.fromarray(noise)), list)
    assert reader.read(Image.new("RGB", size, "white")) == []


@pytest.mark.parametrize("paper", ["white", "black", "#c04010"])
def test_blank_pictures_hold_nothing(reader: OcrReader, paper: str) -> None:
    assert reader.read(Image.new("RGB", (3000, 2000), paper)) == []


def test_a_photograph_without_text(reader: OcrReader) -> None:
    soft = (np.random.default_rng(1).random((8, 10, 3)) * 255).astype(np.uint8)
    assert reader.read(Image.fromarray(soft).resize((1000, 800), Image.Resampling.BICUBIC)) == []


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr", "HSV", "LAB", "I;16", "I", "F"])
def test_every_mode(fast: OcrReader, mode: str) -> None:
    picture = drawn((NUMBER, (40, 40), 40), size=(480, 140))
    if mode in ("I;16", "I", "F"):
        values = np.asarray(picture.convert("L")) * 257.0
        picture = Image.fromarray(values.astype({"I;16": np.uint16, "I": np.int32, "F": np.float32}[mode]))
    else:
        picture = picture.convert("RGB").convert(mode) if mode != "LAB" else lab(picture)
    assert picture.mode == mode
    assert folded(fast.read(picture)) == [NUMBER]


def lab(picture: Image.Image) -> Image.Image:
    grey = picture.convert("L")
    middle = Image.new("L", grey.size, 0)
    return Image.merge("LAB", (grey, middle, middle))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_clear_parts_are_white(fast: OcrReader, mode: str) -> None:
    ink = drawn((NUMBER, (40, 40), 40), size=(480, 140)).convert("L").point([255 - value for value in range(256)])
    black = Image.new("L", ink.size, 0)
    picture = Image.merge("LA", (black, ink)).convert("RGBA" if mode == "P" else mode)
    if mode == "P":
        stream = io.BytesIO()
        picture.quantize(16).save(stream, "PNG")
        picture = Image.open(stream)
    assert picture.mode == mode
    assert folded(fast.read(picture)) == [NUMBER]


def test_names_and_values_stay_in_a_row_and_columns_of_prose_apart(reader: OcrReader) -> None:
    table = [("电话", "13800138000"), ("微信", "laoya6688"), ("地址", "福建省莆田市")]
    cells = [(text, (60 + 300 * x, 60 + 80 * y), 32) for y, row in enumerate(table) for x, text in enumerate(row)]
    assert folded(reader.read(drawn(*cells, size=(800, 320)))) == [text for row in table for text in row]
    left = ["本店专营各种老料手串和摆件", "所有货品都可以先看后付款", "需要的朋友请加我的微信号码"]
    right = ["每天晚上八点准时开始直播", "新老顾客都有小礼物相送哦", "欢迎各位朋友前来选购收藏"]
    prose = [(text, (40, 60 + 80 * y), 32) for y, text in enumerate(left)]
    prose += [(text, (640, 70 + 80 * y), 32) for y, text in enumerate(right)]
    assert folded(reader.read(drawn(*prose, size=(1160, 340)))) == [*left, *right]


def test_the_same_picture_gives_the_same_lines(reader: OcrReader) -> None:
    picture = drawn((CONTACT, (40, 40), 40), (NUMBER, (200, 180), 14), size=(1200, 900))
    before = picture.tobytes()
    first = reader.read(picture)
    reader.read(Image.new("RGB", (700, 500), "white"))
    assert OcrReader("default").read(picture) == first == reader.read(picture)
    assert picture.tobytes() == before


def test_off_reads_nothing_and_other_modes_are_refused() -> None:
    assert OcrReader("off").read(drawn((NUMBER, (40, 40), 40))) == []
    with pytest.raises(UsageError, match="default, fast, off"):
        OcrReader("slow")


def test_versions_name_the_engine_and_the_mode() -> None:
    versions = [OcrReader(mode).version for mode in MODES]
    assert len(set(versions)) == len(MODES)
    assert all(version.startswith("rapidocr 3.") for version in versions)


@pytest.mark.usefixtures("no_network")
def test_a_missing_model_is_named_and_not_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ocr._MODELS, "Rec", "PP-OCRv6_rec_gone.onnx")
    with pytest.raises(SellergraphError, match=r"PP-OCRv6_rec_gone\.onnx is missing") as caught:
        OcrReader("fast").read(drawn((NUMBER, (40, 40), 40)))
    assert not isinstance(caught.value, RejectError)


@pytest.mark.usefixtures("no_network")
def test_a_broken_model_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ocr._MODELS, "Cls", "../config.yaml")
    with pytest.raises(SellergraphError, match="cannot be started") as caught:
        OcrReader("fast").read(drawn((NUMBER, (40, 40), 40)))
    assert not isinstance(caught.value, RejectError)


def test_a_fault_of_the_engine_concerns_one_picture() -> None:
    class Broken:
        def detect_and_crop(self, *_: object) -> None:
            raise ValueError("Traceback (most recent call last):\n  File x\nRuntimeError: no more memory")

    reader = OcrReader("fast")
    reader.__dict__["_engine"] = Broken()
    with pytest.raises(RejectError) as caught:
        reader.read(drawn((NUMBER, (40, 40), 40)))
    assert str(caught.value) == "text could not be read: RuntimeError: no more memory"


def test_a_picture_that_breaks_off_is_rejected(fast: OcrReader) -> None:
    stream = io.BytesIO()
    drawn((NUMBER, (40, 40), 40)).save(stream, "PNG")
    with pytest.raises(RejectError, match="text could not be read"):
        fast.read(Image.open(io.BytesIO(stream.getvalue()[:600])))
