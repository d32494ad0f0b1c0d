from django.urls import path

from vigie.triage.web import views

urlpatterns = [
    path("dossiers/suivant/", views.next_case, name="next-case"),
    path("dossiers/<str:ref>/ouvrir/", views.open_case, name="open-case"),
    path("dossiers/<str:ref>/etat/<str:move>/", views.move_case, name="move-case"),
    path("dossiers/<str:ref>/contenus/ajouter/", views.add_content, name="add-content"),
    path("dossiers/<str:ref>/contenus/<int:content_id>/retirer/", views.remove_content, name="remove-content"),
    path("lot/", views.review_bulk, name="review-bulk"),
    path("lot/faire/", views.apply_bulk, name="apply-bulk"),
    path("lot/<int:bulk_id>/annuler/", views.undo_bulk, name="undo-bulk"),
    path("filtres/", views.save_filter, name="save-filter"),
    path("filtres/<int:filter_id>/supprimer/", views.forget_filter, name="forget-filter"),
    path("touches/", views.keys_page, name="keys"),
]
