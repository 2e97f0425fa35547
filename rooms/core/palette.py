"""Colours of people: twelve that colour-blind readers can tell apart.

Drawn from Paul Tol's "muted" and "bright" sets (SRON/EPS/TN/09-002), darkened until white text on
them reaches 4.5:1, and kept away from the accent (blue 600) and danger (red 600) of the pages.
"""

PALETTE = (
    "#332288",
    "#117733",
    "#0f766e",
    "#882255",
    "#8a5a00",
    "#7b3fa0",
    "#4d6600",
    "#a8327e",
    "#00707f",
    "#6b4c3b",
    "#b1461e",
    "#4a5568",
)


def color(user_id: int) -> str:
    """Return the colour of a person, `#rrggbb`: the same in every document and on every instance."""
    return PALETTE[user_id % len(PALETTE)]
