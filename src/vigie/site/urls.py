"""The addresses of the house."""

from __future__ import annotations

from django.urls import include, path

from vigie.site.web import case_page, home, views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("compte/", include("allauth.urls")),
    path("bureau/association", views.choose_organisation, name="choose-organisation"),
    path("bureau/", home.home, name="desk"),
    path("bureau/", include("vigie.triage.web.urls")),
    path("bureau/dossiers/<str:ref>/", case_page.case_page, name="case"),
    path("bureau/dossiers/<str:ref>/journal/", case_page.journal_page, name="case-journal"),
    path("bureau/dossiers/<str:ref>/contenus/<int:content_id>/sortie/", case_page.way_out, name="way-out"),
    path("", include("vigie.notice.web.urls")),
]
