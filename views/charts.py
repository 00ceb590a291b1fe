"""Plotly figures of the pages: one look, horizontal labels, nothing that needs the network."""

from __future__ import annotations

from datetime import date
from typing import Any

import plotly.graph_objects as go
import pyarrow as pa
import streamlit as st

from views.common import KIND_COLOURS, UNKNOWN_COLOUR, chart_text, kind_name, percent

ACCENT = "#0072b2"
# No logo, no tools that an analyst does not need; the picture button stays.
_CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["lasso2d", "select2d", "autoScale2d"]}


def show(figure: go.Figure, height: int, alt: str) -> None:
    """Draw a figure across its container."""
    figure.update_layout(height=height, margin={"l": 8, "r": 8, "t": 8, "b": 16}, separators=".,")
    figure.update_layout(legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0, "title": None})
    st.plotly_chart(figure, config=_CONFIG, alt=alt)


def months(table: pa.Table) -> go.Figure:
    """Stacked bars of ads a month by kind of platform; months without ads are shown as such."""
    rows = table.to_pylist()
    axis = _every_month(min(row["month"] for row in rows), max(row["month"] for row in rows))
    totals = dict[str | None, int]()
    for row in rows:
        totals[row["kind"]] = totals.get(row["kind"], 0) + row["ads"]
    figure = go.Figure()
    for kind in sorted(totals, key=lambda k: (-totals[k], k or "~")):
        ads = {row["month"]: row["ads"] for row in rows if row["kind"] == kind}
        figure.add_bar(
            x=axis,
            y=[ads.get(month, 0) for month in axis],
            name=chart_text(kind_name(kind)),
            marker_color=KIND_COLOURS.get(kind or "", UNKNOWN_COLOUR),
            hovertemplate="%{x|%b %Y}: %{y:,} ads<extra>%{fullData.name}</extra>",
        )
    figure.update_layout(barmode="stack", bargap=0.15)
    figure.update_yaxes(title="Ads a month", tickformat=",d", rangemode="tozero")
    figure.update_xaxes(tickformat="%b\n%Y" if len(axis) <= 24 else "%Y", type="date")
    return figure


def _every_month(first: date, last: date) -> list[date]:
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


def bars(names: list[str], values: list[float], texts: list[str], colours: list[str] | str = ACCENT) -> go.Figure:
    """Horizontal bars, the first on top, each with its figure written at its end."""
    figure = go.Figure(
        go.Bar(
            x=values,
            y=[chart_text(name) for name in names],
            text=texts,
            orientation="h",
            marker_color=colours,
            textposition="outside",
            cliponaxis=False,
            hoverinfo="skip",
        )  # fmt: skip
    )
    figure.update_yaxes(autorange="reversed", automargin=True, title=None)
    # Room for the figures at the ends of the longest bars.
    figure.update_xaxes(visible=False, range=[0, 1.45 * max(values, default=1) or 1])
    return figure


def cumulative(curve: pa.Table, k: int = 10) -> go.Figure:
    """How much of all ads the largest sellers hold together; the k-th is marked."""
    shares = [0.0, *curve["cumulative"].to_pylist()]
    figure = go.Figure(
        go.Scatter(
            x=list(range(len(shares))),
            y=shares,
            mode="lines",
            line={"color": ACCENT, "width": 3},
            fill="tozeroy",
            fillcolor="rgba(0,114,178,.12)",
            hovertemplate="%{x} largest: %{y:.1%} of all ads<extra></extra>",
        )  # fmt: skip
    )
    marked = min(k, len(shares) - 1)
    # The curve bends to the right: beside its start there is room below it, beside its end above it.
    side = "bottom right" if 2 * marked < len(shares) else "top left"
    figure.add_scatter(
        x=[marked], y=[shares[marked]], mode="markers+text", marker={"size": 11, "color": "#d55e00"},
        text=[f"top {marked}: {percent(shares[marked])}"], textposition=side, hoverinfo="skip",
    )  # fmt: skip
    figure.update_layout(showlegend=False)
    figure.update_yaxes(title="Share of all ads", tickformat=".0%", range=[0, 1.12])
    figure.update_xaxes(title="Number of sellers, largest first", rangemode="tozero", tickformat=",d")
    return figure


def flows(rows: list[dict[str, Any]], names: dict[str, str], kinds: dict[str, str | None]) -> go.Figure:
    """Sankey of ads from the platform they stand on (left) to the one they lead to (right)."""
    left = list(dict.fromkeys(row["from_platform"] for row in rows))
    right = list(dict.fromkeys(row["to_platform"] for row in rows))
    ends = [(slug, "from") for slug in left] + [(slug, "to") for slug in right]
    place = {end: number for number, end in enumerate(ends)}
    colours = [KIND_COLOURS.get(kinds.get(slug) or "", UNKNOWN_COLOUR) for slug, _ in ends]
    sources = [place[row["from_platform"], "from"] for row in rows]
    figure = go.Figure(
        go.Sankey(
            arrangement="snap",
            # The bands run behind the names: a halo keeps them from looking struck through.
            textfont={"shadow": _halo(), "color": _ink()},
            node={
                "label": [chart_text(names.get(slug, slug)) for slug, _ in ends],
                "color": colours, "pad": 24, "thickness": 16, "line": {"width": 0},
                "hovertemplate": "%{label}: %{value:,} ads<extra></extra>",
            },
            link={
                "source": sources,
                "target": [place[row["to_platform"], "to"] for row in rows],
                "value": [row["ads"] for row in rows],
                "color": [_faint(colours[source]) for source in sources],
                "customdata": [[row["carrier"], f"{row['sellers']:,}"] for row in rows],
                "hovertemplate": "%{source.label} to %{target.label}: %{value:,} ads of %{customdata[1]} sellers"
                "<br>%{customdata[0]}<extra></extra>",
            },
        )
    )  # fmt: skip
    figure.update_layout(font={"size": 14})
    return figure


def _halo() -> str:
    ground = "#0e1117" if st.context.theme.type == "dark" else "#ffffff"
    return ", ".join([f"0 0 3px {ground}"] * 4)


def _ink() -> str:
    """Colour of text on bands, by the reader's theme: Streamlit's grey is too faint there."""
    return "#f0f2f6" if st.context.theme.type == "dark" else "#20262c"


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},.32)"
