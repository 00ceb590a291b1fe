"""Words, times and captured text."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image

from sellergraph.case import Settings
from views.common import chart_text, count, local_day, percent, plain
from views.pictures import thumbnail


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain 文字", "plain 文字"),
        ("**b** $x$ `c`", r"\*\*b\*\* \$x\$ \`c\`"),
        ("[l](javascript:alert(1))", "\\[l\\]\\(javascript:\u2060alert\\(1\\)\\)"),
        (":smile:", ":\u2060smile:\u2060"),
        ("<b>\n# x", r"\<b\> \# x"),
    ],
)
def test_plain_escapes_all_markdown(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_charts_get_entities() -> None:
    assert chart_text('<b>"x"</b>') == '&lt;b&gt;"x"&lt;/b&gt;'


def test_figures_in_words() -> None:
    assert (count(1, "ad"), count(2_034, "ad"), count(2, "more species", "more species")) == (
        "1 ad", "2,034 ads", "2 more species",
    )  # fmt: skip
    assert percent(0.657) == "65.7 %"


def test_days_are_those_of_the_case() -> None:
    settings = Settings(Path(), timezone="Asia/Shanghai")
    assert local_day(datetime(2018, 3, 31, 20), settings) == "1 Apr 2018"
    assert local_day(None, settings) == "unknown"


def test_thumbnails_are_small_and_stay_in_the_store(tmp_path: Path) -> None:
    evidence = tmp_path / "evidence"
    evidence.mkdir()
    Image.new("RGBA", (900, 300)).save(evidence / "a.png")
    Image.new("RGB", (30, 30)).save(tmp_path / "outside.png")
    (evidence / "b.jpg").write_bytes(b"no picture")
    small = thumbnail(evidence, "a.png")
    assert small is not None
    assert small.startswith(b"\xff\xd8")
    for place in ("b.jpg", "missing.jpg", "../outside.png", str(tmp_path / "outside.png")):
        assert thumbnail(evidence, place) is None
