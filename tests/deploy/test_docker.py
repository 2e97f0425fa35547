"""The image and the fleet in containers, as far as they can be proved without a container."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.deploy import reading
from tests.harness.server import ROOT

TEXTS = reading.shipped()
INSTANCES = ["a", "b", "c"]


def stages() -> list[list[tuple[str, str]]]:
    """Return the instructions of each stage of the Dockerfile."""
    text = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", TEXTS["docker/Dockerfile"], flags=re.M))
    found: list[list[tuple[str, str]]] = []
    for line in text.splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            found.append([])
        if word:
            found[-1].append((word, rest.strip()))
    return found


def last(word: str) -> str:
    """Return the last instruction of that kind in the last stage."""
    return [rest for name, rest in stages()[-1] if name == word][-1]


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(TEXTS["docker/compose.yaml"])
    return found


def test_browser_and_python_parts_are_built_apart_from_what_runs() -> None:
    assert len(stages()) == 3
    assert "npm ci" in str(stages()[0])
    runs = str(stages()[-1])
    assert "npm" not in runs
    assert "pip" not in runs


def test_term_reaches_gunicorn_and_nobody_is_root() -> None:
    command = json.loads(last("CMD"))
    assert command == ["gunicorn", "-c", "deploy/gunicorn.conf.py", "collab.asgi:application"]
    assert last("STOPSIGNAL") == "SIGTERM"
    user = last("USER")
    assert user.split(":")[0] not in {"0", "root"}
    names = [name for name, _ in stages()[-1]]
    assert names.index("USER") < names.index("CMD")


def test_the_container_is_healthy_while_it_is_alive() -> None:
    check = last("HEALTHCHECK")
    assert "/healthz" in check
    assert "/readyz" not in check, "an instance that drains is not to be replaced"
    command = json.loads(check[check.index("[") :])
    compile(command[2], "healthcheck", "exec")


def test_static_files_are_collected_in_the_image_without_a_secret_that_stays() -> None:
    collect = next(rest for name, rest in stages()[-1] if name == "RUN" and "collectstatic" in rest)
    assert "COLLAB_SECRET_KEY=" in collect
    assert not [rest for name, rest in stages()[-1] if name in {"ENV", "ARG"} and "SECRET" in rest]


def test_everything_that_is_copied_exists_and_passes_the_ignore_file() -> None:
    allowed = {line[1:] for line in TEXTS["docker/Dockerfile.dockerignore"].splitlines() if line.startswith("!")}
    for name, rest in (one for stage in stages() for one in stage):
        if name == "COPY" and not rest.startswith("--from"):
            for source in rest.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert source in allowed, source
    assert "*" in TEXTS["docker/Dockerfile.dockerignore"].splitlines(), "what is not named stays out"


def test_everything_that_the_settings_need_to_start_is_in_the_image() -> None:
    copied = {rest.split()[-2] for name, rest in stages()[-1] if name == "COPY"}
    assert {"manage.py", "collab", "rooms", "templates", "deploy/gunicorn.conf.py"} <= copied
    settings = (ROOT / "collab" / "settings.py").read_text()
    folders = re.search(r"STATICFILES_DIRS = .* for name in \(([^)]*)\)", settings)
    assert folders is not None
    for folder in re.findall(r'"(\w+)"', folders[1]):
        assert any(source.endswith(f"static/{folder}") for source in copied), folder


def test_three_instances_share_everything_but_name_and_address() -> None:
    services = compose()["services"]
    rest = []
    for name in INSTANCES:
        service = services[name]
        assert service["environment"].pop("COLLAB_INSTANCE") == name
        service.pop("networks")
        rest.append(service)
    assert rest[0] == rest[1] == rest[2]
    assert rest[0]["environment"]["COLLAB_FLEET"] == "1"
    assert rest[0]["environment"]["COLLAB_PROXY_COUNT"] == "1"


def test_the_instances_share_the_folder_of_files_that_the_image_made_for_them() -> None:
    folder = re.search(r"COLLAB_MEDIA=(\S+)", TEXTS["docker/Dockerfile"])
    assert folder is not None
    assert f"install -d -o collab -g collab -m 0700 {folder[1]}" in str(stages()[-1])
    for name in INSTANCES:
        assert compose()["services"][name]["volumes"] == [f"media:{folder[1]}"]
    assert "media" in compose()["volumes"]


def test_the_database_is_brought_up_to_date_before_any_instance_starts() -> None:
    services = compose()["services"]
    assert services["migrate"]["command"] == ["python", "manage.py", "migrate", "--no-input"]
    assert services["migrate"]["restart"] == "no"
    for name in INSTANCES:
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_haproxy_gets_the_shipped_file_with_the_addresses_of_the_instances(tmp_path: Path) -> None:
    """The command of the container, run here as it stands, up to HAProxy itself."""
    file = compose()
    command = file["services"]["lb"]["command"]
    assert command[:2] == ["sh", "-c"]
    rendered, _, start = command[2].partition(" && exec ")
    assert start == "haproxy -W -db -f /tmp/haproxy.cfg"
    here = rendered.replace("/etc/collab/haproxy.cfg", str(reading.DEPLOY / "haproxy" / "haproxy.cfg"))
    subprocess.run(["/bin/sh", "-c", here.replace("/tmp/haproxy.cfg", str(tmp_path / "haproxy.cfg"))], check=True)  # noqa: S108
    text = (tmp_path / "haproxy.cfg").read_text()
    addresses = [file["services"][name]["networks"]["inside"]["ipv4_address"] for name in INSTANCES]
    assert re.findall(r"server \w (\S+)", text) == [f"{address}:8000" for address in addresses]
    check = [reading.program("haproxy"), "-c", "-f", str(tmp_path / "haproxy.cfg")]
    assert subprocess.run(check, capture_output=True, check=False).returncode == 0
    (mount,) = file["services"]["lb"]["volumes"]
    assert (reading.DEPLOY / "docker" / mount.split(":")[0]).resolve() == reading.DEPLOY / "haproxy" / "haproxy.cfg"


def test_only_the_load_balancer_is_reached_from_outside() -> None:
    services = compose()["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["lb"]


def test_no_password_stands_in_the_file() -> None:
    text = TEXTS["docker/compose.yaml"]
    for name in ("POSTGRES_PASSWORD", "REDIS_PASSWORD"):
        assert set(re.findall(rf"\$\{{{name}([^}}]*)\}}", text)) == {":?set it in var/collab.env"}
