"""What people type, parsed: spaces around it go, lengths are the model's, and each refusal says what to do."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.conf import settings
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rooms.core.access import Role
from rooms.models import AuditEntry, Document, Room, User
from rooms.web.words import ROLE_CHOICES

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# The status of a form that was understood and refused; the page shows it again with what was typed.
REFUSED_FORM = 422

_ROOM_NAME_CHARS: int = Room._meta.get_field("name").max_length or 0
_TITLE_CHARS: int = Document._meta.get_field("title").max_length or 0
_PERSON_NAME_CHARS: int = User._meta.get_field("name").max_length or 0


def _words(label: "_StrPromise", *, chars: int, empty: "_StrPromise", **extra: Any) -> forms.CharField:
    """One line of text, at most `chars` characters."""
    return forms.CharField(
        label=label,
        max_length=chars,
        error_messages={
            "required": empty,
            "max_length": _(
                "That is %(show_value)d characters long; %(limit_value)d is the most. Shorten it and try again."
            ),
        },
        **extra,
    )


class RoomForm(forms.Form):
    name = _words(
        _("Name of the room"),
        chars=_ROOM_NAME_CHARS,
        empty=_("Give the room a name."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": _("Design review")}),
    )


class NewDocumentForm(forms.Form):
    title = forms.CharField(label=_("Title"), required=False, max_length=_TITLE_CHARS)


class TitleForm(forms.Form):
    title = _words(
        _("Title"),
        chars=_TITLE_CHARS,
        empty=_("Give the document a title."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def _role(*, below_owner: bool = False, initial: Role = Role.EDITOR) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=_("Role"),
        choices=[
            (role.value, words) for role, words in ROLE_CHOICES.items() if not (below_owner and role is Role.OWNER)
        ],
        coerce=Role,
        initial=initial.value,
        error_messages={"required": _("Choose a role."), "invalid_choice": _("Choose one of the roles in the list.")},
    )


class RoleForm(forms.Form):
    role = _role()


class MemberForm(forms.Form):
    email = forms.EmailField(
        label=_("Email"),
        error_messages={"required": _("Type the email address of the person to add.")},
        widget=forms.EmailInput(attrs={"autocomplete": "off", "placeholder": _("name@example.org")}),
    )
    role = _role()


class PersonForm(forms.Form):
    """One of `people`, chosen by key."""

    person = forms.ModelChoiceField(
        label=_("New owner"),
        queryset=User.objects.none(),
        to_field_name="key",
        empty_label=_("Choose a member"),
        error_messages={
            "required": _("Choose who becomes the owner."),
            "invalid_choice": _("That person is not a member any more. Choose somebody else."),
        },
    )

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[User]", self.fields["person"]).queryset = people


class GroupForm(forms.Form):
    """One of `groups`, and the role that everybody in it gets."""

    group = forms.ModelChoiceField(
        label=_("Group"),
        queryset=Group.objects.none(),
        empty_label=_("Choose a group"),
        error_messages={
            "required": _("Choose a group."),
            "invalid_choice": _("Choose one of the groups in the list."),
        },
    )
    role = _role(initial=Role.VIEWER)

    def __init__(self, *args: Any, groups: QuerySet[Group], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Group]", self.fields["group"]).queryset = groups


class LinkForm(forms.Form):
    # In days; none: until somebody ends it.
    LASTS: ClassVar = {"0": _("Until you end it"), "1": _("1 day"), "7": _("7 days"), "30": _("30 days")}

    role = _role(below_owner=True, initial=Role.VIEWER)
    lasts = forms.TypedChoiceField(
        label=_("Works for"),
        choices=list(LASTS.items()),
        coerce=lambda days: timedelta(days=int(days)),
        error_messages={
            "required": _("Choose how long the link works."),
            "invalid_choice": _("Choose one of the times in the list."),
        },
    )


class ConfirmNameForm(forms.Form):
    """Somebody types the name of what they are about to delete."""

    name = forms.CharField(
        label=_("Name of the room"),
        error_messages={"required": _("Type the name of the room.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._expected = expected

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name != self._expected.strip():
            raise forms.ValidationError(_("That is not the name of this room. Nothing was deleted."))
        return name


class AuditForm(forms.Form):
    """What of the log to show; everything may be left empty."""

    action = forms.ChoiceField(
        label=_("What"), choices=[("", _("Everything")), *AuditEntry.Action.choices], required=False
    )
    person = forms.CharField(
        label=_("Person"),
        max_length=254,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": _("Part of an email address")}),
    )
    since = forms.DateField(
        label=pgettext_lazy("a day", "From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=pgettext_lazy("a day", "To"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


class NameForm(forms.Form):
    name = _words(
        _("Your name"),
        chars=_PERSON_NAME_CHARS,
        empty=_("Type the name that others should see."),
        help_text=_("What others see: beside your caret, in rooms and in history."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class ProfileForm(NameForm):
    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("", _("As this browser asks")), *settings.LANGUAGES],
        required=False,
        error_messages={"invalid_choice": _("Choose one of the languages in the list.")},
        help_text=_("For pages, and for mail that we send you. What people write stays as it is."),
    )
