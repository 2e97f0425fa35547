"""People, a room and documents to try the product with. Making them twice changes nothing."""

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.db import transaction

from rooms.core.access import Role
from rooms.models import Document, Membership, Room, User
from rooms.services.demo_content import LAUNCH_PLAN, WELCOME, Node
from rooms.services.documents import create_document, write_content
from rooms.services.rooms import create_room, welcome

# Known to everybody who reads this line, so that trying the product takes no mail: the command refuses to run
# where nobody has said that this is a demo.
DEMO_PASSWORD = "collab-rooms-demo"  # noqa: S105

OWNER = "alice@example.com"
ROOM = "Design review"
MEMBERS = {"bob@example.com": Role.EDITOR, "carol@example.com": Role.COMMENTER, "vera@example.com": Role.VIEWER}
STRANGER = "mallory@example.com"

# The last is the newest and stands first in lists.
DOCUMENTS: dict[str, Node] = {"Launch plan": LAUNCH_PLAN, "Welcome": WELCOME}


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo's room and people by email address."""

    room: Room
    people: dict[str, User]


@transaction.atomic
def make_demo() -> Demo:
    """Make what is missing of the demo. What is there already, edits included, stays as it is."""
    people = {email: _person(email) for email in (OWNER, *MEMBERS, STRANGER)}
    alice = people[OWNER]
    room = Room.objects.filter(name=ROOM, created_by=alice).first() or create_room(name=ROOM, by=alice)
    for email, role in MEMBERS.items():
        Membership.objects.get_or_create(room=room, user=people[email], defaults={"role": role})
    for title, content in DOCUMENTS.items():
        _document(room, title, content, by=alice)
    return Demo(room, people)


def _person(email: str) -> User:
    person = User.objects.filter(email=email).first()
    if person is None:
        person = User.objects.create_user(email, DEMO_PASSWORD, name=email.partition("@")[0].capitalize())
        EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
        welcome(person=person)
    return person


def _document(room: Room, title: str, content: Node, *, by: User) -> None:
    if not Document.objects.filter(room=room, title=title).exists():
        write_content(document=create_document(room=room, by=by, title=title), content=content, by=by)
