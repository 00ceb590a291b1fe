"""A case folder: case.toml and SELLERGRAPH_* variables become one frozen Settings."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from sellergraph.errors import CaseError

CASE_FILE = "case.toml"
EMBEDDED = "embedded"
DEFAULT_TIMEZONE = "Asia/Shanghai"
# The report's platforms are Chinese: a number without a prefix is read as a mainland number.
DEFAULT_REGIONS = ("CN",)
# How text in pictures is looked for: at 960 pixels (half a second a picture), at 640 (half of that), or not at all.
OCR_MODES = ("default", "fast", "off")
_UNQUOTABLE = re.compile(r"[\s\"\\\x00-\x1f]")
BOLT_SCHEMES = ("bolt://", "neo4j://", "bolt+s://", "neo4j+s://", "bolt+ssc://", "neo4j+ssc://")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a part of the program may want to know about the case it works on."""

    folder: Path
    store: str = EMBEDDED
    timezone: str = DEFAULT_TIMEZONE
    regions: tuple[str, ...] = DEFAULT_REGIONS
    ocr: str = "default"
    neo4j_user: str = "neo4j"
    neo4j_password: str = field(default="", repr=False)
    neo4j_database: str = "neo4j"

    @property
    def evidence(self) -> Path:
        """Folder of captured bytes, by SHA-256."""
        return self.folder / "evidence"

    @property
    def graph_file(self) -> Path:
        """File of the embedded graph."""
        return self.folder / "graph.lbug"

    @property
    def resolution(self) -> Path:
        """Folder of the model of resolution and of what its next run need not do again."""
        return self.folder / "resolution"

    @property
    def rejects_file(self) -> Path:
        """JSON Lines of records that could not be used."""
        return self.folder / "rejects.jsonl"

    @property
    def embedded(self) -> bool:
        """Whether the case keeps its graph in its own folder."""
        return self.store == EMBEDDED

    @property
    def zone(self) -> ZoneInfo:
        """Time zone of times that were captured without an offset."""
        return ZoneInfo(self.timezone)


def check_store(store: str) -> str:
    """Return `store` when it is 'embedded' or a Bolt address, else raise CaseError."""
    if "@" in store:
        # Not echoed: it may be a password.
        raise CaseError("a store's address holds no user or password: set SELLERGRAPH_NEO4J_USER and _NEO4J_PASSWORD")
    if store == EMBEDDED or store.startswith(BOLT_SCHEMES) and not _UNQUOTABLE.search(store):
        return store
    raise CaseError(f"store {store!r} is neither 'embedded' nor an address like bolt://localhost:7687")


def check_timezone(name: str) -> str:
    """Return `name` when the time-zone database knows it, else raise CaseError."""
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        # ZoneInfoNotFoundError is a KeyError, bad characters are ValueError, a folder's name is OSError.
        raise CaseError(f"timezone {name!r} is not known; use a name like Asia/Shanghai") from error
    return name


def check_ocr(mode: str) -> str:
    """Return `mode` when it is one of OCR_MODES, else raise CaseError."""
    if mode not in OCR_MODES:
        raise CaseError(f"ocr {mode!r} is none of {', '.join(OCR_MODES)}")
    return mode


def create_case(folder: Path, store: str = EMBEDDED, timezone: str = DEFAULT_TIMEZONE) -> Settings:
    """Make a case folder with its case.toml; an existing case.toml is left as it is and refused.

    Raises:
        CaseError: the folder is a case already, or a value cannot be used.
    """
    check_store(store)
    check_timezone(timezone)
    target = folder / CASE_FILE
    if target.exists():
        raise CaseError(f"{folder} is a case already; choose another folder, or delete this one to start anew")
    try:
        (folder / "evidence").mkdir(parents=True, exist_ok=True)
        target.write_text(_case_toml(store, timezone), encoding="utf-8")
    except OSError as error:
        raise CaseError(f"cannot make a case in {folder}: {error.strerror or error}") from error
    return load_case(folder)


def _case_toml(store: str, timezone: str) -> str:
    return (
        f"# A sellergraph case. SELLERGRAPH_STORE, _TIMEZONE, _OCR and _NEO4J_* override what stands here.\n"
        f'store = "{store}"              # "embedded", or a Neo4j address like bolt://localhost:7687\n'
        f'timezone = "{timezone}"        # of times that were captured without an offset\n'
        f'regions = ["CN"]                 # regions of telephone numbers written without a prefix\n'
        f'ocr = "default"                  # text in pictures: "default", "fast" (not small text), "off"\n'
    )


def find_case(explicit: Path | None, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the case folder: `--case`, else SELLERGRAPH_CASE, else the current folder.

    Raises:
        CaseError: that folder has no case.toml.
    """
    folder = explicit or Path(environ.get("SELLERGRAPH_CASE") or ".")
    if not (folder / CASE_FILE).is_file():
        raise CaseError(
            f"{folder.resolve()} is not a case (no {CASE_FILE}); make one with 'sellergraph init DIR' "
            "and choose it with --case DIR or SELLERGRAPH_CASE"
        )
    return folder


def load_case(folder: Path, store: str | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read a case folder into Settings; `store` overrides SELLERGRAPH_STORE, which overrides case.toml.

    Raises:
        CaseError: case.toml is not TOML, holds an unknown key or a value of the wrong kind.
    """
    values = _read_toml(folder / CASE_FILE)
    chosen = store or environ.get("SELLERGRAPH_STORE") or values.get("store", EMBEDDED)
    timezone = environ.get("SELLERGRAPH_TIMEZONE") or values.get("timezone", DEFAULT_TIMEZONE)
    return Settings(
        folder=folder,
        store=check_store(str(chosen)),
        timezone=check_timezone(str(timezone)),
        regions=_regions(values.get("regions", list(DEFAULT_REGIONS)), folder),
        ocr=check_ocr(str(environ.get("SELLERGRAPH_OCR") or values.get("ocr", "default"))),
        neo4j_user=environ.get("SELLERGRAPH_NEO4J_USER", "neo4j"),
        neo4j_password=environ.get("SELLERGRAPH_NEO4J_PASSWORD", ""),
        neo4j_database=environ.get("SELLERGRAPH_NEO4J_DATABASE", "neo4j"),
    )


def _read_toml(path: Path) -> dict[str, object]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CaseError(f"{path} cannot be read: {error}") from error
    unknown = sorted(set(values) - {"store", "timezone", "regions", "ocr"})
    if unknown:
        raise CaseError(f"{path}: unknown setting {', '.join(unknown)}; known are store, timezone, regions, ocr")
    return values


def _regions(value: object, folder: Path) -> tuple[str, ...]:
    good = isinstance(value, list) and all(isinstance(r, str) and len(r) == 2 and r.isalpha() for r in value)
    if not good:
        raise CaseError(f'{folder / CASE_FILE}: regions must be a list of two-letter codes like ["CN"]')
    assert isinstance(value, list)
    return tuple(str(region).upper() for region in value)
