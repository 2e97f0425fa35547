"""`make messages`: finds what people read in the source, puts it before translators, and compiles what they wrote.

locale/<language>/LC_MESSAGES has two catalogs: `django` for pages and mail, `djangojs` for the browser bundle. They
hold neither dates nor line numbers: what changes in them is what translators have to look at.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import chdir
from pathlib import Path

from django.core.management import call_command
from django.core.management.commands import makemessages

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
PYTHON = ("collab", "rooms", "templates")
BUNDLE = Path("static") / "src"

# Types go, and templates become additions: xgettext reads neither as TypeScript writes them.
_STRIP = """
const ts = require("typescript"), fs = require("fs"), path = require("path");
const [from, into] = process.argv.slice(1);
const compilerOptions = { target: ts.ScriptTarget.ES5, module: ts.ModuleKind.ESNext };
for (const name of fs.readdirSync(from, { recursive: true })) {
  if (!name.endsWith(".ts") || name.endsWith(".test.ts")) continue;
  const { outputText } = ts.transpileModule(fs.readFileSync(path.join(from, name), "utf8"), { compilerOptions });
  fs.mkdirSync(path.dirname(path.join(into, name)), { recursive: true });
  fs.writeFileSync(path.join(into, name), outputText);
}
"""


class Extract(makemessages.Command):
    """Django's command. Nothing is guessed from a text that is nearly the same: it would look like a translation."""

    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]  # noqa: RUF012


class ExtractBundle(Extract):
    """`t` and `tn` are those of static/src/page/words.ts."""

    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=t", "--keyword=tn:1,2"]  # noqa: RUF012


def extract(into: Path) -> None:
    """Bring the catalogs of `into`/locale up to date with the source; `into` is an empty folder otherwise.

    Raises CommandError and CalledProcessError when gettext or Node cannot read something.
    """
    for folder in PYTHON:
        shutil.copytree(ROOT / folder, into / folder, ignore=shutil.ignore_patterns("__pycache__"))
    strip = ["node", "--eval", _STRIP, str(ROOT / BUNDLE), str(into / BUNDLE)]
    subprocess.run(strip, check=True, cwd=ROOT / "static")  # noqa: S603
    options = {"locale": languages(into / "locale"), "add_location": "file", "no_obsolete": True, "verbosity": 0}
    with chdir(into):
        call_command(Extract(), domain="django", **options)
        call_command(ExtractBundle(), domain="djangojs", extensions=["ts"], **options)
    for catalog in catalogs(into / "locale"):
        catalog.write_text(_with_head(catalog.read_text(), language=catalog.parts[-3]))


def _with_head(text: str, *, language: str) -> str:
    """Return a catalog with a head that says what is so, in place of gettext's form to be filled in."""
    head, _, rest = text.partition("\n\n")
    # gettext breaks long lines.
    plural = re.search(r"Plural-Forms: [^\\]*\\n", head.replace('"\n"', ""))
    lines = [
        'msgid ""',
        'msgstr ""',
        '"Project-Id-Version: Collab Rooms\\n"',
        f'"Language: {language}\\n"',
        '"MIME-Version: 1.0\\n"',
        '"Content-Type: text/plain; charset=UTF-8\\n"',
        '"Content-Transfer-Encoding: 8bit\\n"',
        f'"{plural[0]}"' if plural else "",
    ]
    return "\n".join(filter(None, lines)) + f"\n\n{rest}"


def languages(locale: Path) -> list[str]:
    return sorted(folder.name for folder in locale.iterdir() if folder.is_dir())


def catalogs(locale: Path) -> list[Path]:
    return sorted(locale.glob("*/LC_MESSAGES/*.po"))


def compile_catalog(catalog: Path) -> None:
    """Write the .mo file beside a .po file, which is what Django reads."""
    written = str(catalog.with_suffix(".mo"))
    subprocess.run(["msgfmt", "--check-format", "-o", written, str(catalog)], check=True)  # noqa: S603, S607


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder)
        shutil.copytree(LOCALE, into / "locale")
        extract(into)
        shutil.copytree(into / "locale", LOCALE, dirs_exist_ok=True)
    for catalog in catalogs(LOCALE):
        compile_catalog(catalog)
        counted = subprocess.run(  # noqa: S603
            ["msgfmt", "--statistics", "-o", "/dev/null", str(catalog)],  # noqa: S607
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        sys.stdout.write(f"{catalog.relative_to(ROOT)}: {counted.stderr}")


if __name__ == "__main__":
    main()
