"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("rooms.web.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]

handler403 = "rooms.web.errors.forbidden"
handler404 = "rooms.web.errors.not_found"
handler500 = "rooms.web.errors.server_error"
