"""What people type, parsed: spaces around it go, lengths are the model's, and each refusal says what to do."""

from typing import Any

from django import forms

from rooms.core.access import Role
from rooms.models import Document, Room, User

_ROOM_NAME_CHARS: int = Room._meta.get_field("name").max_length or 0
_TITLE_CHARS: int = Document._meta.get_field("title").max_length or 0
_PERSON_NAME_CHARS: int = User._meta.get_field("name").max_length or 0

ROLE_WORDS: dict[Role, str] = {
    Role.VIEWER: "Viewer: reads",
    Role.COMMENTER: "Commenter: reads and comments",
    Role.EDITOR: "Editor: writes",
    Role.OWNER: "Owner: writes, names and adds people",
}


def _words(label: str, *, chars: int, empty: str, **extra: Any) -> forms.CharField:
    """One line of text, at most `chars` characters."""
    return forms.CharField(
        label=label,
        max_length=chars,
        error_messages={
            "required": empty,
            "max_length": f"That is %(show_value)d characters long; {chars} is the most. Shorten it and try again.",
        },
        **extra,
    )


class RoomForm(forms.Form):
    name = _words(
        "Name of the room",
        chars=_ROOM_NAME_CHARS,
        empty="Give the room a name.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "Design review"}),
    )


class NewDocumentForm(forms.Form):
    title = forms.CharField(label="Title", required=False, max_length=_TITLE_CHARS)


class TitleForm(forms.Form):
    title = _words(
        "Title",
        chars=_TITLE_CHARS,
        empty="Give the document a title.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class MemberForm(forms.Form):
    email = forms.EmailField(
        label="Email",
        error_messages={"required": "Type the email address of the person to add."},
        widget=forms.EmailInput(attrs={"autocomplete": "off", "placeholder": "name@example.org"}),
    )
    role = forms.ChoiceField(
        label="Role",
        choices=[(role.value, words) for role, words in ROLE_WORDS.items()],
        initial=Role.EDITOR.value,
        error_messages={"required": "Choose a role.", "invalid_choice": "Choose one of the roles in the list."},
    )

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class ProfileForm(forms.Form):
    name = _words(
        "Your name",
        chars=_PERSON_NAME_CHARS,
        empty="Type the name that others should see.",
        help_text="What others see: beside your caret, in rooms and in history.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
