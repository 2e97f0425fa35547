"""Keys that stand in addresses."""

import secrets


def new_key() -> str:
    """Return a URL-safe key of 128 random bits: an address cannot be guessed or counted."""
    return secrets.token_urlsafe(16)
