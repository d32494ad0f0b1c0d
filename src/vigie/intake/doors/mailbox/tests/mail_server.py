"""A real Dovecot of the tests' own: its configuration, its port, its mail in a folder of the run."""

from __future__ import annotations

import contextlib
import imaplib
import os
import pwd
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.ports import free_port

from vigie.intake.doors.mailbox.imap import ImapAccount

DOVECOT = Path("/usr/sbin/dovecot")
PASSWORD = "mot-de-passe"


@dataclass(frozen=True)
class MailServer:
    port: int
    folder: Path

    def account(self, name: str = "veille", *, password: str = PASSWORD) -> ImapAccount:
        return ImapAccount("127.0.0.1", self.port, name, password, security="none", timeout_seconds=30)

    @contextlib.contextmanager
    def session(self, name: str = "veille") -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=30) as client:
            client.login(name, PASSWORD)
            yield client

    def put(self, raw: bytes, *, name: str = "veille", flags: str = "") -> None:
        with self.session(name) as client:
            status, answer = client.append("INBOX", flags, None, raw)
            assert status == "OK", answer

    def deliver(self, raw: bytes, *, name: str = "veille") -> None:
        """Leave a letter as another mail server delivers it: any bytes whatever, which APPEND would refuse."""
        folder = self.folder / "mail" / name
        if not (folder / "new").exists():
            with self.session(name) as client:
                client.select("INBOX")  # the server makes the folders, as its own user
        place = folder / "new" / f"{time.time_ns()}.M1P1.essai"
        place.write_bytes(raw)
        place.chmod(0o666)

    def count(self, folder: str, *, name: str = "veille", criterion: str = "ALL") -> int:
        with self.session(name) as client:
            status, _ = client.select(folder, readonly=True)
            if status != "OK":
                return 0
            return len(client.search(None, criterion)[1][0].split())


@contextlib.contextmanager
def between(port: int, seen: Callable[[bytes], None]) -> Iterator[int]:
    """Stand between a reader and the mail server, and show `seen` what the reader sends before it goes on.

    A line on which `seen` raises OSError is cut: the server never hears of it."""
    door = socket.create_server(("127.0.0.1", 0))

    def carry(source: socket.socket, target: socket.socket, look: Callable[[bytes], None]) -> None:
        try:
            while piece := source.recv(65536):
                look(piece)
                target.sendall(piece)
        except OSError:
            return  # the line is cut, or a worker was killed: that is what these tests do
        finally:
            for one in (source, target):
                one.close()

    def welcome() -> None:
        while True:
            try:
                client, _ = door.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", port))
            threading.Thread(target=carry, args=(client, server, seen), daemon=True).start()
            threading.Thread(target=carry, args=(server, client, lambda piece: None), daemon=True).start()

    threading.Thread(target=welcome, daemon=True).start()
    yield int(door.getsockname()[1])
    door.close()


def configuration(folder: Path, port: int, *, separator: str, prefix: str) -> str:
    me = pwd.getpwuid(os.getuid()).pw_name
    inner = "dovecot" if os.getuid() == 0 else me
    # Dovecot will not serve mail as root; as an ordinary user everything runs under that user.
    uid, gid = ("mail", "mail") if os.getuid() == 0 else (str(os.getuid()), str(os.getgid()))
    return f"""
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
ssl = no
disable_plaintext_auth = no
default_login_user = {inner}
default_internal_user = {inner}
default_internal_group = {inner}
first_valid_uid = 1
mail_uid = {uid}
mail_gid = {gid}
mail_location = maildir:{folder}/mail/%u
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {prefix}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
"""


@contextlib.contextmanager
def dovecot(*, separator: str = "/", prefix: str = "") -> Iterator[MailServer]:
    """Run a server over an empty folder of its own.

    Not below pytest's: each run of pytest that begins closes that one to everybody else, also under a run going on, and
    the server reads mail as another user.
    """
    with tempfile.TemporaryDirectory(prefix="vigie-dovecot-", ignore_cleanup_errors=True) as name:
        yield from _running(Path(name), separator=separator, prefix=prefix)


def _running(folder: Path, *, separator: str, prefix: str) -> Iterator[MailServer]:
    port = free_port()
    (folder / "mail").mkdir()
    folder.chmod(0o755)
    (folder / "mail").chmod(0o777)
    (folder / "dovecot.conf").write_text(configuration(folder, port, separator=separator, prefix=prefix))
    server = subprocess.Popen([str(DOVECOT), "-F", "-c", str(folder / "dovecot.conf")], stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if server.poll() is not None or time.monotonic() > deadline:
                    log = folder / "log"
                    raise RuntimeError(
                        f"Dovecot: {server.stderr and server.stderr.read()!r} {log.exists() and log.read_text()}"
                    ) from None
                time.sleep(0.05)
        yield MailServer(port, folder)
    finally:
        server.terminate()
        server.wait(60)
        if server.stderr:
            server.stderr.close()
