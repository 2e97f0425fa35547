"""The layers, the allowlists and the protocol page: what is written down is what the code does."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rooms.core import errors
from rooms.live.handlers import Handlers

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = [path for folder in ("rooms", "collab") for path in sorted((ROOT / folder).rglob("*.py"))]

# What use cases, the live part and the pages stand on.
BELOW = {
    "rooms.core", "rooms.models", "rooms.access", "rooms.store", "rooms.writers", "rooms.here", "rooms.actor",
    "rooms.announcements", "rooms.triggers", "rooms.canary", "rooms.quarantine",
}  # fmt: skip

# folder or module: what of this project it may import. The first that fits a file counts.
LAYERS = {
    "rooms.core": {"rooms.core"},
    "rooms.models": {"rooms.core", "rooms.models"},
    "rooms.migrations": {"rooms.core", "rooms.models"},
    "rooms.statements": {"rooms.models"},
    "rooms.access": {"rooms.core", "rooms.models", "rooms.statements"},
    "rooms.writers": {"rooms.models", "rooms.statements"},
    "rooms.store": {"rooms.core", "rooms.models", "rooms.statements", "rooms.writers"},
    "rooms.canary": {"rooms.core", "rooms.canary"},
    "rooms.quarantine": {"rooms.core", "rooms.models", "rooms.store", "rooms.canary"},
    "rooms.actor": {"rooms.models"},
    "rooms.announcements": {"rooms.models", "rooms.actor"},
    "rooms.triggers": {"rooms.core", "rooms.models", "rooms.actor", "rooms.announcements"},
    "rooms.services": {*BELOW, "rooms.services"},
    "rooms.live": {*BELOW, "rooms.live"},
    "rooms.web": {*BELOW, "rooms.services", "rooms.web"},
    "rooms.management": {*BELOW, "rooms.services"},
    "rooms.apps": {"rooms.triggers", "rooms.web"},
    "rooms": set(),
    "collab": {"rooms", "collab"},
}
# What only some may import of others' code.
ONLY = {
    "socketio": {"rooms.live", "collab.asgi"},
    "engineio": {"rooms.live"},
    "channels": {"collab.asgi"},
    "redis": {"rooms.live"},
    "uvicorn_worker": {"collab.worker"},
}
CORE_MAY_IMPORT = sys.stdlib_module_names | {"pycrdt", "rooms"}
# Where registering is what importing is for, or the environment must stand before Django reads it.
IMPORTS_IN_FUNCTIONS = {
    "collab/apps.py": {"ready"},
    "rooms/apps.py": {"ready"},
    "collab/worker.py": {"_drain_and_stop"},  # gunicorn's master has the class, and must not have the application
}


def module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[str]:
    """Yield the full name of everything that a module imports: `from rooms import store` is rooms.store."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import"
            assert node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def files(*, below: str) -> list[Path]:
    return [path for path in PRODUCT if within(module(path), below)]


@pytest.mark.parametrize("path", PRODUCT, ids=module)
def test_imports_run_downwards_only(path: Path) -> None:
    name = module(path)
    layer = next(layer for layer in LAYERS if within(name, layer))
    ours = [imported for imported in imports(path) if imported.split(".")[0] in {"rooms", "collab"}]
    wrong = [one for one in ours if not any(within(one, allowed) for allowed in LAYERS[layer])]
    assert wrong == [], f"{layer} may import {sorted(LAYERS[layer])}"


@pytest.mark.parametrize("library", ONLY)
def test_a_library_of_the_edge_is_imported_at_the_edge_only(library: str) -> None:
    users = {module(path) for path in PRODUCT if any(within(one, library) for one in imports(path))}
    assert [user for user in users if not any(within(user, allowed) for allowed in ONLY[library])] == []


@pytest.mark.parametrize("path", files(below="rooms.core"), ids=module)
def test_the_core_is_pure(path: Path) -> None:
    assert {imported.split(".")[0] for imported in imports(path)} <= CORE_MAY_IMPORT
    assert not {"asyncio", "socket", "threading", "time", "datetime"} & {one.split(".")[0] for one in imports(path)}


@pytest.mark.parametrize("path", PRODUCT, ids=module)
def test_no_import_hides_in_a_function(path: Path) -> None:
    allowed = IMPORTS_IN_FUNCTIONS.get(str(path.relative_to(ROOT)), set())
    hidden = [
        f"{function.name}, line {node.lineno}"
        for function in ast.walk(tree(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and function.name not in allowed
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


@pytest.mark.parametrize("path", files(below="rooms.live"), ids=module)
def test_the_loop_never_waits_for_a_database(path: Path) -> None:
    """No ORM name and no blocking call on the async side; the bridge alone knows Django's database."""
    source = path.read_text(encoding="utf-8")
    assert ".objects" not in source
    assert "time.sleep" not in source
    assert not [one for one in imports(path) if within(one, "asgiref")], "(trap P4)"
    if path.name != "bridge.py":
        assert not [one for one in imports(path) if within(one, "django.db")]
    assert not [one for one in imports(path) if within(one, "rooms.models")]


@pytest.mark.parametrize("path", files(below="rooms"), ids=module)
def test_y9_nobody_observes_a_document(path: Path) -> None:
    """A Doc that is dropped with an observer attached is never freed."""
    assert ".observe" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PRODUCT, ids=module)
def test_no_error_is_swallowed(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"line {node.lineno}: a bare except"
            broad = isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}
            assert not (broad and all(isinstance(line, ast.Pass) for line in node.body)), f"line {node.lineno}"


# --- docs/protocol.md ------------------------------------------------------------------------------------------


def table(heading: str) -> set[str]:
    """Return the names in the first column of the table below a heading of the protocol page."""
    page = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
    section = page.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))


def every(cls: type[errors.Refusal]) -> Iterator[type[errors.Refusal]]:
    yield cls
    for child in cls.__subclasses__():
        yield from every(child)


def test_the_protocol_page_lists_exactly_the_events_that_a_client_may_send() -> None:
    nothing = dict.fromkeys(("database", "heard", "documents", "commits", "people", "fleet", "kick", "limits"))
    handlers = Handlers(**nothing, max_update_bytes=1, max_update_writers=1, max_document_bytes=1, max_people=1)  # type: ignore[arg-type]
    assert table("Events a client sends") == handlers.events


def test_the_protocol_page_lists_exactly_the_codes_of_refusals() -> None:
    assert table("Refusal codes") == {refusal.code for refusal in every(errors.Refusal)}


def test_the_protocol_page_lists_exactly_the_events_that_the_server_sends() -> None:
    sent = set()
    for path in files(below="rooms.live"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
                if name in {"event", "_emit", "emit"}:
                    sent |= {
                        arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
                    }
    documented = table("Events the server sends")
    assert sent <= documented
    assert documented - sent <= {"drain"}, "documented, and sent by nobody"
