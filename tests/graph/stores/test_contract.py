"""What base.py promises, on each store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pyarrow as pa
import pytest

from graph.schema import load_schema
from graph.stores import GraphStore, open_store
from sellergraph.case import Settings
from sellergraph.errors import QueryError, QueryTimeout, SchemaError, StoreError, WriteError

SHANGHAI = timezone(timedelta(hours=8))


def table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    """Rows of a schema table with only the columns that the first row names."""
    schema = load_schema().table(name).arrow
    return pa.Table.from_pylist(rows, schema=pa.schema([schema.field(key) for key in rows[0]]))


def ads(*ids: str, **values: Any) -> pa.Table:
    return table("Ad", [{"id": key, **values} for key in ids])


def all_ads(store: GraphStore) -> list[dict[str, Any]]:
    query = "MATCH (a:Ad) RETURN a.id AS id, a.title AS title, a.views AS views ORDER BY id"
    rows: list[dict[str, Any]] = store.read(query).to_pylist()
    return rows


def test_a_new_store_is_empty_and_migrating_again_changes_nothing(store: GraphStore) -> None:
    store.migrate()
    assert store.counts() == {table.name: 0 for table in load_schema().in_order()}


def test_writing_twice_changes_nothing(store: GraphStore) -> None:
    batch = {
        "Ad": ads("x|1", "x|2", title="象牙"),
        "Phone": table("Phone", [{"id": "tel:+8613800138000", "number": "+8613800138000"}]),
        "Ad.MENTIONS.Phone": table(
            "Ad.MENTIONS.Phone",
            [
                {"src": "x|1", "dst": "tel:+8613800138000", "place": place, "span_start": start, "raw": "138"}
                for place, start in (("title", 0), ("text", 0), ("text", 9))
            ],
        ),
    }
    assert store.write(batch) == {"Ad": 2, "Phone": 1, "Ad.MENTIONS.Phone": 3}
    assert store.write(batch) == {"Ad": 0, "Phone": 0, "Ad.MENTIONS.Phone": 0}
    counts = {name: n for name, n in store.counts().items() if n}
    assert counts == {"Ad": 2, "Phone": 1, "Ad.MENTIONS.Phone": 3}


def test_tables_may_come_in_any_order(store: GraphStore) -> None:
    batch = {
        "Account.POSTED.Ad": table("Account.POSTED.Ad", [{"src": "x|u", "dst": "x|1"}]),
        "Ad": ads("x|1"),
        "Account": table("Account", [{"id": "x|u"}]),
    }
    assert sum(store.write(batch).values()) == 3


TEXTS = ["象牙手串 🐘", "👩‍👩‍👧‍👦", "naïve\u0301", "a\x00b", "'\"`\\ $x //", "", "\u202eevil", "𠮷野家"]


@pytest.mark.parametrize("text", TEXTS)
def test_text_survives(store: GraphStore, text: str) -> None:
    store.write({"Ad": ads("x|1", title=text)})
    assert all_ads(store)[0]["title"] == text
    assert store.read("MATCH (a:Ad) WHERE a.title = $t RETURN a.id AS id", t=text).num_rows == 1


def test_bytes_that_are_no_text_are_replaced(store: GraphStore) -> None:
    lone_surrogate = pa.array([b"a\xed\xa0\x80b"], pa.binary()).view(pa.string())
    store.write({"Ad": pa.table({"id": ["x|1"], "title": lone_surrogate})})
    title = all_ads(store)[0]["title"]
    assert title.startswith("a\ufffd")
    assert title.endswith("b")


def test_a_null_leaves_the_old_value(store: GraphStore) -> None:
    store.write({"Ad": ads("x|1", title="old", views=3)})
    store.write({"Ad": table("Ad", [{"id": "x|1", "title": None, "views": 4}])})
    store.write({"Ad": ads("x|1")})
    assert all_ads(store) == [{"id": "x|1", "title": "old", "views": 4}]


def test_rows_with_one_key_are_joined(store: GraphStore) -> None:
    rows = [
        {"id": "x|1", "title": "first", "views": 1},
        {"id": "x|2", "title": "other", "views": None},
        {"id": "x|1", "title": None, "views": 2},
    ]
    assert store.write({"Ad": table("Ad", rows)}) == {"Ad": 2}
    assert all_ads(store) == [
        {"id": "x|1", "title": "first", "views": 2},
        {"id": "x|2", "title": "other", "views": None},
    ]


def test_lists_and_empty_lists(store: GraphStore) -> None:
    rows = [
        {"id": "s|1", "account_ids": ["同一微信", "b"], "ads": 5},
        {"id": "s|2", "account_ids": [], "ads": 1},
        {"id": "s|3", "account_ids": None, "ads": None},
    ]
    store.write({"Seller": table("Seller", rows)})
    found = store.read("MATCH (s:Seller) RETURN s.id AS id, s.account_ids AS e, s.ads AS p ORDER BY id")
    assert found["e"].to_pylist() == [["同一微信", "b"], [], None]
    assert found["p"].to_pylist() == [5, 1, None]
    assert found.schema.types == [pa.string(), pa.list_(pa.string()), pa.int64()]


def test_a_null_in_a_list_is_refused(store: GraphStore) -> None:
    rows = table("Seller", [{"id": "s|1", "account_ids": ["a", None]}])
    with pytest.raises(WriteError, match="account_ids"):
        store.write({"Seller": rows})


@pytest.mark.parametrize(
    "kind", [pa.timestamp("us", "Asia/Shanghai"), pa.timestamp("ms", "+08:00"), pa.timestamp("us", "UTC")]
)
def test_times_become_utc(store: GraphStore, kind: pa.DataType) -> None:
    moment = datetime(2018, 4, 3, 21, 5, tzinfo=SHANGHAI)
    store.write({"Ad": pa.table({"id": ["x|1"], "posted_at": pa.array([moment], kind)})})
    found = store.read("MATCH (a:Ad) WHERE a.posted_at = $t RETURN a.posted_at AS t", t=moment)
    assert found["t"].to_pylist() == [datetime(2018, 4, 3, 13, 5)]
    assert found.schema.field("t").type == pa.timestamp("us")
    same = store.read("MATCH (a:Ad) WHERE a.posted_at = $t RETURN a.id AS id", t=moment.astimezone(UTC))
    assert same.num_rows == 1


def test_microseconds_survive(store: GraphStore) -> None:
    moment = datetime(2018, 4, 3, 13, 5, 1, 123456)
    store.write({"Ad": ads("x|1", posted_at=moment)})
    assert store.read("MATCH (a:Ad) RETURN a.posted_at AS t")["t"].to_pylist() == [moment]


def test_hashes_of_64_bits_are_text(store: GraphStore) -> None:
    store.write({"Image": table("Image", [{"id": "sha256:ff", "phash64": "ffffffffffffffff"}])})
    assert store.read("MATCH (i:Image) RETURN i.phash64 AS h")["h"].to_pylist() == ["ffffffffffffffff"]


def test_numbers_at_their_ends(store: GraphStore) -> None:
    ends = [2**63 - 1, -(2**63), 0]
    store.write({"Ad": table("Ad", [{"id": f"x|{i}", "views": n} for i, n in enumerate(ends)])})
    assert [row["views"] for row in all_ads(store)] == ends


def test_nan_is_not_stored(store: GraphStore) -> None:
    store.write({"Image": table("Image", [{"id": "sha256:1", "quality": float("nan")}])})
    assert store.read("MATCH (i:Image) RETURN i.quality AS q")["q"].to_pylist() == [None]


MISSING_END = {"Ad": ads("x|1"), "Account.POSTED.Ad": table("Account.POSTED.Ad", [{"src": "x|nobody", "dst": "x|1"}])}


def test_a_failed_batch_leaves_nothing(store: GraphStore) -> None:
    with pytest.raises(WriteError, match=r"Account\.POSTED\.Ad.*x\|nobody"):
        store.write(MISSING_END)
    assert not any(store.counts().values())
    store.write({"Ad": ads("x|1"), "Account": table("Account", [{"id": "x|nobody"}])})
    store.write(MISSING_END)
    assert sum(store.counts().values()) == 3


BAD = [
    ({"Nothing": pa.table({"id": ["a"]})}, SchemaError, "Nothing"),
    ({"Ad": pa.table({"id": ["a"], "colour": ["b"]})}, SchemaError, "colour"),
    ({"Ad": pa.table({"id": pa.array([None], pa.string())})}, WriteError, "id"),
    ({"Ad": pa.table({"title": ["a"]})}, WriteError, "id"),
    ({"Ad": pa.table({"id": ["a"], "views": ["many"]})}, WriteError, "Ad.views"),
    ({"Ad": pa.table({"id": ["a"], "views": [1.5]})}, WriteError, "Ad.views"),
    ({"Ad.SHOWS.Image": pa.table({"src": ["a"], "dst": ["b"]})}, WriteError, "position"),
]


@pytest.mark.parametrize(("batch", "error", "words"), BAD)
def test_bad_batches_are_named(store: GraphStore, batch: Any, error: type[StoreError], words: str) -> None:
    with pytest.raises(error, match=words):
        store.write(batch)
    assert not any(store.counts().values())


@pytest.mark.timeout(600)
def test_large_batches(store: GraphStore) -> None:
    n = 100_000
    ids = pa.array([f"x|{i}" for i in range(n)])
    batch = {
        "Ad": pa.table({"id": ids, "title": pa.array(["象牙"] * n), "views": pa.array(range(n))}),
        "Account": table("Account", [{"id": "x|u"}]),
        "Account.POSTED.Ad": pa.table({"src": pa.array(["x|u"] * n), "dst": ids}),
    }
    assert sum(store.write(batch).values()) == 2 * n + 1
    changed = {"Ad": batch["Ad"].set_column(2, "views", pa.array(range(1, n + 1)))}
    assert store.write(changed) == {"Ad": 0}
    assert store.read("MATCH (a:Ad) RETURN sum(a.views) AS s")["s"].to_pylist() == [n * (n + 1) // 2]
    assert store.write(batch)["Account.POSTED.Ad"] == 0


def test_rows_that_differ_in_different_columns(store: GraphStore) -> None:
    """Many that differ alike are overwritten by a statement of their own, the others together."""
    ids = [f"x|{n:03}" for n in range(300)]
    rows = [{"id": key, "title": "old", "views": 1, "location": None} for key in ids]
    store.write({"Ad": pa.Table.from_pylist(rows)})
    for n, row in enumerate(rows):
        row["views"] = 2 if n < 150 else 1
        row["title"] = "new" if n >= 145 and n < 250 else None if n == 299 else "old"
        row["location"] = "here" if n in (0, 149, 250) else None
    store.replace({"Ad": pa.Table.from_pylist(rows)})
    columns = ["id", "title", "views", "location"]
    assert store.read_all("Ad").select(columns).to_pylist() == rows


WRITES = [
    "CREATE (:Ad {id: 'x'})",
    "MATCH (a:Ad) SET a.title = 'x'",
    "MATCH (a:Ad) DETACH DELETE a",
    "MERGE (:Ad {id: 'x'})",
    "COMMIT",
    "MATCH (a:Ad) RETURN a.id AS id; CREATE (:Ad {id: 'y'})",
    "RETURN 1 AS x; COMMIT; CREATE (:Ad {id: 'y'})",
    "DROP TABLE Ad",
]


@pytest.mark.parametrize("statement", WRITES)
def test_reads_cannot_write(store_settings: Settings, statement: str) -> None:
    with open_store(store_settings) as store:
        store.write({"Ad": ads("x|1", title="old")})
        with pytest.raises(QueryError):
            store.read(statement)
        assert all_ads(store) == [{"id": "x|1", "title": "old", "views": None}]
    with open_store(store_settings, read_only=True) as reader:
        with pytest.raises(QueryError):
            reader.read(statement)
        for refused in (lambda: reader.write({"Ad": ads("x|2")}), lambda: reader.delete("Ad"), reader.migrate):
            with pytest.raises(WriteError, match="reading only"):
                refused()
        assert reader.counts()["Ad"] == 1


def seller_tables(names: dict[str, str | None], runs: dict[str, str]) -> dict[str, pa.Table]:
    rows = [{"src": account, "dst": seller, "run_id": "r"} for account, seller in runs.items()]
    return {
        "Seller": table("Seller", [{"id": key, "name": name} for key, name in names.items()]),
        "Account.RUN_BY.Seller": table("Account.RUN_BY.Seller", rows),
    }


def test_replace_leaves_exactly_what_it_was_given(store: GraphStore) -> None:
    store.write({"Account": table("Account", [{"id": f"x|{i}"} for i in range(3)])})
    store.replace(seller_tables({"s1": "老王", "s2": "b"}, {"x|0": "s1", "x|1": "s2"}))
    store.replace(seller_tables({"s1": None, "s3": "c"}, {"x|0": "s3", "x|2": "s3"}))
    query = "MATCH (s:Seller) RETURN s.id AS id, s.name AS name ORDER BY id"
    assert store.read(query).to_pylist() == [{"id": "s1", "name": None}, {"id": "s3", "name": "c"}]
    query = "MATCH (a:Account)-[:RUN_BY]->(s:Seller) RETURN a.id AS account, s.id AS seller ORDER BY account"
    assert store.read(query).to_pylist() == [{"account": "x|0", "seller": "s3"}, {"account": "x|2", "seller": "s3"}]
    assert store.counts()["Account"] == 3


def test_a_failed_replace_leaves_the_old(store: GraphStore) -> None:
    store.write({"Account": table("Account", [{"id": "x|0"}])})
    store.replace(seller_tables({"s1": "a"}, {"x|0": "s1"}))
    with pytest.raises(WriteError, match="s1"):
        store.replace(seller_tables({"s2": "b"}, {"x|0": "s1"}))
    assert store.read("MATCH (s:Seller) RETURN s.id AS id")["id"].to_pylist() == ["s1"]


def test_replace_by_nothing_empties(store: GraphStore) -> None:
    store.write({"Account": table("Account", [{"id": "x|0"}])})
    store.replace(seller_tables({"s1": "a"}, {"x|0": "s1"}))
    store.replace({name: load_schema().table(name).arrow.empty_table() for name in ("Seller", "Account.RUN_BY.Seller")})
    assert {name for name, n in store.counts().items() if n} == {"Account"}


def test_read_all_gives_every_column_sorted_by_key(store: GraphStore) -> None:
    store.write({"Ad": ads("x|2", "x|10", "y|1", "象|1", title="a")})
    found = store.read_all("Ad")
    assert found.schema == load_schema().table("Ad").arrow
    assert found["id"].to_pylist() == ["x|10", "x|2", "y|1", "象|1"]
    assert store.read_all("Account.MATCHES.Account").schema == load_schema().table("Account.MATCHES.Account").arrow


def test_delete(store: GraphStore) -> None:
    store.write({"Account": table("Account", [{"id": "x|u"}]), "Ad": ads("x|1", "x|2", "x|3")})
    posted = table("Account.POSTED.Ad", [{"src": "x|u", "dst": f"x|{i}"} for i in (1, 2, 3)])
    store.write({"Account.POSTED.Ad": posted})
    store.delete("Account.POSTED.Ad", posted.slice(0, 1))
    assert store.counts()["Account.POSTED.Ad"] == 2
    store.delete("Ad", pa.table({"id": ["x|2", "x|none"]}))
    assert (store.counts()["Ad"], store.counts()["Account.POSTED.Ad"]) == (2, 1)
    store.delete("Ad")
    assert (store.counts()["Ad"], store.counts()["Account.POSTED.Ad"], store.counts()["Account"]) == (0, 0, 1)
    with pytest.raises(SchemaError, match="src"):
        store.delete("Account.POSTED.Ad", pa.table({"id": ["a"]}))


RESULTS: list[tuple[str, dict[str, Any], list[pa.DataType]]] = [
    ("MATCH (a:Ad) RETURN a.id AS i, a.views AS v, a.posted_at AS t, a.textless AS b", {}, ["s", "i", "t", "b"]),
    ("MATCH (a:Ad) RETURN count(*) AS n, sum(a.views) AS s, max(a.posted_at) AS m", {}, ["i", "i", "t"]),
    ("MATCH (a:Ad) RETURN collect(a.title) AS l, coalesce(a.title, 'x') AS c, a.views > 1 AS b", {}, ["l", "s", "b"]),
    ("MATCH (a:Ad) WITH a.views AS v, a.title AS w RETURN v AS x, w AS y", {}, ["i", "s"]),
    ("UNWIND $k AS k RETURN k AS k", {"k": ["a"]}, ["s"]),
    ("MATCH (i:Image) RETURN i.quality AS q, avg(i.width) AS w", {}, ["f", "f"]),
    ("MATCH (a:Ad) RETURN CASE WHEN a.views > 3 THEN a.title ELSE null END AS c", {}, ["s"]),
    ("RETURN 1 AS a, 1.5 AS b, 'x' AS c, true AS d, null AS e", {}, ["i", "f", "s", "b", "s"]),
]
SHORT = {"s": pa.string(), "i": pa.int64(), "t": pa.timestamp("us"), "b": pa.bool_(), "f": pa.float64()}


@pytest.mark.parametrize("rows", [[], [{"id": "x|1"}], [{"id": "x|1", "title": "a", "views": 2}]])
@pytest.mark.parametrize(("query", "params", "kinds"), RESULTS)
def test_result_types(
    store: GraphStore, rows: list[dict[str, Any]], query: str, params: dict[str, Any], kinds: list[str]
) -> None:
    if rows:
        store.write({"Ad": table("Ad", rows), "Image": table("Image", [{"id": "sha256:1"}])})
    found = store.read(query, **params)
    assert found.schema.types == [pa.list_(pa.string()) if kind == "l" else SHORT[kind] for kind in kinds]


def test_nodes_come_as_json_text(store: GraphStore) -> None:
    store.write({"Ad": ads("x|1", title="象牙")})
    text = store.read("MATCH (a:Ad) RETURN a AS node")["node"].to_pylist()[0]
    assert '"_LABEL": "Ad"' in text
    assert '"title": "象牙"' in text


BROKEN = ["MATCH (a:Ad) RETURN", "MATCH (a:Ad) RETURN a.id AS id ORDER BY nothing", "RETURN $missing AS x"]


@pytest.mark.parametrize("query", BROKEN)
def test_broken_queries_are_query_errors(store: GraphStore, query: str) -> None:
    with pytest.raises(QueryError) as caught:
        store.read(query)
    assert "\n" not in str(caught.value)
    assert store.read("RETURN 1 AS x").num_rows == 1


def test_peek_limits_rows(store: GraphStore) -> None:
    store.write({"Ad": ads(*(f"x|{i}" for i in range(10)), views=None)})
    query = "MATCH (a:Ad) RETURN a.id AS id, a.views AS v ORDER BY id"
    found, more = store.peek(query, limit=3, seconds=10)
    assert (found["id"].to_pylist(), more) == (["x|0", "x|1", "x|2"], True)
    assert found.schema.types == [pa.string(), pa.int64()]
    found, more = store.peek(query, limit=10, seconds=10)
    assert (found.num_rows, more) == (10, False)


def test_peek_names_columns_as_they_are_written(store: GraphStore) -> None:
    store.write({"Ad": ads("x|1")})
    query = "MATCH (a:Ad) WITH a.id AS id, a RETURN DISTINCT id, count(*), size(a.id) AS n, [1, 2.5]"
    found, _ = store.peek(query, limit=3, seconds=10)
    assert found.column_names == ["id", "count(*)", "n", "[1, 2.5]"]
    assert found.to_pylist() == [{"id": "x|1", "count(*)": 1, "n": 3, "[1, 2.5]": [1.0, 2.5]}]


def test_nodes_and_relationships_are_json_in_the_schemas_order(store: GraphStore) -> None:
    store.write(
        {
            "Account": pa.table({"id": ["x|a"], "seller_id": ["a"], "url": ["u"], "name": ["Ann"]}),
            "Handle": pa.table({"id": ["s:v"], "service": ["s"], "value": ["v"]}),
            "Ad": ads("x|1", account_id="x|a"),
            "Ad.MENTIONS.Handle": pa.table(
                {"src": ["x|1"], "dst": ["s:v"], "place": ["text"], "span_start": [0], "role": ["own"], "raw": ["v"]}
            ),
        }
    )
    found, _ = store.peek("MATCH (a:Account), (:Ad)-[m:MENTIONS]->(h) RETURN a, m, h", limit=3, seconds=10)
    [row] = found.to_pylist()
    assert row["a"] == '{"_LABEL": "Account", "id": "x|a", "seller_id": "a", "name": "Ann", "url": "u"}'
    assert row["m"] == '{"_LABEL": "MENTIONS", "place": "text", "span_start": 0, "raw": "v", "role": "own"}'
    assert row["h"] == '{"_LABEL": "Handle", "id": "s:v", "service": "s", "value": "v"}'


def test_nothing_but_the_schemas_nodes_is_left_by_a_write(store: GraphStore) -> None:
    store.write({"Ad": ads("x|1", "x|2")})
    assert store.read("MATCH (n) RETURN count(*) AS n")["n"].to_pylist() == [2]


def test_peek_limits_time(store: GraphStore) -> None:
    store.write({"Ad": ads(*(f"x|{i}" for i in range(2000)))})
    slow = "MATCH (a:Ad), (b:Ad), (c:Ad), (d:Ad) WHERE a.id > b.id AND c.id > d.id RETURN count(*) AS n"
    with pytest.raises(QueryTimeout, match="took"):
        store.peek(slow, limit=3, seconds=1)
    assert store.read("RETURN 1 AS x").num_rows == 1


def test_a_closed_store_says_so(store: GraphStore) -> None:
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.counts()
