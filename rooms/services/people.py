"""What people change about themselves."""

from rooms.models import User


def rename_person(*, person: User, name: str) -> None:
    """Give `person` another name. Others see it when they next open a page."""
    person.name = name
    person.save(update_fields=["name"])


def choose_language(*, person: User, language: str) -> None:
    """Show `person` pages and mail in `language`, one of the settings' LANGUAGES; "": as the browser asks."""
    person.language = language
    person.save(update_fields=["language"])
