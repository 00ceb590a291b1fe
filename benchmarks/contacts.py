"""How well and how fast contacts are read: precision, recall and F1 by kind and service, texts a second.

    .venv/bin/python benchmarks/contacts.py [--texts 20000] [--misses] [--wheel WHEEL] [FILE …]

The texts of contacts_heldout.yaml were written and labelled in helper sessions that had not seen the program, split by
the digest of their words, and are not looked at while the program is changed; --misses
prints the mistakes in the other half, contacts_seen.yaml, or another FILE. Speed is measured in the same run beside
one pass of `re` over the same texts: one alternation of every word that extraction knows, numbers, ids and addresses;
and beside a small one of a dozen words, which nobody could work with. The texts have 120 characters: ordinary ads
with a contact in some prose, and the held-out texts, which are full of traps, with more of the same behind them.
--wheel measures the reader in a wheel, such as the compiled one of `make wheel`, in the place of the one installed.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NoReturn

# Python puts a script's own folder first, where this file would hide the package `ingest`.
sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).resolve().parent]

import yaml  # noqa: E402  # after the line above

from graph.values import Email, Handle, Link, Phone  # noqa: E402
from ingest.extract import extract  # noqa: E402
from ingest.extract.mention import Mention  # noqa: E402
from ingest.extract.normalise import normalise  # noqa: E402
from ingest.lexicon import contact_words, context_words, role_cues  # noqa: E402

HELD_OUT = Path(__file__).parent / "contacts_heldout.yaml"
LENGTH = 120
_PROSE = (
    "老料象牙手串包浆漂亮自己盘了三年急用钱出，实物拍摄，顺丰包邮，支持验货，不满意包退，价格可以小刀，诚心要的来聊，同城可以面交，外地走顺丰保价，"
    "成色如图所见即所得，喜欢的朋友不要错过，家里还有几件一起打包更优惠，非诚勿扰谢谢，珠子大小均匀没有裂纹没有补过，弹力绳是新换的，送一个布袋。"
)
_CONTACTS = (
    "加微信 {id}",
    "vx：{id}",
    "电话{mobile}",
    "V❤{mobile}",
    "手机 {mobile}，微信同号",
    "薇信：{id} 看视频",
    "快手号 {id}",
)
Case = dict[str, Any]


def main() -> None:
    """Parse the options, measure, print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("files", nargs="*", type=Path, default=[HELD_OUT])
    options.add_argument("--texts", type=int, default=20_000, help="texts of 120 characters to time")
    options.add_argument("--misses", action="store_true", help="print every mistake; never for the held-out texts")
    options.add_argument("--wheel", type=Path, help="a wheel whose reader to measure")
    chosen = options.parse_args()
    if chosen.wheel:
        _again_with(chosen)
    if chosen.misses and HELD_OUT.resolve() in {file.resolve() for file in chosen.files}:
        options.error("the held-out texts are not to be looked at; name another FILE")
    cases = [case for file in chosen.files for case in yaml.safe_load(file.read_text(encoding="utf-8"))]
    _quality(cases, chosen.misses)
    if chosen.texts:
        _speed("ordinary advertisements", list(_ordinary(chosen.texts)))
        _speed("labelled texts", list(islice(_texts(cases), chosen.texts)))


def _again_with(chosen: argparse.Namespace) -> NoReturn:
    """Start again with what the wheel holds."""
    rest = ["--texts", str(chosen.texts), *(["--misses"] if chosen.misses else []), *map(str, chosen.files)]
    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(chosen.wheel).extractall(folder)
        environment = {**os.environ, "PYTHONPATH": folder}
        sys.exit(subprocess.run([sys.executable, __file__, *rest], env=environment, check=False).returncode)


def node_id(kind: str, service: str, value: str) -> str:
    """The contact in the form in which the graph compares it; as written where the graph refuses it."""
    match kind:
        case "phone":
            cleaned: Phone | Handle | Email | Link | None = Phone.clean(value)
        case "handle":
            cleaned = Handle.clean(service, value)
        case "email":
            cleaned = Email.clean(value)
        case _:
            cleaned = Link.clean(value)
    return cleaned.node_id if cleaned else f"{kind}:{service}:{value}"


def _group(kind: str, service: str) -> str:
    return service if kind == "handle" else kind


def _quality(cases: list[Case], misses: bool) -> None:
    right, wrong, missed, roles, spans = Counter[str](), Counter[str](), Counter[str](), Counter[str](), Counter[bool]()
    silent = loud = 0
    for case in cases:
        found = _read(case)
        wanted = {node_id(w["kind"], w.get("service", ""), w["value"]): w for w in case["want"]}
        got = {node_id(m.kind, m.service, m.value): m for m in found}
        if not wanted:
            silent += not got
            loud += bool(got)
        for key, mention in got.items():
            (right if key in wanted else wrong)[_group(mention.kind, mention.service)] += 1
        for key, want in wanted.items():
            if key not in got:
                missed[_group(want["kind"], want.get("service", ""))] += 1
                continue
            spans[_covers(case["text"], got[key], want["raw"])] += 1
            roles[f"{want.get('role', 'own')} {got[key].role}"] += 1
        if misses:
            _show(case, wanted, got)
    print(f"{len(cases)} texts, {silent + loud} of them without a contact: {loud} of those gave one\n")
    print(f"{'':<14}{'right':>7}{'wrong':>7}{'missed':>7}{'precision':>11}{'recall':>8}{'F1':>7}")
    for group in sorted({*right, *wrong, *missed}, key=lambda g: -right[g] - missed[g]):
        _line(group, right[group], wrong[group], missed[group])
    _line("all", right.total(), wrong.total(), missed.total())
    print(f"\nspans that are the labelled words: {spans[True]} of {spans.total()}")
    _roles(roles)


def _read(case: Case) -> list[Mention]:
    regions = tuple(case.get("regions", ["CN"]))
    return extract(case["text"], regions=regions, platform=case.get("platform"))


def _covers(text: str, mention: Mention, raw: str) -> bool:
    return mention.raw == raw and text[mention.start : mention.end] == raw


def _line(name: str, right: int, wrong: int, missed: int) -> None:
    precision = right / (right + wrong) if right + wrong else 1.0
    recall = right / (right + missed) if right + missed else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    print(f"{name:<14}{right:>7}{wrong:>7}{missed:>7}{precision:>11.3f}{recall:>8.3f}{f1:>7.3f}")


def _roles(roles: Counter[str]) -> None:
    """Of the contacts that were found: how often the role is the labelled one, and what goes wrong."""
    same = sum(count for pair, count in roles.items() if len(set(pair.split())) == 1)
    own = sum(count for pair, count in roles.items() if pair.startswith("own "))
    as_own = sum(count for pair, count in roles.items() if pair.endswith(" own") and not pair.startswith("own "))
    others = roles.total() - own
    print(f"roles: {same} of {roles.total()} as labelled; {as_own} of {others} contacts of others taken for the")
    print(f"       seller's own, {own - roles['own own']} of {own} own ones taken for others'")
    wrong = {pair: count for pair, count in roles.items() if len(set(pair.split())) == 2}
    print("       " + ", ".join(f"{pair.replace(' ', ' read as ')} {count}" for pair, count in sorted(wrong.items())))


def _show(case: Case, wanted: dict[str, Any], got: dict[str, Mention]) -> None:
    lines = [f"  wrong  {key} {got[key].role} {got[key].raw!r}" for key in got if key not in wanted]
    lines += [f"  missed {key} {wanted[key].get('role', 'own')}" for key in wanted if key not in got]
    for key in wanted.keys() & got.keys():
        want = wanted[key]
        if (role := want.get("role", "own")) != got[key].role:
            lines.append(f"  role   {key} is {role}, read as {got[key].role} by {got[key].cue!r}")
        if want["raw"] != got[key].raw:
            lines.append(f"  span   {key} {want['raw']!r} read as {got[key].raw!r}")
    if lines:
        print(repr(case["text"]), {k: case[k] for k in ("regions", "platform") if k in case} or "", *lines, sep="\n")


def _texts(cases: list[Case]) -> Iterator[str]:
    """Texts of 120 characters: the cases', each with others' contact-free words behind it until it is as long."""
    prose = "".join(case["text"].replace("\n", "，") + "。" for case in cases if not case["want"])
    place, turn = 0, 0
    while True:
        for case in cases:
            text = case["text"]
            if len(text) < LENGTH:
                start = place % (len(prose) - LENGTH)
                text, place = f"{text}\n{prose[start : start + LENGTH - len(text) - 1]}", place + 37
            # No two are the same, so that nothing that remembers texts could help.
            yield text[:LENGTH] if turn == 0 else f"{text[: LENGTH - len(str(turn)) - 1]} {turn}"
        turn += 1


def _ordinary(count: int) -> Iterator[str]:
    """Advertisements of 120 characters or somewhat less: prose with one contact, no two the same."""
    chance = random.Random(1)  # noqa: S311  # texts to time, no secret
    for number in range(count):
        start, cut = chance.randrange(len(_PROSE) - 100), chance.randrange(20, 80)
        text = _PROSE[start : start + 100]
        contact = chance.choice(_CONTACTS).format(id=f"lao_ya{number}", mobile=f"138000{number % 100_000:05d}")
        yield f"{text[:cut]}，{contact}。{text[cut:]}"[:LENGTH]


def _speed(name: str, texts: list[str]) -> None:
    workers = os.cpu_count() or 1
    for function in (extract, _bare(0).findall, _bare(1).findall):
        for text in texts[:50]:
            function(text)
    own = _seconds(extract, texts)
    whole, dozen = (_seconds(_bare(size).findall, texts) for size in (0, 1))
    count, characters = len(texts), sum(map(len, texts)) / len(texts)
    reader = "Python" if str(sys.modules[extract.__module__].__file__).endswith(".py") else "compiled"
    print(f"\n{count:,} {name} of {characters:.0f} characters, {reader} reader, one process")
    print(f"extract                    {count / own:9,.0f} texts/s")
    print(f"one pass of re, all words  {count / whole:9,.0f} texts/s: extract takes {own / whole:.2f} times as long")
    print(f"one pass of re, 12 words   {count / dozen:9,.0f} texts/s: extract takes {own / dozen:.2f} times as long")
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        shares = [texts[start::workers] for start in range(workers)]
        list(pool.map(_share, [share[:50] for share in shares]))
        start = time.perf_counter()
        list(pool.map(_share, shares))
        spent = time.perf_counter() - start
    print(f"extract, {workers} processes       {count / spent:9,.0f} texts/s")


def _share(texts: list[str]) -> int:
    return sum(len(extract(text)) for text in texts)


def _seconds(function: Callable[[str], Any], texts: list[str]) -> float:
    start = time.perf_counter()
    for text in texts:
        function(text)
    return time.perf_counter() - start


def _bare(size: int) -> re.Pattern[str]:
    """What somebody would write first: numbers, addresses and ids behind any of the words (0 all, 1 a dozen)."""
    dozen = ["微信", "薇信", "v信", "vx", "wx", "qq", "扣扣", "电话", "手机", "快手", "抖音", "whatsapp"]
    known = {word.word for word in contact_words()} | {cue.word for cue in role_cues()}
    known |= {word for words in context_words().values() for word in words}
    words = dozen if size else [normalise(word).text for word in known]
    alternation = "|".join(map(re.escape, sorted(set(words), key=lambda word: (-len(word), word))))
    return re.compile(
        rf"(?:\+?86)?1[3-9]\d(?:[ \-]?\d){{8}}|https?://\S+|[\w.\-]+@[\w.\-]+|(?:{alternation})[\W_]*[a-z0-9_\-]*", re.I
    )


if __name__ == "__main__":
    main()
