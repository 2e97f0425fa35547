"""Roles and what each may do: permission as a table."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from rooms.core.errors import Forbidden, NotFound


class Role(StrEnum):
    """What a person is in a room, the smallest first."""

    VIEWER = "viewer"
    COMMENTER = "commenter"
    EDITOR = "editor"
    OWNER = "owner"


class Right(StrEnum):
    """One thing that a person may or may not do."""

    VIEW = "view"
    COMMENT = "comment"
    EDIT = "edit"
    SHARE = "share"
    OWN = "own"


class PathKind(StrEnum):
    """How somebody came to a role."""

    MEMBER = "member"
    GROUP = "group"
    LINK = "link"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.VIEWER: frozenset({Right.VIEW}),
    Role.COMMENTER: frozenset({Right.VIEW, Right.COMMENT}),
    Role.EDITOR: frozenset({Right.VIEW, Right.COMMENT, Right.EDIT}),
    Role.OWNER: frozenset(Right),
}


@dataclass(frozen=True, slots=True)
class Grant:
    """What one person may do with one room and its documents. `role` is None for a stranger."""

    role: Role | None

    def allows(self, right: Right) -> bool:
        return self.role is not None and right in RIGHTS[self.role]

    def require(self, right: Right) -> Role:
        """Return the role when it carries `right`.

        Raises NotFound for a stranger, who must not learn that the thing exists, and
        Forbidden for a member whose role is too small.
        """
        if self.role is None:
            raise NotFound
        if right not in RIGHTS[self.role]:
            raise Forbidden(f"a {self.role} may not {right}")
        return self.role


STRANGER = Grant(role=None)

_RANK = {role: rank for rank, role in enumerate(Role)}


def grant_of(roles: Iterable[Role]) -> Grant:
    """Return the grant of somebody who has all these roles, on several paths: the largest counts."""
    return Grant(max(roles, key=_RANK.__getitem__, default=None))
