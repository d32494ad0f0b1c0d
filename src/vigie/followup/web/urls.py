"""The addresses of the follow-up at the desk."""

from __future__ import annotations

from django.urls import path

from vigie.followup.web import views

urlpatterns = [
    path("bureau/suites/", views.due, name="followup"),
    path("bureau/suites/accuses", views.receipts, name="read-receipts"),
    path("bureau/suites/relances/<int:reminder_id>/preparer", views.remind, name="remind"),
    path("bureau/suites/relances/<int:reminder_id>/regler", views.settle, name="settle-reminder"),
    path("bureau/reponses/<int:reply_id>/", views.reply_page, name="reply"),
    path("bureau/dossiers/<str:ref>/controler", views.check_now, name="check-now"),
    path("bureau/dossiers/<str:ref>/notification/<str:notice_ref>/reponse/", views.write_down, name="write-down-reply"),
]
