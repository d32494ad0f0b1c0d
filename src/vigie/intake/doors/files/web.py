"""Importing a file at the desk: hand it in, check how it is read, look at what it would do, say yes, follow it, keep the report."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from vigie.casefile.web.masking import words_are_asked
from vigie.core.errors import UnusableInput
from vigie.intake.doors.files import actions, queries
from vigie.intake.doors.files.maps import FIELDS, X_BY_NUMBER, ColumnMap, shipped_maps
from vigie.intake.doors.files.models import AT_WORK, STATE_LABELS, ImportJob, ImportState
from vigie.intake.doors.files.tables import Kind, Table
from vigie.intake.doors.files.tasks import work_on
from vigie.intake.doors.files.values import Outcome, Refused
from vigie.organisations.rules.policy import Action, Actor
from vigie.organisations.web.gate import desk

LATEST_SHOWN = 20
LINES_SHOWN = 200
READ_AT_ONCE_BYTES = 300_000
"""A file up to this size is looked through while the person waits; a larger one is the worker's."""

OUTCOME_LABELS = {
    Outcome.TAKEN: gettext_lazy("nouveau dossier"),
    Outcome.MERGED: gettext_lazy("rejoint un dossier"),
    Outcome.KNOWN: gettext_lazy("déjà importé, ou en double"),
    Outcome.REFUSED: gettext_lazy("refusé"),
}
FIELD_LABELS = {
    "address": gettext_lazy("Adresse du contenu"),
    "text": gettext_lazy("Texte"),
    "account": gettext_lazy("Compte de l’auteur"),
    "published_at": gettext_lazy("Date de publication"),
    "language": gettext_lazy("Langue"),
    "note": gettext_lazy("Votre remarque"),
}
ZONES = ["Europe/Paris", "UTC", "Europe/London", "America/New_York", "America/Martinique", "Indian/Reunion"]


class FileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Fichier"),
        help_text=gettext_lazy("CSV, NDJSON, XLSX, .eml ou mbox. Rien n’est importé avant que vous ayez vu ce que cela donnerait."),
    )  # fmt: skip


class MapForm(forms.Form):
    """Which column says what. A choice is a column, or what the known map reads there."""

    time_zone = forms.ChoiceField(label=gettext_lazy("Fuseau des dates"), choices=[(zone, zone) for zone in ZONES])
    day_first = forms.ChoiceField(
        label=gettext_lazy("05/10/2026 se lit"),
        choices=[("yes", gettext_lazy("5 octobre")), ("no", gettext_lazy("10 mai"))],
    )
    save_as = forms.CharField(
        label=gettext_lazy("Enregistrer cette correspondance sous le nom (facultatif)"), max_length=80, required=False
    )

    def __init__(self, data: Any, *, table: Table, column_map: ColumnMap) -> None:
        current = {name: _as_choice(getattr(column_map, name)) for name in FIELDS}
        initial = {**current, "time_zone": column_map.time_zone, "day_first": "yes" if column_map.day_first else "no"}
        super().__init__(data, initial=initial)
        self.table, self.column_map = table, column_map
        for name in FIELDS:
            self.fields[name] = forms.ChoiceField(
                label=FIELD_LABELS[name], required=name == "address", choices=self._choices(name, current[name])
            )
        self.fields["x_number"] = forms.ChoiceField(
            label=gettext_lazy("Numéro de publication X, quand l’adresse manque"), required=False,
            choices=[("", "")] + [(column, column) for column in table.columns],
        )  # fmt: skip
        if column_map.time_zone not in ZONES:
            zone = self.fields["time_zone"]
            zone.choices = [*zone.choices, (column_map.time_zone, column_map.time_zone)]  # type: ignore[attr-defined]

    def _choices(self, name: str, current: str) -> list[tuple[str, str]]:
        found = [("", "")]
        if current.startswith("["):
            found.append((current, " · ".join(getattr(self.column_map, name))))
        return found + [(column, column) for column in self.table.columns]

    def unread(self) -> list[str]:
        """Return what a case can hardly be judged without and no column brings, when a column left aside might."""
        return self.left_aside() and [
            str(FIELD_LABELS[name]) for name in ("text", "published_at") if not getattr(self.column_map, name)
        ]

    def left_aside(self) -> list[str]:
        """Return the columns that nothing reads."""
        read = {column for name in FIELDS for column in getattr(self.column_map, name)}
        return [column for column in self.table.columns if column not in read]

    def value(self) -> ColumnMap:
        """Return the map that the person chose."""
        chosen = {name: _from_choice(self.cleaned_data[name]) for name in FIELDS}
        if self.cleaned_data["x_number"]:
            chosen["address"] = (*chosen["address"], X_BY_NUMBER % self.cleaned_data["x_number"])
        kept: dict[str, Any] = {name: list(columns) for name, columns in chosen.items()}
        kept |= {"time_zone": self.cleaned_data["time_zone"], "day_first": self.cleaned_data["day_first"] == "yes"}
        return ColumnMap.from_json(kept, name="", title=self.cleaned_data["save_as"])


def _as_choice(columns: tuple[str, ...]) -> str:
    """Return one plain column as itself, and anything more as JSON."""
    if not columns:
        return ""
    return columns[0] if len(columns) == 1 and "{" not in columns[0] else json.dumps(list(columns), ensure_ascii=False)


def _from_choice(choice: str) -> tuple[str, ...]:
    if not choice:
        return ()
    return tuple(json.loads(choice)) if choice.startswith("[") else (choice,)


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@desk(Action.IMPORT_REPORTS)
@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Hand a file in, and see the latest imports."""
    actor = _actor(request)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            job = actions.hand_in(actor=actor, name=file.name, content=file, now=timezone.now())
        except UnusableInput as fault:
            form.add_error("file", _(fault.sentence) % fault.values)
        else:
            _look_now(job)
            return redirect("import", job_id=job.pk)
    jobs = [(job, STATE_LABELS[ImportState(job.state)]) for job in queries.imports_of(actor)[:LATEST_SHOWN]]
    context = {"section": "import", "form": form, "jobs": jobs, "tools": _tools(actor)}
    return render(request, "intake/files/imports.html", context, status=422 if form.errors else 200)


def _tools(actor: Actor) -> list[str]:
    own = list(queries.saved_maps(actor).values_list("name", flat=True))
    return own + [one.title for one in shipped_maps()]


def _look_now(job: ImportJob) -> None:
    """Look through a small file at once; a larger one waits for the worker."""
    if job.size <= READ_AT_ONCE_BYTES and job.state == ImportState.READING:
        actions.take(job, timezone.now())
        work_on(job)


@desk(Action.IMPORT_REPORTS)
@require_http_methods(["GET", "POST"])
def import_page(request: HttpRequest, job_id: int) -> HttpResponse:
    """Show one import as it stands, and do the next step."""
    actor = _actor(request)
    job = queries.access_import(actor, job_id)
    form = _map_form(request, job)
    if request.method == "POST":
        return _next_step(request, actor, job, form)
    return _show(request, job, form)


def _map_form(request: HttpRequest, job: ImportJob) -> MapForm | None:
    """Return the form of the columns, while they can still be chosen."""
    if job.state not in {ImportState.READY, ImportState.FAILED} or job.lines_done:
        return None
    try:
        table = actions.table_of(job)
    except UnusableInput:
        return None
    if table.kind is Kind.MAIL:
        return None
    column_map = actions.map_of(job, table)
    if column_map.variants:
        return None  # a file of many shapes, each read in its own way: nothing to choose
    sent = request.POST if request.method == "POST" and request.POST.get("do") == "map" else None
    return MapForm(sent, table=table, column_map=column_map)


def _next_step(request: HttpRequest, actor: Actor, job: ImportJob, form: MapForm | None) -> HttpResponse:
    now = timezone.now()
    match request.POST.get("do"):
        case "map" if form is not None:
            if not form.is_valid():
                return _show(request, job, form, status=422)
            chosen = form.value()
            if chosen.title:
                columns = form.table.columns
                chosen = actions.save_map(
                    actor=actor, name=chosen.title, column_map=chosen, columns=columns, now=now
                ).value()
                messages.success(
                    request, _("La correspondance est enregistrée : le prochain fichier pareil la suivra.")
                )
            actions.choose_map(actor=actor, job=job, column_map=chosen, now=now)
            job.refresh_from_db()
            _look_now(job)
        case "import":
            actions.approve(actor=actor, job=job, now=now)
        case "drop":
            actions.drop(actor=actor, job=job, now=now)
            messages.success(request, _("L’import est abandonné. Le fichier est effacé."))
            return redirect("imports")
    return redirect("import", job_id=job.pk)


def _show(request: HttpRequest, job: ImportJob, form: MapForm | None, *, status: int = 200) -> HttpResponse:
    preview = job.preview or {}
    unread = form.unread() if form is not None and job.state == ImportState.READY else []
    results = [one for one in queries.results_of(job) if one.why] if job.state == ImportState.DONE else []
    context = {
        "section": "import", "job": job, "state": STATE_LABELS[ImportState(job.state)], "is_at_work": job.state in AT_WORK,
        "problem": _(job.problem) % job.problem_values if job.problem else "",
        "map_name": (job.column_map or {}).get("title", ""), "form": form, "preview": preview,
        "first": [_first_line(line) for line in preview.get("first", [])],
        "refusals": [_told(actions.Result.from_json(kept)) for kept in preview.get("refusals", [])],
        "remarks": [_told(actions.Result.from_json(kept)) for kept in preview.get("remarks", [])],
        "told": [_told(one) for one in results[:LINES_SHOWN]], "told_more": len(results) > LINES_SHOWN,
        "counts": _counts(preview if job.state == ImportState.READY else vars(job)),
        "shown": words_are_asked(request), "unread": unread,
        "left_aside": form.left_aside() if form is not None and unread else [],
        "percent": 100 * job.lines_done // job.lines_total if job.lines_total else 0,
    }  # fmt: skip
    if not request.headers.get("HX-Request"):
        return render(request, "intake/files/import.html", context, status=status)
    response = render(request, "intake/files/status.html", context)
    if job.state not in AT_WORK:
        response.headers["HX-Refresh"] = "true"  # the page that follows is another one
    return response


def _first_line(line: dict[str, Any]) -> dict[str, Any]:
    moment = line["published_at"]
    return {
        **line, "outcome": OUTCOME_LABELS[Outcome(line["outcome"])],
        "published_at": datetime.fromisoformat(moment) if moment else None,
    }  # fmt: skip


def _counts(numbers: dict[str, Any]) -> list[tuple[str, int]]:
    return [(str(OUTCOME_LABELS[outcome]), numbers.get(outcome.value, 0)) for outcome in Outcome]


def _told(result: actions.Result) -> dict[str, Any]:
    return {
        "line": result.line, "outcome": OUTCOME_LABELS[result.outcome], "ref": result.ref, "refs": result.ref.split(),
        "field": result.why.field if result.why else "", "why": sentence_of(result.why),
    }  # fmt: skip


def sentence_of(why: Refused | None) -> str:
    """Return the reason in the reader's language."""
    if why is None:
        return ""
    return _(why.sentence) % dict(why.values) if why.values else _(why.sentence)


@desk(Action.IMPORT_REPORTS)
@require_GET
def import_report(request: HttpRequest, job_id: int) -> HttpResponse:
    """Hand over what became of each line, as CSV."""
    job = queries.access_import(_actor(request), job_id)
    name = quote(f"import-{job.pk}-{job.name}.csv")
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    table = csv.writer(response)
    table.writerow([_("ligne"), _("résultat"), _("dossier"), _("champ"), _("pourquoi")])
    for result in queries.results_of(job):
        told = _told(result)
        table.writerow([told["line"], told["outcome"], told["ref"], _harmless(told["field"]), _harmless(told["why"])])
    return response


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from taking words of a stranger's file for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
