"""The model file: written readable and whole, read back equal, refused with its name when it cannot be used."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from graph.stores import GraphStore, open_store
from resolvers import resolve
from resolvers.evidence import comparisons
from resolvers.model import REST, Model, Weights, load_model, prior_model, prior_weights
from resolvers.models import MODEL_FILE, kept_model
from resolvers.training import outgrown, with_prior
from sellergraph.case import Settings
from sellergraph.errors import UsageError

Body = dict[str, Any]


def trained() -> Model:
    """A model with everything that training leaves."""
    record = {"accounts": 1000, "pairs": 250, "learnt": "m by EM"}
    return replace(prior_model(), prior=1 / 3 * 1e-3, population={"places": {"昆明": 0.1 + 0.2}}, record=record)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    trained().save(tmp_path / MODEL_FILE)
    return tmp_path / MODEL_FILE


def test_what_is_saved_is_read_back_equal(file: Path) -> None:
    assert load_model(file) == trained()
    assert kept_model(file.parent) == trained()


def test_the_file_is_readable(file: Path) -> None:
    body = json.loads(file.read_text(encoding="utf-8"))
    assert list(body["comparisons"]) == [comparison.name for comparison in comparisons()]
    assert set(body["comparisons"]["place"]) == {"same", "once", "nothing"}
    assert body["comparisons"]["place"]["same"] == {"m": 0.8, "u": 0.05}
    assert body["record"]["accounts"] == 1000
    text = file.read_text(encoding="utf-8")
    assert "昆明" in text
    assert len(text.splitlines()) > 100


def test_nothing_but_the_file_is_left(file: Path) -> None:
    trained().save(file)
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("folder", [None, Path("/nowhere/at/all")])
def test_no_model_yet(folder: Path | None) -> None:
    assert kept_model(folder) is None


def changed(*path: str, to: Any) -> Callable[[Body], None]:
    def change(body: Body) -> None:
        for key in path[:-1]:
            body = body[key]
        if to is None:
            del body[path[-1]]
        else:
            body[path[-1]] = to

    return change


def another_order(body: Body) -> None:
    body["comparisons"]["place"] = dict(reversed(body["comparisons"]["place"].items()))


BAD = [
    (changed("format", to="sellergraph identity model 99"), "of another version.*model 99.*--retrain"),
    (changed("format", to=None), "of another version"),
    (changed("comparisons", "place", to=None), "place has the levels none, not same, once, nothing"),
    (changed("comparisons", "place", "once", to=None), "place has the levels same, nothing, not same, once, nothing"),
    (changed("comparisons", "place", "odd", to={"m": 0.1, "u": 0.1}), "place has the levels .*odd"),
    (another_order, "place has the levels nothing, once, same"),
    (changed("comparisons", "place", "same", "m", to=0), "place: level same: m and u must lie above 0"),
    (changed("comparisons", "place", "same", "u", to=-0.1), "place: level same: m and u"),
    (changed("comparisons", "place", "same", "u", to=1.5), "place: level same: m and u"),
    (changed("comparisons", "place", "same", "m", to=float("nan")), "place: level same: m and u"),
    (changed("comparisons", "place", "same", "m", to="much"), "place: .*much"),
    (changed("comparisons", "place", "same", "m", to=None), "place: .*m"),
    (changed("comparisons", "place", "same", to=0.8), "place: "),
    (changed("prior", to=0), "the prior must lie between 0 and 1, not 0"),
    (changed("prior", to=1), "the prior must lie between 0 and 1, not 1"),
    (changed("prior", to=float("nan")), "the prior must lie between 0 and 1"),
    (changed("prior", to=None), "prior"),
]


@pytest.mark.parametrize(("change", "message"), BAD)
def test_a_file_that_cannot_be_used_is_named(file: Path, change: Callable[[Body], None], message: str) -> None:
    body = json.loads(file.read_text(encoding="utf-8"))
    change(body)
    file.write_text(json.dumps(body), encoding="utf-8")
    with pytest.raises(UsageError, match=message) as caught:
        kept_model(file.parent)
    assert str(file) in str(caught.value)


BROKEN = [
    (("comparisons",), []),
    (("comparisons",), "none"),
    (("comparisons", "place"), 0.8),
    (("population",), {"places": ["昆明"]}),
    (("population",), {"places": {"昆明": "many"}}),
    (("record",), {"accounts": "many"}),
]


@pytest.mark.parametrize(("path", "value"), BROKEN)
def test_a_file_of_another_shape_is_named(file: Path, path: tuple[str, ...], value: Any) -> None:
    body = json.loads(file.read_text(encoding="utf-8"))
    changed(*path, to=value)(body)
    file.write_text(json.dumps(body), encoding="utf-8")
    with pytest.raises(UsageError, match=MODEL_FILE):
        kept_model(file.parent)


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe", b"[]", b"null", b'"model"', b"m,u\n1,2\n"])
def test_what_is_no_model_is_named(file: Path, text: bytes) -> None:
    file.write_bytes(text)
    with pytest.raises(UsageError, match=MODEL_FILE):
        load_model(file)


def test_a_folder_in_its_place_is_named(tmp_path: Path) -> None:
    (tmp_path / MODEL_FILE).mkdir()
    with pytest.raises(UsageError, match=f"{MODEL_FILE}: cannot be read"):
        kept_model(tmp_path)


@pytest.mark.parametrize(("m", "u"), [(0.0, 0.5), (0.5, 0.0), (1.1, 0.5), (0.5, 1.1), (-0.1, 0.5)])
def test_weights_are_probabilities(m: float, u: float) -> None:
    with pytest.raises(UsageError, match="level same: m and u"):
        Weights({"same": (m, u)})


def test_the_priors_are_those_of_the_evidence() -> None:
    for comparison in comparisons():
        levels = prior_weights(comparison).levels
        assert list(levels) == [level.name for level in comparison.levels] + [REST]
        assert prior_model().weights[comparison.name].levels == levels
        assert sum(m for m, _ in levels.values()) == pytest.approx(1, abs=1e-5)
        assert sum(u for _, u in levels.values()) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("accounts", "times"), [(1000, 1), (1999, 1 / 2), (10_000, 1 / 10), (10**6, 1 / 1000), (501, 2)]
)
def test_the_prior_follows_the_size_of_the_case(accounts: int, times: float) -> None:
    """True pairs grow with the accounts, all pairs with their square."""
    assert with_prior(trained(), accounts).prior == pytest.approx(trained().prior * times, rel=0.06)


def test_a_few_new_accounts_leave_the_prior_as_it_is() -> None:
    assert with_prior(trained(), 1010) == with_prior(trained(), 1000) == trained()


@pytest.mark.parametrize(
    ("accounts", "new"), [(1000, False), (1900, False), (2000, True), (510, False), (500, True), (0, True)]
)
def test_a_case_of_quite_another_size_is_learnt_anew(accounts: int, new: bool) -> None:
    assert outgrown(trained(), accounts) is new


@pytest.mark.parametrize("accounts", [0, 1, 2])
def test_the_prior_of_the_smallest_case_is_a_probability(accounts: int) -> None:
    assert 0 < with_prior(trained(), accounts).prior <= 0.5


def test_another_size_changes_the_prior_only() -> None:
    assert replace(with_prior(trained(), 5000), prior=trained().prior) == trained()


@pytest.fixture
def case(settings: Settings) -> Iterator[GraphStore]:
    """A case of two accounts."""
    with open_store(settings) as store:
        accounts = [{"id": f"weibo|{login}", "platform": "weibo", "seller_id": login} for login in ("ann", "bo")]
        store.write({"Account": pa.Table.from_pylist(accounts)})
        yield store


def test_a_case_keeps_its_model_until_it_is_learnt_anew(case: GraphStore, tmp_path: Path) -> None:
    folder = tmp_path / "resolution"
    learnt = [resolve(case, folder=folder, retrain=retrain).trained for retrain in (False, False, True, False)]
    assert learnt == [True, False, True, False]
    load_model(folder / MODEL_FILE).save(tmp_path / MODEL_FILE)
    assert (tmp_path / MODEL_FILE).read_bytes() == (folder / MODEL_FILE).read_bytes()


def test_a_model_of_another_version_stops_the_run(case: GraphStore, file: Path) -> None:
    changed("format", to="sellergraph identity model 0")(body := json.loads(file.read_text(encoding="utf-8")))
    file.write_text(json.dumps(body), encoding="utf-8")
    before = file.read_bytes()
    with pytest.raises(UsageError, match="of another version") as caught:
        resolve(case, folder=file.parent)
    assert str(file) in str(caught.value)
    assert case.read_all("Seller").num_rows == 0
    assert file.read_bytes() == before
    assert resolve(case, folder=file.parent, retrain=True).trained
    assert load_model(file).record["accounts"] == 2
