"""A client that keeps its cookies from one connection to the next, as a browser does."""

import re

import aiohttp
from yarl import URL

from tests.harness.client import Client


class Browser(Client):
    """`served_by` tells the instance to which the load balancer sends it.

    Every request carries all cookies. Client gives its own by hand, which python-socketio does with the first request
    of a long polling conversation only.
    """

    def __init__(self, url: str, session: str | None, **options: str) -> None:
        super().__init__(url, None, **options)
        self.session = session
        self._cookies: dict[str, str] = {"sessionid": session} if session else {}

    async def served_by(self) -> str:
        """Look at a page, as people do before they open a document, and return whom its footer names."""
        self._remember(self._http)
        async with self._browsing() as http:
            async with http.get(f"{self.url}/") as answer:
                found = re.search(r"Served by ([\w-]+)", await answer.text())
            self._remember(http)
        assert found, f"the page names no instance: {answer.status}"
        return found[1]

    def cookie(self, name: str) -> str | None:
        """Return the value of one of its cookies."""
        self._remember(self._http)
        return self._cookies.get(name)

    async def close(self) -> None:
        self._remember(self._http)
        await super().close()

    def _browsing(self) -> aiohttp.ClientSession:
        jar = aiohttp.CookieJar(unsafe=True)
        jar.update_cookies(self._cookies, URL(self.url))
        # python-engineio does not read an answer that says no, and its connection would stay open.
        return aiohttp.ClientSession(cookie_jar=jar, raise_for_status=True)

    def _remember(self, http: aiohttp.ClientSession | None) -> None:
        if http is not None:
            self._cookies.update({cookie.key: cookie.value for cookie in http.cookie_jar})
