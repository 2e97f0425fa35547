"""Whoever sees fewer colours can still tell the people of a document apart."""

from itertools import combinations
from math import atan2, cos, degrees, exp, hypot, radians, sin, sqrt

import pytest

from rooms.core.palette import PALETTE

Triple = tuple[float, float, float]

# Severity 1.0 of each: Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision
# Deficiency", 2009, on linear sRGB.
EYES: dict[str, tuple[Triple, Triple, Triple]] = {
    "common": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}

SRGB_TO_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
WHITE = (0.95047, 1.0, 1.08883)

# About 2.3 can just be told apart side by side; these are dots and lines at different places.
CLEAR = 9.0
CLEAR_ON_DARK = 6.0
# Of static/css/tokens.css, in light and in dark: accent and danger; the dark paper.
SIGNALS = ("#1f5fbf", "#b3261e")
DARK_SIGNALS = ("#82b1ff", "#ff8a80")
DARK_PAPER = "#16181c"


def linear(color: str) -> Triple:
    channels = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return red, green, blue


def times(matrix: tuple[Triple, Triple, Triple], vector: Triple) -> Triple:
    one, two, three = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return one, two, three


def lab(color: str, eye: str) -> Triple:
    seen = times(EYES[eye], linear(color))
    red, green, blue = (min(1.0, max(0.0, channel)) for channel in seen)
    x, y, z = (
        share ** (1 / 3) if share > (6 / 29) ** 3 else share / (3 * (6 / 29) ** 2) + 4 / 29
        for share in (a / b for a, b in zip(times(SRGB_TO_XYZ, (red, green, blue)), WHITE, strict=True))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def difference(one: Triple, two: Triple) -> float:
    """CIEDE2000 (CIE 142-2001), as Sharma, Wu and Dalal write it down."""
    chroma = (hypot(one[1], one[2]) + hypot(two[1], two[2])) / 2
    stretch = 1 + 0.5 * (1 - sqrt(chroma**7 / (chroma**7 + 25**7)))
    c1, c2 = (hypot(stretch * a, b) for _, a, b in (one, two))
    h1, h2 = (degrees(atan2(b, stretch * a)) % 360 for _, a, b in (one, two))
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    d_light, d_chroma, d_hue = two[0] - one[0], c2 - c1, 2 * sqrt(c1 * c2) * sin(radians(turn / 2))
    light, chroma = (one[0] + two[0]) / 2, (c1 + c2) / 2
    hue = h1 + h2 if c1 * c2 == 0 else (h1 + turn / 2) % 360
    t = (
        1
        - 0.17 * cos(radians(hue - 30))
        + 0.24 * cos(radians(2 * hue))
        + 0.32 * cos(radians(3 * hue + 6))
        - 0.20 * cos(radians(4 * hue - 63))
    )
    s_light = 1 + 0.015 * (light - 50) ** 2 / sqrt(20 + (light - 50) ** 2)
    s_chroma, s_hue = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    turned = -2 * sqrt(chroma**7 / (chroma**7 + 25**7)) * sin(radians(60 * exp(-(((hue - 275) / 25) ** 2))))
    a, b, c = d_light / s_light, d_chroma / s_chroma, d_hue / s_hue
    return sqrt(a * a + b * b + c * c + turned * b * c)


def on_dark(color: str) -> str:
    """As together.css draws lines on dark paper: 60 % of the colour, the rest white."""
    return "#" + "".join(f"{round(int(color[at : at + 2], 16) * 0.6 + 255 * 0.4):02x}" for at in (1, 3, 5))


def luminance(color: str) -> float:
    red, green, blue = linear(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.6377),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_difference_is_the_published_one(one: Triple, two: Triple, expected: float) -> None:
    assert difference(one, two) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("eye", EYES)
def test_any_two_colours_can_be_told_apart(eye: str) -> None:
    pairs = {pair: difference(lab(pair[0], eye), lab(pair[1], eye)) for pair in combinations(PALETTE, 2)}
    assert {pair: round(far, 1) for pair, far in pairs.items() if far < CLEAR} == {}


@pytest.mark.parametrize("eye", EYES)
def test_any_two_lines_on_dark_paper_can_be_told_apart(eye: str) -> None:
    lines = [on_dark(color) for color in PALETTE]
    pairs = {pair: difference(lab(pair[0], eye), lab(pair[1], eye)) for pair in combinations(lines, 2)}
    assert {pair: round(far, 1) for pair, far in pairs.items() if far < CLEAR_ON_DARK} == {}


@pytest.mark.parametrize("color", PALETTE)
def test_a_line_stands_out_on_dark_paper(color: str) -> None:
    assert (luminance(on_dark(color)) + 0.05) / (luminance(DARK_PAPER) + 0.05) >= 3


@pytest.mark.parametrize("color", PALETTE)
def test_nobody_looks_like_a_link_or_a_warning(color: str) -> None:
    for signal in SIGNALS:
        assert difference(lab(color, "common"), lab(signal, "common")) >= 10
    for signal in DARK_SIGNALS:
        assert difference(lab(on_dark(color), "common"), lab(signal, "common")) >= 8
