"""The addresses of this room; the two that make a case and take it back are intake's, downstream."""

from __future__ import annotations

from django.urls import path

from vigie.watch.web import views

urlpatterns = [
    path("bureau/veille/", views.wall, name="wall"),
    path("bureau/veille/vagues/<int:wave_id>/", views.wave, name="wave"),
    path("bureau/veille/vagues/<int:wave_id>/ecarter", views.dismiss, name="dismiss-sighting"),
    path("bureau/veille/afflux/<int:surge_id>/", views.surge, name="surge"),
    path("bureau/veille/veilles/", views.watches, name="watches"),
    path("bureau/veille/veilles/nouvelle/", views.new_watch, name="watch-new"),
    path("bureau/veille/veilles/<int:watch_id>/", views.watch, name="watch"),
    path("bureau/veille/veilles/<int:watch_id>/etat", views.watch_state, name="watch-state"),
    path("bureau/veille/sources/nouvelle/<slug:kind>/", views.new_source, name="source-new"),
    path("bureau/veille/sources/<int:source_id>/", views.source, name="source"),
    path("bureau/veille/sources/<int:source_id>/etat", views.source_state, name="source-state"),
]
