"""Colours of people: twelve that colour-blind readers can tell apart.

Found by a search through dark colours that makes the smallest difference of any two as large as it gets (CIEDE2000),
to common eyes and to those without red, green or blue cones (Machado, Oliveira and Fernandes 2009). White text on each
reaches 4.5:1, and each keeps away from the accent (blue) and danger (red) of the pages. With so few hues left to a
colour-blind reader the twelve differ in lightness too; on dark paper lines are drawn lighter, see together.css.
tests/core/test_palette.py computes all of it. In this order neighbours differ much.
"""

PALETTE = (
    "#4422ee",
    "#cc4400",
    "#447766",
    "#880000",
    "#6666dd",
    "#777744",
    "#442255",
    "#993399",
    "#445533",
    "#1100aa",
    "#664466",
    "#552233",
)


def color(user_id: int) -> str:
    """Return the colour of a person, `#rrggbb`: the same in every document and on every instance."""
    return PALETTE[user_id % len(PALETTE)]
