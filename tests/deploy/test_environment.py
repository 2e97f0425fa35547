"""env.example names every setting and is one that the product starts with; documents say what is there."""

import os
import re
import subprocess
import sys

import pytest

from tests.deploy import reading
from tests.harness.server import ROOT
from tests.test_docs import read_settings

TEXT = reading.shipped()["env.example"]
README = reading.shipped()["README.md"]
PROVIDERS = {
    f"COLLAB_{name}_{value}" for name in ("GITHUB", "GITLAB", "MICROSOFT") for value in ("CLIENT_ID", "SECRET")
}


def test_every_setting_is_named_once_and_none_that_the_code_does_not_read() -> None:
    names = re.findall(r"^#?([A-Z][A-Z_]+)=", TEXT, re.M)
    assert len(names) == len(set(names))
    assert set(names) == read_settings() | PROVIDERS


def test_every_setting_has_a_line_on_what_it_is() -> None:
    lines = TEXT.splitlines()
    for number, line in enumerate(lines):
        if re.match(r"#?[A-Z_]+=", line):
            above = lines[number - 1]
            # Values that belong together share the words above the first.
            assert above.startswith("# ") or re.match(r"#?[A-Z_]+=", above), line


def test_a_value_that_is_commented_out_is_the_default_of_the_code() -> None:
    code = (ROOT / "collab" / "settings.py").read_text()
    shown = dict(re.findall(r"^#([A-Z_]+)=(.*)$", TEXT, re.M))
    texts = dict(re.findall(r'env\.str\("([A-Z_]+)", default="([^"]*)"\)', code))
    numbers = dict(re.findall(r'env\.(?:int|float)\("([A-Z_]+)", default=([\d._]+)\)', code))
    assert len((texts | numbers).keys() & shown.keys()) > 5
    for name in texts.keys() & shown.keys():
        assert shown[name].strip('"') == texts[name], name
    for name in numbers.keys() & shown.keys():
        assert float(shown[name]) == float(numbers[name]), name


def test_the_product_accepts_the_example_once_it_is_filled_in() -> None:
    filled = {**reading.environment(TEXT), "COLLAB_SECRET_KEY": "for-this-test-alone-" + "x1y2z3" * 8}
    # The manager of the rest is asked for nothing but its opinion: no database answers here.
    run = subprocess.run(
        [sys.executable, "manage.py", "check", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **filled},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr


def test_no_secret_is_filled_in() -> None:
    for name, value in reading.environment(TEXT).items():
        if re.search(r"SECRET|PASSWORD", name):
            assert value == "change"
        assert "$" not in value


def test_every_file_that_the_readme_names_is_there() -> None:
    names = set(re.findall(r"(?<!tests/)\b(deploy/[\w./@-]*\w)", README)) | {
        f"deploy/{name}" for name in re.findall(r"\]\((?!http|#|\.\.)([^)#]+)\)", README)
    }
    assert len(names) > 10
    assert [name for name in sorted(names) if not (ROOT / name).exists()] == []


def test_the_readme_names_every_way_to_deploy() -> None:
    ways = {path.parent.name for path in reading.DEPLOY.rglob("*") if path.is_file() and path.parent != reading.DEPLOY}
    assert {way for way in ways - {"__pycache__"} if f"deploy/{way}/" not in README} == set()


def test_every_setting_that_the_readme_speaks_of_exists() -> None:
    scripts = reading.shipped()["systemd/rolling-restart"] + reading.shipped()["nginx/switch"]
    known = read_settings() | PROVIDERS | set(re.findall(r"\b[A-Z]+_[A-Z_]+\b", scripts))
    known |= {"COLLAB_SITE"} | set(re.findall(r"\b[A-Z]+_PASSWORD\b", reading.shipped()["docker/compose.yaml"]))
    spoken = set(re.findall(r"\b(?:COLLAB|ROLLING|POSTGRES|REDIS|DATABASE)_[A-Z_]+\b", README))
    assert spoken <= known


@pytest.mark.parametrize("name", sorted(reading.shipped()))
def test_configurations_compress_nothing_of_socket_io_and_add_no_hsts(name: str) -> None:
    """Only the application knows whether everybody comes by https, and frames of /socket.io/ hardly shrink."""
    code = "\n".join(line for line in reading.shipped()[name].splitlines() if not line.lstrip().startswith("#"))
    if name != "README.md":
        assert "Strict-Transport-Security" not in code
        assert not re.search(r"gzip on|^\s*encode |compression algo|^\s*compress:", code, re.M)
