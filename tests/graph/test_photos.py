"""Comparing pictures by the hashes of their views."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from graph.photos import (
    NEAR_64,
    NEAR_256,
    SAME_64,
    SAME_256,
    ViewHash,
    Views,
    compare_views,
    match_all,
    match_between,
    match_one,
)


def hashed(bits64: int, bits256: int = 0, view: str = "full", *, base: int = 7) -> ViewHash:
    """A view whose hashes are so many bits away from those of `hashed(0)`."""
    random = np.random.default_rng(base)
    small, large = random.integers(0, 2, 64), random.integers(0, 2, 256)
    small[:bits64] ^= 1
    large[:bits256] ^= 1
    return ViewHash(view, np.packbits(small).tobytes().hex(), np.packbits(large).tobytes().hex())


def test_both_hashes_must_be_near() -> None:
    for bits64, bits256, verdict in [
        (0, 0, "same"),
        (SAME_64, SAME_256, "same"),
        (SAME_64 + 1, 0, "candidate"),
        (NEAR_64, NEAR_256, "candidate"),
        (0, SAME_256 + 1, "candidate"),
        (NEAR_64 + 1, 0, None),
        (0, NEAR_256 + 1, None),
    ]:
        match = compare_views([hashed(0)], [hashed(bits64, bits256)])
        assert (match and match.verdict) == verdict
        assert match is None or (match.distance64, match.distance256) == (bits64, bits256)


def test_the_best_pair_of_views_counts() -> None:
    left = [hashed(0, view="full"), hashed(0, view="trimmed", base=9)]
    right = [hashed(9, 5, view="full"), hashed(3, 20, view="trimmed", base=9)]
    match = compare_views(left, right)
    assert match is not None
    assert (match.verdict, match.distance64, match.views) == ("same", 3, "trimmed/trimmed")


def test_all_at_once_is_as_two_at_a_time() -> None:
    random = np.random.default_rng(3)
    pictures = [
        [hashed(int(random.integers(0, 12)), int(random.integers(0, 80)), view, base=int(random.integers(0, 6)))
         for view in ("full", "mirror", "trimmed")]
        for _ in range(60)
    ]  # fmt: skip
    one_by_one = {(a, b): compare_views(pictures[a], pictures[b]) for a in range(60) for b in range(a + 1, 60)}
    wanted = {pair: match[:2] + match[3:] for pair, match in one_by_one.items() if match}
    found = {(a, b): match[:2] + match[3:] for a, b, match in match_all(pictures)}
    assert found == wanted
    between = {
        (a, b + 30): m[:2] + m[3:] for a, b, m in match_between(Views.of(pictures[:30]), Views.of(pictures[30:]))
    }
    assert between == {pair: match for pair, match in wanted.items() if pair[0] < 30 <= pair[1]}
    best = match_one(Views.of(pictures[1:]), pictures[0])
    assert {(0, number + 1): match[:2] + match[3:] for number, match in best} == {
        pair: match for pair, match in wanted.items() if pair[0] == 0
    }


def test_many_equal_pictures_are_all_found_with_the_first() -> None:
    pictures = [[hashed(0)] for _ in range(300)] + [[hashed(2)]]
    found = {(a, b) for a, b, _ in match_all(pictures)}
    assert {(0, other) for other in range(1, 301)} <= found


def test_a_column_of_the_graph_gives_the_same_table() -> None:
    pictures = [[hashed(0), hashed(3, view="square")], [], [hashed(1, base=2)]]
    column = pa.chunked_array(
        [[[str(view) for view in views] for views in pictures[:1]], [None, [str(pictures[2][0])]]]
    )
    kept, made = Views.of_column(column), Views.of(pictures)
    order = np.lexsort((made.names, made.owner))
    again = np.lexsort((kept.names, kept.owner))
    for name in ("h64", "owner", "names"):
        assert getattr(kept, name)[again].tolist() == getattr(made, name)[order].tolist()
    assert kept.h256[again].tolist() == made.h256[order].tolist()


@given(st.sampled_from(["full", "centre90"]), st.integers(0, 2**64 - 1), st.integers(0, 2**256 - 1))
def test_what_is_kept_is_read_again(view: str, small: int, large: int) -> None:
    one = ViewHash(view, f"{small:016x}", f"{large:064x}")
    assert ViewHash.parse(str(one)) == one
