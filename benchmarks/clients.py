"""Sixteen browsers in one small process, so that what loads the desk takes little of the machine itself.

    python -m benchmarks.clients < plan.json > what_they_saw.json

Raw sockets, no library: about a tenth of a millisecond a request. Each visit is what a browser does with the public form:
a new connection, the page with its number, the challenge, and the form sent as multipart with its proof. The proofs are
solved beforehand (see `surge`): a real visitor's own machine does that work.
"""

from __future__ import annotations

import asyncio
import json
import re
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

NONCE = re.compile(rb'name="nonce" value="([^"]+)"')
CODE = re.compile(rb'id="code">([0-9 \xc2\xa0\xe2\x80\xaf]+)<')
BOUNDARY = "----one-of-sixteen"


@dataclass
class Plan:
    """What to do: `kind` is `form` (the whole visit) or `bare` (one POST a visit)."""

    kind: str
    port: int
    clients: int
    seconds: float
    proofs: list[str] = field(default_factory=list)
    same_address: bool = False


@dataclass
class Seen:
    """Milliseconds of each page, the receipt codes that were acknowledged, and what went wrong."""

    form_ms: list[float] = field(default_factory=list)
    challenge_ms: list[float] = field(default_factory=list)
    post_ms: list[float] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0
    cpu_seconds: float = 0.0


class Connection:
    """One HTTP/1.1 connection, kept between the pages of a visit."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> Connection:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, method: str, path: str, port: int, body: bytes = b"", kind: str = "") -> tuple[int, bytes]:
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Language: fr\r\n"
        if method == "POST":
            head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\nOrigin: http://127.0.0.1:{port}\r\n"
        self.writer.write(head.encode() + b"\r\n" + body)
        await self.writer.drain()
        answer = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        status = int(answer.split(b" ", 2)[1])
        length = re.search(rb"content-length: (\d+)", answer)
        if length is None:
            raise ConnectionError("an answer without its length")
        return status, await self.reader.readexactly(int(length[1]))

    def close(self) -> None:
        self.writer.close()


async def client(number: int, plan: Plan, proofs: Iterator[str], seen: Seen, until: float) -> None:
    turn = 0
    while time.perf_counter() < until:
        turn += 1
        try:
            connection = await Connection.open(plan.port)
            try:
                if plan.kind == "bare":
                    await bare_visit(connection, plan, seen)
                else:
                    await form_visit(connection, plan, next(proofs, ""), seen, f"{number}-{turn}")
            finally:
                connection.close()
        except (OSError, EOFError, asyncio.LimitOverrunError) as fault:
            seen.errors.append(f"{type(fault).__name__}: {fault}")
            await asyncio.sleep(0.05)


async def bare_visit(connection: Connection, plan: Plan, seen: Seen) -> None:
    started = time.perf_counter()
    status, _ = await connection.ask("POST", "/", plan.port, b"text=essai", "application/x-www-form-urlencoded")
    seen.post_ms.append((time.perf_counter() - started) * 1000)
    if status != 200:
        seen.errors.append(f"HTTP {status}")


async def form_visit(connection: Connection, plan: Plan, proof: str, seen: Seen, name: str) -> None:
    started = time.perf_counter()
    status, page = await connection.ask("GET", "/", plan.port)
    seen.form_ms.append((time.perf_counter() - started) * 1000)
    nonce = NONCE.search(page)
    if status != 200 or nonce is None:
        seen.errors.append(f"form: HTTP {status}")
        return
    started = time.perf_counter()
    await connection.ask("GET", "/altcha", plan.port)
    seen.challenge_ms.append((time.perf_counter() - started) * 1000)
    address = "https://forum.example/fil/1" if plan.same_address else f"https://forum.example/fil/{name}"
    body = multipart({
        "nonce": nonce[1].decode(), "altcha": proof, "addresses": address, "about": "racism",
        "description": "Vu ce matin sous un article, plusieurs fois.", "role": "witness", "age": "adult",
        "name": "", "email": "",
    })  # fmt: skip
    started = time.perf_counter()
    status, page = await connection.ask("POST", "/", plan.port, body, f"multipart/form-data; boundary={BOUNDARY}")
    seen.post_ms.append((time.perf_counter() - started) * 1000)
    code = CODE.search(page)
    if status == 200 and code is not None:
        seen.codes.append(re.sub(rb"\D", b"", code[1]).decode())
    else:
        seen.errors.append(f"report: HTTP {status}")


def multipart(fields: dict[str, str]) -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    # As a browser sends a file field that was left empty.
    parts.append(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename=""\r\n'
        "Content-Type: application/octet-stream\r\n\r\n\r\n"
    )
    return ("".join(parts) + f"--{BOUNDARY}--\r\n").encode()


async def visit(plan: Plan) -> Seen:
    seen, proofs, started = Seen(), iter(plan.proofs), time.perf_counter()
    until = started + plan.seconds
    await asyncio.gather(*(client(number, plan, proofs, seen, until) for number in range(plan.clients)))
    seen.seconds = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_SELF)
    seen.cpu_seconds = used.ru_utime + used.ru_stime
    return seen


if __name__ == "__main__":
    json.dump(asdict(asyncio.run(visit(Plan(**json.load(sys.stdin))))), sys.stdout)
