"""The addresses of the house."""

from __future__ import annotations

from django.urls import include, path

from vigie.site.web import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("compte/", include("allauth.urls")),
    path("bureau/association", views.choose_organisation, name="choose-organisation"),
]
