"""Every page, run by Streamlit's own test runner over a small real case."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from graph.lines import as_text
from graph.ranking import rank_sellers
from graph.stores import open_store
from ingest.pipeline import ingest
from resolvers import resolve
from sellergraph.case import Settings, create_case, load_case

HOSTILE = "</script><script>alert(1)</script> **b** $x$ :smile: [l](javascript:alert(1)) <b>bold</b>"


def words(app: AppTest) -> str:
    """All text of the page that Streamlit shows as it is."""
    return "\n".join(str(element.value) for element in app.text)


def markup(app: AppTest) -> list[str]:
    """All text of the page that Streamlit reads as markdown."""
    groups: list[Any] = [app.markdown, app.title, app.subheader, app.caption, app.info, app.warning, app.error]
    return [str(element.value) for group in groups for element in group]


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def test_overview_counts(resolved: Settings, open_page: Any) -> None:
    app = open_page(resolved.folder)
    assert not app.exception
    metrics = {metric.label: metric.value for metric in app.metric}
    assert (metrics["Ads"], metrics["Accounts"], metrics["Sellers"]) == ("15", "3", "2")
    assert metrics["Share of all ads posted by the ten largest sellers"] == "100.0 %"
    assert any("Ads from 1 Mar 2018 to 22 Mar 2018" in caption.value for caption in app.caption)
    assert any("Sellers were last worked out on" in caption.value for caption in app.caption)


def test_accounts_that_came_later_are_told(resolved: Settings, open_page: Any, tmp_path: Path) -> None:
    shutil.copytree(resolved.folder, tmp_path / "case")
    late = tmp_path / "late.jsonl"
    late.write_text('{"platform": "xianyu", "ad_id": "late", "seller_id": "late"}\n', encoding="utf-8")
    settings = load_case(tmp_path / "case")
    with open_store(settings) as store:
        ingest(settings, store, [late], workers=1)
    app = open_page(settings.folder)
    assert [w.value for w in app.warning] == ["1 account has no seller yet: new since then. Run sellergraph resolve."]


def test_sellers_are_ranked_and_filtered(resolved: Settings, open_page: Any) -> None:
    app = open_page(resolved.folder, "sellers")
    assert not app.exception
    ranked = app.dataframe[0].value
    assert ranked["name"].tolist()[0] == "Demo Ann"
    assert ranked["ads"].tolist() == [14, 1]
    app.selectbox(key="filter-Species").select("rhino").run()
    assert app.dataframe[0].value["name"].tolist() == ["Demo Carl"]
    app.selectbox(key="filter-Platform").select("xianyu").run()
    assert app.info[0].value == "No seller has ads that fit these filters."


def test_an_account_opens_its_seller(resolved: Settings, open_page: Any) -> None:
    app = open_page(resolved.folder, "seller", seller="weibo|w1")
    assert not app.exception
    assert not app.error
    assert "Demo Ann" in html(app)
    metrics = {metric.label: metric.value for metric in app.metric}
    assert (metrics["Rank"], metrics["Ads"], metrics["Accounts"], metrics["Platforms"]) == ("1 of 2", "14", "2", "2")
    assert "demo_ann01" in html(app)
    assert app.dataframe[0].value["name"].tolist() == ["Demo Ann", HOSTILE]


def test_each_line_of_evidence_has_its_bits(resolved: Settings, open_page: Any) -> None:
    app = open_page(resolved.folder, "seller", seller="weibo|w1")
    assert re.search(r">\+\d+\.\d</span><span [^>]*>both give the WeChat id demo_ann01", html(app))
    assert "the seller&#x27;s own" not in html(app)
    contacts = next(frame.value for frame in app.dataframe if "reason" in frame.value.columns)
    assert contacts["role"].tolist() == ["the seller's own"]
    assert contacts["reason"].tolist()[0]


def test_near_pairs_are_folded_with_what_spoke_against_them(resolved: Settings, open_page: Any, tmp_path: Path) -> None:
    shutil.copytree(resolved.folder, tmp_path / "case")
    settings = load_case(tmp_path / "case")
    pair = {
        "src": "tieba|carl", "dst": "weibo|w1", "probability": 0.41, "joined": False, "weights": [5.0, -1.25],
        "evidence": [HOSTILE, "places differ"], "cut": "weak bridge: places contradict",
        "capped": ["name x: on 90 accounts"],
    }  # fmt: skip
    with open_store(settings) as store:
        store.write({"Account.MATCHES.Account": as_text(pa.Table.from_pylist([pair]))})
    app = open_page(settings.folder, "seller", seller="weibo|w1")
    assert [e.label for e in app.expander] == ["Near, but not joined: 1 pair with other sellers"]
    shown = html(app)
    assert "−1.2</span>" in shown
    assert "<script>alert" not in shown
    assert "Not used: weak bridge: places contradict" in shown
    assert "Too many others share it: name x: on 90 accounts" in shown
    assert "tieba|carl" in shown
    assert "41 % likely to be the same" in shown


def test_captured_text_is_never_read_as_markup(resolved: Settings, open_page: Any) -> None:
    app = open_page(resolved.folder, "seller", seller="weibo|w1")
    # In st.text as it is, in HTML with its signs escaped, in markdown not at all.
    assert HOSTILE in words(app)
    assert "<script>alert" not in html(app)
    assert "&lt;script&gt;alert(1)" in html(app)
    assert not [text for text in markup(app) if "alert(1)" in text]


def test_damaged_pictures_are_named(resolved: Settings, open_page: Any) -> None:
    app = open_page(resolved.folder, "seller", seller="weibo|w1")
    assert app.get("image")
    assert "cannot be shown" in html(app)


def test_unknown_sellers_are_answered_in_a_line(resolved: Settings, open_page: Any) -> None:
    app = open_page(resolved.folder, "seller", seller="**nobody**")
    assert not app.exception
    assert "no seller or account" in app.warning[0].value
    assert "**nobody**" not in app.warning[0].value
    assert app.info[0].value.startswith("Choose a seller")


def test_picking_a_seller_changes_the_address(resolved: Settings, open_page: Any) -> None:
    app = open_page(resolved.folder, "seller")
    with open_store(resolved, read_only=True) as store:
        seller = rank_sellers(store)["seller_id"][1].as_py()
    app.selectbox[0].select(seller).run()
    assert app.query_params["seller"] == seller
    assert "Demo Carl" in html(app)


def test_paths_are_listed_with_their_ads(resolved: Settings, open_page: Any) -> None:
    app = open_page(resolved.folder, "paths")
    assert not app.exception
    hops = app.dataframe[0].value
    assert hops["ads"].tolist()[0] == 12
    assert app.dataframe[1].value["name"].tolist()[0] == "Demo Ann"
    assert len(app.dataframe[1].value) == 12


def test_without_a_case_it_says_what_to_do(tmp_path: Path, open_page: Any) -> None:
    for page in ("overview", "sellers", "seller", "paths"):
        app = open_page(tmp_path, page)
        assert not app.exception
        assert "is not a case" in app.error[0].value


def test_an_empty_case_says_what_to_do(tmp_path: Path, open_page: Any) -> None:
    create_case(tmp_path / "case")
    app = open_page(tmp_path / "case")
    assert not app.exception
    assert "nothing ingested yet" in app.error[0].value.replace("\\", "")
    with open_store(create_case(tmp_path / "made")):
        pass
    for page in ("overview", "sellers", "seller"):
        assert "holds no advertisements yet" in open_page(tmp_path / "made", page).info[0].value
    assert open_page(tmp_path / "made", "paths").info[0].value == "No ad leads from one platform to another."


@pytest.mark.neo4j
def test_every_page_opens_on_neo4j(
    source: Path, neo4j_settings: Settings, open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(neo4j_settings) as store:
        ingest(neo4j_settings, store, [source], workers=1)
        resolve(store)
    monkeypatch.setenv("SELLERGRAPH_STORE", neo4j_settings.store)
    monkeypatch.setenv("SELLERGRAPH_NEO4J_USER", neo4j_settings.neo4j_user)
    monkeypatch.setenv("SELLERGRAPH_NEO4J_PASSWORD", neo4j_settings.neo4j_password)
    for page, query in (("overview", {}), ("sellers", {}), ("seller", {"seller": "weibo|w1"}), ("paths", {})):
        app = open_page(neo4j_settings.folder, page, **query)
        assert not app.exception
        assert not app.error
        assert len(app.dataframe) > 0
    monkeypatch.setenv("SELLERGRAPH_NEO4J_PASSWORD", "wrong")
    st.cache_resource.clear()
    app = open_page(neo4j_settings.folder)
    assert not app.exception
    assert len(app.error) == 1


def _locked() -> None:
    from sellergraph.errors import StoreLocked
    from views.common import run_page

    def body(settings: object) -> None:
        raise StoreLocked("held by **process** 12")

    run_page("Sellers", body)


def test_a_case_that_is_written_to_asks_to_try_again(resolved: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SELLERGRAPH_CASE", str(resolved.folder))
    monkeypatch.setattr("sys.argv", ["app.py"])
    app = AppTest.from_function(_locked).run()
    assert not app.exception
    assert app.warning[0].value == r"The case is being written to just now. held by \*\*process\*\* 12"
    assert app.button[0].label == "Try again"


_HOLD = """
import sys, time
import subprocess
import sys
from pathlib import Path
from graph.stores import open_store
from ingest.pipeline import ingest
from resolvers import resolve
from sellergraph.case import load_case
with open_store(load_case(Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_while_another_process_writes_the_last_state_is_shown(
    resolved: Settings, open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not open_page(resolved.folder, "sellers").warning
    command = [sys.executable, "-c", _HOLD, str(resolved.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"held\n"
        # As if the writer had committed: what is cached does not hold any more.
        monkeypatch.setattr("views.data.stamp", lambda settings: "changed")
        app = open_page(resolved.folder, "sellers")
        assert app.dataframe[0].value["ads"].tolist() == [14, 1]
        assert "shows it as it was before" in app.warning[0].value
        writer.communicate()
    st.cache_resource.clear()
