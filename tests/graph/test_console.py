"""The read-only gate: attacks are refused before a store sees them, innocent queries run on both."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from graph.console import check_console, run_console
from graph.stores import GraphStore
from sellergraph.errors import QueryError, QueryRefused, QueryTimeout

ATTACKS = [
    # writing
    "CREATE (:Ad {id: 'x'})",
    "create (:Ad {id: 'x'})",
    "MATCH (a:Ad) SET a.title = 'x'",
    "MATCH (a:Ad)\nSET a.title = 'x' RETURN a.id AS id",
    "MATCH (a:Ad) SeT a.title = 'x'",
    "MATCH (a:Ad) DELETE a",
    "MATCH (a:Ad) DETACH DELETE a",
    "MATCH (a:Ad) NODETACH DELETE a",
    "MATCH (a:Ad) REMOVE a.title",
    "MATCH (a:Ad) MERGE (b:Ad {id: 'y'})",
    "MERGE (b:Ad {id: 'y'})",
    "MATCH (a:Ad) INSERT (:Ad {id: 'z'})",
    "MATCH (a:Ad) FOREACH (x IN [1] | CREATE (:Ad {id: 'x'}))",
    "UNWIND [1] AS x CREATE (:Ad {id: 'x'})",
    "WITH 1 AS x MERGE (:Ad {id: 'x'})",
    "RETURN 1 AS x UNION ALL CREATE (:Ad {id: 'x'}) RETURN 1 AS x",
    "MATCH (a:Ad) WHERE EXISTS { CREATE (:Ad {id: 'x'}) } RETURN a.id AS id",
    "MATCH (a:Ad) RETURN COUNT { MATCH (b) DELETE b } AS n",
    # files, network, settings, other statements
    "LOAD FROM '/etc/passwd' RETURN *",
    "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line",
    "LOAD CSV FROM 'http://127.0.0.1/x' AS line RETURN line",
    "UNWIND [1] AS x LOAD CSV FROM 'http://127.0.0.1/x' AS line RETURN line",
    "COPY (MATCH (a:Ad) RETURN a.id) TO '/tmp/out.csv'",
    "MATCH (a:Ad) RETURN a.id AS id COPY Ad TO '/tmp/out.csv'",
    "EXPORT DATABASE '/tmp/out'",
    "IMPORT DATABASE '/tmp/out'",
    "INSTALL httpfs",
    "LOAD EXTENSION httpfs",
    "ATTACH '/tmp/x.db' AS x (dbtype lbug)",
    "CALL timeout=1",
    "CALL show_tables() RETURN *",
    "CALL dbms.listConfig() YIELD name RETURN name",
    "MATCH (a:Ad) CALL { CREATE (:Ad {id: 'x'}) } RETURN a.id AS id",
    "MATCH (a:Ad) CALL (a) { SET a.title = 'x' } IN TRANSACTIONS RETURN a.id AS id",
    "CHECKPOINT",
    "BEGIN TRANSACTION",
    "COMMIT",
    "ROLLBACK",
    "SHOW DATABASES",
    "SHOW TRANSACTIONS YIELD * RETURN *",
    "TERMINATE TRANSACTIONS 'neo4j-transaction-1'",
    "USE system MATCH (n) RETURN n",
    "ALTER USER neo4j SET PASSWORD 'x'",
    "DROP TABLE Ad",
    "DROP CONSTRAINT Ad_id",
    "CREATE MACRO f(x) AS x",
    "COMMENT ON TABLE Ad IS 'x'",
    "GRANT ROLE admin TO neo4j",
    "START n=node(*) RETURN n",
    "PROFILE MATCH (a:Ad) RETURN a.id AS id",
    "EXPLAIN MATCH (a:Ad) RETURN a.id AS id",
    "CYPHER 25 MATCH (a:Ad) RETURN a.id AS id",
    "USING PERIODIC COMMIT LOAD CSV FROM 'x' AS x RETURN x",
    "PRAGMA foo",
    # functions
    "RETURN apoc.load.json('http://127.0.0.1/') AS x",
    "RETURN `apoc`.load.json('http://127.0.0.1/') AS x",
    "RETURN apoc.`load`.json('x') AS x",
    "RETURN `file`('x') AS x",
    "RETURN file('x') AS x",
    "RETURN genai.vector.encode('x', 'OpenAI', {token: 'y'}) AS x",
    "RETURN nextval('s') AS x",
    "RETURN current_setting('threads') AS x",
    "RETURN graph.byName('system') AS x",
    "RETURN date.load('x') AS x",
    # more than one statement
    "RETURN 1 AS x; CREATE (:Ad {id: 'x'})",
    "RETURN 1 AS x;\n\nRETURN 2 AS y",
    "; RETURN 1 AS x",
    "RETURN 1 AS x;; COMMIT",
    "COMMIT; CREATE (:Ad {id: 'x'})",
    # comments and strings that end elsewhere than they seem to
    "MATCH (a:Ad) /* SET */ SET a.title = 'x'",
    "MATCH (a:Ad) // x\nSET a.title = 'x'",
    "MATCH (a:Ad) // x\r\nSET a.title = 'x'",
    "MATCH (a:Ad) // x\rSET a.title = 'x'",
    "MATCH (a:Ad) // x\u2028SET a.title = 'x'",
    "MATCH (a:Ad) // x\x85SET a.title = 'x'",
    "MATCH (a:Ad) // x\x0bSET a.title = 'x'",
    "RETURN 1 AS x /* /* */ UNION CREATE (:Ad {id: 'x'}) /* */",
    "RETURN 'a' AS x /*' */ UNION CREATE (:Ad {id: 'x'}) /*'*/",
    "RETURN '\\\\' AS x UNION CREATE (:Ad {id: 'x'}) //'",
    'RETURN "\\\\" AS x UNION CREATE (:Ad {id: \'x\'}) //"',
    "RETURN '\\u0027 AS x CREATE (:Ad) //'",
    "RETURN '\\U00000027 AS x CREATE (:Ad) //'",
    "\\u0043REATE (:Ad {id: 'x'})",
    "MATCH (a:Ad) \\u0053ET a.title = 'x'",
    "MATCH (a:Ad) // \\u000a SET a.title = 'x'",
    "MATCH (a:`Ad\\u0060) SET a.title = 'x' //`)",
    "MATCH (a:`Ad``) RETURN a.id AS id",
    "RETURN 'open AS x",
    "RETURN 1 AS x /* open",
    "RETURN `open AS x",
    # other writing of the same letters
    "ＣＲＥＡＴＥ (:Ad {id: 'x'})",
    "MATCH (a:Ad) ＳＥＴ a.title = 'x'",
    "MATCH (a:Ad) \u017fet a.title = 'x'",
    "MATCH (a:Ad) \u017fET a.title = 'x'",
    "MATCH (a:Ad) SE\u200bT a.title = 'x'",
    "MATCH (a:Ad)\u200bSET a.title = 'x'",
    "MATCH (a:Ad)\u00a0SET a.title = 'x'",
    "MATCH (a:Ad)\u3000RETURN a.id AS id",
    "\ufeffMATCH (a:Ad) RETURN a.id AS id",
    "MATCH (a:Ad) S\u00adET a.title = 'x'",
    "MATCH (a:Ad)\x00SET a.title = 'x'",
    "MATCH (a:Ad) RETURN 'a\x00b' AS x",
    "RETURN '\u202e' AS x // \u2029 x",
    # a word after a dot that is no property's
    "MATCH (a:Ad) RETURN 1.SET AS x",
    "MATCH (a:Ad) RETURN 0x1.SET AS x",
    "MATCH (a:Ad) RETURN [1..SET] AS x",
    "MATCH (a:Ad) RETURN a.CREATE (b:Ad) AS x",
    "MATCH (a:Ad) WHERE a.id = $1.DELETE AS x",
    "MATCH (a:SET) RETURN a.id AS id",
    # nothing, and too much
    "",
    "   \n ;",
    "// only a comment",
    "RETURN 1 AS x " + " " * 100_000,
    "EXEC x",
    "(a)",
    "'MATCH' RETURN 1 AS x",
]


@pytest.mark.parametrize("text", ATTACKS, ids=range(len(ATTACKS)))
def test_attacks_are_refused(text: str) -> None:
    with pytest.raises(QueryRefused) as caught:
        check_console(text)
    assert "\n" not in str(caught.value)


INNOCENT = [
    ("MATCH (a:Ad) RETURN a.id AS id ORDER BY id", 2),
    ("match (a:Ad) return a.id as id;", 2),
    ("MATCH (a:Ad) RETURN a.title AS title // CREATE nothing", 2),
    ("/* SET; DELETE */ MATCH (a:Ad) RETURN a.id AS id", 2),
    ("// first\n// second; DROP\nMATCH (a:Ad) RETURN a.id AS id", 2),
    ("MATCH (a:Ad) WHERE a.title = 'CREATE; DROP TABLE Ad' RETURN a.id AS id", 1),
    ("MATCH (a:Ad) WHERE a.title CONTAINS \"DELETE\" OR a.title = 'it\\'s SET' RETURN a.id AS id", 0),
    ("MATCH (a:Ad) RETURN a.id AS `set`", 2),
    ("MATCH (a:Ad {id: 'x|1'}) RETURN a.id AS id", 1),
    ("OPTIONAL MATCH (a:Ad {id: 'none'}) RETURN a.id AS id", 1),
    ("MATCH (a:Ad) WHERE EXISTS { MATCH (a)<-[:POSTED]-(:Account) } RETURN a.id AS id", 1),
    ("MATCH (a:Ad) RETURN a.id AS id, COUNT { MATCH (a)<-[:POSTED]-(:Account) } AS n", 2),
    ("MATCH (a:Account)-[:POSTED]->(p:Ad) RETURN a.id AS id, count(DISTINCT p.id) AS n", 1),
    ("UNWIND [1, 2, 3] AS x RETURN x AS y", 3),
    ("WITH 1 AS x RETURN x + 1 AS y", 1),
    ("RETURN 'a' AS x UNION ALL RETURN 'b' AS x", 2),
    ("MATCH (a:Ad) WHERE a.title IS NOT NULL AND NOT (a.views > 3) RETURN a.id AS id SKIP 0 LIMIT 5", 1),
    ("MATCH (a:Ad) WHERE a.title =~ '.*DROP.*' RETURN a.id AS id", 1),
    ("RETURN '象牙 🐘 ＣＲＥＡＴＥ' AS 文字", 1),
    ("RETURN '// not a comment' AS x, \"/* nor this */\" AS y", 1),
    ("MATCH (a:Ad)-[r:POSTED*1..2]-(b:Account) RETURN DISTINCT b.id AS id", 1),
    ("RETURN CASE WHEN 1 > 0 THEN 'a' ELSE 'b' END AS x, coalesce(null, 1.5e3) AS y, size('abc') AS z", 1),
    ("RETURN toLower('A') AS a, replace('a', 'a', 'b') AS b, abs(-1) AS c", 1),
    ("MATCH (a:Ad) RETURN any(x IN [1, 2] WHERE x = 1) AS t LIMIT 1", 1),
]


@pytest.mark.parametrize(("text", "rows"), INNOCENT)
def test_innocent_queries_run(console_store: GraphStore, text: str, rows: int) -> None:
    answer = run_console(console_store, text)
    assert answer.table.num_rows == rows
    assert not answer.truncated


def test_a_property_may_be_called_like_a_clause() -> None:
    for text in ("MATCH (a:Ad) RETURN a.set AS x", "MATCH (a:`SET`) RETURN (a).delete AS x, a.`create` AS y"):
        check_console(text)


# What the gate reads as one string must be one string to the stores too.
TRICKY = [
    "RETURN '\\' CREATE (:Ad {id: \"z\"}) //' AS x",
    'RETURN "\\" CREATE (:Ad {id: \'z\'}) //" AS x',
    "RETURN '\\\\\\' CREATE (:Ad {id: \"z\"}) //' AS x",
    "RETURN '/*' AS x, ' CREATE (:Ad {id: \"z\"}) */' AS y",
    "RETURN 1 AS `/*`, ' CREATE (:Ad {id: \"z\"}) */' AS y",
    "RETURN 1 AS `a``b CREATE (:Ad)`",
    "RETURN 1 AS x /* ' */ // '\n",
    "RETURN 'a' 'b' AS x",
]


@pytest.mark.parametrize("text", TRICKY)
def test_the_stores_see_the_same_strings(console_store: GraphStore, text: str) -> None:
    problem = ""
    try:
        run_console(console_store, text)
    except QueryError as error:
        problem = str(error).lower()
    assert "read-only" not in problem
    assert "write" not in problem
    assert console_store.counts()["Ad"] == 2


@pytest.fixture
def console_store(store: GraphStore) -> GraphStore:
    store.write(
        {
            "Ad": pa.table({"id": ["x|1", "x|2"], "title": ["CREATE; DROP TABLE Ad", None], "views": [1, None]}),
            "Account": pa.table({"id": ["x|u"]}),
            "Account.POSTED.Ad": pa.table({"src": ["x|u"], "dst": ["x|1"]}),
        }
    )
    return store


def test_rows_are_limited(console_store: GraphStore) -> None:
    answer = run_console(console_store, "UNWIND range(1, 100000) AS x RETURN x AS y", limit=3)
    assert answer.table["y"].to_pylist() == [1, 2, 3]
    assert answer.truncated


def test_time_is_limited(console_store: GraphStore) -> None:
    slow = "UNWIND range(1, 3000) AS a UNWIND range(1, 3000) AS b UNWIND range(1, 3000) AS c RETURN sum(a * b * c) AS s"
    with pytest.raises(QueryTimeout):
        run_console(console_store, slow, seconds=1)
    assert run_console(console_store, "RETURN 1 AS x").table.num_rows == 1


LEAKS = [
    "COPY (RETURN 1 AS x) TO '{file}'",
    "EXPORT DATABASE '{file}'",
    "LOAD FROM '/etc/passwd' RETURN *",
    "COMMIT",
    "CALL timeout=1",
    "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line",
]


@pytest.mark.parametrize("text", LEAKS)
def test_what_read_only_modes_let_through_is_refused(console_store: GraphStore, text: str, tmp_path: Path) -> None:
    target = tmp_path / "leak.csv"
    with pytest.raises(QueryRefused):
        run_console(console_store, text.format(file=target))
    assert not target.exists()


def test_columns_of_one_name_are_refused_whoever_named_them(console_store: GraphStore) -> None:
    with pytest.raises(QueryRefused, match="several columns are called x"):
        run_console(console_store, "RETURN 1 AS x, 2 AS x")
    starred = "MATCH (a:Ad) WITH a.id AS x RETURN *, 1 AS x"
    if console_store.dialect == "embedded":
        with pytest.raises(QueryRefused, match="several columns are called x"):
            run_console(console_store, starred)
    else:
        # Neo4j itself lets the later one stand.
        assert set(run_console(console_store, starred).table["x"].to_pylist()) <= {1}


def test_an_alias_may_be_called_like_a_clause(console_store: GraphStore) -> None:
    assert run_console(console_store, "RETURN 1 AS `return`, 2 AS n").table.column_names == ["return", "n"]
