"""Everybody's browser on the comments of a document."""

from base64 import b64encode
from typing import Any

from django.test import Client

from rooms.models import Document
from tests.harness.people import Cast
from tests.web.conftest import Pages

POSITION = b64encode(bytes([0, 5, 3, 0])).decode()
REMARK: dict[str, Any] = {
    "kind": "comment",
    "anchor": POSITION,
    "head": POSITION,
    "quote": "in May",
    "body": "Why May?",
    "replacement": None,
}
SUGGESTION: dict[str, Any] = {**REMARK, "kind": "suggestion", "body": "", "replacement": "in June"}


class Talk:
    """Everybody's browser, on the comments of one document."""

    def __init__(self, cast: Cast, as_: Pages, document: Document | None = None) -> None:
        self._cast, self._as = cast, as_
        self.document = document or cast.document
        self._browsers: dict[str, Client] = {}

    @property
    def url(self) -> str:
        return f"/d/{self.document.key}/comments"

    def browser(self, name: str) -> Client:
        if name not in self._browsers:
            self._browsers[name] = self._as(getattr(self._cast, name))
        return self._browsers[name]

    def send(self, name: str, path: str = "", **fields: Any) -> tuple[int, dict[str, Any]]:
        answer = self.browser(name).post(f"{self.url}{path}", fields, content_type="application/json")
        return answer.status_code, answer.json()

    def begin(self, name: str, **fields: Any) -> dict[str, Any]:
        status, said = self.send(name, **{**REMARK, **fields})
        assert status == 201, said
        thread: dict[str, Any] = said["thread"]
        return thread

    def read(self, name: str) -> dict[str, Any]:
        answer = self.browser(name).get(self.url)
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json()
        return found

    @property
    def version(self) -> int:
        return Document.objects.get(pk=self.document.pk).comments_version


def at(thread: dict[str, Any], number: int = 0) -> str:
    """The path of one comment of a thread."""
    return f"/{thread['id']}/{thread['comments'][number]['id']}"
