"""Outlines of goods: bangles, bead strings, tusks, horns, claws, scales, skins and turtles."""

from __future__ import annotations

import math
from collections.abc import Callable

from PIL import Image, ImageDraw

from ingest.sources.simulation.dice import Dice

Point = tuple[float, float]
Colour = tuple[int, int, int]

_IVORY, _HORN, _SHELL, _RED, _FUR = (236, 222, 190), (58, 46, 38), (150, 84, 34), (196, 60, 40), (200, 150, 84)


class Brush:
    """Draws in one colour with light and shadow on it."""

    def __init__(self, image: Image.Image, dice: Dice, colour: Colour) -> None:
        self.draw, self.dice, self.size = ImageDraw.Draw(image), dice, image.size
        self.colour = self.tone(colour, dice.between(-24, 24))

    def tone(self, colour: Colour, change: int) -> Colour:
        red, green, blue = (min(max(part + change, 0), 255) for part in colour)
        return red, green, blue

    def spot(self, centre: Point, radius: float, change: int = 0, flat: float = 1.0) -> None:
        """A disc, lighter towards the upper left."""
        for step in range(4):
            r = radius * (1 - step * 0.22)
            x, y = centre[0] - step * radius * 0.09, centre[1] - step * radius * 0.09 * flat
            box = (x - r, y - r * flat, x + r, y + r * flat)
            self.draw.ellipse(box, fill=self.tone(self.colour, change + step * 13 - 20))

    def shape(self, points: list[Point], change: int = 0) -> None:
        self.draw.polygon(points, fill=self.tone(self.colour, change), outline=self.tone(self.colour, change - 50))

    def somewhere(self, margin: float = 0.3) -> Point:
        width, height = self.size
        return (
            width * (margin + (1 - 2 * margin) * self.dice.random()),
            height * (margin + (1 - 2 * margin) * self.dice.random()),
        )

    def scale(self) -> float:
        return min(self.size) * (0.7 + 0.6 * self.dice.random())


def draw_goods(image: Image.Image, species: str, dice: Dice) -> None:
    """Draw one to three things of the species into the picture."""
    colour, makers = _GOODS.get(species, (_SHELL, (_turtle,)))
    brush = Brush(image, dice, colour)
    for _ in range(dice.weighted((1, 2, 3), (6, 3, 1))):
        dice.pick(makers)(brush)


def _ring(centre: Point, radius: float, count: int, turn: float, flat: float) -> list[Point]:
    angles = [turn + 2 * math.pi * n / count for n in range(count)]
    return [(centre[0] + radius * math.cos(a), centre[1] + radius * flat * math.sin(a)) for a in angles]


def _beads(brush: Brush) -> None:
    dice, radius = brush.dice, brush.scale() * 0.28
    count = dice.between(12, 30)
    for place in _ring(brush.somewhere(), radius, count, dice.random() * 6, 0.6 + 0.4 * dice.random()):
        brush.spot(place, radius * 2.9 / count * (1 + 0.1 * dice.random()), dice.between(-12, 12))


def _bangle(brush: Brush) -> None:
    centre, radius, flat = brush.somewhere(), brush.scale() * 0.27, 0.6 + 0.4 * brush.dice.random()
    thick = brush.dice.between(14, 34)
    for step in range(thick):
        r = radius - step
        box = (centre[0] - r, centre[1] - r * flat, centre[0] + r, centre[1] + r * flat)
        brush.draw.ellipse(box, outline=brush.tone(brush.colour, int(30 * math.sin(3.14 * step / thick)) - 10), width=2)


def _tusk(brush: Brush) -> None:
    """A curved, tapering body: tusk, horn, tooth or claw by its measures."""
    dice, (x, y) = brush.dice, brush.somewhere()
    length, turn = brush.scale() * (0.35 + 0.3 * dice.random()), dice.random() * 6.28
    bend, thick = (dice.random() - 0.5) * 2.4, length * (0.12 + 0.12 * dice.random())
    for step in range(60):
        part = step / 60
        angle = turn + bend * part
        x, y = x + length / 60 * math.cos(angle), y + length / 60 * math.sin(angle)
        brush.spot((x, y), max(thick * (1 - part) ** 0.8, 2), int(18 * math.sin(part * 25)) // 3)


def _plaque(brush: Brush) -> None:
    """A carved tablet: rounded, with a relief of rings and strokes."""
    dice, (x, y) = brush.dice, brush.somewhere()
    wide, high = brush.scale() * 0.2, brush.scale() * 0.3
    box = (x - wide, y - high, x + wide, y + high)
    brush.draw.rounded_rectangle(box, dice.between(8, 40), fill=brush.tone(brush.colour, -12))
    for _ in range(dice.between(4, 12)):
        place = (x + wide * 0.7 * (2 * dice.random() - 1), y + high * 0.7 * (2 * dice.random() - 1))
        brush.spot(place, wide * (0.08 + 0.25 * dice.random()), dice.between(-30, 25), 0.6 + 0.8 * dice.random())


def _scales(brush: Brush) -> None:
    dice, (x, y) = brush.dice, brush.somewhere()
    size = brush.scale() * 0.09
    for _ in range(dice.between(8, 26)):
        place = (x + size * 6 * (dice.random() - 0.5), y + size * 6 * (dice.random() - 0.5))
        brush.shape(_ring(place, size, dice.between(5, 7), dice.random() * 6, 0.7), dice.between(-30, 25))


def _skin(brush: Brush) -> None:
    dice = brush.dice
    centre, radius = brush.somewhere(0.4), brush.scale() * 0.42
    outline = _ring(centre, radius, 14, dice.random(), 0.6)
    brush.shape([(px + 30 * dice.random(), py + 30 * dice.random()) for px, py in outline])
    for _ in range(dice.between(40, 90)):
        angle, away = dice.random() * 6.28, radius * 0.9 * math.sqrt(dice.random())
        place = (centre[0] + away * math.cos(angle), centre[1] + away * 0.6 * math.sin(angle))
        brush.spot(place, radius * (0.02 + 0.03 * dice.random()), -90, 0.5 + dice.random())


def _turtle(brush: Brush) -> None:
    """A shell with shields, four feet and a head."""
    dice, centre, radius = brush.dice, brush.somewhere(), brush.scale() * 0.24
    turn = dice.random() * 6.28
    for place in [*_ring(centre, radius * 1.05, 4, turn + 0.8, 0.8), *_ring(centre, radius * 1.3, 1, turn, 0.8)]:
        brush.spot(place, radius * 0.24, -25)
    brush.spot(centre, radius, -10, 0.8)
    for place in [centre, *_ring(centre, radius * 0.55, dice.between(5, 7), turn, 0.8)]:
        brush.shape(_ring(place, radius * 0.22, 6, turn, 0.8), dice.between(-45, 20))


_CARVED = (_beads, _bangle, _plaque)
_GOODS: dict[str, tuple[Colour, tuple[Callable[[Brush], None], ...]]] = {
    "elephant": (_IVORY, (*_CARVED, _beads, _tusk)),
    "rhino": (_HORN, (*_CARVED, _tusk)),
    "tiger": (_FUR, (_tusk, _skin, _plaque)),
    "hawksbill": (_SHELL, (_bangle, _scales, _plaque)),
    "helmeted_hornbill": (_RED, (_beads, _plaque)),
    "saiga": ((206, 170, 110), (_tusk,)),
    "pangolin": ((120, 100, 80), (_scales,)),
    "snow_leopard": ((205, 205, 200), (_skin,)),
    "leopard": (_FUR, (_skin, _tusk)),
    "clouded_leopard": ((170, 140, 100), (_skin,)),
    "sperm_whale": (_IVORY, (_tusk, _plaque)),
    "narwhal": (_IVORY, (_tusk,)),
    "golden_coin_turtle": ((150, 70, 30), (_turtle,)),
    "yellow_pond_turtle": ((130, 110, 60), (_turtle,)),
    "chinese_box_turtle": ((90, 60, 40), (_turtle,)),
    "radiated_tortoise": ((60, 55, 40), (_turtle,)),
}
