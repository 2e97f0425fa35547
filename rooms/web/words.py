"""What roles are called. Each is translated when it is shown, into the language of whoever reads it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from rooms.core.access import Role

ROLE_NAMES: dict[Role, Promise] = {
    Role.VIEWER: gettext_lazy("Viewer"),
    Role.COMMENTER: gettext_lazy("Commenter"),
    Role.EDITOR: gettext_lazy("Editor"),
    Role.OWNER: gettext_lazy("Owner"),
}

# Within a sentence. The context is for translators, whose language may need no article, or another case.
AS_ROLE: dict[Role, Promise] = {
    Role.VIEWER: pgettext_lazy("somebody is …", "a viewer"),
    Role.COMMENTER: pgettext_lazy("somebody is …", "a commenter"),
    Role.EDITOR: pgettext_lazy("somebody is …", "an editor"),
    Role.OWNER: pgettext_lazy("somebody is …", "an owner"),
}

ROLE_CHOICES: dict[Role, Promise] = {
    Role.VIEWER: gettext_lazy("Viewer: reads"),
    Role.COMMENTER: gettext_lazy("Commenter: reads and comments"),
    Role.EDITOR: gettext_lazy("Editor: writes"),
    Role.OWNER: gettext_lazy("Owner: writes, names and adds people"),
}

# Of a room to which somebody is invited, or of a document that was shared with them.
MAY: dict[Role, Promise] = {
    Role.VIEWER: gettext_lazy("You may read there."),
    Role.COMMENTER: gettext_lazy("You may read and comment there."),
    Role.EDITOR: gettext_lazy("You may read and write there."),
    Role.OWNER: gettext_lazy("You may read and write there, and decide who else may."),
}
