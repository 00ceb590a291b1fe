"""Small copies of captured pictures, made from the evidence store when a page shows them."""

from __future__ import annotations

import io
from pathlib import Path

import streamlit as st

SIZE = 240
# A picture of more pixels is not decoded for a thumbnail: 50 million are 200 MB in memory.
_MOST_PIXELS = 50_000_000


def thumbnail(evidence: Path, place: str) -> bytes | None:
    """A JPEG of at most 240 x 240 pixels; None when the picture is missing or cannot be shown.

    Args:
        place: path in the evidence store; one that leads out of it is not followed.
    """
    path = (evidence / place).resolve()
    if not path.is_relative_to(evidence.resolve()) or not path.is_file():
        return None
    # Captured files are named by their content: the path alone tells what the picture is.
    return _small(str(path))


@st.cache_data(max_entries=2_000, show_spinner=False)
def _small(path: str) -> bytes | None:
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                return None
            picture.draft("RGB", (2 * SIZE, 2 * SIZE))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        # What Pillow raises for damaged files of the formats that it knows.
        return None
    upright.thumbnail((SIZE, SIZE))
    small = io.BytesIO()
    upright.save(small, "JPEG", quality=80)
    return small.getvalue()
