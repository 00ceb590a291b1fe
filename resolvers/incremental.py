"""A run that goes on from the last one: only accounts whose advertisements changed, and their neighbourhood, are
done anew.

The neighbourhood is what a changed account can change: accounts that share a contact with it are decided on anew, with
those that share one with them and once more as their context; accounts that share a name, photograph, template or
the like are compared
anew; what hangs together with any of these is clustered anew. Contacts of couriers and the like, on more than WIDE
accounts, keep what was decided on them until the next full run. The test is that both give the same sellers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from graph.sql import know
from graph.stores import GraphStore
from resolvers.blocking import CONTACT_MOST, cap_blocks
from resolvers.matches import NEAR, pair_up
from resolvers.model import Model
from resolvers.observe import fingerprints, observe, read_accounts
from resolvers.owners import decide_owners
from resolvers.profiles import FEW, GOOD, LIKELY, NOT_OWN, SOME, STEM, SURE
from resolvers.scoring import score
from resolvers.shown import count_shown, link_accounts
from resolvers.state import COLUMNS
from resolvers.tenures import cut_tenures
from resolvers.traits import count_traits, use_population, weigh_traits
from resolvers.work import profile

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Accounts of a contact that are looked at anew when one of them changed, and when only a neighbour did.
WIDE, NARROW = 200, CONTACT_MOST
# Beyond this part of all accounts a full run is quicker.
MOST_CHANGED = 0.2
COUNTED = ("shown", "read_as", "watermarked", "places", "spans", "names", "offered", "pictured", "banded")

_CHANGED = """
CREATE OR REPLACE TEMP TABLE changed AS
SELECT coalesce(n.account, o.account) AS account, n.account IS NULL AS gone
FROM prints n FULL JOIN kept.prints o ON o.account = n.account WHERE n.print IS DISTINCT FROM o.print
"""
_ALL = """
CREATE OR REPLACE TEMP VIEW all_{name} AS
FROM kept.{name} ANTI JOIN changed USING (account) UNION ALL BY NAME FROM new_{name}
"""
# Accounts and the contacts that they show or are named by.
_TIES = """
CREATE OR REPLACE TEMP TABLE naming AS
SELECT one_contact(src) AS contact, dst AS account FROM identifies UNION SELECT one_contact(src), dst FROM opens
"""
_RENAMED = """
CREATE OR REPLACE TEMP TABLE renamed AS
WITH before AS (FROM kept.identifies UNION FROM kept.opens), after AS (FROM identifies UNION FROM opens)
SELECT DISTINCT dst AS account FROM (
    (FROM before EXCEPT FROM after) UNION ALL (FROM after EXCEPT FROM before)
)
"""
_TIED = """
CREATE OR REPLACE TEMP TABLE tied AS
WITH all_ties AS (
    SELECT account, contact FROM all_shown UNION SELECT account, contact FROM naming
    UNION SELECT s.account, s.contact FROM kept.shown s SEMI JOIN changed USING (account)
)
SELECT account, contact, count(*) OVER (PARTITION BY contact) AS accounts FROM all_ties
"""
_HOP = """
CREATE OR REPLACE TEMP TABLE {further} AS
WITH followed AS (SELECT DISTINCT contact FROM tied SEMI JOIN {near} USING (account) WHERE accounts <= $most)
SELECT account FROM {near} UNION SELECT account FROM tied SEMI JOIN followed USING (contact)
"""


def rescore(db: DuckDBPyConnection, store: GraphStore, model: Model) -> int | None:
    """Make matches, owned, tenures, profiles and blocks of the whole case from the attached state and what changed.

    Afterwards the views all_matches, all_owned, all_tenures, all_profiles, all_blocks and all_kinds (and all_X for each
    of COUNTED) are those of the whole case; the tables new_X and gone lists say what to change in the state.

    Returns:
        The number of accounts that were compared anew; None when so much changed that a full run is quicker.
    """
    accounts = read_accounts(store)
    db.register("prints_now", fingerprints(store, accounts))
    db.execute("CREATE OR REPLACE TEMP TABLE prints AS FROM prints_now")
    db.execute(_CHANGED)
    if _count(db, "changed") > MOST_CHANGED * max(_count(db, "prints"), 1):
        return None
    _count_anew(db, store, accounts)
    _decide_anew(db, model)
    _profile_anew(db)
    _score_anew(db, model)
    return _count(db, "compared")


def _count(db: DuckDBPyConnection, table: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


def _count_anew(db: DuckDBPyConnection, store: GraphStore, accounts: pa.Table) -> None:
    """The counted tables of changed accounts, and views of all."""
    there = db.execute("SELECT account FROM changed WHERE NOT gone ORDER BY account").fetchall()
    seen = observe(store, [row[0] for row in there], known=accounts)
    know(db, seen.tables())
    db.register("every_account", seen.accounts)
    db.execute("CREATE OR REPLACE TEMP TABLE changed_accounts AS FROM every_account SEMI JOIN changed USING (account)")
    db.register("accounts", db.sql("FROM changed_accounts").to_arrow_table())
    count_shown(db)
    count_traits(db)
    for name in COUNTED:
        db.execute(f"CREATE OR REPLACE TEMP TABLE new_{name} AS FROM {name}")
        db.execute(f"DROP TABLE {name}")
        db.execute(_ALL.format(name=name))


def _decide_anew(db: DuckDBPyConnection, model: Model) -> None:
    """Whose the contacts of changed accounts and their neighbours are."""
    db.register("accounts", db.sql("FROM every_account").to_arrow_table())
    db.execute("CREATE OR REPLACE TEMP TABLE shown AS FROM all_shown LIMIT 0")
    link_accounts(db)
    for name in ("identifies", "opens"):
        db.execute(f"CREATE OR REPLACE TEMP TABLE all_{name} AS FROM {name}")
    for statement in (_TIES, _RENAMED, _TIED):
        db.execute(statement)
    db.execute("CREATE OR REPLACE TEMP TABLE near_0 AS SELECT account FROM changed UNION SELECT account FROM renamed")
    for hop, most in enumerate((WIDE, NARROW, NARROW)):
        db.execute(_HOP.format(near=f"near_{hop}", further=f"near_{hop + 1}"), {"most": most})
    db.execute("CREATE OR REPLACE TEMP TABLE touched AS SELECT account FROM near_1 SEMI JOIN prints USING (account)")
    db.execute("CREATE OR REPLACE TEMP TABLE universe AS SELECT account FROM near_3 SEMI JOIN prints USING (account)")
    for name in ("shown", "places", "spans", "names", "offered"):
        db.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM all_{name} SEMI JOIN universe USING (account)")
    db.register("accounts", db.sql("FROM every_account SEMI JOIN universe USING (account)").to_arrow_table())
    # Names of accounts outside are of no use here: links_ takes those of the contacts shown.
    link_accounts(db)
    weigh_traits(db)
    use_population(db, model.population)
    db.execute(_FIXED_KINDS)
    decide_owners(db)
    cut_tenures(db)
    _replace(db, "owned", "touched")
    _replace(db, "tenures", "touched")
    db.execute(
        "CREATE OR REPLACE TEMP TABLE recounted AS SELECT account FROM touched UNION SELECT account FROM changed"
    )
    db.execute(_NEW_KINDS)
    db.execute(
        "CREATE OR REPLACE TEMP VIEW all_kinds AS FROM kept.kinds ANTI JOIN new_kinds USING (contact) "
        "UNION ALL BY NAME FROM new_kinds"
    )


# Contacts of which not every account is looked at.
_FIXED_KINDS = """
CREATE OR REPLACE TEMP TABLE fixed_kinds AS
WITH here AS (SELECT contact, count(*) AS n FROM shown GROUP BY contact),
there AS (SELECT contact, count(*) AS n FROM all_shown SEMI JOIN here USING (contact) GROUP BY contact)
FROM kept.kinds SEMI JOIN (SELECT contact FROM here JOIN there USING (contact) WHERE here.n < there.n) USING (contact)
"""
_NEW_KINDS = """
CREATE OR REPLACE TEMP TABLE new_kinds AS
FROM kinds SEMI JOIN (SELECT DISTINCT contact FROM new_owned) USING (contact)
ANTI JOIN fixed_kinds USING (contact)
"""


def _replace(db: DuckDBPyConnection, name: str, whose: str) -> None:
    """new_X: the rows of X of accounts in `whose`; all_X: with those of all others as kept."""
    db.execute(f"CREATE OR REPLACE TEMP TABLE new_{name} AS FROM {name} SEMI JOIN {whose} USING (account)")
    db.execute(
        f"CREATE OR REPLACE TEMP VIEW all_{name} AS FROM kept.{name} ANTI JOIN {whose} USING (account) "
        f"ANTI JOIN changed USING (account) UNION ALL BY NAME FROM new_{name}"
    )


# Values that changed accounts show now and did not, or the other way round, and all accounts that share them: their
# rarity may be another now. A name's also changes with the place of those who have it.
_SHARING = """
CREATE OR REPLACE TEMP TABLE {table} AS
WITH now AS (SELECT DISTINCT account, {value} AS value FROM new_{name}),
before AS (SELECT DISTINCT account, {value} AS value FROM kept.{name} SEMI JOIN changed USING (account)),
shown_values AS (SELECT value FROM (FROM now EXCEPT FROM before) UNION SELECT value FROM (FROM before EXCEPT FROM now)
                 UNION SELECT value FROM now {moved})
SELECT {value} AS value FROM all_{name} JOIN shown_values ON value = {value} GROUP BY 1 HAVING count(*) <= 80
"""
_MOVED = """
CREATE OR REPLACE TEMP TABLE moved AS
WITH now AS (SELECT account, arg_max(place, (ads, place)) AS place FROM new_places GROUP BY account),
before AS (
    SELECT account, arg_max(place, (ads, place)) AS place FROM kept.places SEMI JOIN changed USING (account) GROUP BY
        account
)
SELECT coalesce(n.account, b.account) AS account FROM now n FULL JOIN before b ON b.account = n.account
WHERE n.place IS DISTINCT FROM b.place
"""
# A login is part of the account's id, so that those of accounts that were there before are known.
_STEMS = f"""
CREATE OR REPLACE TEMP TABLE all_stems AS
SELECT unique_id AS account, stem FROM kept.profiles
WHERE stem IS NOT NULL AND unique_id NOT IN (SELECT account FROM changed)
UNION ALL BY NAME {STEM.format(accounts="changed_accounts")}
"""
# Profiles tell how sure and how rare a key is in steps only: whoever's contacts were decided on anew and are in the
# same step as before has the same profile.
_STEPS = """
CREATE OR REPLACE TEMP TABLE {table} AS
SELECT account, contact, named, (own_probability >= $likely)::INT + (own_probability >= $good)::INT
       + (own_probability >= $sure)::INT - (own_probability < $not_own)::INT AS sure, warning > 0 AS warns,
       tenure, spell
FROM {owned} LEFT JOIN {tenures} USING (account, contact)
"""
_SIZES = """
CREATE OR REPLACE TEMP TABLE {table} AS
SELECT contact, tenure, CASE WHEN count(*) = 1 THEN 1 WHEN count(*) <= $few THEN 2 WHEN count(*) <= $some THEN 3
                             WHEN count(*) <= 2 * $some THEN 4 ELSE 5 END AS size
FROM {tenures} SEMI JOIN (SELECT DISTINCT contact FROM new_owned) USING (contact) GROUP BY ALL
"""
_REGARDED = """
CREATE OR REPLACE TEMP TABLE regarded AS
WITH other AS ((FROM steps_now EXCEPT FROM steps_before) UNION (FROM steps_before EXCEPT FROM steps_now)),
resized AS ((FROM sizes_now EXCEPT FROM sizes_before) UNION (FROM sizes_before EXCEPT FROM sizes_now))
SELECT account FROM other UNION SELECT account FROM changed SEMI JOIN prints USING (account)
UNION SELECT account FROM all_tenures SEMI JOIN (SELECT DISTINCT contact FROM resized) USING (contact)
"""


def _regard(db: DuckDBPyConnection) -> None:
    """Make regarded: accounts whose own or others' contacts are another step surer or rarer than before."""
    for table, owned, tenures in (
        ("steps_now", "new_owned", "new_tenures"),
        ("steps_before", "(FROM kept.owned SEMI JOIN touched USING (account))", "kept.tenures"),
    ):
        bounds = {"likely": LIKELY, "good": GOOD, "sure": SURE, "not_own": NOT_OWN}
        db.execute(_STEPS.format(table=table, owned=owned, tenures=tenures), bounds)
    for table, tenures in (("sizes_now", "all_tenures"), ("sizes_before", "kept.tenures")):
        db.execute(_SIZES.format(table=table, tenures=tenures), {"few": FEW, "some": SOME})
    db.execute(_REGARDED)


_PROFILED = """
CREATE OR REPLACE TEMP TABLE profiled AS
SELECT account FROM regarded
UNION SELECT account FROM all_names JOIN name_values ON value = name
UNION SELECT account FROM all_pictured JOIN photo_values ON value = photo
UNION SELECT account FROM all_banded JOIN band_values ON value = band
UNION SELECT account FROM all_watermarked JOIN mark_values ON value = contact
UNION SELECT account FROM all_stems SEMI JOIN (
    SELECT stem FROM all_stems SEMI JOIN changed USING (account) WHERE length(stem) >= 5
    AND account NOT IN (SELECT unique_id FROM kept.profiles SEMI JOIN changed ON account = unique_id)
) USING (stem)
"""
_CONTEXT = {
    "owned": "FROM all_owned SEMI JOIN (SELECT DISTINCT contact FROM all_owned SEMI JOIN profiled USING (account)) "
    "USING (contact) WHERE own_probability >= 0.5 OR account IN (SELECT account FROM profiled)",
    "tenures": "FROM all_tenures SEMI JOIN (SELECT DISTINCT contact FROM owned) USING (contact)",
    "pictured": "FROM all_pictured SEMI JOIN (SELECT DISTINCT photo FROM all_pictured "
    "SEMI JOIN profiled USING (account)) USING (photo)",
    "banded": "FROM all_banded SEMI JOIN (SELECT DISTINCT band FROM all_banded SEMI JOIN profiled USING (account)) "
    "USING (band)",
    "watermarked": "FROM all_watermarked SEMI JOIN (SELECT DISTINCT contact FROM all_watermarked SEMI JOIN profiled "
    "USING (account)) USING (contact)",
    "names": "FROM all_names SEMI JOIN (SELECT DISTINCT name FROM all_names SEMI JOIN profiled USING (account)) "
    "USING (name)",
    "places": "FROM all_places SEMI JOIN (SELECT account FROM names UNION SELECT account FROM profiled) "
    "USING (account)",
    "spans": "FROM all_spans SEMI JOIN profiled USING (account)",
    "offered": "FROM all_offered SEMI JOIN profiled USING (account)",
}


def _profile_anew(db: DuckDBPyConnection) -> None:
    """Profiles of accounts decided on anew, and of those that share something with a changed one."""
    _regard(db)
    db.execute(_STEMS)
    db.execute(_MOVED)
    for table, name, value, moved in (
        ("name_values", "names", "name", "SEMI JOIN moved USING (account)"),
        ("photo_values", "pictured", "photo", "WHERE false"),
        ("band_values", "banded", "band", "WHERE false"),
        ("mark_values", "watermarked", "contact", "WHERE false"),
    ):
        db.execute(_SHARING.format(table=table, name=name, value=value, moved=moved))
    db.execute(_PROFILED)
    for name, query in _CONTEXT.items():
        db.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")
    db.register("accounts", db.sql("FROM every_account SEMI JOIN profiled USING (account)").to_arrow_table())
    weigh_traits(db)
    profile(db)


# Blocks that are over their cap now and were not, or the other way round: pairs of all their accounts come or go.
_MINE = """
CREATE OR REPLACE TEMP TABLE mine AS
WITH named AS (
    SELECT block FROM new_blocks UNION SELECT block FROM kept.blocks SEMI JOIN gone_or_profiled USING (account)
)
FROM kept.blocks SEMI JOIN named USING (block)
"""
_CROSSED = """
CREATE OR REPLACE TEMP TABLE compared AS
WITH before AS (SELECT block, any_value(most) AS most, count(*) AS n FROM mine GROUP BY block),
after AS (
    SELECT block, any_value(most) AS most, count(*) AS n
    FROM (FROM mine ANTI JOIN gone_or_profiled USING (account) UNION ALL BY NAME FROM new_blocks) GROUP BY block
),
crossed AS (
    SELECT block FROM before b FULL JOIN after a USING (block)
    WHERE (coalesce(b.n, 0) <= coalesce(b.most, a.most)) <> (coalesce(a.n, 0) <= coalesce(a.most, b.most))
)
SELECT account FROM profiled UNION SELECT account FROM all_blocks SEMI JOIN crossed USING (block)
"""


# Profiles of all who are compared: made anew, or as kept; blocks are capped by the whole case's counts.
_TO_SCORE = (
    "CREATE OR REPLACE TEMP TABLE new_blocks AS FROM blocks",
    "CREATE OR REPLACE TEMP TABLE gone_or_profiled AS SELECT account FROM profiled UNION SELECT account FROM changed",
    "CREATE OR REPLACE TEMP VIEW all_blocks AS FROM kept.blocks ANTI JOIN gone_or_profiled USING (account) "
    "UNION ALL BY NAME FROM new_blocks",
    _MINE,
    _CROSSED,
    "CREATE OR REPLACE TEMP TABLE blocks AS FROM all_blocks "
    "SEMI JOIN (SELECT DISTINCT block FROM all_blocks SEMI JOIN compared USING (account)) USING (block)",
    "CREATE OR REPLACE TEMP TABLE partners AS SELECT account FROM compared UNION SELECT account FROM blocks",
    "CREATE OR REPLACE TEMP TABLE own_profiles AS FROM profiles",
    "CREATE OR REPLACE TEMP TABLE profiles AS FROM own_profiles UNION ALL BY NAME "
    "FROM kept.profiles WHERE unique_id IN (SELECT account FROM partners) "
    "AND unique_id NOT IN (SELECT account FROM gone_or_profiled)",
)
_SCORED = """
DELETE FROM scored
WHERE unique_id_l NOT IN (SELECT account FROM compared) AND unique_id_r NOT IN (SELECT account FROM compared)
"""
_OF_ALL = (
    "CREATE OR REPLACE TEMP TABLE new_matches AS SELECT src, dst, probability, weight FROM matches",
    "CREATE OR REPLACE TEMP TABLE recompared AS SELECT account FROM compared UNION SELECT account FROM changed",
    "CREATE OR REPLACE TEMP VIEW all_matches AS FROM kept.matches WHERE src NOT IN (SELECT account FROM recompared) "
    "AND dst NOT IN (SELECT account FROM recompared) UNION ALL BY NAME FROM new_matches",
    "CREATE OR REPLACE TEMP TABLE new_profiles AS FROM profiles WHERE unique_id IN (SELECT account FROM profiled)",
    "CREATE OR REPLACE TEMP VIEW all_profiles AS FROM kept.profiles "
    "WHERE unique_id NOT IN (SELECT account FROM gone_or_profiled) UNION ALL BY NAME FROM new_profiles",
)


def _score_anew(db: DuckDBPyConnection, model: Model) -> None:
    """Matches of accounts whose profile, or whose blocks, may be others."""
    for statement in _TO_SCORE:
        db.execute(statement)
    cap_blocks(db)
    score(db, model, least=NEAR)
    db.execute(_SCORED)
    pair_up(db, model)
    for statement in _OF_ALL:
        db.execute(statement)


_REFRESH = {
    "prints": ("changed", "prints SEMI JOIN changed USING (account)", "account"),
    **{name: ("changed", f"new_{name}", "account") for name in COUNTED},
    "owned": ("recounted", "new_owned", "account"),
    "tenures": ("recounted", "new_tenures", "account"),
    "blocks": ("gone_or_profiled", "new_blocks", "account"),
    "profiles": ("gone_or_profiled", "new_profiles", "unique_id"),
}


def refresh(db: DuckDBPyConnection) -> None:
    """Bring the attached state up to what the run found: all in the transaction that is open."""
    for name, (whose, rows, column) in _REFRESH.items():
        db.execute(f"DELETE FROM kept.{name} WHERE {column} IN (SELECT account FROM {whose})")
        db.execute(f"INSERT INTO kept.{name} BY NAME SELECT {COLUMNS.get(name, '*')} FROM {rows}")
    db.execute(
        "DELETE FROM kept.matches WHERE src IN (SELECT account FROM recompared) "
        "OR dst IN (SELECT account FROM recompared)"
    )
    db.execute("INSERT INTO kept.matches BY NAME FROM new_matches")
    db.execute("DELETE FROM kept.kinds WHERE contact IN (SELECT contact FROM new_kinds)")
    db.execute("INSERT INTO kept.kinds BY NAME FROM new_kinds")
    for name in ("identifies", "opens"):
        db.execute(f"DELETE FROM kept.{name}")
        db.execute(f"INSERT INTO kept.{name} FROM all_{name}")
