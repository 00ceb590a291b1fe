"""Why accounts were joined to one seller, line by line with the weight of each, and which pairs were near to it."""

from __future__ import annotations

import html
from typing import Any

import pyarrow as pa
import streamlit as st

from graph.merges import JUDGEMENT
from graph.sellers import SellerProfile
from views.common import count, small, strong

# As many as stand beside the network without leaving the rest of the page empty.
SHOWN = 3
_LINE = "font-size:.86rem;opacity:.8;display:flex;gap:.6rem;align-items:baseline"
_WORDS = "overflow-wrap:anywhere;unicode-bidi:isolate"
_BITS = "font-size:.72rem;opacity:.8;flex:0 0 2.4rem;text-align:right;font-variant-numeric:tabular-nums"
_TOLD = "Numbers are bits: each doubles the odds that it is one seller, each negative one halves them."


def show_merges(profile: SellerProfile, names: dict[str, str]) -> None:
    """The pairs that were joined, the surest first.

    Args:
        names: of platforms, by slug.
    """
    st.subheader("Why these accounts are one seller", anchor=False)
    rows = profile.merges.to_pylist()
    if not rows:
        single = profile.accounts.num_rows == 1
        st.text("One account: nothing was joined." if single else "The graph keeps no evidence for this.")
        return
    for row in rows[:SHOWN]:
        _pair(row, ("left", "right"), names)
    if any(row["weights"] for row in rows):
        st.caption(_TOLD)
    if len(rows) > SHOWN:
        with st.expander(f"All {count(len(rows), 'pair')}"):
            _all_merges(rows, names)


def show_near(profile: SellerProfile, names: dict[str, str]) -> None:
    """Pairs with other sellers' accounts that were compared and not joined, folded."""
    rows = profile.near.to_pylist()
    if not rows:
        return
    with st.expander(f"Near, but not joined: {count(len(rows), 'pair')} with other sellers"):
        st.caption(_TOLD)
        for row in rows:
            _pair(row, ("account", "other"), names)


def _pair(row: dict[str, Any], ends: tuple[str, str], names: dict[str, str]) -> None:
    with st.container(border=True, gap="xsmall"):
        strong("\n".join(_account(row, end, names) for end in ends))
        st.html("".join(_line(words, bits) for words, bits in _evidence(row)))
        small("\n".join(_unused(row) if "other_seller" in row else [_sureness(row)]))


def _line(words: str, bits: float | None) -> str:
    """A line of evidence, which holds captured text, with its bits before it in small type."""
    told = "•" if bits is None else f"{bits:+.1f}".replace("-", "−")
    said = f'<span dir="auto" style="{_WORDS}">{html.escape(words)}</span>'
    return f'<div style="{_LINE}"><span style="{_BITS}">{told}</span>{said}</div>'


def _unused(row: dict[str, Any]) -> list[str]:
    """Of a pair that was not joined: why, and whose the other account is."""
    capped = [f"Too many others share it: {what}" for what in row["capped"] or []]
    cut = [f"Not used: {row['cut']}"] if row["cut"] else []
    likely = "" if row["probability"] is None else f", {100 * row['probability']:.0f} % likely to be the same"
    ids = f"{row['account_id']} and {row['other_id']}"
    return [*capped, *cut, ids, f"Another seller: {row['other_seller_name'] or ''} {row['other_seller']}{likely}"]


def _sureness(row: dict[str, Any]) -> str:
    """In words; nothing is ever wholly sure."""
    probability = row["probability"]
    if row["comparisons"] == [JUDGEMENT]:
        return "An analyst's judgement."
    if probability is None:
        return "It is not known how sure this is."
    return "over 99 % sure" if probability > 0.99 else f"{100 * probability:.0f} % sure"


def _account(row: dict[str, Any], side: str, names: dict[str, str]) -> str:
    platform = row[f"{side}_platform"]
    return f"{row[f'{side}_name'] or row[f'{side}_id']} on {names.get(platform, platform)}"


def _evidence(row: dict[str, Any]) -> list[tuple[str, float | None]]:
    """The resolver's words with their bits, each contact's id replaced by its readable name."""
    readable = dict(zip(row["contacts"] or [], row["contact_names"] or [], strict=True))
    lines = list(row["evidence"] or [])
    for contact in sorted(readable, key=len, reverse=True):
        # A code's caption says what kind of code it is.
        lines = [line.replace(f"personal QR code {contact}", contact) for line in lines]
        lines = [line.replace(contact, readable[contact]) for line in lines]
    if not lines:
        return [(f"both show {name}", None) for name in readable.values()] or [("no evidence was kept", None)]
    bits = row["weights"] or []
    return [(line, bits[place] if place < len(bits) else None) for place, line in enumerate(lines)]


def _all_merges(rows: list[dict[str, Any]], names: dict[str, str]) -> None:
    shown = [
        {
            "left": _account(row, "left", names),
            "right": _account(row, "right", names),
            "why": "; ".join(_in_words(*line) for line in _evidence(row)),
            "sure": None if row["probability"] is None else 100 * row["probability"],
        }
        for row in rows
    ]
    height = min(360, 38 + 35 * len(shown))
    st.dataframe(pa.Table.from_pylist(shown), hide_index=True, column_config=_COLUMNS, height=height)


def _in_words(words: str, bits: float | None) -> str:
    return words if bits is None else f"{words} ({bits:+.1f})"


_COLUMNS = {
    "left": st.column_config.TextColumn("Account", width="medium"),
    "right": st.column_config.TextColumn("and account", width="medium"),
    "why": st.column_config.TextColumn("Why, with bits", width="large"),
    "sure": st.column_config.NumberColumn("How sure", format="%.0f %%", width=80),
}
