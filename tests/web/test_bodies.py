"""Bodies that are too large end where they come in, on a real server; files leave it piece by piece."""

import socket
from collections.abc import Callable

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from rooms.services import files
from tests.harness.people import Cast, sign_in
from tests.harness.server import Server

MOST = 65_536 + 1_048_576


@pytest.fixture
def small_server(own_server: Callable[..., Server]) -> Server:
    return own_server(COLLAB_MAX_FILE_BYTES="65536")


def talk(server: Server, head: str, *pieces: bytes) -> bytes:
    """Send a request as it is, and return all that comes back until the server hangs up."""
    answer = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
        line.sendall(f"{head}Host: 127.0.0.1:{server.port}\r\n\r\n".encode())
        try:
            for piece in pieces:
                line.sendall(piece)
            while some := line.recv(65_536):
                answer += some
        except (BrokenPipeError, ConnectionResetError):
            # It does not read on, and does not wait until we have noticed.
            pass
    return answer


def test_a_body_that_says_it_is_too_large_is_refused_before_it_comes(small_server: Server) -> None:
    answer = talk(small_server, f"POST /accounts/login/ HTTP/1.1\r\nContent-Length: {MOST + 1}\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"code": "too_large"' in answer


def test_a_body_that_says_nothing_is_cut_when_it_is_too_large(small_server: Server) -> None:
    def piece(size: int) -> bytes:
        return f"{size:x}\r\n".encode() + b"x" * size + b"\r\n"

    pieces = [piece(65_536) for _ in range(MOST // 65_536 + 1)]
    answer = talk(small_server, "POST /accounts/login/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n", *pieces)
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_body_that_is_longer_than_it_says_is_not_read_beyond_that(small_server: Server, live_cast: Cast) -> None:
    body = b"--x\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\nwords\r\n--x--\r\n"
    head = (
        f"POST /d/{live_cast.document.key}/files HTTP/1.1\r\nConnection: close\r\n"
        f"Cookie: sessionid={sign_in(live_cast.alice)}; csrftoken={'a' * 32}\r\nX-CSRFToken: {'a' * 32}\r\n"
        f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 20\r\n"
    )
    answer = talk(small_server, head, body)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert not live_cast.document.attachments.exists()


def test_a_large_file_comes_back_whole(server: Server, live_cast: Cast) -> None:
    content = bytes(range(256)) * 16_000
    attachment = files.add_file(
        document=live_cast.document, by=live_cast.alice, name="large.bin", content=ContentFile(content)
    )
    head = f"GET /f/{attachment.key} HTTP/1.1\r\nConnection: close\r\nCookie: sessionid={sign_in(live_cast.vera)}\r\n"
    headers, _, body = talk(server, head).partition(b"\r\n\r\n")
    assert headers.startswith(b"HTTP/1.1 200 ")
    assert f"content-length: {len(content)}".encode() in headers.lower()
    assert body == content
    assert "UserWarning" not in server.log()
    assert Client().get(f"/f/{attachment.key}").status_code == 302
