"""The pages' addresses. Accounts and the admin are mounted in `collab/urls.py`."""

from django.urls import path

from rooms.web import views

app_name = "rooms"

urlpatterns = [
    path("", views.index, name="index"),
    path("healthz", views.healthz, name="healthz"),
    path("profile", views.profile, name="profile"),
    path("rooms", views.rooms, name="rooms"),
    path("r/<str:key>", views.room, name="room"),
    path("r/<str:key>/rename", views.rename_room, name="rename_room"),
    path("r/<str:key>/documents", views.new_document, name="new_document"),
    path("r/<str:key>/members", views.new_member, name="new_member"),
    path("d/<str:key>", views.document, name="document"),
    path("d/<str:key>/rename", views.rename_document, name="rename_document"),
]
