"""The files that deploy/ ships, with other ports: nothing else of them changes."""

import difflib
import re

import pytest

from collab.fleet.balancers import SHIPPED, UnknownForm, render_haproxy, render_nginx
from tests.fleet.faults import FAULTS

PORTS = {"a": 40001, "b": 40002}
RENDER = {"haproxy": render_haproxy, "nginx": render_nginx}
# Lines that may differ: where it listens, whom it sends people to, and under which account it runs.
MAY_CHANGE = re.compile(r"\s*(bind|listen|server|user|group)\s")


def changed_lines(before: str, after: str) -> list[str]:
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line[2:] for line in lines if line[0] in "+-"]


@pytest.mark.parametrize("kind", RENDER)
def test_only_ports_change(kind: str) -> None:
    shipped = SHIPPED[kind].read_text()
    rendered = RENDER[kind](shipped, 40000, PORTS)
    changed = changed_lines(shipped, rendered)
    assert changed
    assert [line for line in changed if not MAY_CHANGE.match(line)] == []
    assert re.search(r"(bind|listen) 127\.0\.0\.1:40000", rendered)
    assert re.findall(r"^\s+server .*?127\.0\.0\.1:(\d+)", rendered, re.MULTILINE) == ["40001", "40002"]


def test_each_instance_has_a_cookie_of_its_own() -> None:
    rendered = render_haproxy(SHIPPED["haproxy"].read_text(), 40000, PORTS)
    assert re.findall(r"^\s+server (\w) \S+ cookie (\w)", rendered, re.MULTILINE) == [("a", "a"), ("b", "b")]


@pytest.mark.parametrize("kind", RENDER)
def test_a_file_without_the_known_lines_is_refused(kind: str) -> None:
    with pytest.raises(UnknownForm):
        RENDER[kind]("# nothing\n", 40000, PORTS)


def test_what_belongs_to_a_host_alone_is_left_out() -> None:
    shipped = SHIPPED["haproxy"].read_text()
    lines = "    user proxy\n    chroot /var/empty\n    daemon\n    stats socket /run/admin.sock mode 660\n"
    installed = shipped.replace("\nglobal\n", f"\nglobal\n{lines}")
    assert installed != shipped
    assert render_haproxy(installed, 40000, PORTS) == render_haproxy(shipped, 40000, PORTS)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_changes_what_it_says_and_leaves_a_file_of_the_known_form(fault: str) -> None:
    shipped = SHIPPED["haproxy"].read_text()
    broken = FAULTS[fault](shipped)
    assert 0 < len(changed_lines(shipped, broken)) <= 12
    render_haproxy(broken, 40000, PORTS)
