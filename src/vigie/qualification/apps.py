from django.apps import AppConfig


class QualificationConfig(AppConfig):
    name = "vigie.qualification"
    label = "qualification"
    default_auto_field = "django.db.models.BigAutoField"
