"""Tables: fields, named constraints and queryset verbs. What people do with them is in `rooms/services`."""

from rooms.models.announcement import Announcement, Instance, Receipt
from rooms.models.attachment import Attachment
from rooms.models.audit import AuditEntry
from rooms.models.comments import Comment, Reaction, Thread
from rooms.models.document import Document
from rooms.models.log import Snapshot, Update, Writer
from rooms.models.quarantine import Quarantine
from rooms.models.room import Membership, Room
from rooms.models.sharing import AccessRequest, Invitation, LinkGuest, RoomGroup, ShareLink
from rooms.models.user import User

__all__ = [
    "AccessRequest",
    "Announcement",
    "Attachment",
    "AuditEntry",
    "Comment",
    "Document",
    "Instance",
    "Invitation",
    "LinkGuest",
    "Membership",
    "Quarantine",
    "Reaction",
    "Receipt",
    "Room",
    "RoomGroup",
    "ShareLink",
    "Snapshot",
    "Thread",
    "Update",
    "User",
    "Writer",
]
