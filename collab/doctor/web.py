"""HTTP as the doctor needs it: one request a connection, cookies with their flags, nothing followed, nothing kept.

A request can be given up at any moment, which a client in a thread could not.
"""

import asyncio
import ssl
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

ANSWER_SECONDS = 15.0
# Longer than any page of ours.
MOST_BYTES = 2_000_000


class BadAddress(ValueError):
    """What was given is no address of a deployment."""


class NoAnswer(Exception):
    """The other side could not be reached, or did not answer as HTTP is answered."""


@dataclass(frozen=True, slots=True)
class Cookie:
    """`flags` are the names of its attributes in lower case, with their values: {"secure": "", "samesite": "Lax"}."""

    name: str
    value: str
    flags: dict[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """`local` and `remote` are the two ends of the connection. `tls` is its version, and `days` what the certificate
    has left; both None without TLS or without a check."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    local: str
    remote: str
    tls: str | None = None
    days: int | None = None

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")

    @property
    def cookies(self) -> list[Cookie]:
        return [cookie_of(value) for key, value in self.headers if key == "set-cookie"]


def cookie_of(line: str) -> Cookie:
    """Read one Set-Cookie header."""
    first, *rest = (part.strip() for part in line.split(";"))
    name, _, value = first.partition("=")
    flags = {key.lower(): value for key, _, value in (part.partition("=") for part in rest)}
    return Cookie(name, value, flags)


@dataclass(slots=True)
class Jar:
    """The cookies of one browser."""

    values: dict[str, str] = field(default_factory=dict)

    def take(self, cookies: list[Cookie]) -> None:
        self.values.update({cookie.name: cookie.value for cookie in cookies})

    def header(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.values.items())} if self.values else {}


class Site:
    """A deployment at `url`, scheme and host. Raises BadAddress. With `insecure` certificates are not checked."""

    def __init__(self, url: str, *, insecure: bool = False) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise BadAddress(f"{url}: {error}") from error
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
            raise BadAddress(f"{url} is no address like https://rooms.example.org")
        self.is_https = parts.scheme == "https"
        self.host = parts.hostname
        self.port = port or (443 if self.is_https else 80)
        self.authority = parts.netloc.rpartition("@")[2]
        self.url = f"{parts.scheme}://{self.authority}"
        self.tls: ssl.SSLContext | None = None
        if self.is_https:
            self.tls = ssl.create_default_context()
            if insecure:
                self.tls.check_hostname = False
                self.tls.verify_mode = ssl.CERT_NONE

    async def get(self, path: str, headers: dict[str, str] | None = None, *, within: float = ANSWER_SECONDS) -> Answer:
        """Raises NoAnswer."""
        return await self.request("GET", path, headers, within=within)

    async def request(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
        *,
        within: float = ANSWER_SECONDS,
    ) -> Answer:
        """Return whatever is answered within so many seconds. Raises NoAnswer."""
        lines = {"Host": self.authority, "User-Agent": "collab-doctor", "Accept": "*/*", "Connection": "close"}
        if method == "POST":
            lines |= {"Content-Length": str(len(body)), "Content-Type": "text/plain;charset=UTF-8"}
        lines |= headers or {}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        try:
            async with asyncio.timeout(within):
                reader, writer = await asyncio.open_connection(self.host, self.port, ssl=self.tls)
                try:
                    writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body)
                    status, got = await _head(reader)
                    return Answer(status, got, await _body(reader, status, got), *_ends(writer), *_tls(writer))
                finally:
                    writer.transport.abort()
        except TimeoutError as error:
            raise NoAnswer(f"no answer within {within:.0f} s") from error
        except ssl.SSLError as error:
            raise NoAnswer(f"TLS: {getattr(error, 'verify_message', None) or error.reason or error}") from error
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as error:
            raise NoAnswer(_words(error)) from error


def _words(error: Exception) -> str:
    if isinstance(error, asyncio.IncompleteReadError):
        return "the connection was closed without an answer"
    return str(error) or type(error).__name__


async def _head(reader: asyncio.StreamReader) -> tuple[int, list[tuple[str, str]]]:
    first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
    if not first.startswith("HTTP/1."):
        raise ValueError("the answer is not HTTP")
    pairs = (line.partition(":") for line in rest)
    return int(first.split()[1]), [(name.strip().lower(), value.strip()) for name, _, value in pairs]


async def _body(reader: asyncio.StreamReader, status: int, headers: list[tuple[str, str]]) -> bytes:
    named = dict(headers)
    if status in (204, 304) or status < 200:
        return b""
    if "chunked" in named.get("transfer-encoding", "").lower():
        return await _chunks(reader)
    length = int(named["content-length"]) if "content-length" in named else None
    if length is None:
        return await reader.read(MOST_BYTES)
    if length > MOST_BYTES:
        raise ValueError("the answer is too long")
    return await reader.readexactly(length)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        body += (await reader.readexactly(size + 2))[:-2]
        if len(body) > MOST_BYTES:
            raise ValueError("the answer is too long")
    return body


def _ends(writer: asyncio.StreamWriter) -> tuple[str, str]:
    return str(writer.get_extra_info("sockname")[0]), str(writer.get_extra_info("peername")[0])


def _tls(writer: asyncio.StreamWriter) -> tuple[str | None, int | None]:
    line = writer.get_extra_info("ssl_object")
    if line is None:
        return None, None
    ends = (line.getpeercert() or {}).get("notAfter")
    seconds = ssl.cert_time_to_seconds(ends) - time.time() if ends else None
    return line.version(), None if seconds is None else int(seconds // 86_400)
