"""Every case of cases/*.yaml: what a text holds, and what it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from graph.values import Email, Handle, Link, Phone
from ingest.extract import extract
from ingest.extract.mention import Mention

CASES = Path(__file__).parent / "cases"


def load() -> list[tuple[str, dict[str, object]]]:
    return [
        (f"{file.stem}:{number}", case)
        for file in sorted(CASES.glob("*.yaml"))
        for number, case in enumerate(yaml.safe_load(file.read_text(encoding="utf-8")), 1)
    ]


def node_id(mention: Mention) -> str:
    cleaned = {
        "phone": lambda: Phone.clean(mention.value),
        "handle": lambda: Handle.clean(mention.service, mention.value),
        "email": lambda: Email.clean(mention.value),
        "link": lambda: Link.clean(mention.value),
    }[mention.kind]()
    assert cleaned is not None, f"{mention} is refused by its own type"
    return cleaned.node_id


def described(mention: Mention) -> str:
    return node_id(mention) + ("" if mention.role == "own" else f" {mention.role}")


@pytest.mark.parametrize(("name", "case"), load(), ids=[name for name, _ in load()])
def test_case(name: str, case: dict[str, object]) -> None:
    text = str(case["text"])
    regions, platform = tuple(case.get("regions", ["CN"])), case.get("platform")  # type: ignore[arg-type]  # from YAML
    found = extract(text, regions=regions, platform=platform)  # type: ignore[arg-type]  # from YAML
    assert sorted(map(described, found)) == sorted(case["want"]), text  # type: ignore[call-overload]  # from YAML
    for mention in found:
        assert text[mention.start : mention.end] == mention.raw
    assert [m.start for m in found] == sorted(m.start for m in found)


def test_half_of_the_cases_are_traps_or_ordinary_words() -> None:
    cases = [case for _, case in load()]
    assert len(cases) >= 300
    assert sum(not case["want"] for case in cases) >= 100
