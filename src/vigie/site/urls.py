"""The addresses of the house."""

from __future__ import annotations

from django.urls import include, path

from vigie.site.api import api
from vigie.site.web import association, case_page, home, views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("api/v1/", api.urls),
    path("compte/invitation/<str:uid>/<str:token>/", association.invitation, name="invitation"),
    # Before allauth's own page of that address: whoever could call themselves by another's address, unproven, would
    # receive the invitation meant for them.
    path("compte/email/", views.no_such_page),
    path("compte/", include("allauth.urls")),
    path("bureau/membres/", association.members_page, name="members"),
    path("bureau/membres/<int:membership_id>/", association.member_page, name="member"),
    path("bureau/reglages/", association.settings_page, name="settings"),
    path("bureau/reglages/exemples/", association.share_examples, name="share-examples"),
    path("bureau/reglages/jetons/", association.make_token, name="make-token"),
    path("bureau/reglages/jetons/<int:token_id>/revoquer/", association.revoke_token, name="revoke-token"),
    path("bureau/association", views.choose_organisation, name="choose-organisation"),
    path("bureau/", home.home, name="desk"),
    path("bureau/", include("vigie.triage.web.urls")),
    path("bureau/dossiers/<str:ref>/", case_page.case_page, name="case"),
    path("bureau/dossiers/<str:ref>/journal/", case_page.journal_page, name="case-journal"),
    path("bureau/dossiers/<str:ref>/contenus/<int:content_id>/sortie/", case_page.way_out, name="way-out"),
    path("", include("vigie.qualification.web.urls")),
    path("", include("vigie.learning.web.urls")),
    path("", include("vigie.watch.web.urls")),
    path("", include("vigie.intake.web.urls")),
    path("", include("vigie.evidence.web.urls")),
    path("", include("vigie.notice.web.urls")),
    path("", include("vigie.followup.web.urls")),
    path("", include("vigie.insight.web.urls")),
]
