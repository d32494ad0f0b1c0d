from django.urls import path

from vigie.insight.web import views

urlpatterns = [
    path("bureau/chiffres/", views.figures_page, name="figures"),
    path("bureau/chiffres/export.csv", views.figures_csv, name="figures-csv"),
    path("bureau/chiffres/graphiques/<str:name>.svg", views.chart, name="figures-chart"),
    path("bureau/chiffres/<str:figure_id>/", views.behind_page, name="figures-behind"),
]
