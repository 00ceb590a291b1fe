"""What misleads in the made-up market: all of it is there, in many wordings, and named in the truth."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from ingest.sources.simulated import simulate
from ingest.sources.simulation.dice import Dice
from ingest.sources.simulation.market import Market, make_market
from ingest.sources.simulation.others_words import HINTED, TOLD
from ingest.sources.simulation.truth import truth_of
from ingest.sources.simulation.wording import Voice


@pytest.fixture(scope="module")
def large() -> Market:
    made = make_market(5, 400)
    for _ in made.rows():
        pass
    return made


@pytest.fixture(scope="module")
def large_truth(large: Market) -> dict[str, Any]:
    return truth_of(large)


@pytest.fixture(scope="module")
def traps(large_truth: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Traps of a market of 400 operators by kind."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for trap in large_truth["traps"]:
        found[trap["kind"]].append(trap)
    return found


def test_every_trap_is_there_and_named(traps: dict[str, list[dict[str, Any]]], large_truth: dict[str, Any]) -> None:
    assert set(traps) == {
        "hotline", "courier", "guarantor", "agent", "warning", "recycled_number", "recycled_handle", "near_handle",
        "popular_name", "moved", "season", "banned", "many_accounts",
    }  # fmt: skip
    operators = {operator["id"] for operator in large_truth["operators"]}
    contacts = {contact["id"] for contact in large_truth["contacts"]}
    for trap in large_truth["traps"]:
        assert set(trap["operators"]) <= operators
        assert set(trap["accounts"]) <= set(large_truth["accounts"])
        assert set(trap["contacts"]) <= contacts
    assert max(len(trap["accounts"]) for trap in traps["many_accounts"]) >= 30


@pytest.mark.parametrize("kind", ["hotline", "courier", "guarantor"])
def test_numbers_that_hundreds_name(kind: str, traps: dict[str, list[dict[str, Any]]]) -> None:
    """The best known reach hundreds; some are sellers' own, some are never explained, some nearly always."""
    hubs = traps[kind]
    assert max(len(hub["accounts"]) for hub in hubs) > 150
    assert any(hub["operators"] and len(hub["accounts"]) > 50 for hub in hubs)
    never = [hub for hub in hubs if hub["marked"] == 0]
    assert max(len(hub["accounts"]) for hub in never) > 100
    assert all(hub["ads_untold"] == hub["ads"] for hub in never)
    assert any(hub["ads"] > 50 and hub["ads_untold"] < 0.15 * hub["ads"] for hub in hubs)


def test_hotlines_are_more_than_400_numbers(traps: dict[str, list[dict[str, Any]]]) -> None:
    assert {hub["called"] for hub in traps["hotline"]} == {"hotline", "service", "group"}
    reached = [hub["contacts"][0].split(":")[0] for hub in traps["hotline"] if len(hub["accounts"]) > 40]
    assert {"tel", "wechat"} <= set(reached)


def test_a_contact_is_one_sellers_own_and_anothers_courier(traps: dict[str, list[dict[str, Any]]]) -> None:
    both = [hub for hub in traps["courier"] if hub["also_own"] and hub["accounts"]]
    assert both
    assert not any(set(hub["also_own"]) & set(hub["accounts"]) for hub in both)


def test_numbers_pass_on_in_many_ways(traps: dict[str, list[dict[str, Any]]]) -> None:
    passed = traps["recycled_number"]
    assert min(trap["gap"] for trap in passed) < 60
    assert max(trap["gap"] for trap in passed) > 200
    assert {trap["taker_is_new"] for trap in passed} == {True, False}
    assert {trap["giver_goes_on"] for trap in passed} == {True, False}
    assert {trap["times"] for trap in passed} == {1, 2}
    assert all(not trap["contacts"][0].startswith("tel:") for trap in traps["recycled_handle"])


def test_nobody_shows_a_number_outside_his_turn(large: Market) -> None:
    """In the words that an account has for its own contacts, and in what it may post."""
    dice = Dice(0)
    for contact, giver, taker in large.world.recycled:
        for operator in (giver, taker):
            first, last = contact.turn(operator)
            voices = [Voice(dice, large.world, account) for account in operator.accounts]
            turns = [turn for voice in voices for turn in voice.own if turn[2][1] is contact]
            assert all(turn[:2] == (first, last) for turn in turns)
        assert contact.turn(giver)[1] < contact.turn(taker)[0]


def test_no_two_sellers_have_one_account() -> None:
    """A handle that was sold on is the login of its first owner only."""
    accounts = [account.id for account in make_market(5, 2000).world.accounts]
    assert len(set(accounts)) == len(accounts)


def test_agents_leave_the_suppliers_contact_in_texts_that_they_copy(large_truth: dict[str, Any]) -> None:
    agents = [trap for trap in large_truth["traps"] if trap["kind"] == "agent"]
    assert sum(bool(trap["accounts"]) for trap in agents) > len(agents) / 2
    assert any(trap["copies_text"] for trap in agents)
    supplied = [contact for contact in large_truth["contacts"] if "supplier" in contact["shown"]]
    ads = sum(sum(contact["shown"]["supplier"].values()) for contact in supplied)
    assert 0.3 < sum(contact["untold"].get("supplier", 0) for contact in supplied) / ads < 0.8


def test_rivals_warn_of_each_other(traps: dict[str, list[dict[str, Any]]]) -> None:
    assert {trap["mutual"] for trap in traps["warning"]} == {True, False}
    assert all(trap["operators"][0] != trap["operators"][1] for trap in traps["warning"])


def test_sellers_rest_for_a_season_and_some_come_back_with_a_new_account(large: Market) -> None:
    resting = [o for o in large.world.operators if o.quiet]
    assert all(60 <= o.quiet[1] - o.quiet[0] + 1 <= 150 for o in resting if o.quiet)
    fresh = [a for o in resting for a in o.accounts if a.after_rest]
    assert fresh
    assert all(a.operator.quiet is not None and a.window[0] > a.operator.quiet[1] for a in fresh)


@pytest.mark.parametrize("role", ["platform", "courier", "guarantor", "supplier", "warning"])
def test_others_are_named_with_and_without_cue_words(role: str, large: Market) -> None:
    ads = sum(n for (_, _, shown_as), n in large.shown.items() if shown_as == role)
    untold = sum(n for (_, shown_as), n in large.untold.items() if shown_as == role)
    assert 0.15 < untold / ads < 0.8


def test_wordings_are_many_and_different() -> None:
    for table in (TOLD, HINTED):
        for words in table.values():
            assert len(words) >= 8
            assert len(set(words)) == len(words)
            assert all(word.count("{}") == 1 for word in words)
    assert not {word for words in TOLD.values() for word in words} & {w for words in HINTED.values() for w in words}


def test_traps_grow_with_the_market() -> None:
    counts = []
    for operators in (200, 800):
        made = make_market(6, operators)
        counts.append(
            (
                len(made.world.recycled),
                len(made.world.near_handles),
                sum(o.supplier is not None for o in made.world.operators),
            )
        )
    for small, great in zip(*counts, strict=True):
        assert great == pytest.approx(4 * small, rel=0.35)


def test_stock_photographs_are_named_with_their_accounts(tmp_path: Path) -> None:
    simulate(tmp_path, seed=4, operators=12)
    truth = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    photos = [trap for trap in truth["traps"] if trap["kind"] == "stock_photo"]
    assert photos
    assert all(photo["accounts"] and photo["file"].startswith("images/stock-") for photo in photos)


def test_agents_copy_marks_and_codes_of_the_supplier() -> None:
    album = make_market(5, 200, images=True).album
    assert album is not None
    left = {(shot.kind, shot.role) for shot in album.all if shot.contact is not None}
    assert {("watermark", "supplier"), ("corner_code", "supplier"), ("watermark", "own")} <= left
