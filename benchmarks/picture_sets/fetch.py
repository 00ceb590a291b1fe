"""What the picture benchmark needs from package registries, unpacked into one cache folder without root."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

from PIL import Image, ImageFont

_FONTS = "fonts-noto-cjk"
# The collection's faces are JP, KR, SC, TC, HK in this order.
_SIMPLIFIED = 2
FACES = ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc", "NotoSerifCJK-Regular.ttc")


class Cache:
    """A folder of unpacked Debian packages and PyPI wheels; each is fetched once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._faces = dict[tuple[str, int], ImageFont.FreeTypeFont]()

    def debian(self, package: str) -> Path | None:
        """The folder that the package's files are unpacked in; None when Debian's mirror does not have it."""
        unpacked = self.folder / "debian" / package
        if unpacked.is_dir():
            return unpacked
        archives = self.folder / "archives"
        archives.mkdir(parents=True, exist_ok=True)
        print(f"fetching {package} from Debian", file=sys.stderr)
        done = subprocess.run(["apt-get", "download", package], cwd=archives, capture_output=True, check=False)
        archive = next(archives.glob(f"{package}_*.deb"), None)
        if done.returncode or archive is None:
            return None
        partly = unpacked.with_name(f"{package}.partly")
        partly.mkdir(parents=True, exist_ok=True)
        subprocess.run(["dpkg-deb", "-x", str(archive), str(partly)], check=True)
        partly.rename(unpacked)
        archive.unlink()
        return unpacked

    def pypi(self, package: str, module: str) -> Any:
        """A module of a PyPI package, installed into the cache, not into the environment."""
        target = self.folder / "pypi"
        if not (target / module).is_dir():
            print(f"fetching {package} from PyPI", file=sys.stderr)
            options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--target", str(target)]
            subprocess.run([sys.executable, "-m", "pip", "install", *options, package], check=True)
        if str(target) not in sys.path:
            # Last, so that the environment's own packages go before.
            sys.path.append(str(target))
        return importlib.import_module(module)

    def font(self, size: int, face: str = FACES[0]) -> ImageFont.FreeTypeFont:
        """A typeface for Chinese and Latin, `size` pixels high."""
        key = (face, size)
        if key not in self._faces:
            folder = self.debian(_FONTS)
            found = next(folder.rglob(face), None) if folder else None
            if found is None:
                raise SystemExit(f"{face} is needed: Debian's {_FONTS} cannot be fetched here")
            self._faces[key] = ImageFont.truetype(str(found), size, index=_SIMPLIFIED)
        return self._faces[key]


def contained(picture: Image.Image, side: int) -> Image.Image:
    """The picture at `side` pixels on its longest side; smaller ones as they are."""
    copy = picture.copy()
    copy.thumbnail((side, side), Image.Resampling.LANCZOS)
    return copy
