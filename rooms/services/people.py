"""What people change about themselves."""

from rooms.models import User


def rename_person(*, person: User, name: str) -> None:
    """Give `person` another name. Others see it when they next open a page."""
    person.name = name
    person.save(update_fields=["name"])
