"""`vigie serve` and its parts `vigie web`, `vigie worker` and `vigie migrate`; `backup`, `restore` and `doctor`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from vigie.core.environment import environment_of_this_process


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    serve = subparsers.add_parser(
        "serve",
        help="the desk: web, worker and scheduler together",
        epilog="example: vigie serve --demo --port 8000",
    )
    serve.add_argument("--demo", action="store_true", help="with the demonstration: two associations and Agora")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    serve.set_defaults(run=_serve)

    web = subparsers.add_parser("web", help="the pages alone", epilog="example: vigie web --port 8000")
    web.add_argument("--host", default="127.0.0.1")
    web.add_argument("--port", type=int, default=8000)
    web.set_defaults(run=_web, django=True)

    worker = subparsers.add_parser(
        "worker",
        help="the worker alone: captures, messages, checks, reminders",
        epilog="example: vigie worker",
    )
    worker.set_defaults(run=_worker, django=True)

    migrate = subparsers.add_parser(
        "migrate", help="bring the database to this version", epilog="example: vigie migrate"
    )
    migrate.set_defaults(run=_migrate, django=True)

    seed = subparsers.add_parser(
        "demo-seed",
        help="the demonstration's associations, members and first reports; what is there stays",
        epilog="example: vigie demo-seed",
    )
    seed.set_defaults(run=_demo_seed, django=True)

    backup = subparsers.add_parser(
        "backup",
        help="everything in one file, consistent while the desk is running",
        description="Write the database, the files and the keys into FILE (tar.gz), with the SHA-256 of each. "
        "FILE opens every identity: keep it where only you can read it.",
        epilog="example: vigie backup /srv/backups/vigie-2026-11-20.tar.gz",
    )
    backup.add_argument("file", metavar="FILE", type=Path)
    backup.set_defaults(run=_backup)

    restore = subparsers.add_parser(
        "restore",
        help="put everything back from a backup; stop the desk first",
        description="Check FILE whole against its manifest, then put everything back. What is here is not touched "
        "unless --force is given; it is then set aside (a PostgreSQL database is replaced).",
        epilog="example: VIGIE_DATA=/srv/vigie vigie restore /srv/backups/vigie-2026-11-20.tar.gz",
    )
    restore.add_argument("file", metavar="FILE", type=Path)
    restore.add_argument("--force", action="store_true", help="even where there is an installation")
    restore.set_defaults(run=_restore)

    doctor = subparsers.add_parser(
        "doctor",
        help="look at everything an installation needs and say what to do about what is missing",
        description="One line for each thing. Exit 0: nothing is missing; 1: something is.",
        epilog="example: vigie doctor",
    )
    doctor.set_defaults(run=_doctor, django=True)


def _serve(args: argparse.Namespace) -> int:
    from vigie.site.serving import serve

    return serve(host=args.host, port=args.port, demo=args.demo)


def _web(args: argparse.Namespace) -> int:
    from django.conf import settings

    from vigie.site.web.server import run_web

    return run_web(host=args.host, port=args.port, processes=settings.VIGIE_WEB_PROCESSES)


def _worker(args: argparse.Namespace) -> int:
    from vigie.site.worker import run_worker

    return run_worker()


def _migrate(args: argparse.Namespace) -> int:
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    return 0


def _demo_seed(args: argparse.Namespace) -> int:
    from vigie.site.demo.seed import seed

    seed()
    return 0


def _backup(args: argparse.Namespace) -> int:
    from vigie.site.keeping import Installation, backup

    number = backup(Installation.from_environment(environment_of_this_process()), args.file)
    sys.stdout.write(f"{args.file}: {number} files, {args.file.stat().st_size / 1e6:,.1f} MB\n")
    return 0


def _restore(args: argparse.Namespace) -> int:
    from vigie.site.keeping import Installation, restore

    house = Installation.from_environment(environment_of_this_process())
    aside = restore(house, args.file, force=args.force)
    if aside:
        sys.stdout.write(f"what was here is in {aside}\n")
    sys.stdout.write(f"{house.data}: restored. Start with `vigie serve`, and look with `vigie journal verify`.\n")
    return 0


def _doctor(args: argparse.Namespace) -> int:
    from vigie.site.doctor import look

    return 0 if look(environment_of_this_process(), sys.stdout.write) else 1
