"""Keys that stand in addresses."""

import secrets


def new_key() -> str:
    """Return a URL-safe key of 128 random bits: an address cannot be guessed or counted.

    None begins with a dash, which a command line would take for an option: that costs 0.02 bits.
    """
    while (key := secrets.token_urlsafe(16)).startswith("-"):
        pass
    return key
