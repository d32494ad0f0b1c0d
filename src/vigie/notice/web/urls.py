"""The addresses of notices at the desk."""

from __future__ import annotations

from django.urls import path

from vigie.notice.web import views

case = "bureau/dossiers/<str:ref>/"
one = case + "notification/<str:notice_ref>/"

urlpatterns = [
    path(case + "notification/", views.notice_page, name="notice"),
    path(case + "notification/preparer", views.draft, name="notice-draft"),
    path(case + "notification/adresse", views.keep_contact, name="notice-contact"),
    path(one, views.notice_page, name="notice-one"),
    path(one + "modifier/", views.edit, name="notice-edit"),
    path(one + "recomposer", views.rewrite, name="notice-rewrite"),
    path(one + "verifier", views.check, name="notice-check"),
    path(one + "approuver", views.approve, name="notice-approve"),
    path(one + "envoyer", views.send, name="notice-send"),
    path(one + "envoyee-a-la-main", views.sent_by_hand, name="notice-by-hand"),
    path(one + "preuve", views.proof, name="notice-proof"),
    path(one + "retirer", views.withdraw, name="notice-withdraw"),
    path(case + "pharos/", views.pharos, name="pharos"),
    path("bureau/envois/", views.undelivered, name="undelivered"),
    path("bureau/envois/<int:mail_id>/sort", views.settle, name="settle-mail"),
    path("bureau/envois/<int:mail_id>/renvoyer", views.retry, name="retry-mail"),
]
