"""The lexicon's files load, agree with each other, and say clearly what is wrong with them."""

from __future__ import annotations

import pytest

from graph.services import SERVICES
from ingest import lexicon
from ingest.extract.mention import ROLES
from ingest.lexicon import check
from sellergraph.errors import SchemaError

# As the report of March 2019 lists them.
CHELONIANS = [
    ("golden_coin_turtle", "Cuora trifasciata", "II", "CR", "Level 2"),
    ("yellow_pond_turtle", "Mauremys mutica", "II", "EN", "Level 2 (wild population only)"),
    ("chinese_box_turtle", "Cuora flavomarginata", "II", "EN", "Level 2 (wild population only)"),
    ("red_necked_pond_turtle", "Mauremys nigricans", "III", "EN", "IESS"),
    ("african_spurred_tortoise", "Centrochelys sulcata", "II", "VU", None),
    ("radiated_tortoise", "Astrochelys radiata", "I", "CR", None),
    ("amboina_box_turtle", "Cuora amboinensis", "II", "VU", "IESS"),
    ("hermanns_tortoise", "Testudo hermanni", "II", "NT", "IESS"),
    ("red_footed_tortoise", "Chelonoidis carbonaria", "II", None, None),
    ("leopard_tortoise", "Stigmochelys pardalis", "II", "LC", None),
    ("hawksbill", "Eretmochelys imbricata", "I", "CR", "Level 2"),
    ("aldabra_giant_tortoise", "Aldabrachelys gigantea", "II", "VU", None),
]


@pytest.mark.parametrize(("slug", "name", "cites", "red_list", "level"), CHELONIANS)
def test_status_of_chelonians(slug: str, name: str, cites: str, red_list: str | None, level: str | None) -> None:
    taxon = {t.id: t for t in lexicon.taxa()}[slug]
    assert (taxon.scientific_name, taxon.cites, taxon.red_list, taxon.national_level) == (name, cites, red_list, level)
    assert taxon.status_date == "2019-03-01"


def test_every_commodity_has_a_taxon_and_every_term_a_commodity() -> None:
    taxa = {t.id for t in lexicon.taxa()}
    assert len(taxa) == len(lexicon.taxa())
    known = {c.id for c in lexicon.commodities()}
    assert {c.taxon_id for c in lexicon.commodities()} == taxa
    named = {term.commodity_id for term in lexicon.terms()} - {None}
    assert named <= known
    assert {c.taxon_id for c in lexicon.commodities() if c.id in named} == taxa


def test_platforms_and_services_agree() -> None:
    platforms = lexicon.platforms()
    for slug in (
        "xianyu",
        "taobao",
        "1688",
        "weidian",
        "wechat",
        "wechat-moments",
        "qq",
        "weibo",
        "tieba",
        "kuaishou",
        "douyin",
    ):
        assert slug in platforms
    for entry in platforms.values():
        if entry.service:
            assert lexicon.platform_of_service(entry.service) == entry.slug
    assert lexicon.platform_of_service("qq_group") == "qq"
    assert lexicon.platform_of_service("tel") is None


@pytest.mark.parametrize(
    ("host", "slug"),
    [
        ("weibo.com", "weibo"),
        ("m.weibo.cn", "weibo"),
        ("2.taobao.com", "xianyu"),
        ("shop1.taobao.com", "taobao"),
        ("qm.qq.com", "qq"),
        ("u.wechat.com", "wechat"),
        ("wa.me", "whatsapp"),
        ("www.example.com", None),
        ("com", None),
        ("notweibo.com", None),
    ],
)
def test_platform_of_host(host: str, slug: str | None) -> None:
    assert lexicon.platform_of_host(host) == slug


def test_contact_words_name_known_services_and_cues_known_roles() -> None:
    services = {word.service for word in lexicon.contact_words()}
    assert services - set(SERVICES) - {"tel", "weipai"} == set()
    assert {cue.role for cue in lexicon.role_cues()} == {*ROLES, "none", "someone"}
    assert len(lexicon.contact_words()) > 300


def test_no_contact_word_stands_for_two_services() -> None:
    seen = dict[str, str]()
    for word in lexicon.contact_words():
        assert seen.setdefault(word.word.lower(), word.service) == word.service, word


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: check.text("f.yaml", "a.b", 3), "f.yaml: a.b must be a text"),
        (lambda: check.texts("f.yaml", "a", "x"), "f.yaml: a must be a list"),
        (lambda: check.number("f.yaml", "a", 2), "f.yaml: a must be above 0"),
        (lambda: check.entries("f.yaml", "a", []), "f.yaml: a must be a mapping"),
    ],
)
def test_mistakes_in_the_files_are_named(call: object, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        call()  # type: ignore[operator]  # functions without arguments
