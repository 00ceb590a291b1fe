"""`sellergraph doctor`: versions, store, fonts, Java; what is missing and how to get it."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

import pyarrow as pa

from sellergraph import __version__
from sellergraph.case import Settings, find_case, load_case
from sellergraph.errors import CaseError, SellergraphError, StoreAuthError

NEEDED = [
    "ladybug",
    "neo4j",
    "pyarrow",
    "duckdb",
    "networkx",
    "scipy",
    "splink",
    "scikit-network",
    "pypinyin",
    "rapidfuzz",
    "imagehash",
    "pillow",
    "zxing-cpp",
    "phonenumbers",
    "opencc",
    "ahocorasick-rs",
    "streamlit",
    "plotly",
    "pyvis",
    "python-calamine",
    "xlsxwriter",
]
OPTIONAL = {
    "pdqhash": "pip install 'sellergraph[pdq]' (hash lists of other agencies; needs a C++ compiler)",
    "pillow-heif": "pip install 'sellergraph[heic]' (pictures as iPhones save them)",
    "py2neo": "pip install 'sellergraph[py2neo]' (notebooks written for py2neo)",
}
# Maven colours its version even where nobody looks.
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(slots=True)
class Checks:
    """Findings in order; `good` is false when something that is needed is missing."""

    rows: list[dict[str, str]] = field(default_factory=list)
    good: bool = True

    def add(self, what: str, state: str, found: str, advice: str = "") -> None:
        """`state` is ok, optional or missing."""
        self.rows.append({"what": what, "state": state, "found": found, "advice": advice})
        self.good = self.good and state != "missing"

    def table(self) -> pa.Table:
        return pa.Table.from_pylist(self.rows)


def examine(case: Path | None, store: str | None) -> Checks:
    """Look at everything; nothing is changed and nothing outside the store's address is called."""
    checks = Checks()
    version = f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
    checks.add("sellergraph", "ok", __version__)
    checks.add("Python", "ok" if sys.version_info >= (3, 11) else "missing", version, "3.11 or newer")
    checks.add("system", "ok", f"{platform.system()} {platform.machine()}")
    for name in NEEDED:
        _package(checks, name, "missing", "install sellergraph again (make install)")
    for name, advice in OPTIONAL.items():
        _package(checks, name, "optional", advice)
    _programs(checks)
    _store(checks, case, store)
    return checks


def _package(checks: Checks, name: str, otherwise: str, advice: str) -> None:
    try:
        checks.add(name, "ok", metadata.version(name))
    except metadata.PackageNotFoundError:
        checks.add(name, otherwise, "not installed", advice)


def _programs(checks: Checks) -> None:
    java = _first_line(["java", "-version"])
    _optional(checks, "Java", java, "apt-get install openjdk-17-jdk-headless maven (only for the tests with Neo4j)")
    maven = _first_line(["mvn", "-B", "-v"])
    _optional(checks, "Maven", maven, "apt-get install maven (only for the tests with Neo4j)")
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), "")
    _optional(checks, "Chromium", browser, "apt-get install chromium (only for the tests of the app)")
    _optional(checks, "Chinese font", _chinese_font(), "apt-get install fonts-noto-cjk (to see Chinese in a browser)")


def _optional(checks: Checks, what: str, found: str, advice: str) -> None:
    checks.add(what, "ok" if found else "optional", found or "not found", "" if found else advice)


def _first_line(command: list[str]) -> str:
    program = shutil.which(command[0])
    if program is None:
        return ""
    try:
        done = subprocess.run([program, *command[1:]], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = _COLOUR.sub("", done.stdout or done.stderr).splitlines()
    return next(iter(lines), "") if done.returncode == 0 else ""


def _chinese_font() -> str:
    if sys.platform in ("win32", "darwin"):
        return "comes with the system"
    found = _first_line(["fc-list", ":lang=zh", "family"])
    return found.split(",")[0]


def _store(checks: Checks, case: Path | None, store: str | None) -> None:
    try:
        settings = load_case(find_case(case), store)
    except CaseError as error:
        checks.add("case", "optional" if case is None else "missing", "none chosen", str(error))
        return
    checks.add("case", "ok", str(settings.folder.resolve()))
    _attempt(checks, f"store {settings.store}", lambda: _counts(settings))


def _counts(settings: Settings) -> str:
    from graph.stores import open_store

    if settings.embedded and not settings.graph_file.exists():
        return "nothing ingested yet"
    with open_store(settings, read_only=True) as store:
        counts = store.counts()
    return f"{counts.get('Ad', 0):,} ads, {counts.get('Account', 0):,} accounts, {counts.get('Seller', 0):,} sellers"


def _attempt(checks: Checks, what: str, look: Callable[[], str]) -> None:
    try:
        checks.add(what, "ok", look())
    except SellergraphError as error:
        found = "refuses the credentials" if isinstance(error, StoreAuthError) else "does not answer"
        checks.add(what, "missing", found, str(error))
