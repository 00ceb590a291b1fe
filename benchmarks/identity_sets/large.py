"""Seconds and memory of resolving a large market, each step in a process of its own, beside plain Splink."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # its stubs are no dependency for one figure
import pyarrow as pa

from sellergraph.output import Form, emit, say

NEW_ADS = 1_000
# What is asked of a million accounts: seconds, MiB; seconds for the new advertisements.
SECONDS, MEMORY, NEW_SECONDS = 120, 4096, 15
_ROOT = Path(__file__).resolve().parent.parent.parent
_GLANCE = 0.05


@dataclass(frozen=True, slots=True)
class Step:
    """What a step told, its seconds within the process and the process's peak memory in MiB."""

    told: dict[str, Any]
    memory: float

    @property
    def seconds(self) -> float:
        """Without the start of Python."""
        return float(self.told["seconds"])


def print_large(folder: Path, sizes: Sequence[int]) -> None:
    """Measure each size, a line each."""
    rows = [_measured(_built(folder, accounts)) for accounts in sizes]
    emit(pa.Table.from_pylist(rows), Form.TABLE, "Large markets")
    print(
        f"\nasked of 1,000,000 accounts: {SECONDS} s and {MEMORY:,} MiB; {NEW_ADS:,} new ads: {NEW_SECONDS} s\n"
        "plain Splink: training and predicting on the same profiles within the same blocks. It does not read the\n"
        "graph, decide whose contacts are, join, put evidence into words or write, which the program's time has."
    )


def _built(folder: Path, accounts: int) -> Path:
    """The market's store, made unless it is there."""
    path = folder / f"accounts-{accounts}.lbug"
    if not path.exists():
        part = folder / f"part-{accounts}.lbug"
        part.unlink(missing_ok=True)
        say(f"building {accounts:,} accounts: {_run('build', part, str(accounts)).seconds:.0f} s")
        part.replace(path)
        part.with_name(f"{part.name}.lock").unlink(missing_ok=True)
    return path


def _measured(built: Path) -> dict[str, Any]:
    """All steps on a copy; the copy goes at the end."""
    with tempfile.TemporaryDirectory(prefix="identity-", dir=built.parent) as scratch:
        store, kept = Path(scratch) / "graph.lbug", Path(scratch) / "resolution"
        shutil.copyfile(built, store)
        whole = _said("resolved", _run("resolve", store, str(kept)))
        rows = Path(scratch) / "profiles.parquet"
        counted = _said("pairs counted", _run("profiles", store, str(kept), str(rows)))
        plain = _said("plain Splink", _run("plain", rows))
        added = _said("added", _run("add", store, str(NEW_ADS)))
        new = _said("resolved again", _run("resolve", store, str(kept)))
    return _row(whole, counted, plain, added, new)


def _row(whole: Step, counted: Step, plain: Step, added: Step, new: Step) -> dict[str, Any]:
    accounts = whole.told["accounts"]
    return {
        "accounts": f"{accounts:,}",
        "pairs compared": f"{counted.told['pairs']:,}",
        "an account": f"{counted.told['pairs'] / accounts:.2f}",
        "sellers": f"{whole.told['sellers']:,}",
        "resolved, s": f"{whole.seconds:.1f}",
        "MiB": f"{whole.memory:,.0f}",
        "plain Splink, s": f"{plain.seconds:.1f}",
        "its MiB": f"{plain.memory:,.0f}",
        "ratio": f"{whole.seconds / plain.seconds:.2f}",
        f"{added.told['ads']:,} new ads, s": f"{new.seconds:.1f}",
        "MiB then": f"{new.memory:,.0f}",
    }


def _said(what: str, step: Step) -> Step:
    say(f"  {what}: {step.seconds:.1f} s, {step.memory:,.0f} MiB, {json.dumps(step.told)[:300]}")
    return step


def _run(step: str, path: Path, *more: str) -> Step:
    """Run one step of steps.py in a process of its own and watch its memory."""
    command = [sys.executable, "-m", "benchmarks.identity_sets.steps", step, str(path), *more]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        memory = _watched(process)
        assert process.stdout is not None
        lines = process.stdout.read().splitlines()
    if process.returncode:
        raise SystemExit(f"the step {step} failed")
    return Step(json.loads(lines[-1]), memory)


def _watched(process: subprocess.Popen[str]) -> float:
    """Peak MiB until the process ends; it writes one short line, so that its pipe never fills."""
    child, most = psutil.Process(process.pid), 0
    while process.poll() is None:
        try:
            most = max(most, child.memory_info().rss)
        except psutil.NoSuchProcess:
            break
        time.sleep(_GLANCE)
    return most / (1 << 20)
