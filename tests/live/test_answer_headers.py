"""Every answer of a server says what a browser may do with it, whoever makes the answer: Django, engineio or we."""

import http.client
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from rooms.services import files
from tests.harness.people import PASSWORD, Cast, sign_in
from tests.harness.server import Server

HOST = "rooms.example.org"
EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
# Of Django's answers, static files included: once a browser has seen one of them, it knows.
HTTPS = ("strict-transport-security", "max-age=31536000")
NEVER = ["server", "x-powered-by", "access-control-allow-origin"]
SCRIPTS = "script-src 'self'"
FRAMES = "frame-ancestors 'none'"
SANDBOX = "sandbox; default-src 'none'"


class Caller:
    """Speaks to a server as its load balancer does, for a browser that came by https."""

    def __init__(self, server: Server, session: str = "") -> None:
        self._port = server.port
        self._headers = {
            "Host": HOST,
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "192.0.2.1",
            "Cookie": f"sessionid={session}; csrftoken={'a' * 32}",
        }

    def __call__(self, method: str, path: str, body: str = "", **headers: str) -> http.client.HTTPResponse:
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        line.request(method, path, body.encode(), {**self._headers, **headers})
        answer = line.getresponse()
        answer.read()
        line.close()
        return answer


@pytest.fixture
def behind_https(own_server: Callable[..., Server]) -> Callable[..., Server]:
    def make(**environment: str) -> Server:
        return own_server(COLLAB_ORIGINS=f"https://{HOST}", COLLAB_PROXY_COUNT="1", **environment)

    return make


def missing(answer: http.client.HTTPResponse, *, of_django: bool = True) -> list[str]:
    """Return what is wrong with the headers of an answer."""
    said = {name.lower(): value for name, value in answer.getheaders()}
    wrong = [f"{name}: {said.get(name)}" for name, value in EVERYWHERE.items() if said.get(name) != value]
    if of_django and said.get(HTTPS[0]) != HTTPS[1]:
        wrong.append(f"{HTTPS[0]}: {said.get(HTTPS[0])}")
    policy = said.get("content-security-policy", "")
    if policy != SANDBOX and not (SCRIPTS in policy and FRAMES in policy and "unsafe" not in policy):
        wrong.append(f"policy: {policy}")
    twice = [name for name in (*EVERYWHERE, "content-security-policy") if len(answer.headers.get_all(name) or []) > 1]
    return [*wrong, *(name for name in NEVER if name in said), *(f"{name} twice" for name in twice)]


def test_every_kind_of_answer_has_the_headers(behind_https: Callable[..., Server], live_cast: Cast) -> None:
    server = behind_https()
    alice = Caller(server, sign_in(live_cast.alice))
    nobody = Caller(server)
    stored = files.add_file(
        document=live_cast.document, by=live_cast.alice, name="a.svg", content=ContentFile(b"<svg>")
    )
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    right = {**form, "Referer": f"https://{HOST}/", "X-CSRFToken": "a" * 32}
    polling = "/socket.io/?EIO=4&transport=polling"
    document = f"/d/{live_cast.document.key}"
    others = {"a handshake", "a handshake from elsewhere", "a handshake of another site", "an unknown line"}
    others |= {"alive", "ready", "too large"}
    answers = {
        "a page": (alice("GET", document), 200),
        "the first page": (nobody("GET", "/"), 200),
        "sent to sign in": (nobody("GET", document), 302),
        "not found": (alice("GET", "/d/nobody-has-this"), 404),
        "no such address": (alice("GET", "/nothing/here"), 404),
        "forbidden": (Caller(server, sign_in(live_cast.vera))("POST", f"{document}/delete", **right), 403),
        "without a token": (alice("POST", f"{document}/delete", **form), 403),
        "the wrong method": (alice("DELETE", document, **right), 405),
        "the wrong host": (nobody("GET", "/", Host="evil.example"), 400),
        "json": (alice("GET", f"{document}/comments"), 200),
        "a file": (alice("GET", f"/f/{stored.key}"), 200),
        "no such file": (alice("GET", "/f/nobody-has-this"), 404),
        "a static file": (nobody("GET", "/static/css/base.css"), 200),
        "a static picture": (nobody("GET", "/static/img/favicon.svg"), 200),
        "no such static file": (nobody("GET", "/static/nothing.css"), 404),
        "a script of the service worker": (nobody("GET", "/d/offline.js"), 200),
        "the admin": (nobody("GET", "/admin/"), 302),
        "a handshake": (nobody("GET", polling), 200),
        "a handshake from elsewhere": (nobody("GET", polling, Origin="https://evil.example"), 400),
        "a handshake of another site": (nobody("GET", polling, **{"Sec-Fetch-Site": "cross-site"}), 403),
        "an unknown line": (nobody("POST", f"{polling}&sid=unknown"), 400),
        "alive": (nobody("GET", "/healthz"), 200),
        "ready": (nobody("GET", "/readyz"), 200),
        "too large": (nobody("POST", "/", **{"Content-Length": "99999999999"}), 413),
    }
    for _ in range(21):
        answers["too often"] = (nobody("GET", "/invitations/guessed"), 429)
    assert {what: answer.status for what, (answer, _) in answers.items()} == {
        what: status for what, (_, status) in answers.items()
    }
    found = {what: missing(answer, of_django=what not in others) for what, (answer, _) in answers.items()}
    assert {what: wrong for what, wrong in found.items() if wrong} == {}


def test_an_answer_to_a_fault_has_them_too(behind_https: Callable[..., Server], tmp_path: Path) -> None:
    """A server without tables: whatever asks for a session fails."""
    server = behind_https(DATABASE_URL=f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    answer = Caller(server, "a" * 32)("GET", "/profile")
    assert answer.status == 500
    assert missing(answer) == []


def test_cookies_are_for_https_and_for_this_site_alone(behind_https: Callable[..., Server], live_cast: Cast) -> None:
    server = behind_https()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Referer": f"https://{HOST}/accounts/login/",
        "X-CSRFToken": "a" * 32,
    }
    signed_in = Caller(server)(
        "POST", "/accounts/login/", f"login=alice%40example.com&password={PASSWORD.replace(' ', '+')}", **headers
    )
    language = Caller(server)("POST", "/language", "language=de&next=/", **headers)
    cookies = [
        (name, {part.strip().lower() for part in rest})
        for answer in (signed_in, language, Caller(server)("GET", "/accounts/login/", Cookie=""))
        for name, *rest in (one.split(";") for one in answer.headers.get_all("Set-Cookie") or [])
        if not name.endswith('=""')  # one that the browser lets go of
    ]
    assert {name.partition("=")[0] for name, _ in cookies} >= {"sessionid", "csrftoken", "django_language"}
    for name, said in cookies:
        assert {"secure", "samesite=lax", "path=/"} <= said, name
        assert not any(part.startswith("domain=") for part in said)
        if not name.startswith("csrftoken"):  # which our scripts send back
            assert "httponly" in said, name
