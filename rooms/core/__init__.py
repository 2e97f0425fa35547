"""The pure part: no Django, no sockets, no clock of its own. Imports the standard library and pycrdt only."""
