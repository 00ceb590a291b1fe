"""Average advertisements a month, by year and of periods, and how much they changed."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from graph.facts import Facts
from graph.figures.scope import COVERED, EVERYTHING, IN_SCOPE, Period, Scope, count

_PERIODS = pa.schema([("place", pa.int64()), ("first", pa.date32()), ("after", pa.date32())])
_YEARLY = (
    IN_SCOPE
    + COVERED
    + """, counted AS (
    SELECT year(month)::BIGINT AS year, count(DISTINCT month) AS months, count(ad_id) AS ads
    FROM covered LEFT JOIN chosen ON month = date_trunc('month', day)::DATE GROUP BY ALL
)
SELECT year, months, ads, ads / months AS average,
       round(100.0 * ((ads / months) / nullif(lag(ads / months) OVER (ORDER BY year), 0) - 1), 9) AS change_percent
FROM counted ORDER BY year
"""
)
_OF_PERIODS = (
    IN_SCOPE
    + """, watched AS (
    SELECT min(day) AS opening, max(day) AS closing FROM ads
), counted AS (
    SELECT place, first, after, count(ad_id) AS ads,
           CASE WHEN any_value(opening) < after AND any_value(closing) >= first THEN
               date_diff('month', greatest(first, any_value(opening)), least(after - 1, any_value(closing))) + 1
               ELSE 0 END::BIGINT AS months
    FROM periods CROSS JOIN watched LEFT JOIN chosen ON day >= first AND day < after GROUP BY place, first, after
), averaged AS (SELECT *, ads / nullif(months, 0) AS average FROM counted)
SELECT first AS first_day, after - 1 AS last_day, months, ads, average,
       round(100.0 * (average / nullif(lag(average) OVER (ORDER BY place), 0) - 1), 9) AS change_percent
FROM averaged ORDER BY place
"""
)


def yearly_averages(facts: Facts, scope: Scope = EVERYTHING) -> pa.Table:
    """Average new advertisements a month, by local year: the report's figure 4 (kind website).

    Months as in `months.new_ads`: of the first and last year only those from the first on and up to the last.

    Returns:
        year, months, ads, average (a month), change_percent (to the year before; null for the first).
    """
    return count(_YEARLY, facts, scope)


def period_averages(facts: Facts, periods: Iterable[Period], scope: Scope = EVERYTHING) -> pa.Table:
    """The same of periods, in the order given: the report's two years beside the five before (figure 4).

    Every month that a period touches counts, with or without advertisements, but for those before the case's first
    advertisement and after its last, of which nothing is known.

    Returns:
        first_day, last_day, months, ads, average (a month; null where nobody looked), change_percent (to the row
        before; null for the first).
    """
    rows = [{"place": place, "first": since, "after": until} for place, (since, until) in enumerate(periods)]
    return count(_OF_PERIODS, facts, scope, {"periods": pa.Table.from_pylist(rows, schema=_PERIODS)})
