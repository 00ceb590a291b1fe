"""Every figure by its name, drawn from a store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa

from graph.facts import Facts, read_facts
from graph.figures import averages, claims, days, months, posters, species
from graph.figures.scope import EVERYTHING, By, Period, Scope
from graph.stores.base import GraphStore
from sellergraph.case import DEFAULT_TIMEZONE
from sellergraph.errors import UsageError


@dataclass(frozen=True)
class Asked:
    """What a figure is asked for.

    Attributes:
        periods: earlier ones first. days: length of a window in local days. by: how species are counted; None is the
            figure's own way.
    """

    scope: Scope = EVERYTHING
    periods: tuple[Period, ...] = ()
    days: int = species.WEEK
    by: By | None = None


@dataclass(frozen=True)
class Case:
    """The tables that figures need, each read when the first figure asks for it."""

    store: GraphStore
    timezone: str = DEFAULT_TIMEZONE

    @cached_property
    def facts(self) -> Facts:
        return read_facts(self.store, self.timezone)

    @cached_property
    def claims(self) -> pa.Table:
        return claims.read_claims(self.store)

    @cached_property
    def goods(self) -> pa.Table:
        return species.read_goods(self.store)

    @cached_property
    def surveyed(self) -> pa.Table:
        return days.read_surveyed(self.store, self.timezone)


@dataclass(frozen=True)
class Figure:
    """One figure; `takes` are the fields of Asked beside the scope that it heeds."""

    name: str
    summary: str
    draw: Callable[[Case, Asked], pa.Table] = field(repr=False)
    takes: frozenset[str] = frozenset()


def _compared(case: Case, asked: Asked) -> pa.Table:
    if len(asked.periods) != 2:
        raise UsageError("species_compared needs two periods, e.g. --period 2012:2016 --period 2017:2018")
    earlier, later = asked.periods
    return species.species_compared(case.facts, earlier, later, asked.scope, asked.by or "group")


def _averaged(case: Case, asked: Asked) -> pa.Table:
    if not asked.periods:
        raise UsageError("period_averages needs periods, e.g. --period 2012:2016 --period 2017:2018")
    return averages.period_averages(case.facts, asked.periods, asked.scope)


_ALL = (
    Figure(
        "new_ads", "New advertisements a month, with the average, the peak and the lowest month.",
        lambda case, asked: months.new_ads(case.facts, asked.scope),
    ),
    Figure(
        "yearly_averages", "Average advertisements a month by year, and how they changed.",
        lambda case, asked: averages.yearly_averages(case.facts, asked.scope),
    ),
    Figure("period_averages", "The same of the periods that are given.", _averaged, frozenset(["periods"])),
    Figure(
        "species_shares", "Share of each species.",
        lambda case, asked: species.species_shares(case.facts, asked.scope, asked.by or "group"), frozenset(["by"]),
    ),
    Figure(
        "species_compared", "Shares of species in two periods, side by side.", _compared, frozenset(["periods", "by"])
    ),
    Figure(
        "species_by_month", "Advertisements by species and month.",
        lambda case, asked: months.species_by_month(case.facts, asked.scope, asked.by or "group"), frozenset(["by"]),
    ),
    Figure(
        "goods_within_days", "Species and goods offered within the last days.",
        lambda case, asked: species.goods_within_days(
            case.facts, case.goods, asked.scope, asked.days, asked.by or "group"
        ),
        frozenset(["days", "by"]),
    ),
    Figure(
        "chelonians", "Tortoises and turtles with CITES, Red List and national level of protection.",
        lambda case, asked: species.chelonians(case.facts, asked.scope),
    ),
    Figure(
        "survey_days", "Advertisements, pictures, videos and active accounts on each day of capture.",
        lambda case, asked: days.survey_days(case.facts, case.surveyed, asked.scope),
    ),
    Figure(
        "survey_averages", "Averages a day of capture by year, and how they changed.",
        lambda case, asked: days.survey_averages(case.facts, case.surveyed, asked.scope),
    ),
    Figure(
        "heaviest_posters", "Accounts by advertisements, with what the first of them post together.",
        lambda case, asked: posters.heaviest_posters(case.facts, asked.scope),
    ),
    Figure(
        "textless_by_month", "Share of advertisements without a word, by month and kind of platform.",
        lambda case, asked: months.textless_by_month(case.facts, asked.scope),
    ),
    Figure(
        "mammoth_suspects", "Advertisements that offer mammoth and show marks of elephant ivory.",
        lambda case, asked: claims.mammoth_suspects(case.facts, case.claims, asked.scope),
    ),
    Figure(
        "wild_claims", "Who says that animals are from the wild, by species and account.",
        lambda case, asked: claims.wild_claims(
            case.facts, case.claims, asked.scope, asked.by or "taxon"
        ),
        frozenset(["by"]),
    ),
    Figure(
        "recruiting_agents", "Accounts that look for agents to sell on.",
        lambda case, asked: claims.recruiting_agents(case.facts, case.claims, asked.scope),
    ),
)  # fmt: skip
FIGURES = {figure.name: figure for figure in _ALL}


def find_figure(name: str) -> Figure:
    """The figure of that name, written with - or _.

    Raises:
        UsageError: there is none; the message names those there are.
    """
    found = FIGURES.get(name.strip().casefold().replace("-", "_"))
    if found is None:
        raise UsageError(f"there is no figure {name!r}; there are {', '.join(FIGURES)}")
    return found
