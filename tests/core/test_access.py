"""Who may do what: the table, spelled out once more, and the two ways of saying no."""

import pytest

from rooms.core.access import STRANGER, Grant, Right, Role
from rooms.core.errors import Forbidden, NotFound

TABLE = {
    Role.OWNER: {Right.VIEW, Right.COMMENT, Right.EDIT, Right.SHARE, Right.OWN},
    Role.EDITOR: {Right.VIEW, Right.COMMENT, Right.EDIT},
    Role.COMMENTER: {Right.VIEW, Right.COMMENT},
    Role.VIEWER: {Right.VIEW},
}


@pytest.mark.parametrize("right", Right)
@pytest.mark.parametrize("role", Role)
def test_a_role_carries_exactly_its_rights(role: Role, right: Right) -> None:
    grant = Grant(role)
    assert grant.allows(right) is (right in TABLE[role])
    if right in TABLE[role]:
        assert grant.require(right) is role
    else:
        with pytest.raises(Forbidden):
            grant.require(right)


@pytest.mark.parametrize("right", Right)
def test_a_stranger_does_not_learn_that_the_thing_exists(right: Right) -> None:
    assert not STRANGER.allows(right)
    with pytest.raises(NotFound):
        STRANGER.require(right)
