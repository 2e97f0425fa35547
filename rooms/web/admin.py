"""The admin for staff: people, rooms and who is in them, links, the audit log. Content is edited in documents only.

Every change of access here is a model's save or delete, so it is announced and stands in the audit log like any other.
"""

from typing import ClassVar

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db.models import Model
from django.http import HttpRequest

from rooms.models import (
    Announcement,
    AuditEntry,
    Comment,
    Document,
    LinkGuest,
    Membership,
    Receipt,
    Room,
    RoomGroup,
    ShareLink,
    Thread,
    User,
)
from rooms.web.admin_actions import revoke_links, revoke_memberships, revoke_people, revoke_rooms, sign_out_people

# The admin's own form would ask for a password only: no second step, no rate limit. Staff sign in like everybody.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "Collab Rooms"
admin.site.index_title = "Administration"


class ReadOnly:
    """What the product writes and nobody edits."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


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
    actions = (revoke_people, sign_out_people)


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Membership
    autocomplete_fields = ("user",)
    extra = 0


class RoomGroupInline(admin.TabularInline):  # type: ignore[type-arg]
    model = RoomGroup
    autocomplete_fields = ("group",)
    extra = 0


@admin.register(Room)
class RoomAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "created_by", "created_at")
    search_fields = ("name", "key", "memberships__user__email")
    readonly_fields = ("key", "created_by", "created_at")
    inlines: ClassVar = [MembershipInline, RoomGroupInline]
    actions = (revoke_rooms,)


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    fields = ("room", "user", "role", "created_at")
    readonly_fields = ("created_at",)
    list_display = ("user__email", "role", "room", "created_at")
    list_select_related = ("user", "room")
    list_filter = ("role",)
    search_fields = ("user__email", "user__name", "room__name", "room__key")
    autocomplete_fields = ("room", "user")
    actions = (revoke_memberships,)


class LinkGuestInline(admin.TabularInline):  # type: ignore[type-arg]
    model = LinkGuest
    fields = readonly_fields = ("user", "created_at")
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """People come in by opening the link."""
        return False


@admin.register(ShareLink)
class ShareLinkAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Without the key: it opens the document, and is copied where owners share."""

    fields = ("document", "role", "expires_at", "created_by", "created_at", "revoked_at")
    readonly_fields = ("document", "created_by", "created_at", "revoked_at")
    list_display = ("document", "role", "created_by", "created_at", "expires_at", "revoked_at")
    list_select_related = ("document", "created_by")
    list_filter = ("role",)
    search_fields = ("document__title", "document__key", "guests__user__email")
    inlines: ClassVar = [LinkGuestInline]
    actions = (revoke_links,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Links begin in their document, where an owner makes them."""
        return False


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


class CommentInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = Comment
    fields = ("author", "created_at", "edited_at", "deleted_at")


@admin.register(Thread)
class ThreadAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Who commented where and when. What they said is read in the document, by those who may see it."""

    fields = ("document", "kind", "state", "created_by", "created_at", "closed_by", "closed_at")
    list_display = ("document", "kind", "state", "created_by", "created_at")
    list_select_related = ("document", "created_by")
    list_filter = ("kind", "state")
    date_hierarchy = "created_at"
    search_fields = ("document__title", "document__key", "created_by__email")
    ordering = ("-pk",)
    inlines: ClassVar = [CommentInline]


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    fields = list_display = ("at", "actor_name", "action", "subject_name", "room_name", "detail", "address")
    list_filter = ("action",)
    date_hierarchy = "at"
    search_fields = ("actor_name", "subject_name", "room_name", "detail", "address")
    ordering = ("-at", "-pk")
    # It only grows: nobody needs to know how many there are in all.
    show_full_result_count = False


class ReceiptInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = Receipt
    fields = ("instance", "closed", "changed", "after_ms")


@admin.register(Announcement)
class AnnouncementAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What was announced to every process, by number: what it is about may be gone."""

    fields = list_display = ("at", "reason", "user_number", "room_number", "document_number", "by")
    list_select_related = ("by",)
    list_filter = ("reason",)
    date_hierarchy = "at"
    search_fields = ("=user_number", "=room_number", "=document_number")
    ordering = ("-at", "-pk")
    inlines: ClassVar = [ReceiptInline]
