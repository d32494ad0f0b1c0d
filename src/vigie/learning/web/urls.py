from django.urls import path

from vigie.learning.web import public_views, views, worth_views

urlpatterns = [
    path("bureau/lexique/", views.lexicon, name="lexicon"),
    path("bureau/lexique/nouveau/", views.new_term, name="term-new"),
    path("bureau/lexique/valeur/", worth_views.hints_worth, name="hints-worth"),
    path("bureau/lexique/valeur/calibrage.svg", worth_views.calibration_picture, name="calibration-picture"),
    path("bureau/lexique/echelle/", worth_views.scale_page, name="score-scale"),
    path("bureau/lexique/montent/", worth_views.emerging, name="emerging"),
    path("bureau/lexique/montent/<str:digest>/", worth_views.settle_emerging, name="emerging-settle"),
    path("lexique", public_views.published, name="published-lexicon"),
    path("lexique.json", public_views.published_file, {"form": "json"}, name="published-json"),
    path("lexique.csv", public_views.published_file, {"form": "csv"}, name="published-csv"),
    path("lexique.json.sig", public_views.published_signature, {"form": "json"}, name="published-json-sig"),
    path("lexique.csv.sig", public_views.published_signature, {"form": "csv"}, name="published-csv-sig"),
    path("lexique-cle.pem", public_views.published_key, name="published-key"),
    path("bureau/lexique/<int:term_id>/", views.term, name="term"),
    path("bureau/lexique/<int:term_id>/retour/", views.undo_term, name="term-undo"),
]
