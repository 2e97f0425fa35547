"""nginx reads no /readyz: a script takes one instance out, and puts it in again (trap P6)."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.deploy import reading
from tests.deploy.backends import backends
from tests.deploy.sites import eventually, running

DEPLOY = reading.DEPLOY


def switch(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    nginx = f"{reading.program('nginx')} -e stderr -p {folder} -c {folder}/nginx.conf"
    return subprocess.run(
        [str(DEPLOY / "nginx" / "switch"), *words],
        env={"PATH": os.environ["PATH"], "COLLAB_NGINX_CONF": f"{folder}/collab.conf", "NGINX": nginx},
        capture_output=True,
        text=True,
        check=False,
    )


def test_p6_an_instance_is_taken_out_of_nginx_and_put_back(tmp_path: Path) -> None:
    with backends(3) as instances, running("nginx", tmp_path, instances) as site:
        conf, first = tmp_path / "collab.conf", str(instances[0].port)
        before = conf.read_text()
        cookies = [site.get()[1]["set-cookie"].partition(";")[0] for _ in range(30)]
        homes = {cookie: site.name(cookie) for cookie in cookies}
        bound = next(cookie for cookie, name in homes.items() if name == "a")

        assert switch(tmp_path, "out", first).returncode == 0
        eventually(lambda: site.name(bound) != "a")  # the old workers of nginx answer for a moment
        others = {cookie: name for cookie, name in homes.items() if name != "a"}
        assert {cookie: site.name(cookie) for cookie in others} == others, "nobody else is moved"
        once = conf.read_text()
        assert switch(tmp_path, "out", first).returncode == 0
        assert conf.read_text() == once

        assert switch(tmp_path, "in", first).returncode == 0
        assert conf.read_text() == before
        eventually(lambda: site.name(bound) == "a")


def test_the_last_instance_is_never_taken_out_of_nginx(tmp_path: Path) -> None:
    with backends(3) as instances, running("nginx", tmp_path, instances):
        first, second, third = (str(one.port) for one in instances)
        assert [switch(tmp_path, "out", port).returncode for port in (first, second)] == [0, 0]
        before = (tmp_path / "collab.conf").read_text()
        run = switch(tmp_path, "out", third)
        assert run.returncode == 1
        assert "the last" in run.stderr
        assert (tmp_path / "collab.conf").read_text() == before


def test_a_file_that_nginx_refuses_stays_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "collab.conf").write_text("    server 127.0.0.1:1;\n    server 127.0.0.1:2;\n")
    (tmp_path / "nginx.conf").write_text("nonsense;")
    assert switch(tmp_path, "out", "1").returncode == 1
    assert " down" not in (tmp_path / "collab.conf").read_text()


@pytest.mark.parametrize("words", [[], ["out"], ["off", "8001"], ["out", "name"], ["out", "9"]])
def test_a_wrong_call_of_switch_changes_nothing(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "collab.conf").write_text("    server 127.0.0.1:8001;\n    server 127.0.0.1:8002;\n")
    assert switch(tmp_path, *words).returncode == 2
