"""What a worker process does and does without."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from ingest.extract import extract
from ingest.extract.commodities import find_commodities
from ingest.extract.normalise import normalise


def test_a_worker_process_makes_arrow_without_pandas() -> None:
    script = (
        "import sys, pyarrow as pa; from ingest.worker import warm_up; warm_up(); "
        "print(pa.array(['象', None], pa.string()).to_pylist(), 'pandas' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", script], capture_output=True, text=True, encoding="utf-8"
    )
    assert (done.stdout.strip(), done.stderr) == ("['象', None] False", "")


def test_a_folded_text_is_read_like_the_text_itself() -> None:
    text = "出❤️象牙手串 ＶＸ：Demo_Seller１ 電話①③⑧00138000"
    assert extract(normalise(text)) == extract(text) != []
    assert find_commodities(normalise(text)) == find_commodities(text) != []


PARENT = """
import os, sys, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from ingest.worker import warm_up

if __name__ == "__main__":
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=warm_up)
    print(pool.submit(os.getpid).result(), flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a kill that leaves children is POSIX's")
def test_a_worker_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
        child.wait(timeout=20)
    assert not child.is_running()
