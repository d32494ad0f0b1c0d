from importlib import import_module

from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "vigie.organisations"
    label = "organisations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("vigie.organisations.web.accounts")  # listens to what the sign-in library says
