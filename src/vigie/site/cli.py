"""`vigie serve`, and its parts `vigie web`, `vigie worker` and `vigie migrate`."""

from __future__ import annotations

import argparse


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


def _serve(args: argparse.Namespace) -> int:
    from vigie.site.serving import serve

    return serve(host=args.host, port=args.port, demo=args.demo)


def _web(args: argparse.Namespace) -> int:
    from vigie.site.web.server import run_web

    return run_web(host=args.host, port=args.port)


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
