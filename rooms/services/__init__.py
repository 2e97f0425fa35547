"""Use cases, one file a family. Keyword-only, atomic; the caller has asked `rooms.access` first."""
