"""Curves over time as SVG: readable on a light page and on a dark one, without a library."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, log10

WIDTH, HEIGHT = 720, 150
LEFT, RIGHT, TITLE, FOOT = 56, 12, 34, 34
# Middle tones: at least 3:1 against white and against dark grounds. Told apart by their dashes as well.
LOOKS = (("#2f81f7", ""), ("#d0741c", "6 4"), ("#8b949e", "2 3"))
INK = "#768390"
FONT = "font-family='system-ui, sans-serif'"
# More points than pixels help nobody.
MOST_POINTS = 600


@dataclass(frozen=True)
class Panel:
    """`curves`: name → second → value. Seconds that are missing count as 0, unless `has_gaps`."""

    title: str
    curves: Mapping[str, Mapping[int, float]]
    has_gaps: bool = False


def svg(panels: Sequence[Panel], *, seconds: int) -> str:
    """Draw each panel below the other, all from second 0 to `seconds`."""
    step = TITLE + HEIGHT + FOOT
    # Five labels stand below, on whole seconds.
    seconds = max(4, ceil(seconds / 4) * 4)
    body = "".join(_panel(panel, place * step, seconds) for place, panel in enumerate(panels))
    said = escape("; ".join(panel.title for panel in panels), quote=True)
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {step * len(panels)}' role='img' "
        f"aria-label='{said}'>\n{body}</svg>\n"
    )


def nice(value: float) -> float:
    """Return the smallest of 1, 2, 5 times a power of ten that is at least `value`."""
    if value <= 0:
        return 1.0
    power: float = 10.0 ** (ceil(log10(value)) - 1)
    return float(next(factor * power for factor in (1, 2, 5, 10) if factor * power >= value * (1 - 1e-9)))


def _panel(panel: Panel, top: int, seconds: int) -> str:
    highest = nice(max((max(curve.values(), default=0.0) for curve in panel.curves.values()), default=0.0))
    zero = top + TITLE + HEIGHT
    parts = [_text(0, top + 18, panel.title, "font-size='15' font-weight='600'")]
    for share in (0.0, 0.5, 1.0):
        y = zero - share * HEIGHT
        parts.append(f"<line x1='{LEFT}' y1='{y}' x2='{WIDTH - RIGHT}' y2='{y}' stroke='{INK}' stroke-opacity='0.35'/>")
        parts.append(_text(LEFT - 8, y + 4, f"{highest * share:,g}", "font-size='12' text-anchor='end'"))
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = LEFT + share * (WIDTH - LEFT - RIGHT)
        anchor = "end" if share == 1 else "middle"
        parts.append(_text(x, zero + 16, f"{share * seconds:,g} s", f"font-size='12' text-anchor='{anchor}'"))
    edge = WIDTH - RIGHT
    for (name, curve), (color, dash) in reversed(list(zip(panel.curves.items(), LOOKS, strict=False))):
        parts.append(_text(edge, top + 18, name, "font-size='13' text-anchor='end' font-weight='600'", color))
        edge -= 8 * len(name) + 16
        dashes = f" stroke-dasharray='{dash}'" if dash else ""
        points = " ".join(_points(curve, highest, zero, seconds, has_gaps=panel.has_gaps))
        parts.append(f"<polyline points='{points}' fill='none' stroke='{color}' stroke-width='2'{dashes}/>")
    return "\n".join(parts) + "\n"


def _points(curve: Mapping[int, float], highest: float, zero: int, seconds: int, *, has_gaps: bool) -> list[str]:
    """Return where the curve goes. Of several seconds at one point the highest counts: a peak must not vanish."""
    step = max(1, ceil(seconds / MOST_POINTS))
    points = []
    for start in range(0, seconds + 1, step):
        values = [curve[second] for second in range(start, start + step) if second in curve]
        if values or not has_gaps:
            x = LEFT + min(1.0, start / seconds) * (WIDTH - LEFT - RIGHT)
            points.append(f"{x:.1f},{zero - max(values, default=0.0) / highest * HEIGHT:.1f}")
    return points


def _text(x: float, y: float, words: str, look: str, color: str = INK) -> str:
    return f"<text x='{x:.1f}' y='{y:.1f}' fill='{color}' {FONT} {look}>{escape(words)}</text>"
