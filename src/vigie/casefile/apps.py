from django.apps import AppConfig


class CasefileConfig(AppConfig):
    name = "vigie.casefile"
    label = "casefile"
    default_auto_field = "django.db.models.BigAutoField"
