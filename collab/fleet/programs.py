"""Which programs a fleet needs, and what to say when one is not installed."""

import shutil
from pathlib import Path

# program: the Debian package that has it.
PACKAGES = {"redis-server": "redis-server", "haproxy": "haproxy", "nginx": "nginx", "postgres": "postgresql"}
# Debian has these where only root's PATH looks.
_FOLDERS = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"


class ProgramMissing(Exception):
    """The message says what to install."""


def find(program: str) -> str:
    """Return the path of a program. Raises ProgramMissing."""
    found = _newest_postgres(program) or shutil.which(program) or shutil.which(program, path=_FOLDERS)
    if found is None:
        raise ProgramMissing(words_on({program}))
    return found


def missing(programs: set[str]) -> set[str]:
    """Return which of these programs are not installed."""

    def is_missing(program: str) -> bool:
        try:
            find(program)
        except ProgramMissing:
            return True
        return False

    return {program for program in programs if is_missing(program)}


def words_on(programs: set[str]) -> str:
    """Return what to do about programs that are not installed."""
    packages = " ".join(sorted({PACKAGES.get(program, "postgresql") for program in programs}))
    return (
        f"Not installed: {', '.join(sorted(programs))}. On Debian or Ubuntu:\n"
        f"    sudo apt-get install --no-install-recommends {packages}"
    )


def _newest_postgres(program: str) -> str | None:
    """Debian keeps PostgreSQL's own programs in a folder for each version, outside PATH."""
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    found = [folder / program for folder in folders if (folder / program).exists()]
    return str(max(found, key=lambda path: int(path.parts[-3]))) if found else None
