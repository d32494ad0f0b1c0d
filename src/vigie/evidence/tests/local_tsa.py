"""A real timestamp authority on this machine: `openssl ts` behind a small server, for tests.

>>> with local_tsa(folder) as tsa:                # doctest: +SKIP
...     Authority(url=tsa.url, root=tsa.root)
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from vigie.evidence.timestamps.authority import Authority

CONFIG = """
[tsa]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = no
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
{certs}
"""
EXTENSIONS = "extendedKeyUsage=critical,timeStamping\nbasicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\n"


@dataclass
class LocalTsa:
    """A running authority. `asked` counts the tokens given; `is_failing` makes it answer 500."""

    url: str
    root: Path
    folder: Path
    asked: int = 0
    is_failing: bool = False

    @property
    def authority(self) -> Authority:
        return Authority(url=self.url, root=self.root)


@contextmanager
def local_tsa(folder: Path, *, with_chain: bool = False) -> Iterator[LocalTsa]:
    """Run an authority whose keys lie in `folder`.

    Args:
        with_chain: put the root into the token too, which OpenSSL writes in an order strict DER forbids.
    """
    _make_keys(folder)
    certs = f"certs = {folder}/ca.pem" if with_chain else ""
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder, certs=certs))
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            if tsa.is_failing:
                self.send_error(500)
                return
            with lock:  # openssl counts in one serial file
                tsa.asked += 1
                reply = _reply(folder, query)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, format: str, *args: Any) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    tsa = LocalTsa(url=f"http://127.0.0.1:{server.server_port}/", root=folder / "ca.pem", folder=folder)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield tsa
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _reply(folder: Path, query: bytes) -> bytes:
    (folder / "query.tsq").write_bytes(query)
    _openssl(
        "ts", "-reply", "-config", str(folder / "tsa.cnf"), "-section", "tsa",
        "-queryfile", str(folder / "query.tsq"), "-out", str(folder / "reply.tsr"),
    )  # fmt: skip
    return (folder / "reply.tsr").read_bytes()


def _make_keys(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "serial").write_text("01\n")
    (folder / "ext.cnf").write_text(EXTENSIONS)
    p = {name: str(folder / name) for name in ("ca.key", "ca.pem", "tsa.key", "tsa.csr", "tsa.pem", "ext.cnf")}
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    _openssl(
        "req", "-x509", *curve, "-days", "30", "-subj", "/CN=Racine de test",
        "-keyout", p["ca.key"], "-out", p["ca.pem"],
    )  # fmt: skip
    _openssl("req", *curve, "-subj", "/CN=Horodatage de test", "-keyout", p["tsa.key"], "-out", p["tsa.csr"])
    _openssl(
        "x509", "-req", "-in", p["tsa.csr"], "-CA", p["ca.pem"], "-CAkey", p["ca.key"], "-set_serial", "2",
        "-days", "30", "-extfile", p["ext.cnf"], "-out", p["tsa.pem"],
    )  # fmt: skip


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=20)
