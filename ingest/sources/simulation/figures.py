"""The figures that shape the market, from TRAFFIC, 'Wildlife cyber crime trends in China' (March 2019).

Figures that the report prints stand as printed. It shows others as charts only; those are
estimates, marked so, which meet its printed sums: websites 9,737 advertisements in 24 months.
"""

from __future__ import annotations

FIRST_YEAR, MONTHS = 2017, 24
DAYS = 730
MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31) * 2

# Share of all advertisements by kind of platform (an estimate: the report surveyed each differently).
KIND_SHARE = {
    "website": 0.32,
    "social_media": 0.33,
    "online_community": 0.08,
    "short_video": 0.03,
    "second_hand": 0.10,
    "handicraft": 0.04,
    "live_reptile": 0.10,
}

# Advertisements a month, 2017-01 to 2018-12. Printed for websites: the sum, 171, 794 and 108; for social media
# the means of 273 and 204 a survey day, the trough from 2017-11 to 2018-03 and the peak of 2018-04.
VOLUME = {
    "website": (
        520, 468, 495, 470, 452, 431, 405, 371, 268, 171, 246, 338,
        455, 430, 668, 794, 693, 560, 478, 356, 190, 108, 178, 192,
    ),
    "social_media": (
        265, 240, 268, 272, 275, 270, 300, 310, 300, 280, 225, 223,
        180, 150, 185, 320, 240, 225, 215, 205, 195, 190, 140, 203,
    ),
    "online_community": (
        150, 140, 155, 160, 165, 170, 172, 178, 180, 182, 185, 190,
        195, 180, 200, 215, 210, 215, 220, 225, 228, 230, 234, 281,
    ),
    "short_video": (2, 2, 3, 3, 4, 4, 5, 6, 6, 7, 8, 9, 10, 9, 12, 13, 14, 15, 16, 17, 18, 18, 19, 20),
    "second_hand": (40, 38, 44, 46, 50, 52, 54, 58, 60, 62, 64, 66, 70, 60, 75, 80, 82, 84, 86, 88, 86, 80, 78, 78),
    "handicraft": (4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 8, 8, 9, 8, 10, 11, 11, 12, 12, 12, 12, 12, 13, 13),
    "live_reptile": (20, 22, 40, 60, 75, 80, 85, 85, 70, 45, 25, 20, 20, 22, 42, 64, 80, 85, 92, 94, 80, 48, 26, 20),
}  # fmt: skip

# Species by kind of platform and year. Printed: elephants 52.4 % on websites over both years; rhinos above
# ivory there in most months of 2018; ivory and rhino horn first on social media; 180 of 312 second-hand ads ivory.
Mix = dict[str, float]
_WEBSITE_2017: Mix = {
    "elephant": 63.5, "rhino": 13, "tiger": 7, "hawksbill": 5, "helmeted_hornbill": 3.5, "saiga": 3, "pangolin": 2,
    "leopard": 1, "sperm_whale": 1, "snow_leopard": 0.4, "narwhal": 0.4, "clouded_leopard": 0.2,
}  # fmt: skip
_WEBSITE_2018: Mix = {
    "elephant": 42.3, "rhino": 44.5, "tiger": 4, "hawksbill": 2.7, "helmeted_hornbill": 2.2, "saiga": 1.5,
    "pangolin": 1.1, "sperm_whale": 0.7, "leopard": 0.5, "snow_leopard": 0.2, "narwhal": 0.2, "clouded_leopard": 0.1,
}  # fmt: skip
_SOCIAL: Mix = {
    "elephant": 55, "rhino": 19, "hawksbill": 6, "helmeted_hornbill": 6, "tiger": 5, "sperm_whale": 3,
    "saiga": 2, "pangolin": 2, "leopard": 1, "narwhal": 0.5, "snow_leopard": 0.3, "clouded_leopard": 0.2,
}  # fmt: skip
_COMMUNITY: Mix = {
    "elephant": 48, "rhino": 20, "tiger": 16, "sperm_whale": 7, "saiga": 4, "hawksbill": 4, "narwhal": 1,
}  # fmt: skip
_VIDEO: Mix = {"elephant": 62, "helmeted_hornbill": 18, "rhino": 14, "hawksbill": 6}
_SECOND_HAND: Mix = {"elephant": 57.7, "hawksbill": 15, "tiger": 11, "rhino": 9, "sperm_whale": 5.5, "pangolin": 1.8}
_HANDICRAFT: Mix = {"elephant": 71.5, "hawksbill": 18, "helmeted_hornbill": 3.5, "sperm_whale": 3.5, "pangolin": 3.5}
_MIX: dict[str, tuple[Mix, Mix]] = {
    "website": (_WEBSITE_2017, _WEBSITE_2018),
    "social_media": (_SOCIAL, _SOCIAL),
    "online_community": (_COMMUNITY, _COMMUNITY),
    "short_video": (_VIDEO, _VIDEO),
    "second_hand": (_SECOND_HAND, _SECOND_HAND),
    "handicraft": (_HANDICRAFT, _HANDICRAFT),
}

# Table 1 of the report: advertisements by species on live-reptile sites.
CHELONIANS: Mix = {
    "golden_coin_turtle": 3512,
    "yellow_pond_turtle": 2566,
    "chinese_box_turtle": 631,
    "red_necked_pond_turtle": 65,
    "african_spurred_tortoise": 41,
    "radiated_tortoise": 36,
    "amboina_box_turtle": 34,
    "hermanns_tortoise": 22,
    "red_footed_tortoise": 6,
    "leopard_tortoise": 4,
    "hawksbill": 3,
    "aldabra_giant_tortoise": 3,
}

# Zipf exponent of sellers on social media. The report followed 58 accounts there and says that the ten largest
# sellers post 65.7 %: with some fifty sellers behind so many accounts this exponent gives it.
SOCIAL_ZIPF = 1.02


def species_mix(kind: str, year: int) -> Mix:
    """Weights of species among the ads of one kind of platform; `year` 0 is 2017, 1 is 2018."""
    return CHELONIANS if kind == "live_reptile" else _MIX[kind][year]
