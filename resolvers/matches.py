"""Scored pairs as rows of the graph: probability, and every piece of evidence in words and bits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from resolvers.evidence import comparisons
from resolvers.model import REST, Model

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# A pair less likely than this is not worth an analyst's look; it is found again by `sellergraph why`.
NEAR = 0.05
# Bits that are not worth a line.
SLIGHT = 0.1

_MACROS = """
CREATE OR REPLACE TEMP MACRO in_words(contact) AS CASE
    WHEN contact LIKE 'tel:%' THEN 'phone number ' || substr(contact, 5)
    WHEN contact LIKE 'mailto:%' THEN 'e-mail address ' || substr(contact, 8)
    WHEN contact LIKE 'qr:%' THEN 'personal QR code ' || contact
    WHEN contact LIKE 'link:%' THEN 'page ' || substr(contact, 6)
    WHEN contact LIKE 'watermark:%' THEN 'watermark ' || substr(contact, 11)
    WHEN contact LIKE 'wechat:%' THEN 'WeChat id ' || substr(contact, 8)
    WHEN contact LIKE 'qq:%' THEN 'QQ number ' || substr(contact, 4)
    ELSE replace(regexp_extract(contact, '^[^:]*:'), ':', ' account ') || regexp_replace(contact, '^[^:]*:', '') END;
CREATE OR REPLACE TEMP MACRO in_both(a, b) AS list_sort(list_intersect(coalesce(a, []), coalesce(b, [])));
CREATE OR REPLACE TEMP MACRO of_keys(keys) AS list_sort(list_distinct(list_transform(keys, lambda k: split_part(k,
    '#', 1))));
CREATE OR REPLACE TEMP MACRO listed(contacts) AS array_to_string(list_transform(contacts, lambda c: in_words(c)), ', ');
CREATE OR REPLACE TEMP MACRO first_of(items) AS array_to_string(items[1:3], ', ') || CASE WHEN len(items) > 3 THEN
    ' …' ELSE '' END;
"""
_TOGETHER = """
SELECT s.*, {sides}, l.names AS names_l, r.names AS names_r,
       of_keys(list_concat(in_both(l.login_keys, r.gives), in_both(r.login_keys, l.gives))) AS naming
FROM scored s JOIN blocked l ON l.unique_id = s.unique_id_l JOIN blocked r ON r.unique_id = s.unique_id_r
WHERE match_probability >= $near
"""
_SIDES = (
    "platform", "name", "places", "all_places", "goods", "login", "first_seen", "last_seen", "long_keys",
    "own_contacts",
    "warned_of", "not_own", "own_keys", "photos_some", "watermarks", "number_likely", "handle_likely",
    "code_likely", "page_likely", "name_accounts", "name_spread", "login_keys", "capped",
)  # fmt: skip
_SHARED = "'both give the ' || listed(of_keys(in_both({0}_likely_l, {0}_likely_r))) || {{level}}"
# For each comparison: words where a level holds, words where nothing of it does. {level} tells the level.
_WORDS = {
    "number": (_SHARED.format("number"), "'both give phone numbers, none in common'"),
    "handle": (_SHARED.format("handle"), "'both give account names, none in common'"),
    "code": (_SHARED.format("code"), "'both show personal codes, none in common'"),
    "page": (_SHARED.format("page"), "'both lead to pages of their own, none in common'"),
    "named": (
        "'one gives the other''s ' || listed(CASE WHEN len(naming) > 0 THEN naming "
        "ELSE of_keys(in_both(login_keys_l, login_keys_r)) END) || {level}",
        "'neither names the other'",
    ),
    "watermark": (
        "'the text ' || replace(first_of(in_both(watermarks_l, watermarks_r)), 'watermark:', '') "
        "|| ' stands in pictures of both'",
        "'texts in their pictures differ'",
    ),
    "photos": (
        "'both show ' || len(in_both(photos_some_l, photos_some_r)) || ' photograph(s) that few others show'",
        "'none of the photographs that they share with few others is the same'",
    ),
    "template": ("'both write after one template that few others use'", "'their templates differ'"),
    "name": (
        "CASE WHEN name_l = name_r THEN 'both go by the name ' || name_l || ' ' "
        "|| CASE WHEN name_accounts_l > 60 THEN '(a common one)' ELSE '(' || name_accounts_l || ' accounts do)' END "
        "ELSE 'names are nearly the same: ' || name_l || ', ' || name_r END",
        "'names differ: ' || name_l || ', ' || name_r",
    ),
    "place": (
        "'both post from ' || first_of(in_both(all_places_l, all_places_r))",
        "'places differ: ' || first_of(all_places_l) || '; ' || first_of(all_places_r)",
    ),
    "goods": (
        "'both offer ' || first_of(in_both(goods_l, goods_r))",
        "'goods differ: ' || first_of(goods_l) || '; ' || first_of(goods_r)",
    ),
    "login": ("'ids are alike: ' || login_l || ', ' || login_r", "'ids differ'"),
    "succession": (
        "'on ' || platform_l || ' one begins within 45 days of the other''s last advertisement'",
        "'neither follows the other on one platform'",
    ),
    "parallel": (
        "'on ' || platform_l || ' at once, each under long-lived contacts of its own'",
        "'not on one platform at once under contacts of their own'",
    ),
    "warning": (
        "'one warns of the other''s ' || listed(list_concat("
        "in_both(warned_of_l, own_contacts_r), in_both(warned_of_r, own_contacts_l)))",
        "'neither warns of the other'",
    ),
    "quoted": (
        "'one gives the other''s ' || listed(list_concat("
        "in_both(not_own_l, own_contacts_r), in_both(not_own_r, own_contacts_l)))"
        " || ' as somebody else''s'",
        "'neither gives the other''s contact as somebody else''s'",
    ),
    "handed_on": (
        "'both gave the ' || listed(in_both(own_contacts_l, own_contacts_r)) "
        "|| ', at different times, as if it had changed owners'",
        "'no contact passed from one to the other'",
    ),
}  # fmt: skip
_LEVELS = {
    "sure_few": " (on at most 5 accounts)",
    "sure_some": " (on at most 30 accounts)",
    "sure_all": " (on more than 30 accounts)",
    "good": " (very likely both accounts' own)",
    "likely": " (whose it is, is less sure)",
}
_ROWS = """
WITH worded AS (
    SELECT unique_id_l, unique_id_r, match_probability, match_weight, capped_l, capped_r, naming,
           number_likely_l, number_likely_r, handle_likely_l, handle_likely_r,
           code_likely_l, code_likely_r, page_likely_l, page_likely_r,
           list_reverse_sort(list_filter([{lines}], lambda x: x.size >= $slight AND x.words IS NOT NULL)) AS lines
    FROM together
)
SELECT unique_id_l AS src, unique_id_r AS dst, match_probability AS probability, match_weight AS weight,
       list_transform(lines, lambda x: x.words) AS evidence, list_transform(lines, lambda x: x.comparison) AS
           comparisons,
       list_transform(lines, lambda x: round(x.bits, 2)) AS weights,
       list_sort(list_distinct(list_concat(naming, of_keys(list_concat(
           list_concat(in_both(number_likely_l, number_likely_r), in_both(handle_likely_l, handle_likely_r)),
           list_concat(in_both(code_likely_l, code_likely_r), in_both(page_likely_l, page_likely_r)))))))
           AS contacts,
       in_both(capped_l, capped_r) AS capped
FROM worded ORDER BY src, dst
"""


def match_rows(db: DuckDBPyConnection, model: Model) -> pa.Table:
    """Return src, dst, probability, weight, evidence, comparisons, weights, contacts, capped: pairs from NEAR on.

    Needs the tables scored (scoring.score) and profiles.
    """
    db.execute(_MACROS)
    sides = ", ".join(f"l.{name} AS {name}_l, r.{name} AS {name}_r" for name in _SIDES)
    db.execute("CREATE OR REPLACE TEMP TABLE together AS " + _TOGETHER.format(sides=sides), {"near": NEAR})
    lines = ", ".join(_line(c.name, model) for c in comparisons())
    rows = db.sql(_ROWS.format(lines=lines), params={"slight": SLIGHT}).to_arrow_table()
    db.execute("DROP TABLE together")
    return rows


def _line(name: str, model: Model) -> str:
    """One struct of size, bits, comparison and words; a weight tells its level, each is its own (training._closed)."""
    from math import log2

    levels = model.weights[name].levels
    holds, nothing = _WORDS[name]
    told = "".join(
        f" WHEN abs(mw_{name} - {log2(levels[level][0] / levels[level][1])!r}) < 1e-12 THEN {_quoted(words)}"
        for level, words in _LEVELS.items()
        if level in levels
    )
    holds = holds.replace("{level}", f"CASE{told} ELSE '' END" if told else "''")
    rest = log2(levels[REST][0] / levels[REST][1])
    words = f"CASE WHEN abs(mw_{name} - {rest!r}) < 1e-12 THEN {nothing} ELSE {holds} END"
    worth = f"CASE WHEN abs(mw_{name}) >= {SLIGHT} THEN {words} END"
    return f"{{'size': abs(coalesce(mw_{name}, 0)), 'bits': mw_{name}, 'comparison': '{name}', 'words': {worth}}}"


def _quoted(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
