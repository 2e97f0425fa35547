"""What people type, parsed: spaces around it go, lengths are the model's, and each refusal says what to do."""

from datetime import timedelta
from typing import Any, ClassVar, cast

from django import forms
from django.contrib.auth.models import Group
from django.db.models import QuerySet

from rooms.core.access import Role
from rooms.models import AuditEntry, Document, Room, User

# The status of a form that was understood and refused; the page shows it again with what was typed.
REFUSED_FORM = 422

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


def _role(*, below_owner: bool = False, initial: Role = Role.EDITOR) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label="Role",
        choices=[(role.value, words) for role, words in ROLE_WORDS.items() if not (below_owner and role is Role.OWNER)],
        coerce=Role,
        initial=initial.value,
        error_messages={"required": "Choose a role.", "invalid_choice": "Choose one of the roles in the list."},
    )


class RoleForm(forms.Form):
    role = _role()


class MemberForm(forms.Form):
    email = forms.EmailField(
        label="Email",
        error_messages={"required": "Type the email address of the person to add."},
        widget=forms.EmailInput(attrs={"autocomplete": "off", "placeholder": "name@example.org"}),
    )
    role = _role()


class PersonForm(forms.Form):
    """One of `people`, chosen by key."""

    person = forms.ModelChoiceField(
        label="New owner",
        queryset=User.objects.none(),
        to_field_name="key",
        empty_label="Choose a member",
        error_messages={
            "required": "Choose who becomes the owner.",
            "invalid_choice": "That person is not a member any more. Choose somebody else.",
        },
    )

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[User]", self.fields["person"]).queryset = people


class GroupForm(forms.Form):
    """One of `groups`, and the role that everybody in it gets."""

    group = forms.ModelChoiceField(
        label="Group",
        queryset=Group.objects.none(),
        empty_label="Choose a group",
        error_messages={"required": "Choose a group.", "invalid_choice": "Choose one of the groups in the list."},
    )
    role = _role(initial=Role.VIEWER)

    def __init__(self, *args: Any, groups: QuerySet[Group], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Group]", self.fields["group"]).queryset = groups


class LinkForm(forms.Form):
    # In days; none: until somebody ends it.
    LASTS: ClassVar = {"0": "Until you end it", "1": "1 day", "7": "7 days", "30": "30 days"}

    role = _role(below_owner=True, initial=Role.VIEWER)
    lasts = forms.TypedChoiceField(
        label="Works for",
        choices=list(LASTS.items()),
        coerce=lambda days: timedelta(days=int(days)),
        error_messages={
            "required": "Choose how long the link works.",
            "invalid_choice": "Choose one of the times in the list.",
        },
    )


class ConfirmNameForm(forms.Form):
    """Somebody types the name of what they are about to delete."""

    name = forms.CharField(
        label="Name of the room",
        error_messages={"required": "Type the name of the room."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._expected = expected

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name != self._expected.strip():
            raise forms.ValidationError("That is not the name of this room. Nothing was deleted.")
        return name


class AuditForm(forms.Form):
    """What of the log to show; everything may be left empty."""

    action = forms.ChoiceField(label="What", choices=[("", "Everything"), *AuditEntry.Action.choices], required=False)
    person = forms.CharField(
        label="Person",
        max_length=254,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "Part of an email address"}),
    )
    since = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))


class ProfileForm(forms.Form):
    name = _words(
        "Your name",
        chars=_PERSON_NAME_CHARS,
        empty="Type the name that others should see.",
        help_text="What others see: beside your caret, in rooms and in history.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
