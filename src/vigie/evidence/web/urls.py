"""The addresses of evidence at the desk."""

from __future__ import annotations

from django.urls import path

from vigie.evidence.web import views

case = "bureau/dossiers/<str:ref>/"
one = case + "captures/<int:capture_id>/"
medium = one + "medias/<str:medium>/"
picture = case + "images/<int:attachment_id>/"

urlpatterns = [
    path(case + "captures/", views.captures_list, name="captures"),
    path(case + "captures/demander", views.ask, name="capture-ask"),
    path(one, views.capture_page, name="capture"),
    path(one + "image-<str:veil>.jpg", views.capture_image, name="capture-image"),
    path(one + "autour/", views.around, name="capture-around"),
    path(medium, views.medium_page, name="medium"),
    path(medium + "image-<str:veil>.jpg", views.medium_image, name="medium-image"),
    path(medium + "lecture", views.medium_file, name="medium-file"),
    path(one + "preuve.wacz", views.bundle, name="capture-bundle"),
    path(picture, views.attachment_page, name="attachment"),
    path(picture + "image-<str:veil>.jpg", views.attachment_image, name="attachment-image"),
]
