"""The addresses of this room."""

from __future__ import annotations

from django.urls import path

from vigie.intake.doors.files import web as files
from vigie.intake.doors.mailbox import web as mailbox
from vigie.intake.doors.watch import web as watch
from vigie.intake.web import desk, public

urlpatterns = [
    path("", public.report_page, name="report"),
    path("a/<slug:slug>/", public.report_page, name="report-to"),
    path("altcha", public.challenge, name="challenge"),
    path("suivi", public.reporter_page, name="reporter"),
    path("bureau/courrier/", mailbox.tray, name="letters"),
    path("bureau/courrier/<int:letter_id>/", mailbox.letter, name="letter"),
    path("bureau/import/", files.imports, name="imports"),
    path("bureau/import/<int:job_id>/", files.import_page, name="import"),
    path("bureau/import/<int:job_id>/compte-rendu.csv", files.import_report, name="import-report"),
    path("bureau/veille/vagues/<int:wave_id>/dossier", watch.make_case, name="sighting-case"),
    path("bureau/veille/decisions/<int:decision_id>/annuler", watch.undo, name="undo-sighting"),
    path("bureau/a-verifier/", desk.tray, name="held-reports"),
    path("bureau/dossiers/<str:ref>/repondre", desk.answer, name="answer-reporter"),
    path("bureau/dossiers/<str:ref>/signalements/<int:report_id>/identite", desk.identity, name="open-identity"),
    path("bureau/dossiers/<str:ref>/fichiers/<int:attachment_id>", desk.attachment, name="report-file"),
    path("bureau/dossiers/<str:ref>/transmission", desk.refer, name="settle-referral"),
]
