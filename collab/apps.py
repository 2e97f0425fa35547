from django.apps import AppConfig

from collab import discreet


class CollabConfig(AppConfig):
    name = "collab"

    def ready(self) -> None:
        discreet.install()
        from collab import checks  # noqa: F401  (registering is what importing it is for)
