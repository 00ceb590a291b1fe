"""`sellergraph extract`: what one line cannot take from the others."""

from __future__ import annotations

import json

import pytest

from sellergraph import texts


def test_a_fault_costs_its_line_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(text: str, **_: object) -> list[object]:
        if "fault" in text:
            raise ZeroDivisionError("of the reader")
        return []

    monkeypatch.setattr(texts, "extract", faulty)
    lines = [(number, json.dumps({"text": text}).encode()) for number, text in enumerate(["a", "fault", "b"], start=1)]
    mentions, refused = texts.read_batch(lines, ("CN",))
    assert mentions == []
    assert [number for number, _ in refused] == [2]
    assert "ZeroDivisionError: of the reader" in refused[0][1]
