"""What a worker process does and does without."""

from __future__ import annotations

import subprocess
import sys

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
