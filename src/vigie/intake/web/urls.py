"""The addresses of this room."""

from __future__ import annotations

from django.urls import path

from vigie.intake.web import desk, public

urlpatterns = [
    path("", public.report_page, name="report"),
    path("a/<slug:slug>/", public.report_page, name="report-to"),
    path("altcha", public.challenge, name="challenge"),
    path("suivi", public.reporter_page, name="reporter"),
    path("bureau/a-verifier/", desk.tray, name="held-reports"),
    path("bureau/dossiers/<str:ref>/repondre", desk.answer, name="answer-reporter"),
    path("bureau/dossiers/<str:ref>/signalements/<int:report_id>/identite", desk.identity, name="open-identity"),
    path("bureau/dossiers/<str:ref>/fichiers/<int:attachment_id>", desk.attachment, name="report-file"),
    path("bureau/dossiers/<str:ref>/transmission", desk.refer, name="settle-referral"),
]
