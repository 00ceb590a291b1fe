"""Processes that do without pandas: pyarrow would import it, for a third of a second to three seconds, only to ask
whether a list is a Series."""

from __future__ import annotations

import sys


class _Refusal:
    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError("this process does without pandas", name=name)


def do_without_pandas() -> None:
    """Let pyarrow believe that pandas is not installed; for processes that never make a data frame.

    Nothing happens where pandas has been imported already.
    """
    if "pandas" not in sys.modules and not any(isinstance(finder, type(_REFUSAL)) for finder in sys.meta_path):
        sys.meta_path.insert(0, _REFUSAL)


_REFUSAL = _Refusal()
