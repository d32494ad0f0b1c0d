"""The addresses of the room."""

from __future__ import annotations

from django.urls import path

from vigie.qualification.web import views

case = "bureau/dossiers/<str:ref>/"

urlpatterns = [
    path(case + "qualifier/", views.qualify, name="qualify"),
    path(case + "qualifier/publication", views.publication, name="qualify-publication"),
    path(case + "qualifier/reprendre", views.reopen, name="reading-reopen"),
    path(case + "qualifier/<int:qualification_id>/abandonner", views.withdraw, name="qualification-withdraw"),
    path(case + "ecarter/", views.decline, name="decline"),
    path(case + "second-avis/demander", views.ask_opinion, name="opinion-ask"),
    path(case + "second-avis/", views.give_opinion, name="opinion-give"),
    path("bureau/droit/<str:version>/<str:ground_id>/", views.ground_page, name="ground"),
]
