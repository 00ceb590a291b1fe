"""What the trade's words mean: species and their status, terms, platforms and contact words.

All of it is YAML in this folder, read once a process and checked; a mistake in it raises SchemaError
that names the file and the entry.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import yaml

from ingest.lexicon.check import entries, number, text, texts
from sellergraph.errors import SchemaError
from sellergraph.resources import data_path, load_yaml

PLATFORM_KINDS = (
    "website", "social_media", "online_community", "short_video", "second_hand", "handicraft", "live_reptile",
    "messaging",
)  # fmt: skip
STRENGTHS = ("strong", "medium", "weak")
SIDES = ("after", "before", "any")
CONTEXTS = ("same", "not_phone", "reversed", "left_out", "halved", "signs", "third")


@dataclass(frozen=True, slots=True)
class Taxon:
    """A species or group of species, with its status on `status_date`; None where it has none."""

    id: str
    scientific_name: str
    name_en: str
    name_zh: str
    cites: str | None
    red_list: str | None
    national_level: str | None
    status_date: str


@dataclass(frozen=True, slots=True)
class Commodity:
    """A part or product of a taxon, or the live animal; `id` is taxon/part."""

    id: str
    taxon_id: str
    part: str
    name_en: str
    name_zh: str


@dataclass(frozen=True, slots=True)
class PlatformEntry:
    """A site or app.

    `service` is the slug of its handles, None when it has none; `region` the ISO 3166 code of the one country that
    it serves, None when it is China or several; `within` the slug of the app that it is a page of.
    """

    slug: str
    name: str
    kind: str
    service: str | None
    hosts: tuple[str, ...]
    region: str | None = None
    within: str | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """A word or emoji of the trade; `commodity_id` is None for a trap, which hides the terms in it."""

    term: str
    commodity_id: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class ContactWord:
    """A word that introduces ids of a service; `strength` is strong, medium or weak."""

    word: str
    service: str
    strength: str


@dataclass(frozen=True, slots=True)
class RoleCue:
    """Words near a contact that tell whose it is.

    `side` is where the contact stands: after the words, before them, or on either side ('any'); `far` words, such as
    a victim's, speak of every contact of the text of which no other words speak.
    """

    word: str
    role: str
    side: str
    weight: float
    far: bool = False


@cache
def taxa() -> tuple[Taxon, ...]:
    """Every taxon of species.yaml, in its order."""
    raw = _load("species.yaml")
    date = text("species.yaml", "status_date", raw.get("status_date"))
    return tuple(
        Taxon(
            slug,
            text("species.yaml", f"{slug}.scientific_name", entry.get("scientific_name")),
            text("species.yaml", f"{slug}.name_en", entry.get("name_en")),
            text("species.yaml", f"{slug}.name_zh", entry.get("name_zh")),
            entry.get("cites"),
            entry.get("red_list"),
            entry.get("national_level"),
            date,
        )
        for slug, entry in entries("species.yaml", "taxa", raw.get("taxa"))
    )


@cache
def commodities() -> tuple[Commodity, ...]:
    """Every part of every taxon."""
    raw = _load("species.yaml")
    parts = dict(entries("species.yaml", "parts", raw.get("parts")))
    return tuple(
        _commodity(taxon, part, parts)
        for taxon in taxa()
        for part in texts("species.yaml", taxon.id, raw["taxa"][taxon.id].get("parts"))
    )


def _commodity(taxon: Taxon, part: str, parts: dict[str, Any]) -> Commodity:
    if part not in parts:
        raise SchemaError(f"species.yaml: {taxon.id} has the unknown part {part!r}")
    name_en, name_zh = f"{taxon.name_en} {parts[part]['name_en']}", f"{taxon.name_zh}{parts[part]['name_zh']}"
    return Commodity(f"{taxon.id}/{part}", taxon.id, part, name_en, name_zh)


@cache
def terms() -> tuple[Term, ...]:
    """Every trade term and trap of terms.yaml."""
    raw, known = _load("terms.yaml"), {commodity.id for commodity in commodities()}
    found = list[Term]()
    for commodity, listed in (raw.get("terms") or {}).items():
        if commodity not in known:
            raise SchemaError(f"terms.yaml: {commodity} is no part of a taxon in species.yaml")
        for entry in listed:
            found.extend(_terms_of(commodity, entry))
    traps = [word for line in raw.get("traps") or [] for word in texts("terms.yaml", "traps", line)]
    return (*found, *(Term(word, None, 0.0) for word in traps))


def _terms_of(commodity: str, entry: Any) -> list[Term]:
    if isinstance(entry, dict):
        return [Term(str(word), commodity, number("terms.yaml", f"{commodity}.{word}", c)) for word, c in entry.items()]
    return [Term(text("terms.yaml", commodity, entry), commodity, 0.9)]


@cache
def platforms() -> dict[str, PlatformEntry]:
    """Every platform of platforms.yaml by its slug."""
    return {
        str(slug): _platform(str(slug), entry)
        for slug, entry in entries("platforms.yaml", "platforms", _load("platforms.yaml"))
    }


def _platform(slug: str, entry: Any) -> PlatformEntry:
    kind = text("platforms.yaml", f"{slug}.kind", entry.get("kind"))
    if kind not in PLATFORM_KINDS:
        raise SchemaError(f"platforms.yaml: {slug} has the unknown kind {kind!r}")
    hosts = tuple(texts("platforms.yaml", slug, entry.get("hosts")))
    return PlatformEntry(
        slug, text("platforms.yaml", slug, entry.get("name")), kind, entry.get("service"), hosts, entry.get("region"),
        entry.get("within"),
    )  # fmt: skip


@cache
def _platform_by_service() -> dict[str, str]:
    found = {entry.service: slug for slug, entry in platforms().items() if entry.service}
    return {**found, "qq_group": "qq"}


def platform_of_service(service: str) -> str | None:
    """Slug of the platform on which the handles of a service are logins."""
    return _platform_by_service().get(service)


@cache
def _platform_by_host() -> dict[str, str]:
    return {host: slug for slug, entry in platforms().items() for host in entry.hosts}


@lru_cache(maxsize=10_000)
def platform_of_host(host: str) -> str | None:
    """Slug of the platform that a host belongs to: the longest listed host that it is or lies below."""
    labels = host.lower().split(".")
    for start in range(len(labels) - 1):
        if slug := _platform_by_host().get(".".join(labels[start:])):
            return slug
    return None


@cache
def contact_words() -> tuple[ContactWord, ...]:
    """Every contact word of contact_words.yaml: one line each, [word, service, strength]."""
    raw = _load("contact_words.yaml").get("words")
    if not isinstance(raw, list) or not raw:
        raise SchemaError("contact_words.yaml: words must be a list of [word, service, strength]")
    found = [_contact_word(line) for line in raw]
    for (word, service), count in Counter((entry.word, entry.service) for entry in found).items():
        if count > 1:
            raise SchemaError(f"contact_words.yaml: {word!r} stands twice for {service}")
    return tuple(found)


def _contact_word(line: Any) -> ContactWord:
    if not isinstance(line, list) or len(line) != 3:
        raise SchemaError(f"contact_words.yaml: {line!r} is no [word, service, strength]")
    word, service, strength = texts("contact_words.yaml", str(line), line)
    if strength not in STRENGTHS:
        raise SchemaError(f"contact_words.yaml: {word!r} has the unknown strength {strength!r}")
    return ContactWord(word, service, strength)


@cache
def role_cues() -> tuple[RoleCue, ...]:
    """Every cue of roles.yaml."""
    return tuple(
        RoleCue(
            str(word),
            role,
            side,
            number("roles.yaml", f"{role}.{side}", group.get("weight", 1.0)),
            group.get("far") is True,
        )
        for role, groups in entries("roles.yaml", "roles", _load("roles.yaml").get("roles"))
        for group in groups
        for side in [_side(role, group.get("contact"))]
        for word in _words(group)
    )


def _words(group: dict[str, Any]) -> Iterator[Any]:
    """The words of a group, and each of its heads with each of its tails."""
    yield from group.get("words", ())
    for head in group.get("heads", ()):
        for tail in group["tails"]:
            yield f"{head}{tail}"


@cache
def claim_words() -> tuple[tuple[str, str | None], ...]:
    """Every word of claims.yaml with its claim; None for a refused one, which hides the words in it."""
    found = list[tuple[str, str | None]]()
    for claim, group in entries("claims.yaml", "claims", _load("claims.yaml").get("claims")):
        found += [(text("claims.yaml", claim, word), claim) for word in _words(group)]
        found += [(word, None) for word in texts("claims.yaml", f"{claim}.refused", group.get("refused") or [])]
        found += [(f"{word}{name}", claim) for word in group.get("before_turtles", ()) for name in _turtles()]
    return tuple(found)


def _turtles() -> list[str]:
    """Chinese names of live turtles in terms.yaml."""
    kinds = {taxon.id for taxon in taxa() if "龟" in taxon.name_zh}
    return [t.term for t in terms() if t.commodity_id and t.commodity_id.split("/")[0] in kinds and t.term[0] >= "一"]


@cache
def claim_context() -> dict[str, Any]:
    """The entries of claim_context.yaml: lists of words parted by blanks, or of patterns."""
    return _load("claim_context.yaml")


@cache
def characters() -> dict[str, str]:
    """What each character of characters.yaml becomes."""
    return {c: str(becomes) for becomes, given in _load("characters.yaml").items() for c in str(given)}


@cache
def number_words() -> dict[str, tuple[tuple[str, str], ...]]:
    """Each word of number_words.yaml with its digits, (language, digit): 'ba' is 3 in Vietnamese, 8 in pinyin."""
    found = dict[str, dict[str, str]]()
    for language, words in _load("number_words.yaml").items():
        for word, digit in words.items():
            found.setdefault(str(word), {}).setdefault(language.partition("_")[0], str(digit))
    return {word: tuple(digits.items()) for word, digits in found.items()}


@cache
def refused_ids() -> frozenset[str]:
    """Words that stand beside contact words and are never ids, from refused_ids.yaml."""
    listed = texts("refused_ids.yaml", "words", _load("refused_ids.yaml").get("words"))
    return frozenset(word for line in listed for word in line.split())


@cache
def place_names() -> frozenset[str]:
    """Names of provinces, cities and countries, from place_names.yaml."""
    groups = _load("place_names.yaml").items()
    return frozenset(
        name for kind, listed in groups for line in texts("place_names.yaml", kind, listed) for name in line.split()
    )


def _side(role: str, side: Any) -> str:
    if side not in SIDES:
        raise SchemaError(f"roles.yaml: {role} has the unknown side {side!r}")
    return str(side)


@cache
def context_words() -> dict[str, tuple[str, ...]]:
    """The words of context.yaml by their kind, those of a region under 'region:XX'."""
    raw = _load("context.yaml")
    found = {kind: tuple(texts("context.yaml", kind, raw.get(kind))) for kind in CONTEXTS}
    for region, words in entries("context.yaml", "regions", raw.get("regions")):
        found[f"region:{region}"] = tuple(texts("context.yaml", region, words))
    return found


def _load(name: str) -> dict[str, Any]:
    path = data_path("ingest/lexicon") / name
    try:
        raw = load_yaml(path)
    except (OSError, yaml.YAMLError) as error:
        raise SchemaError(f"{path}: {error}") from error
    if not isinstance(raw, dict):
        raise SchemaError(f"{path}: must be a mapping")
    return raw
