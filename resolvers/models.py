"""The model that a case keeps."""

from __future__ import annotations

from pathlib import Path

from resolvers.model import Model, load_model

MODEL_FILE = "model.json"


def kept_model(folder: Path | None) -> Model | None:
    """The model in the folder, or None when there is none yet.

    Raises:
        UsageError: it cannot be used.
    """
    path = None if folder is None else folder / MODEL_FILE
    return load_model(path) if path is not None and path.exists() else None
