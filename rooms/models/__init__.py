"""Tables: fields, named constraints and queryset verbs. What people do with them is in `rooms/services`."""

from rooms.models.document import Document
from rooms.models.log import Snapshot, Update
from rooms.models.room import Membership, Room
from rooms.models.user import User

__all__ = ["Document", "Membership", "Room", "Snapshot", "Update", "User"]
