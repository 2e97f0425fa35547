"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

urlpatterns = [
    path("", include("rooms.web.urls")),
    path("accounts/", include("allauth.urls")),
    path("language", set_language, name="set_language"),
    path("admin/", admin.site.urls),
]

handler403 = "rooms.web.errors.forbidden"
handler404 = "rooms.web.errors.not_found"
handler500 = "rooms.web.errors.server_error"
