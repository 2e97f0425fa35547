from django.apps import AppConfig


class RoomsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "rooms"

    def ready(self) -> None:
        # Registering is what importing them is for: the admin's pages, and the first room at sign-up.
        from rooms.web import accounts, admin  # noqa: F401
