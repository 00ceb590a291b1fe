"""Videos of advertisements: their frames are pictures with time codes; what cannot be read costs the video alone."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from graph.stores import open_store
from ingest import videos, worker
from ingest.pipeline import IngestReport, ingest
from sellergraph.case import Settings


def scene(seed: int) -> np.ndarray:
    coarse = Image.fromarray((np.random.default_rng(seed).random((8, 10, 3)) * 255).astype(np.uint8))
    return np.asarray(coarse.resize((320, 240), Image.Resampling.BICUBIC))


def film(path: Path, *scenes: np.ndarray) -> None:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 10, (320, 240))
    for frame in scenes:
        for _ in range(20):
            writer.write(frame[:, :, ::-1])
    writer.release()


def run(settings: Settings, folder: Path, *named: str, images: tuple[str, ...] = ()) -> IngestReport:
    row = {"platform": "kuaishou", "ad_id": "1", "seller_id": "s", "images": list(images), "videos": list(named)}
    (folder / "ads.jsonl").write_text(json.dumps(row))
    with open_store(settings) as store:
        return ingest(settings, store, [folder / "ads.jsonl"], workers=1)


def test_frames_are_pictures_with_time_codes(settings: Settings, tmp_path: Path, monkeypatch) -> None:
    film(tmp_path / "clip.mp4", scene(1), scene(2), scene(3))
    Image.fromarray(scene(2)).save(tmp_path / "same.png")
    report = run(settings, tmp_path, "clip.mp4", images=("same.png",))
    assert (report.rejects, report.pictures) == ([], 4)
    with open_store(settings) as store:
        [video] = store.read_all("Video").to_pylist()
        frames = sorted(store.read_all("Image.FRAME_OF.Video").to_pylist(), key=lambda row: row["seconds"])
        shown = store.read_all("Ad.SHOWS.Image").to_pylist()
        groups = store.read_all("Image.COPY_OF.Photo").to_pylist()
    assert (video["mime"], video["width"], video["frames"]) == ("video/mp4", 320, 3)
    assert [round(row["seconds"]) for row in frames] == [0, 2, 4]
    assert sorted(row["position"] for row in shown) == [0, 1, 2, 3]
    [second] = [row["dst"] for row in shown if row["name"] == f"clip.mp4#t={frames[1]['seconds']:g}"]
    assert second == frames[1]["src"]
    photo = {row["src"]: row["dst"] for row in groups}
    [still] = [row["dst"] for row in shown if row["name"] == "same.png"]
    assert photo[still] == photo[second]
    worker._workers.clear()
    monkeypatch.setattr(videos, "read_video", None)
    assert run(settings, tmp_path, "clip.mp4", images=("same.png",)).rejects == []


def test_what_is_no_video_costs_one_line(settings: Settings, tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "sound.mp4"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(16000))
    (tmp_path / "empty.mp4").touch()
    film(tmp_path / "good.mp4", scene(1), scene(2))
    data = (tmp_path / "good.mp4").read_bytes()
    (tmp_path / "cut.avi").write_bytes(data[:3000])
    report = run(settings, tmp_path, "sound.mp4", "empty.mp4", "gone.mp4", "cut.avi", "good.mp4")
    assert (report.ads, report.pictures) == (1, 2)
    assert all(reject.kept for reject in report.rejects)
    assert [(reject.field, reject.reason.split()[0]) for reject in report.rejects] == [
        ("videos[0]", "sound.mp4"),
        ("videos[1]", "empty.mp4"),
        ("videos[2]", "gone.mp4"),
        ("videos[3]", "cut.avi"),
    ]
