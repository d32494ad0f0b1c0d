from django.urls import path

from vigie.learning.web import views

urlpatterns = [
    path("bureau/lexique/", views.lexicon, name="lexicon"),
    path("bureau/lexique/nouveau/", views.new_term, name="term-new"),
    path("bureau/lexique/<int:term_id>/", views.term, name="term"),
    path("bureau/lexique/<int:term_id>/retour/", views.undo_term, name="term-undo"),
]
