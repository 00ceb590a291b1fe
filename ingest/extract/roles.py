"""Whose a contact seems to be, from the words around it.

Each cue belongs to one contact: the next one, unless the words say that it speaks of the one before ('盗我的图') or
the next is too far or in another sentence. Of the cues of a contact the nearest decides.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import NamedTuple

from ingest.extract.scan import Cue, Scan

# How far a cue reaches, in Chinese characters that are no contact words.
_REACH = 22
# What a clause break and a blank cost, in characters.
_CLAUSE, _BLANK = 6, 3
# A cue that speaks of the contact before it although it could speak of the next.
_BACKWARDS = 4
# 'My' stands nearer to the contact than 'impostor' in 'impostors of my account', 'his phone' nearer than 'scammer':
# such words, which name no trade, lose to others by this much, light ones by one less: 'add his WeChat' is his.
_HANDICAP = 4
_LIGHT = 0.7
# A cue loses this part of its weight at the end of its reach.
_FADE = 0.25
# How sure the role is of a contact that no words near it explain, in a text that is a complaint from end to end.
_FAR = 0.6
_SENTENCE = re.compile(r"[\n。;|~]|(?<!\bdr)(?<!\bmr)(?<!\bms)(?<!\bno)\.\s")
_SIGNS = re.compile(r"[\s:@]+")
_COMMA = re.compile(r"[,、!?]")
_COMMA_BLANK = re.compile(r"\s*[,、!?]\s*")
_INNER_BLANK = re.compile(r"\S\s+(?=\S)")
# A word of letters, with the blank behind it, says as much as two Chinese characters; Thai takes two for one.
_LATIN = re.compile(r"[a-z\u00df-\u052f\u1e00-\u1fff]+(?:['’][a-z]+)?(?: (?=[a-z\u00df-\u052f\u1e00-\u1fff]))?")
_A_WORD = "ww"
_THAI = re.compile("[\u0e01-\u0e4e]+")
# A gap of more characters is beyond reach whatever they are.
_LONGEST = 100
_WORDY = re.compile(r"[^\W_]")
# Contacts joined by these are one person's.
_JOINED = re.compile(r"[\s]*(?:[、/&+]|或者?|和|与|or|and)[\s:]*")


# How far back a sentence is read for persons, in characters.
_SENTENCE_REACH = 60
_SENTENCE_END = re.compile(r"[\n。!?;]|\.\s")
# The Chinese ones begin with one set of characters, which the matcher searches for.
_HE_HAN = "[他她佢对那此这](?:(?<=[他她佢])(?<!其.)|(?<=对)方|(?<=[那此这])人)"
_HE_LATIN = (
    r"\b(?:he|she|him|her|his|they|their|them|nó|hắn|anh ấy|chị ấy|cô ấy|ông ấy|bà ấy|bả|ổng|dia|beliau|él|ella|он|она"
    r"|lui|elle)\b|เขา"
)
# '客服都是我', 'the escrow is me'; 'I am the agent'; '可走担保'; '空运、大巴都可以'.
_IS_ME = re.compile(r"(?:电话|热线|微信|号)?[都也]?(?:就|便)?是(?:我|本人|俺|咱|自己)| is (?:me|myself)\b|'s me\b")
_I_AM = re.compile(
    r"(?:我|本人|俺|咱们?|自己)(?:就|也|才|们)?(?:都)?是(?:做|搞|开)?$"
    r"|\b(?:i'm|i am|we are|we're|saya|aku|tôi là|em là|mình là|soy|ich bin|je suis) (?:the |an? )?$"
)
_LONGEST_I_AM = 12
_OFFERED = re.compile(
    r"[、,/或和及\u4e00-\u9fff]{0,8}?(?:都可以?|均可|都行|都能|可发|可选|任选|随你|都接受|都支持|自费|自理|你出|各半)"
)
_MAY_BE = re.compile(
    r"(?:可以?|能|支持|接受|愿意|同意|欢迎|也行|不介意)(?:走|用|过|找|做|上)?(?:任何|平台|第三方|正规|闲鱼|咸鱼|淘宝|转转|微店)?$"
)
_LONGEST_MAY_BE = 8
# '不走中介', '快递勿扰'.
_DENIED_BEFORE = re.compile(
    r"(?:不是|并非|不|无|没有?|拒绝?|谢绝|勿|免|别)(?:走|找|用|需要?|经过?|要|接受|通过|做|上)?(?:任何)?$"
)
_DENIED_BEHIND = re.compile(r"(?:人|的)?(?:免谈|免打?扰|勿扰|勿加|绕道|绕行|走开|别来|别加|请绕|不要来|不接)")
# A person: '小郑', '七叔', '周师傅', 'Dr Hale'; not 'the boss who wants one' ('要的老板').
_NAME = re.compile(
    r"[小老大阿](?![小老大阿本家店板卖买件件料货物号])[\u4e00-\u9fff](?<![小老大阿][板家师店卖价图鼠虎象年款件料物号伙大小头尾])"
    r"|[\u4e00-\u9fff](?:哥|姐|叔|伯|姨|婶|嫂|爷)(?<![大小老])|[\u4e00-\u9fff](?:师傅|经理|医生|老师|队长|站长|场长|教授|馆长)"
    r"|\b(?:dr|mr|mrs|ms)\.? [a-z]{2,12}"
)
_NAME_REACH = 10
_INTRODUCED = re.compile(r"(?:我是|我叫|叫我|本人|我就是|i'm |i am |my name is |这里是)$")
# '小鱼水族' is the writer's shop.
_SHOP_OF = re.compile(
    r"(?:家|的)?(?:水族|龟舍|鸟舍|龟场|鸟场|文玩|店|工作室|收藏|阁|轩|斋|堂|坊|馆|珠宝|古玩|养殖|农场|宠物|爬宠|花鸟|山货|工艺)"
)
_HAN = re.compile("[\u4e00-\u9fff]")
_THIRD_HAN, _THIRD_LATIN = re.compile(_HE_HAN), re.compile(_HE_LATIN)
_THIRD_BEHIND = re.compile(rf"[\s,)]{{0,3}}({_HE_HAN}|{_HE_LATIN})")
_FIRST = re.compile(
    r"我|咱|俺|本人|自己|小店|本店|\b(?:i|i'm|me|my|mine|us|our|we|em|tôi|mình|saya|aku|kami|yo|mi|mí|nosotros|я|мне|мой|je|moi)\b|ผม|ฉัน|หนู|เรา|แม่ค้า"
)


class Role(NamedTuple):
    """A role, the words that decided it ('' when there were none) and how sure it is, 0 to 1."""

    role: str
    cue: str
    confidence: float


PLAIN = Role("own", "", 1.0)


def roles_of(text: str, scan: Scan, spans: list[tuple[int, int]]) -> dict[tuple[int, int], Role]:
    """Role of each contact; `spans` are sorted and do not overlap."""
    if not scan.cues and not _has_third(text, scan, spans):
        return dict.fromkeys(spans, PLAIN)
    best = dict[int, tuple[float, Cue]]()
    starts = [start for start, _ in spans]
    last: tuple[Cue, int] | None = None
    for cue in scan.cues:
        if _names_nobody(text, cue):
            continue
        if last and cue.role == last[0].role and not _WORDY.search(text, last[0].end, cue.start):
            continue  # '盗我的图，骗子' is one remark
        concerned = _concerned(text, scan, cue, spans, bisect_left(starts, cue.end))
        last = (cue, concerned[0]) if concerned and cue.side == "before" else None
        if concerned and (concerned[0] not in best or concerned[1] < best[concerned[0]][0]):
            best[concerned[0]] = (concerned[1], cue)
    otherwise = _otherwise(text, scan, {cue.role for _, cue in best.values()})
    beside_own = any([cue.role == "own" for _, cue in best.values()])
    found = dict[tuple[int, int], Role]()
    for place, span in enumerate(spans):
        if place in best:
            found[span] = _role(text, scan, spans[0][1], *best[place])
        else:
            joined = place and _are_joined(text, scan, spans, place)
            somebody = None if joined else _of_somebody(text, scan, spans, place, beside_own)
            found[span] = found[spans[place - 1]] if joined else somebody or otherwise
    return found


def _has_third(text: str, scan: Scan, spans: list[tuple[int, int]]) -> bool:
    """The text may speak of somebody who is neither its writer nor its reader."""
    if "third" in scan.kinds or not _HAN.search(text) and _THIRD_LATIN.search(text):
        return True
    return any([_NAME.search(text, max(0, start - _NAME_REACH), start) for start, _ in spans])


def _role(text: str, scan: Scan, first: int, cost: float, cue: Cue) -> Role:
    role = _spoken_of(scan, first, cue) if cue.role == "someone" else cue.role
    sure = cue.weight * (1 - _FADE * min(1.0, max(0.0, cost) / _REACH))
    return Role(role, text[cue.start : cue.end], round(sure, 2))


def _spoken_of(scan: Scan, first: int, cue: Cue) -> str:
    """The role of the one whom 'his phone' means: that of the last words before it that name one, or a supplier's.

    `first` is where the first contact ends; before it stand no words that speak of a contact before them.
    """
    named = [c for c in scan.cues if c.end <= cue.start and c.role not in ("own", "someone")]
    roles = [c.role for c in named if c.side != "before" or c.start >= first]
    return roles[-1] if roles else next((c.role for c in scan.cues if c.far), "supplier")


def _names_nobody(text: str, cue: Cue) -> bool:
    """'客服就是我', '我就是厂家', '可走第三方担保', '空运、大巴都可以': the words name no other person."""
    if cue.role in ("own", "someone", "warning"):
        return False
    if _IS_ME.match(text, cue.end) or _I_AM.search(text, max(0, cue.start - _LONGEST_I_AM), cue.start):
        return True
    before = max(0, cue.start - _LONGEST_MAY_BE)
    if _DENIED_BEFORE.search(text, before, cue.start) or _DENIED_BEHIND.match(text, cue.end):
        return True
    if cue.role not in ("guarantor", "courier"):
        return False
    return bool(_OFFERED.match(text, cue.end) or _MAY_BE.search(text, before, cue.start))


def _of_somebody(text: str, scan: Scan, spans: list[tuple[int, int]], place: int, beside_own: bool) -> Role | None:
    """The role of a contact whose sentence speaks of a third person and, behind that, not of the writer.

    A person is also who was named before, and, beside a contact that is said to be the writer's, whoever has a name.
    """
    start, end = spans[place]
    reached = max(spans[place - 1][1] if place else 0, start - _SENTENCE_REACH)
    before = _SENTENCE_END.split(text[reached:start])[-1]
    thirds = list((_THIRD_HAN if _HAN.search(before) else _THIRD_LATIN).finditer(before))
    if thirds and not _FIRST.search(before, thirds[-1].end()):
        word = thirds[-1][0]
    elif behind := _THIRD_BEHIND.match(text, end):
        word = behind[1]
    elif name := _named(text, before, start, beside_own):
        word = name
    else:
        return None
    named = [c.role for c in scan.cues if c.end <= start and c.role not in ("own", "someone") and c.side != "before"]
    return Role(named[-1] if named else "other", word, _FAR)


def _named(text: str, before: str, start: int, beside_own: bool) -> str:
    """The person whose name stands last before the contact, if that is not the writer; else ''."""
    names = [*_NAME.finditer(before)]
    if not names or _FIRST.search(before, names[-1].end()):
        return ""
    name = names[-1][0]
    if beside_own:
        return name
    first = text.index(name, 0, start)
    its_writers = _INTRODUCED.search(text[:first]) or _SHOP_OF.match(text, first + len(name))
    return name if text.count(name, 0, start) > 1 and not its_writers else ""


def _otherwise(text: str, scan: Scan, given: set[str]) -> Role:
    """What a contact is that no words near it explain: a victim's text speaks of it, if of no other contact."""
    far = next((cue for cue in scan.cues if cue.far and cue.role not in given), None)
    return Role(far.role, text[far.start : far.end], _FAR) if far else PLAIN


def _concerned(text: str, scan: Scan, cue: Cue, spans: list[tuple[int, int]], after: int) -> tuple[int, float] | None:
    """Index of the contact that a cue speaks of and what it costs; `after` is the first span behind the cue."""
    choices = list[tuple[float, int]]()
    behind = after and spans[after - 1][1] <= cue.start
    if (cue.side != "before" or not behind) and after < len(spans):
        choices.append((_cost(text, scan, cue.end, spans[after][0]), after))
    if cue.side != "after" and behind:
        cost = _cost(text, scan, spans[after - 1][1], cue.start)
        choices.append((cost + _backwards(text, cue, spans[after - 1][1]), after - 1))
    if not choices:
        return None
    cost, place = min(choices)
    late = _HANDICAP if cue.role == "own" else _HANDICAP - 1 if cue.weight <= _LIGHT else 0
    return (place, cost + late) if cost <= _REACH else None


def _backwards(text: str, cue: Cue, end: int) -> int:
    """What it costs to speak of the contact before: nothing where the words touch it and a blank follows them."""
    touches = cue.start == end and not text[cue.end : cue.end + 1].isalnum()
    return -1 if touches else 0 if cue.side == "before" else _BACKWARDS


def _cost(text: str, scan: Scan, start: int, end: int) -> float:
    """Distance between a cue and a contact, in characters, dearer across clauses; beyond reach across sentences."""
    if start == end:
        return 0.0
    if end - start > _LONGEST:
        return 2.0 * _REACH
    written = _without_words(text, scan, start, end)
    if _SENTENCE.search(written):
        return 2.0 * _REACH
    gap = _SIGNS.sub(" ", written).strip(" ()[]【】\"'“”")
    gap = _COMMA_BLANK.sub(",", _THAI.sub(_halved, _LATIN.sub(_A_WORD, gap)))
    return len(gap) + _CLAUSE * len(_COMMA.findall(gap)) + _BLANK * len(_INNER_BLANK.findall(gap))


def _halved(match: re.Match[str]) -> str:
    return match[0][: (len(match[0]) + 1) // 2]


def _without_words(text: str, scan: Scan, start: int, end: int) -> str:
    """text[start:end] without contact words and cues."""
    pieces, last = list[str](), start
    known = scan.known()
    for first, behind in known[bisect_left(known, (start, 0)) :]:
        if first >= end:
            break
        if first >= last and behind <= end:
            pieces.append(text[last:first])
            last = behind
    pieces.append(text[last:end])
    return "".join(pieces)


def _are_joined(text: str, scan: Scan, spans: list[tuple[int, int]], place: int) -> bool:
    start, end = spans[place - 1][1], spans[place][0]
    return end - start <= _REACH and bool(_JOINED.fullmatch(_without_words(text, scan, start, end)))
