from django.apps import AppConfig


class RoomsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "rooms"

    def ready(self) -> None:
        # Registering is what importing them is for: the admin's pages, the first room at sign-up, announcements.
        from rooms import triggers  # noqa: F401
        from rooms.web import accounts, admin, admin_accounts, admin_quarantine  # noqa: F401
