"""Find what a user means: a species, platform, kind or seller, by id or name, with near matches when unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import pyarrow as pa

from sellergraph.errors import UsageError
from sellergraph.resources import data_path, load_yaml

# Below this rapidfuzz ratio (0 to 100) a suggestion is more often noise than a slip of the pen.
_NEAR = 60
_LISTED = 30


def known_taxon(taxa: pa.Table, wanted: str | None) -> str | None:
    """Id of the taxon of that id, English, Chinese or scientific name; None stays None.

    Raises:
        UsageError: the case has none of that name; the message names near or all known ones.
    """
    return _known("species", wanted, taxa, "taxon_id", ("name_en", "name_zh", "scientific_name"))


def known_species(taxa: pa.Table, wanted: str | None) -> list[str] | None:
    """Ids of the taxa that a taxon, or a group of graph/figures/groups.yaml, stands for; None stays None.

    Several stand with commas between. A group goes by its id and names, and by the taxon of the words that do not
    tell the species: who asks for turtles means them all.

    Raises:
        UsageError: the case has none of that name; the message names near or all known ones.
    """
    if wanted is None:
        return None
    asked = [part for part in wanted.replace("，", ",").split(",") if part.strip()] or [wanted]
    return sorted({taxon for part in asked for taxon in _taxa_of(taxa, part)})


def _taxa_of(taxa: pa.Table, wanted: str) -> list[str]:
    groups = _groups()
    taxon = groups.get(wanted.strip().casefold()) or known_taxon(taxa, wanted)
    return taxon if isinstance(taxon, list) else groups.get(f"general {taxon}", [str(taxon)])


@cache
def species_groups_file() -> dict[str, dict[str, Any]]:
    """graph/figures/groups.yaml as it stands there."""
    groups: dict[str, dict[str, Any]] = load_yaml(data_path("graph/figures/groups.yaml"))
    return groups


@cache
def _groups() -> dict[str, list[str]]:
    """Taxa by each name of a group, and by 'general' and the taxon that stands for it."""
    found = dict[str, list[str]]()
    for group, row in species_groups_file().items():
        found |= {name.casefold(): row["taxa"] for name in (group, row["name_en"], row["name_zh"])}
        if "general" in row:
            found[f"general {row['general']}"] = row["taxa"]
    return found


def known_platform(platforms: pa.Table, wanted: str | None) -> str | None:
    """Slug of the platform of that slug or name; None stays None. Raises UsageError."""
    return _known("platform", wanted, platforms, "platform", ("name",))


def known_kind(platforms: pa.Table, wanted: str | None) -> str | None:
    """The kind of platform, which must occur in the case; None stays None. Raises UsageError."""
    return _known("kind of platform", wanted, platforms, "kind", ())


def _known(what: str, wanted: str | None, table: pa.Table, key: str, names: Iterable[str]) -> str | None:
    if wanted is None:
        return None
    spellings = _spellings(table, key, names)
    found = spellings.get(wanted.strip().casefold())
    if found is None:
        ids = sorted({value for value in table[key].to_pylist() if value})
        raise UsageError(f"unknown {what} {wanted!r}; {_suggest(wanted, spellings, ids)}")
    return found


def _spellings(table: pa.Table, key: str, names: Iterable[str]) -> dict[str, str]:
    """Each id and name, case folded, with the id that it means; an id wins over a name."""
    spellings = dict[str, str]()
    for column in (key, *names):
        for spelling, identifier in zip(table[column].to_pylist(), table[key].to_pylist(), strict=True):
            if spelling and identifier:
                spellings.setdefault(spelling.casefold(), identifier)
    return spellings


def _suggest(wanted: str, spellings: Mapping[str, str], ids: list[str]) -> str:
    from rapidfuzz import fuzz, process

    hits = process.extract(wanted.casefold(), sorted(spellings), scorer=fuzz.WRatio, limit=3, score_cutoff=_NEAR)
    near = list(dict.fromkeys(spellings[spelling] for spelling, _, _ in hits))
    if near:
        return f"did you mean {' or '.join(near)}?"
    if not ids:
        return "the case has none yet"
    more = f" and {len(ids) - _LISTED} more" if len(ids) > _LISTED else ""
    return f"known are {', '.join(ids[:_LISTED])}{more}"
