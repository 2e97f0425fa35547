"""The product's application with a handle: a POST to /pull/<trigger> ends access inside the server's own process."""

from typing import Any
from urllib.parse import unquote

from asgiref.sync import sync_to_async

from collab.asgi import application as product
from rooms.models import Document, Room, User
from tests.harness.people import Cast
from tests.live.revocations import TRIGGERS

PATH = "/pull/"
APPLICATION = "tests.harness.pulling:application"


def pull(name: str) -> None:
    people = {user.email.partition("@")[0]: user for user in User.objects.filter(email__endswith="@example.com")}
    cast = Cast(**people, room=Room.objects.get(), document=Document.objects.get())
    TRIGGERS[name].pull(cast)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] != "http" or not scope["path"].startswith(PATH):
        await product(scope, receive, send)
        return
    await sync_to_async(pull)(unquote(scope["path"].removeprefix(PATH)))
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})
