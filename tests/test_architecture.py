"""Imports run downwards only: core, models, access and store, services, then live and web, then collab."""

import ast
from pathlib import Path

from tests.harness.server import ROOT

MAY_NOT = {
    "rooms/core": ("django", "socketio", "engineio", "redis", "rooms.models", "rooms.access", "rooms.store", "rooms.services", "rooms.live", "rooms.web", "collab"),  # noqa: E501
    "rooms/models": ("socketio", "engineio", "rooms.access", "rooms.store", "rooms.services", "rooms.live", "rooms.web", "collab"),  # noqa: E501
    "rooms/services": ("socketio", "engineio", "rooms.live", "rooms.web", "collab"),
    "rooms/live": ("rooms.web", "rooms.services", "collab"),
    "rooms/web": ("socketio", "engineio", "rooms.live", "collab"),
}  # fmt: skip


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_imports_run_downwards_only() -> None:
    wrong = [
        (str(path.relative_to(ROOT)), name)
        for folder, forbidden in MAY_NOT.items()
        for path in (ROOT / folder).rglob("*.py")
        for name in imports(path)
        if any(name == bad or name.startswith(bad + ".") for bad in forbidden)
    ]
    assert wrong == []
