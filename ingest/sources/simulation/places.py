"""Platforms, cities and the stuff that invented names are made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A platform of the market.

    Attributes:
        service: slug of the service that a handle on it belongs to, '' when handles there have no word.
        called: words that introduce an account's name on it, for hand-overs.
        profile: address of a profile with {} for the account's id.
        clock: how its captures write times: 'local', 'offset', 'slash', 'utc' or 'day'.
        titled: whether posts have titles.
    """

    slug: str
    kind: str
    profile: str
    service: str = ""
    called: tuple[str, ...] = ()
    clock: str = "local"
    titled: bool = True
    share: float = 1.0


PLACES = (
    Place("cangwang", "website", "https://www.cangwang.example/shop/{}", share=3),
    Place("yaxuan", "website", "https://yaxuan.example/u/{}", clock="slash", share=2),
    Place("guwanjie", "website", "http://bbs.guwanjie.example/user/{}", share=2),
    Place("fenleibao", "website", "https://fenleibao.example/p/{}", clock="day", share=1.5),
    Place("baoyouhui", "website", "https://m.baoyouhui.example/store/{}", clock="utc"),
    Place("wechat-moments", "social_media", "", "wechat", clock="offset", titled=False, share=6),
    Place("weibo", "social_media", "https://weibo.com/u/{}", "weibo", ("微博", "新浪微博", "围脖"), "offset", False, 2),
    Place("qzone", "social_media", "https://user.qzone.qq.com/{}", "qq", clock="slash", titled=False),
    Place("tieba", "online_community", "https://tieba.baidu.com/home/main?un={}", "tieba", ("贴吧", "贴吧号"), share=3),
    Place("wenwan-bbs", "online_community", "https://bbs.wenwan.example/space-{}.html", share=1.5),
    Place("yaocai-bbs", "online_community", "https://yaocai.example/member/{}", clock="day"),
    Place(
        "kuaishou", "short_video", "https://www.kuaishou.com/profile/{}", "kuaishou", ("快手", "快手号"), "utc", False
    ),
    Place("douyin", "short_video", "https://www.douyin.com/user/{}", "douyin", ("抖音", "抖音号"), "utc", False),
    Place("xianyu", "second_hand", "https://2.taobao.com/u/{}", "xianyu", ("闲鱼", "咸鱼", "闲鱼号"), share=3),
    Place("zhuanzhuan", "second_hand", "https://m.zhuanzhuan.com/u/{}", "zhuanzhuan", ("转转", "转转号"), "offset"),
    Place("weipai", "handicraft", "https://weipaitang.com/shop/{}", "weipai", ("微拍堂", "微拍"), "offset", share=3),
    Place("shoucangquan", "handicraft", "https://shoucangquan.example/u/{}", clock="utc"),
    Place("guiyou", "live_reptile", "https://www.guiyou.example/u/{}", share=3),
    Place("guichang", "live_reptile", "https://guichang.example/home/{}", clock="day", share=2),
    Place("panpa", "live_reptile", "https://panpa.example/user/{}", clock="slash", share=1.5),
    Place("luguijia", "live_reptile", "https://luguijia.example/u/{}"),
)
BY_SLUG = {place.slug: place for place in PLACES}

CITIES = (
    "福建莆田", "福建福州", "广东广州", "广东深圳", "广西南宁", "广西凭祥", "云南昆明", "云南瑞丽", "北京",
    "上海", "天津", "浙江杭州", "浙江温州", "江苏苏州", "江苏南京", "河南郑州", "河北保定", "山东济南",
    "四川成都", "重庆", "湖北武汉", "湖南长沙", "陕西西安", "辽宁沈阳", "安徽合肥", "海南海口", "贵州贵阳",
    "江西南昌", "黑龙江哈尔滨", "吉林长春",
)  # fmt: skip

SURNAMES = "陈林黄张李王吴刘蔡杨许郑谢郭洪曾邱廖赖徐周叶苏庄吕江何萧罗高潘简朱钟彭游詹胡施沈"
GIVEN = "小阿大老明华强建国文志伟海龙福贵德顺平安庆祥瑞宝金玉山林江峰松柏春生根发旺兴泰和"
SHOP_HEADS = "雅古聚藏宝玉德墨云清和瑞祥福鸿御品韵禅静隐石木竹松鹤鹿麟玄紫金银翠青白"
SHOP_TAILS = ("轩", "阁", "斋", "堂", "坊", "居", "雅集", "文玩", "工坊", "珍藏", "工艺", "艺品", "玩家", "收藏馆")
TURTLE_TAILS = ("龟场", "龟舍", "龟苑", "养殖", "龟友", "爬宠", "龟谷", "名龟馆")
# Shop names that many unrelated sellers use.
POPULAR_SHOPS = ("聚宝斋", "雅玩轩", "古玩收藏", "文玩小店", "藏宝阁", "天然文玩", "老料收藏", "龟之家")
SYLLABLES = (
    "an", "ba", "bei", "bin", "bo", "cai", "chen", "chun", "da", "dong", "fa", "fei", "feng", "fu", "gang", "gu", "guo",
    "hai", "han", "he", "hong", "hua", "hui", "jia", "jian", "jin", "jing", "jun", "kai", "kun", "lan", "lei", "li",
    "lin", "long", "lu", "mei", "min", "ming", "mu", "nan", "ning", "peng", "ping", "qi", "qian", "qing", "rong", "rui",
    "shan", "shen", "shi", "shun", "song", "tai", "tao", "tian", "tong", "wan", "wei", "wen", "xi", "xian", "xiang",
    "xin", "xing", "xu", "xuan", "ya", "yan", "yang", "yi", "yong", "you", "yu", "yuan", "yun", "ze", "zhen", "zhi",
)  # fmt: skip
