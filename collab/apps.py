from django.apps import AppConfig


class CollabConfig(AppConfig):
    name = "collab"

    def ready(self) -> None:
        from collab import checks  # noqa: F401  (registering is what importing it is for)
