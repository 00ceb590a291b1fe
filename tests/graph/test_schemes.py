"""Schemes of ranking: the shipped ones, a user's, and files that are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.schemes import load_schemes
from sellergraph.errors import SchemaError, UsageError


def test_the_shipped_schemes_weigh_known_parts_and_say_what_they_are_for() -> None:
    known = load_schemes()
    assert list(known.schemes) == ["volume", "harm", "connectors", "rising", "balanced"]
    assert all(scheme.meaning and set(scheme.weights) <= set(known.parts) for scheme in known.schemes.values())
    assert all(part.meaning for part in known.parts.values())
    assert sum(known.scheme("balanced").shares.values()) == pytest.approx(1)
    assert set(known.scheme("balanced").weights) == set(known.parts)


def test_a_users_file_adds_schemes_and_may_change_the_period(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("period_days: 30\nschemes:\n  mine: {weights: {hub: 2, ads: 1}}\n", encoding="utf-8")
    mine = load_schemes(file)
    # The parts come in the order of the shipped file.
    assert (mine.period_days, list(mine.scheme("mine").weights)) == (30, ["ads", "hub"])
    assert "harm" in mine.schemes
    assert load_schemes().period_days == 90


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a list", "the file must be a mapping"),
        ("schemes: {}", "schemes must be a mapping"),
        ("schemes: {a: 1}", "a must be a mapping"),
        ("schemes: {a: {weights: {fame: 1}}}", "a weighs the unknown part 'fame'; parts are ads, new_ads"),
        ("schemes: {a: {weights: {ads: -1}}}", "a.ads must be a number above 0 and up to 1,000,000, like 2 or 0.5"),
        ("schemes: {a: {weights: {ads: .inf}}}", "a.ads must be a number above 0"),
        ("schemes: {a: {weights: {ads: yes}}}", "a.ads must be a number above 0"),
        ("schemes: {a: {weights: {ads: 1.0e+308}}}", "a.ads must be a number above 0"),
        ("schemes: {a: {weights: {ads: 2018-01-01}}}", "a.ads must be a number above 0"),
        ("schemes: {volume: {weights: {ads: 1}}}", "volume is the name of a shipped scheme; choose another"),
        ("schemes: {a: {weight: {ads: 1}}}", "a has the unknown entry 'weight'; there may be meaning and weights"),
        ("period_day: 3\nschemes: {a: {weights: {ads: 1}}}", "unknown entry 'period_day'"),
        ("period_days: 0\nschemes: {a: {weights: {ads: 1}}}", "period_days must be a number of days, not 0"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SchemaError, match=message):
        load_schemes(file)


@pytest.mark.parametrize("content", [b"a: [", b"\xff\xfe\xfa", None, b"a: 2018-99-99", b"#" * 1_000_001])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "mine.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageError, match=r"the schemes in .*mine\.yaml cannot be read"):
        load_schemes(file)
