"""The least that this stack can do for one report: one POST, one row, one answer. The reference of the surge.

It is a settings module: same database, same web server and threads as the desk; no middleware, template or journal.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path

from vigie.site.settings import ALLOWED_HOSTS, DATABASES, LOGGING, SECRET_KEY, USE_TZ, VIGIE_WEB_PROCESSES

__all__ = ["ALLOWED_HOSTS", "DATABASES", "LOGGING", "SECRET_KEY", "USE_TZ", "VIGIE_WEB_PROCESSES"]

ROOT_URLCONF = __name__
MIDDLEWARE: list[str] = []
INSTALLED_APPS: list[str] = []
TABLE = "CREATE TABLE bare_report (text varchar(200) NOT NULL)"


def insert(request: HttpRequest) -> HttpResponse:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO bare_report (text) VALUES (%s)", [request.POST["text"]])
    return HttpResponse("ok\n", headers={"Content-Length": "3"})


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n")


urlpatterns = [path("", insert), path("healthz", healthz)]
