#!/bin/sh
# Every check of `make check`, in the order in which a fault is cheapest to see. $1 is the Python to use.
set -u
py=$1
bin=$(dirname "$py")
failed=""
step() {
  name=$1; shift
  if out=$("$@" 2>&1); then printf 'ok    %s\n' "$name"; else printf 'FAIL  %s\n%s\n' "$name" "$out"; failed="$failed $name"; fi
}
VIGIE_DATA=$(mktemp -d); export VIGIE_DATA; trap 'rm -rf "$VIGIE_DATA"' EXIT
unset VIGIE_DATABASE_URL
export PYTHONPATH=src
step format "$bin/ruff" format --check --quiet .
step lint "$bin/ruff" check --quiet .
step imports "$bin/lint-imports" --config .importlinter
step types "$bin/mypy"
step migrations "$py" -m django makemigrations --check --dry-run --settings vigie.site.settings
step django "$py" -m django check --fail-level WARNING --settings vigie.site.settings
step translations "$py" tools/messages.py --check
step catalogue "$py" -m vigie.qualification.catalogue
step docs "$bin/mkdocs" build --strict --quiet --site-dir build/docs
if [ -n "$failed" ]; then printf '\nmake check failed:%s\n' "$failed"; exit 1; fi
