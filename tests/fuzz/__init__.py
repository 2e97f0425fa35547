"""Updates that nobody would write, given to the ingress check, and what it lets through to pycrdt and to yjs."""
