"""What was seen on each day of a survey: advertisements, pictures, videos and active accounts."""

from __future__ import annotations

import pyarrow as pa

from graph.facts import COUNT, TEXT, TIME, Facts, fetch, local_days, read_of
from graph.figures.scope import EVERYTHING, Scope, count
from graph.sql import run_sql
from graph.stores.base import GraphStore

_CAPTURED = read_of(
    "MATCH (ad:Ad) WHERE ad.captured_at IS NOT NULL RETURN ad.id AS ad_id, ad.captured_at AS captured_at",
    ad_id=TEXT, captured_at=TIME,
)  # fmt: skip
_SHOWN = read_of(
    "MATCH (ad:Ad)-[r:SHOWS]->(i:Image) RETURN ad.id AS ad_id, i.id AS image_id, r.position AS position",
    ad_id=TEXT, image_id=TEXT, position=COUNT,
)  # fmt: skip
_FRAMES = read_of(
    """MATCH (ad:Ad)-[:SHOWS]->(v:Video) MATCH (i:Image)-[:FRAME_OF]->(v)
    MATCH (ad)-[r:SHOWS]->(i) WHERE coalesce(r.name, '') CONTAINS '#t='
    RETURN DISTINCT ad.id AS ad_id, i.id AS image_id, r.position AS position""",
    ad_id=TEXT, image_id=TEXT, position=COUNT,
)  # fmt: skip
_VIDEOS = read_of(
    "MATCH (ad:Ad)-[r:SHOWS]->(v:Video) RETURN ad.id AS ad_id, v.id AS video_id, r.position AS position",
    ad_id=TEXT, video_id=TEXT, position=COUNT,
)  # fmt: skip
# Frames of an advertisement's own videos are not pictures that it shows.
_SURVEYED = """
WITH pictures AS (
    SELECT ad_id, count(*) AS pictures FROM shown ANTI JOIN frames USING (ad_id, image_id, position) GROUP BY ad_id
), films AS (
    SELECT ad_id, count(*) AS videos FROM videos GROUP BY ad_id
)
SELECT ad_id, survey_day, coalesce(pictures, 0) AS pictures, coalesce(films.videos, 0) AS videos
FROM captured LEFT JOIN pictures USING (ad_id) LEFT JOIN films USING (ad_id) ORDER BY ad_id
"""
# A survey's days are days of capture: the scope's period is one of these, whenever the advertisements were posted.
_DAYS = """
WITH counted AS (
    SELECT survey_day, count(*) AS ads, sum(pictures)::BIGINT AS pictures, sum(videos)::BIGINT AS videos,
           count(DISTINCT account_id) AS accounts
    FROM ads JOIN surveyed USING (ad_id)
    WHERE ($platform IS NULL OR platform = $platform) AND ($kind IS NULL OR kind = $kind)
      AND ($since IS NULL OR survey_day >= $since::DATE) AND ($until IS NULL OR survey_day < $until::DATE)
    GROUP BY survey_day
)"""
_SURVEY_DAYS = _DAYS + " SELECT * FROM counted ORDER BY survey_day"
_AVERAGES = (
    _DAYS
    + """, years AS (
    SELECT year(survey_day)::BIGINT AS year, count(*) AS survey_days, sum(ads) / count(*) AS ads,
           sum(pictures) / count(*) AS pictures, sum(videos) / count(*) AS videos, sum(accounts) / count(*) AS accounts
    FROM counted GROUP BY ALL
)
SELECT *, round(100.0 * (ads / nullif(lag(ads) OVER in_order, 0) - 1), 9) AS ads_change_percent,
       round(100.0 * (accounts / nullif(lag(accounts) OVER in_order, 0) - 1), 9) AS accounts_change_percent
FROM years WINDOW in_order AS (ORDER BY year) ORDER BY year
"""
)


def read_surveyed(store: GraphStore, timezone: str) -> pa.Table:
    """ad_id, survey_day (local day of capture), pictures and videos (as often as it shows them).

    Advertisements without a time of capture are left out.
    """
    captured = fetch(store, _CAPTURED)
    captured = captured.append_column("survey_day", local_days(captured["captured_at"], timezone))
    shown, frames, videos = (fetch(store, read) for read in (_SHOWN, _FRAMES, _VIDEOS))
    return run_sql(_SURVEYED, {"captured": captured, "shown": shown, "frames": frames, "videos": videos})


def survey_days(facts: Facts, surveyed: pa.Table, scope: Scope = EVERYTHING) -> pa.Table:
    """A row each day of the survey: the report's figure 5 (kind social_media).

    Args:
        surveyed: of `read_surveyed`. scope: its period is one of days of capture.

    Returns:
        survey_day (local day of capture), ads, pictures, videos, accounts (that have an advertisement that day).
    """
    return count(_SURVEY_DAYS, facts, scope, {"surveyed": surveyed})


def survey_averages(facts: Facts, surveyed: pa.Table, scope: Scope = EVERYTHING) -> pa.Table:
    """Averages a day of the survey, by local year, and how they changed: the text beside figure 5.

    Args:
        surveyed, scope: as in `survey_days`.

    Returns:
        year, survey_days, ads, pictures, videos, accounts (averages a survey day), ads_change_percent and
        accounts_change_percent (to the year before; null for the first).
    """
    return count(_AVERAGES, facts, scope, {"surveyed": surveyed})
