"""What is offered, in the trade's words: terms, objects and emoji by species."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Good:
    """Words of one species. `terms` are what a lexicon may know, `veiled` what insiders write."""

    terms: tuple[str, ...]
    objects: tuple[str, ...]
    emoji: str
    veiled: tuple[str, ...] = ()
    price: tuple[int, int] = (300, 9000)


_CARVED = (
    "手镯", "观音牌", "108佛珠", "手串", "挂件", "印章", "把件", "烟嘴", "戒指", "平安扣", "弥勒", "桶珠",
    "筷子",
)  # fmt: skip
_TURTLE = ("苗", "公母一对", "种龟", "亚成", "头苗", "大青", "三年苗", "一组")

_IVORY_TERMS = ("象牙", "象牙", "象牙", "猛犸象牙", "血牙", "象皮")
_RHINO_OBJECTS = ("手镯", "杯", "片料", "108佛珠", "角粉", "牌子", "整角")
_TIGER_OBJECTS = ("整套", "吊坠", "一对", "酒料", "老件", "挂件")
_HAWKSBILL_OBJECTS = ("手镯", "梳子", "眼镜架", "扇骨", "标本", "戒指")
_SAIGA_TERMS = ("赛加羚羊角", "羚羊角", "高鼻羚羊角")

GOODS: dict[str, Good] = {
    "elephant": Good(_IVORY_TERMS, _CARVED, "🐘", ("xy", "白料", "果冻料", "XP", "ya")),
    "rhino": Good(("犀牛角", "犀角", "犀牛角", "亚犀", "非犀角"), _RHINO_OBJECTS, "🦏", ("黑料", "XJ", "角")),
    "tiger": Good(("虎骨", "虎牙", "虎皮", "虎爪"), _TIGER_OBJECTS, "🐯", ("大猫", "HG")),
    "hawksbill": Good(("玳瑁", "玳瑁", "十三鳞"), _HAWKSBILL_OBJECTS, "🐢", ("DM",)),
    "helmeted_hornbill": Good(
        ("鹤顶红", "盔犀鸟", "鹤顶"), ("头骨雕", "手串", "牌子", "桶珠", "整头"), "🐦", ("红料", "HDH")
    ),
    "saiga": Good(_SAIGA_TERMS, ("整支", "切片", "角丝", "一对", "药用"), "🐐", ("LYJ",)),
    "pangolin": Good(("穿山甲", "穿山甲片", "甲片"), ("一斤", "挂件", "炮制", "整张", "小料"), "🦔", ("CSJ",)),
    "snow_leopard": Good(("雪豹皮", "雪豹"), ("整张", "标本", "老件"), "🐆"),
    "leopard": Good(("豹皮", "豹骨", "豹牙"), ("整张", "吊坠", "一对"), "🐆", ("花皮",)),
    "clouded_leopard": Good(("云豹皮", "云豹"), ("整张", "老件"), "🐆"),
    "sperm_whale": Good(("抹香鲸牙", "鲸牙", "龙涎香"), ("烟嘴", "挂件", "整颗", "雕件"), "🐳"),
    "narwhal": Good(("独角鲸牙", "一角鲸牙"), ("整支", "切片", "手串"), "🐳"),
    "golden_coin_turtle": Good(("金钱龟", "三线闭壳龟"), _TURTLE, "🐢", ("金钱",), (3000, 80000)),
    "yellow_pond_turtle": Good(("石金钱", "黄喉拟水龟", "大青头", "黄喉"), _TURTLE, "🐢", (), (200, 6000)),
    "chinese_box_turtle": Good(("黄缘", "黄缘盒龟", "安缘", "黄缘闭壳龟"), _TURTLE, "🐢", (), (600, 9000)),
    "red_necked_pond_turtle": Good(("红颈龟", "黑颈乌龟"), _TURTLE, "🐢", (), (1500, 20000)),
    "african_spurred_tortoise": Good(("苏卡达", "苏卡达陆龟"), _TURTLE, "🐢", (), (300, 3000)),
    "radiated_tortoise": Good(("辐射陆龟", "辐射龟"), _TURTLE, "🐢", (), (2000, 30000)),
    "amboina_box_turtle": Good(("安布", "安布闭壳龟"), _TURTLE, "🐢", (), (200, 2000)),
    "hermanns_tortoise": Good(("赫曼陆龟", "赫曼"), _TURTLE, "🐢", (), (600, 4000)),
    "red_footed_tortoise": Good(("红腿陆龟", "红腿象龟"), _TURTLE, "🐢", (), (800, 5000)),
    "leopard_tortoise": Good(("豹纹陆龟", "豹龟"), _TURTLE, "🐢", (), (500, 6000)),
    "aldabra_giant_tortoise": Good(("亚达伯拉象龟", "亚达"), _TURTLE, "🐢", (), (3000, 40000)),
}
