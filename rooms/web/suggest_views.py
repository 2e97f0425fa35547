"""What the editor offers while somebody types `@` or `[[`: people of the room, and documents of that person."""

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from rooms.access import document_for, grant_in
from rooms.core.access import Right
from rooms.models import Document, Room, User
from rooms.web.asking import person

# More than a person reads in a menu; whoever is not among them is found with one more letter.
MOST = 8

# Longer than any name. A client that sends more has a question that nothing answers.
LONGEST_QUERY = 80

# As many links as a page asks about at once.
MOST_KEYS = 50


@require_safe
def people(request: HttpRequest, key: str) -> JsonResponse:
    """People of the document's room whose name has `q` in it.

    None for a guest by link: who is in the room is not theirs to learn.
    """
    user = person(request)
    document, _ = document_for(user, key, Right.VIEW)
    if grant_in(user, document.room).role is None:
        return JsonResponse({"people": []})
    found = _people_in(document.room, _query(request))
    return JsonResponse({"people": [{"id": one.key, "name": one.display_name, "color": one.color} for one in found]})


@require_safe
def documents(request: HttpRequest, key: str) -> JsonResponse:
    """Documents that this person may read: whose title has `q` in it, or those with the given `key`s."""
    user = person(request)
    document_for(user, key, Right.VIEW)
    readable: QuerySet[Document] = Document.objects.visible_to(user).select_related("room")
    if keys := request.GET.getlist("key"):
        found = readable.filter(key__in=keys[:MOST_KEYS])
    else:
        query = _query(request)
        named = readable.exclude(key=key).filter(title__icontains=query)
        found = named.order_by(_rank("title", query), "-edited_at", "pk")[:MOST]
    mine = set(Room.objects.of(user).values_list("pk", flat=True))
    return JsonResponse(
        {
            # The name of a room is for those who are in it.
            "documents": [
                {"key": one.key, "title": one.title, "room": one.room.name if one.room_id in mine else None}
                for one in found
            ]
        }
    )


def _query(request: HttpRequest) -> str:
    return request.GET.get("q", "").strip()[:LONGEST_QUERY]


def _people_in(room: Room, query: str) -> QuerySet[User]:
    """Active members, alone or through a group. An address is nobody's name, so it is not searched."""
    members = Q(memberships__room=room) | Q(groups__in=room.groups.values("group"))
    here = User.objects.filter(members, is_active=True).values("pk")
    everybody = User.objects.filter(pk__in=here)
    if query:
        named = Q(name__icontains=query)
        # Whoever has given no name is shown by the first part of the address, and found by that alone.
        nameless = Q() if "@" in query else Q(name="", email__istartswith=query)
        everybody = everybody.filter(named | nameless)
    return everybody.order_by(_rank("name", query), "name", "pk")[:MOST]


def _rank(field: str, query: str) -> Case:
    """0 for what begins with `query`, 1 for the rest."""
    return Case(When(**{f"{field}__istartswith": query}, then=Value(0)), default=Value(1), output_field=IntegerField())
