"""Fetches the peers and the generator's libraries into `var/bench`, each into a folder of its own, once a version."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from tests.harness.server import ROOT

HERE = Path(__file__).resolve().parent
CACHE = ROOT / "var" / "bench"
MANIFEST = HERE / "peers" / "package.json"
REQUIREMENTS = HERE / "peers" / "requirements-peers.txt"
# Apart from each other: that one cannot be installed must not keep the others from being measured.
NODE_PACKAGES = {
    "generator": ["@msgpack/msgpack", "yjs"],
    "hocuspocus": ["@hocuspocus/server", "@hocuspocus/extension-sqlite", "y-protocols", "yjs"],
    "y-websocket": ["@y/websocket-server", "y-protocols", "yjs"],
}
INSTALL_SECONDS = 600


def scratch() -> Path:
    """Return the folder for storage of servers: on a real disk, where a sync costs what it costs."""
    folder = CACHE / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def folder_of(name: str) -> Path:
    return CACHE / name


def python_of_peers() -> Path:
    return folder_of("pycrdt-websocket") / "venv" / "bin" / "python"


def generator() -> Path:
    """Return the generator's main module, copied to where Node finds its libraries."""
    if problem := _node("generator"):
        sys.exit(f"the generator's libraries cannot be installed:\n{problem}")
    folder = folder_of("generator") / "source"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HERE / "generator", folder)
    return folder / "main.mjs"


def peer(name: str) -> str:
    """Install one peer if it is not there. Returns what went wrong, or nothing."""
    problem = _node(name) if name in NODE_PACKAGES else _python(name)
    if not problem and name == "hocuspocus":
        shutil.copy(HERE / "peers" / "hocuspocus.mjs", folder_of(name))
    if not problem and name == "pycrdt-websocket":
        shutil.copy(HERE / "peers" / "pycrdt_server.py", folder_of(name))
    return problem


def versions() -> dict[str, str]:
    """Return the pinned version of every package of the peers."""
    pinned: dict[str, str] = dict(json.loads(MANIFEST.read_text())["dependencies"])
    lines = [line for line in REQUIREMENTS.read_text().splitlines() if "==" in line]
    return pinned | dict(line.split("==") for line in lines)


def _node(name: str) -> str:
    folder = folder_of(name)
    pinned = versions()
    dependencies = {package: pinned[package] for package in NODE_PACKAGES[name]}
    wanted = {"private": True, "dependencies": dependencies}
    manifest = folder / "package.json"
    if manifest.exists() and json.loads(manifest.read_text()) == wanted:
        return ""
    _tell(name)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    packages = [f"{package}@{version}" for package, version in dependencies.items()]
    quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--no-save", "--loglevel=error"]
    problem = _run(["npm", "install", *quiet, *packages], folder)
    if not problem:
        manifest.write_text(json.dumps(wanted))
    return problem


def _python(name: str) -> str:
    folder = folder_of(name)
    mark = folder / REQUIREMENTS.name
    if mark.exists() and mark.read_text() == REQUIREMENTS.read_text():
        return ""
    _tell(name)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    pip = [str(python_of_peers()), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    problem = _run([sys.executable, "-m", "venv", "venv"], folder) or _run([*pip, "-r", str(REQUIREMENTS)], folder)
    if not problem:
        shutil.copy(REQUIREMENTS, mark)
    return problem


def _tell(name: str) -> None:
    sys.stdout.write(f"==> Installing {name} (once)\n")
    sys.stdout.flush()


def _run(command: list[str], folder: Path) -> str:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return "" if done.returncode == 0 else (done.stderr or done.stdout).strip()[-500:] or "failed without a word"
