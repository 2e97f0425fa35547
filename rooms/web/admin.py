"""The admin for staff: people, rooms and who is in them, titles. Content is edited in documents only."""

from typing import ClassVar

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.http import HttpRequest

from rooms.models import Document, Membership, Room, User

# The admin's own form would ask for a password only: no second step, no rate limit. Staff sign in like everybody.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "Collab Rooms"
admin.site.index_title = "Administration"


class NewUserForm(AdminUserCreationForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("email", "name")


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]
    """Passwords are set through their own form, as for Django's user; the hash is never an input."""

    add_form = NewUserForm
    list_display = ("email", "name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "name")
    ordering = ("email",)
    readonly_fields = ("key", "last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Record", {"fields": ("key", "last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("email", "name", "usable_password", "password1", "password2")}),
    )


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Membership
    autocomplete_fields = ("user",)
    extra = 0


@admin.register(Room)
class RoomAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "created_by", "created_at")
    search_fields = ("name", "key", "memberships__user__email")
    readonly_fields = ("key", "created_by", "created_at")
    inlines: ClassVar = [MembershipInline]


@admin.register(Document)
class DocumentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    fields = ("title", "room", "key", "created_by", "created_at", "edited_at")
    readonly_fields = ("key", "created_by", "created_at", "edited_at")
    list_display = ("title", "room", "edited_at")
    list_select_related = ("room",)
    search_fields = ("title", "key", "room__name")
    autocomplete_fields = ("room",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Documents begin in their room, where their first edit has an author."""
        return False
