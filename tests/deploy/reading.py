"""Reads what deploy/ ships: every reader takes text, so that a test can hand it a changed one."""

import configparser
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.harness.server import ROOT

DEPLOY = ROOT / "deploy"
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}


def shipped() -> dict[str, str]:
    """Return every text file of deploy/ by its path below it."""
    paths = [path for path in sorted(DEPLOY.rglob("*")) if path.is_file() and path.suffix != ".pyc"]
    return {str(path.relative_to(DEPLOY)): path.read_text() for path in paths}


def seconds(value: Any) -> float:
    """Return a duration in seconds: 20, "20", "20s", "2m", "1h", "PT10M". Raises ValueError for anything else."""
    text = str(value).removeprefix("PT").lower()
    parts = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|min|m|h|d)?", text)
    if parts is None:
        raise ValueError(f"no duration: {value!r}")
    return float(parts[1]) * _UNITS[parts[2] or "s"]


def environment(text: str) -> dict[str, str]:
    """Return the lines NAME=value of an environment file."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {name: "".join(shlex.split(value)) for name, value in (line.split("=", 1) for line in lines)}


@dataclass
class Directive:
    """A name with its words, and what stands between its braces or below its heading."""

    words: list[str]
    inside: list["Directive"] = field(default_factory=list)

    def all(self, *names: str) -> list["Directive"]:
        """Return the directives inside that begin with these words, at any depth."""
        found = [one for one in self.inside if one.words[: len(names)] == list(names)]
        return found + [deeper for one in self.inside for deeper in one.all(*names)]

    def value(self, *names: str) -> str:
        """Return the word after these of the one directive that has them. Raises LookupError unless it is one."""
        found = self.all(*names)
        if len(found) != 1:
            raise LookupError(f"{' '.join(names)}: {len(found)} times")
        return found[0].words[len(names)]


def haproxy(text: str) -> Directive:
    """Sections begin in the first column, their lines further right."""
    root = Directive([])
    for line in text.splitlines():
        words = shlex.split(line, comments=True)
        if words:
            (root if not line[0].isspace() else root.inside[-1]).inside.append(Directive(words))
    return root


def nginx(text: str) -> Directive:
    """Directives end with a semicolon or hold others in braces."""
    tokens = re.findall(r'#[^\n]*|"(?:\\.|[^"])*"|[{};]|[^\s{};]+', text)
    return _braces([token for token in tokens if not token.startswith("#")], end=";")


def caddy(text: str) -> Directive:
    """Directives end with the line or hold others in braces; `{$NAME:value}` is a word."""
    lines = [re.sub(r"(^|\s)#.*", "", line) for line in text.splitlines()]
    tokens = re.findall(r"\n|\{\$[^}]*\}|[{}](?=\s|$)|[^\s{}]+", "\n".join(lines) + "\n")
    return _braces(tokens, end="\n")


def _braces(tokens: list[str], *, end: str) -> Directive:
    stack, words = [Directive([])], list[str]()
    for token in tokens:
        if token == "{":
            block = Directive(words)
            stack[-1].inside.append(block)
            stack.append(block)
            words = []
        elif token == "}":
            stack.pop()
        elif token != end:
            words.append(token.strip('"'))
        elif words:
            stack[-1].inside.append(Directive(words))
            words = []
    return stack[0]


def unit(text: str) -> dict[str, dict[str, list[str]]]:
    """Return a systemd unit: section, name, every value in the order of the file."""
    found: dict[str, dict[str, list[str]]] = {}
    section = ""
    for line in text.splitlines():
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            found.setdefault(section, {}).setdefault(name, []).append(value)
    # The standard library's reader has the last word on whether the form is right.
    configparser.RawConfigParser(strict=False).read_string(text)
    return found


class _Template(yaml.SafeLoader):
    """CloudFormation's short forms: `!Ref Name` becomes {"Ref": "Name"}."""


def _short_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix == "Ref" else f"Fn::{suffix}": value}


_Template.add_multi_constructor("!", _short_form)


def template(text: str) -> dict[str, Any]:
    """Return a CloudFormation template with its functions in their long form."""
    found: dict[str, Any] = yaml.load(text, _Template)  # noqa: S506  (a SafeLoader)
    return found


def user_data(text: str) -> str:
    """Return the shell script that a machine of the template runs first, with `${Name}` still in it."""
    data = template(text)["Resources"]["LaunchTemplate"]["Properties"]["LaunchTemplateData"]["UserData"]
    script: str = data["Fn::Base64"]["Fn::Sub"]
    return script


def documents(text: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Return Kubernetes manifests by kind and name."""
    found = [one for one in yaml.safe_load_all(text) if one]
    return {(one["kind"], one["metadata"].get("name") or one["metadata"]["generateName"]): one for one in found}


def attributes(pairs: list[dict[str, str]]) -> dict[str, str]:
    """Return a list of {Key, Value} as a dictionary. Raises ValueError when a key comes twice."""
    found = {pair["Key"]: pair["Value"] for pair in pairs}
    if len(found) != len(pairs):
        raise ValueError(f"a key comes twice: {pairs}")
    return found


def with_lines(text: str, mark: str) -> str:
    """Return a load balancer's file with its lines of that mark on, as its first lines say to do: `#tls`, `#flood`."""
    return text.replace(f"{mark} ", "")


def program(name: str) -> str:
    """Return where a server's program is; Debian keeps some where only root's PATH looks."""
    for folder in ("/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"):
        if (Path(folder) / name).exists():
            return f"{folder}/{name}"
    raise FileNotFoundError(f"{name} is not installed: deploy/test-services installs it")
