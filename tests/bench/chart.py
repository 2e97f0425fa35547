"""A bar chart as SVG: readable on a light page and on a dark one, without a library."""

from collections.abc import Mapping, Sequence
from html import escape
from math import log10

WIDTH = 720
LABEL = 150
VALUE = 90
BAR = 20
GAP = 10
TITLE = 46
# Middle tones: at least 3:1 against white and against GitHub's and our dark grounds.
OURS = "#2f81f7"
PEER = "#8b949e"
INK = "#768390"
FONT = "font-family='system-ui, sans-serif'"

Bars = Mapping[str, float | None]


def svg(charts: Sequence[tuple[str, Bars]]) -> str:
    """Draw each (title, server → value) below the other. Bars are logarithmic: the servers are far apart."""
    parts: list[str] = []
    top = 0
    for title, bars in charts:
        parts.append(_chart(title, bars, top))
        top += TITLE + len(bars) * (BAR + GAP) + GAP
    said = "; ".join(title for title, _ in charts)
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {top}' role='img' "
        f"aria-label='{escape(said, quote=True)}'>\n{''.join(parts)}</svg>\n"
    )


def _chart(title: str, bars: Bars, top: int) -> str:
    values = [value for value in bars.values() if value]
    longest = WIDTH - LABEL - VALUE
    parts = [_text(0, top + 26, title, "font-size='16' font-weight='600'"), "\n"]
    for place, (name, value) in enumerate(bars.items()):
        y = top + TITLE + place * (BAR + GAP)
        width = longest * _share(value, values)
        color = OURS if name == "ours" else PEER
        shown = "–" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
        parts += [
            _text(LABEL - 10, y + 15, name, "font-size='14' text-anchor='end'"),
            f"<rect x='{LABEL}' y='{y}' width='{width:.1f}' height='{BAR}' rx='3' fill='{color}'/>",
            _text(LABEL + width + 8, y + 15, shown, "font-size='14'"),
            "\n",
        ]
    return "".join(parts)


def _text(x: float, y: float, words: str, look: str) -> str:
    return f"<text x='{x:.1f}' y='{y}' fill='{INK}' {FONT} {look}>{escape(words)}</text>"


def _share(value: float | None, values: Sequence[float]) -> float:
    """Return the length of a bar, 0 to 1, on a logarithmic scale from a tenth below the smallest value."""
    if not value:
        return 0.0
    low, high = log10(min(values)) - 0.5, log10(max(values))
    return (log10(value) - low) / (high - low)
