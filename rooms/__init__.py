"""Rooms, the documents in them, and everything people do with them."""
