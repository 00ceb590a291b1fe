"""Pictures: what is read in good ones, what is kept of damaged ones, what is refused and why."""

from __future__ import annotations

import io
import struct
import warnings
import zlib

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageOps

from graph.photos import compare_views, match_all
from ingest.extract.pictures import PictureReading, read_picture
from ingest.extract.plainness import pdq_quality
from ingest.extract.views import phash
from sellergraph.errors import RejectError

FRIEND = "https://u.wechat.com/EAbCdEfGhIjKlMnOp"
PAY = "wxp://f2f0AbCdEfGhIj"


def photo(width: int = 320, height: int = 240, seed: int = 1) -> Image.Image:
    """A made-up picture with soft shapes, as a photograph has."""
    random = np.random.default_rng(seed)
    coarse = Image.fromarray((random.random((8, 10, 3)) * 255).astype(np.uint8))
    return coarse.resize((width, height), Image.Resampling.BICUBIC)


def saved(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def code(content: str, scale: int = 4, *, quiet: bool = True) -> Image.Image:
    barcode = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCode)
    return Image.fromarray(np.asarray(zxingcpp.write_barcode_to_image(barcode, scale=scale, add_quiet_zones=quiet)))


def payloads(reading: PictureReading) -> list[str]:
    return sorted(c.payload for c in reading.codes)


def test_a_photograph() -> None:
    data = saved(photo(), "JPEG", quality=90)
    reading = read_picture(data)
    assert (reading.mime, reading.width, reading.height, reading.n_bytes) == ("image/jpeg", 320, 240, len(data))
    assert (len(reading.phash64), len(reading.phash256)) == (16, 64)
    assert (reading.codes, reading.problem) == ((), None)
    assert reading.quality > 50


def test_hashes_are_those_of_imagehash() -> None:
    import imagehash

    picture = photo(900, 700)
    reading = read_picture(saved(picture))
    assert reading.phash64 == str(imagehash.phash(picture))
    assert reading.phash256 == str(imagehash.phash(picture, hash_size=16))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_media_types_come_from_the_bytes(kind: str) -> None:
    reading = read_picture(saved(photo(), kind))
    assert reading.mime == f"image/{kind.lower()}"


def test_the_same_picture_in_other_forms_has_nearly_the_same_hash() -> None:
    import imagehash

    plain = imagehash.hex_to_hash(read_picture(saved(photo(640, 480))).phash64)
    for data in (saved(photo(640, 480), "JPEG", quality=30), saved(photo(640, 480).resize((320, 240)))):
        assert plain - imagehash.hex_to_hash(read_picture(data).phash64) <= 8


def test_exif_orientation_is_honoured() -> None:
    picture = photo(320, 200)
    turned = picture.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    reading = read_picture(saved(turned, "PNG", exif=exif))
    assert (reading.width, reading.height) == (320, 200)
    assert reading.phash64 == read_picture(saved(picture)).phash64


def sixteen_bits() -> Image.Image:
    return Image.fromarray(np.asarray(photo().convert("L")).astype(np.uint16) * 257)


@pytest.mark.parametrize(
    "data",
    [
        saved(photo().convert("CMYK"), "JPEG"),
        saved(photo().convert("P")),
        saved(photo().convert("1")),
        saved(photo().convert("LA")),
        saved(photo().convert("RGBA")),
        saved(sixteen_bits()),
        saved(photo().convert("P"), "GIF", transparency=3),
        saved(photo(), "GIF", save_all=True, append_images=[photo(seed=2)]),
        saved(photo(), "WEBP", save_all=True, append_images=[photo(seed=2)]),
    ],
    ids=[
        "cmyk",
        "palette",
        "bilevel",
        "grey-alpha",
        "rgba",
        "16-bit",
        "transparent-gif",
        "animated-gif",
        "animated-webp",
    ],
)
def test_unusual_modes_are_read(data: bytes) -> None:
    import imagehash

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        reading = read_picture(data)
    plain = imagehash.phash(photo())
    assert plain - imagehash.hex_to_hash(reading.phash64) <= 12
    assert reading.problem is None


def test_transparent_parts_are_white() -> None:
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    assert read_picture(saved(clear)).quality == 0


def test_quality_tells_blank_from_full() -> None:
    random = np.random.default_rng(3)
    assert pdq_quality(Image.new("L", (200, 200), 128)) == 0
    assert pdq_quality(Image.fromarray((random.random((64, 64)) * 255).astype(np.uint8))) == 100
    assert len(phash(Image.new("L", (8, 8)), 8)) == 16


def test_one_code() -> None:
    assert payloads(read_picture(saved(code(FRIEND)))) == [FRIEND]


def test_several_codes_of_one_picture() -> None:
    picture = photo(800, 600).convert("L")
    picture.paste(code(FRIEND), (20, 20))
    picture.paste(code(PAY), (420, 220))
    reading = read_picture(saved(picture))
    assert payloads(reading) == sorted([FRIEND, PAY])
    assert {c.kind for c in reading.codes} == {"wechat_friend", "wechat_pay"}


def test_a_code_shown_twice_is_one() -> None:
    picture = Image.new("L", (800, 400), 255)
    picture.paste(code(FRIEND), (0, 0))
    picture.paste(code(FRIEND), (400, 0))
    assert payloads(read_picture(saved(picture))) == [FRIEND]


def test_a_code_without_a_margin() -> None:
    assert payloads(read_picture(saved(code(FRIEND, quiet=False)))) == [FRIEND]
    picture = photo(700, 500).convert("L")
    picture.paste(code(FRIEND, quiet=False), (100, 100))
    assert payloads(read_picture(saved(picture))) == [FRIEND]


def test_a_tiny_and_an_inverted_code() -> None:
    assert payloads(read_picture(saved(code(FRIEND, 1)))) == [FRIEND]
    assert payloads(read_picture(saved(ImageOps.invert(code(FRIEND).convert("L"))))) == [FRIEND]


def test_chinese_content_without_a_declared_encoding() -> None:
    barcode = zxingcpp.create_barcode("微信号 laozhang88".encode("gb18030"), zxingcpp.BarcodeFormat.QRCode)
    picture = Image.fromarray(np.asarray(zxingcpp.write_barcode_to_image(barcode, scale=4)))
    assert payloads(read_picture(saved(picture))) == ["微信号 laozhang88"]


def test_a_truncated_jpeg_is_kept_and_marked() -> None:
    data = saved(photo(800, 600), "JPEG", quality=95)
    reading = read_picture(data[: len(data) * 2 // 3])
    assert reading.problem is not None
    assert reading.problem.startswith("truncated")
    assert (reading.width, reading.height) == (800, 600)


def bomb(width: int, height: int) -> bytes:
    """A PNG that says how large it is and holds next to nothing."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\x00" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "0 bytes"),
        (b"\x00" * 5000, "zero bytes"),
        ("这不是图片".encode(), "is text"),
        ("这不是图片".encode("gb18030"), "is text"),
        (b"not a picture at all", "is text"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"<svg></svg>", "SVG"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"%PDF-1.7 xyz", "PDF"),
        (b"PK\x03\x04rest", "ZIP"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00", "video"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "video"),
        (bomb(30_000, 30_000), "30000 x 30000 pixels"),
        (bytes(range(128, 256)) * 20, "no picture"),
        (b"\x89PNG\r\n\x1a\n", "no picture|header|decoded"),
        (b"\xff\xd8\xff\xe0", "no picture|header|decoded"),
    ],
)
def test_what_is_refused(data: bytes, reason: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RejectError, match=reason) as caught:
            read_picture(data)
    assert caught.value.field == ""


def test_pillow_is_left_as_it_was() -> None:
    before = Image.MAX_IMAGE_PIXELS
    read_picture(saved(photo()))
    with pytest.raises(RejectError):
        read_picture(bomb(30_000, 30_000))
    assert before == Image.MAX_IMAGE_PIXELS


@pytest.mark.parametrize(
    "size", [(1500, 1), (2500, 1), (3000, 2), (1, 60_000), (5000, 12), (200_000, 1), (1, 1), (10, 10)]
)
def test_lines_and_dots_are_pictures_without_codes(size: tuple[int, int]) -> None:
    stream = io.BytesIO()
    Image.new("RGB", size, "white").save(stream, "PNG")
    reading = read_picture(stream.getvalue())
    assert ((reading.width, reading.height), reading.codes) == (size, ())


def test_heic_with_the_extra_and_without(monkeypatch: pytest.MonkeyPatch) -> None:
    import pillow_heif

    from ingest.extract import decode

    stream = io.BytesIO()
    pillow_heif.from_pillow(photo()).save(stream, quality=90)
    reading = read_picture(stream.getvalue())
    assert (reading.mime, reading.width, reading.height) == ("image/heif", 320, 240)
    match = compare_views(reading.views, read_picture(saved(photo())).views)
    assert match is not None
    assert match.verdict == "same"
    monkeypatch.setattr(decode, "_reads_heic", lambda: False)
    with pytest.raises(RejectError, match=r"HEIC picture, which takes pip install 'sellergraph\[heic\]'"):
        read_picture(stream.getvalue())


def edits(picture: Image.Image) -> dict[str, Image.Image]:
    """What sellers and apps do to a picture."""
    width, height = picture.size
    screen = Image.new("RGB", (540, 1100), "white")
    screen.paste((30, 30, 30), (0, 0, 540, 60))
    screen.paste(picture.resize((540, 540 * height // width)), (0, 160))
    return {
        "border": ImageOps.expand(picture, border=40, fill="black"),
        "pad": ImageOps.pad(picture, (width, width), color="white"),
        "mirror": ImageOps.mirror(picture),
        "crop": picture.crop((width // 20, height // 20, width - width // 20, height - height // 20)),
        "bar cut off": picture.crop((0, 0, width, height - height // 9)),
        "square": picture.crop(((width - height) // 2, 0, (width + height) // 2, height)),
        "screenshot": screen,
        "small": picture.resize((width // 4, height // 4)),
        "bright": picture.point([min(255, value + 30) for value in range(256)] * 3),
    }


@pytest.mark.parametrize("edit", sorted(edits(photo())))
def test_an_edited_picture_is_the_same_photograph(edit: str) -> None:
    original = photo(640, 480, seed=5)
    match = compare_views(read_picture(saved(original)).views, read_picture(saved(edits(original)[edit])).views)
    assert match is not None
    assert match.verdict == "same"


def test_different_pictures_are_not() -> None:
    readings = [read_picture(saved(photo(seed=seed))) for seed in range(40)]
    assert match_all([reading.views for reading in readings]) == []


def text_page() -> Image.Image:
    ink = np.kron(np.random.default_rng(2).random((40, 30)) < 0.3, np.ones((12, 14))) * 255
    return Image.fromarray((255 - ink).astype(np.uint8))


def disc(shade: int = 120, *, hole: int = 0) -> Image.Image:
    """A round thing with some drawing on it, on white."""
    picture = Image.new("L", (400, 400), 250)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((60, 60, 340, 340), fill=shade)
    for place in range(80, 330, 25):
        draw.line((100, place, 300, place), fill=shade + 60, width=8)
    draw.ellipse((200 - hole, 200 - hole, 200 + hole, 200 + hole), fill=250)
    return picture


@pytest.mark.parametrize(
    ("picture", "weak"),
    [
        (Image.new("L", (300, 300), 128), "plain"),
        (Image.linear_gradient("L").resize((400, 400)), "plain"),
        (text_page(), "page"),
        (ImageOps.invert(text_page()), "page"),
        (code("https://u.wechat.com/EAbCdEfGhIj", 8), "code"),
        (disc(), "round"),
        (disc(hole=70), "round"),
        (photo(), None),
        (ImageOps.expand(photo(), border=100, fill="white"), None),
    ],
)
def test_what_is_too_plain_to_link_by(picture: Image.Image, weak: str | None) -> None:
    assert read_picture(saved(picture)).weak == weak


def test_where_a_code_stands() -> None:
    picture = photo(900, 700).convert("L")
    picture.paste(code(FRIEND, 4).convert("L"), (500, 300))
    reading = read_picture(saved(picture))
    [(left, top, right, bottom)] = reading.code_boxes
    assert 500 < left < 530
    assert 300 < top < 330
    assert right - left == pytest.approx(bottom - top, abs=3)


def test_several_codes_of_unlike_sizes_and_kinds() -> None:
    picture = Image.new("L", (1400, 900), 255)
    picture.paste(code(FRIEND, 8).convert("L"), (20, 20))
    picture.paste(code(PAY, 2).convert("L"), (900, 100))
    matrix = zxingcpp.create_barcode("DM-77", zxingcpp.BarcodeFormat.DataMatrix)
    picture.paste(Image.fromarray(np.asarray(zxingcpp.write_barcode_to_image(matrix, scale=8))), (900, 500))
    assert payloads(read_picture(saved(picture))) == ["DM-77", FRIEND, PAY]


def test_a_code_that_declares_its_text() -> None:
    """Makers that know Kanji mode write Chinese signs in Shift-JIS, whose bytes may be GB18030 of others."""
    assert payloads(read_picture(saved(code("微信:xiangya888", 6)))) == ["微信:xiangya888"]
