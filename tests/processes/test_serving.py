"""`vigie serve` keeps its parts alive, and leaves none behind, however it or they end."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.ports import free_port, free_ports
from tests.processes.house import PATIENCE_SECONDS, House, a_house, answers, stop, wait_for

pytestmark = pytest.mark.processes


@dataclass
class Desk:
    house: House
    port: int
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def part(self, name: str) -> psutil.Process | None:
        """Return the process of a part; it says its name in its command line."""
        for child in psutil.Process(self.process.pid).children():
            try:
                if name in child.cmdline():
                    return child
            except psutil.Error:  # it ended while it was looked at
                continue
        return None


def served(house: House, port: int) -> Desk:
    desk = Desk(house, port, house.start("serve", "--port", str(port)))
    wait_for(lambda: answers(desk.address), what="the desk answers")
    wait_for(lambda: desk.part("worker"), what="the worker is started")
    return desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with a_house(tmp_path_factory.mktemp("served")) as house:
        running = served(house, free_port())
        yield running
        assert stop(running.process) == 0
        assert not answers(running.address)


def gone(processes: list[psutil.Process]) -> bool:
    return not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in processes)


def listeners(port: int) -> int:
    listening = [one for one in psutil.net_connections("tcp") if one.status == psutil.CONN_LISTEN]
    return len({one.pid for one in listening if one.laddr.port == port})


def refused(house: House, *arguments: str) -> str:
    """Run `vigie serve`, which must refuse in one sentence, and return it."""
    process = house.start("serve", *arguments, stderr=subprocess.PIPE)
    _, told = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 2, told
    [sentence] = told.decode().splitlines()
    return sentence


@pytest.mark.parametrize("name", ["web", "worker"])
def test_a_part_that_is_killed_leaves_nothing_behind_and_is_started_again(desk: Desk, name: str) -> None:
    part = desk.part(name)
    assert part is not None
    family = [part, *part.children(recursive=True)]
    at_first = listeners(desk.port)
    part.kill()  # this process alone, not what it started
    wait_for(lambda: gone(family), what="what the part had started is gone")
    wait_for(lambda: (new := desk.part(name)) and new.pid != part.pid, what="the part is started again")
    wait_for(lambda: answers(desk.address), what="the pages answer")
    assert listeners(desk.port) == at_first


def test_a_second_desk_on_the_same_folder_says_where_the_first_one_is(desk: Desk) -> None:
    sentence = refused(desk.house, "--port", str(free_port()))
    assert f"already running on {desk.house.environment['VIGIE_DATA']}, at http://localhost:{desk.port}/:" in sentence
    assert answers(desk.address)


def test_a_second_desk_on_the_same_port_says_that_it_is_taken(desk: Desk, tmp_path: Path) -> None:
    with a_house(tmp_path, migrated=False) as other:
        assert f"port {desk.port} on 127.0.0.1 is taken" in refused(other, "--port", str(desk.port))


def test_a_setting_that_is_nonsense_stops_the_start_with_one_sentence(tmp_path: Path) -> None:
    with a_house(tmp_path, migrated=False, VIGIE_LEASE_SECONDS="soon") as house:
        assert refused(house, "--port", str(free_port())) == "vigie: VIGIE_LEASE_SECONDS='soon' is not a whole number."


def test_a_killed_supervisor_takes_every_part_with_it_and_the_next_one_starts_in_its_place(tmp_path: Path) -> None:
    with a_house(tmp_path) as house:
        first = served(house, free_port())
        family = psutil.Process(first.process.pid).children(recursive=True)
        assert len(family) >= 2
        first.process.kill()
        first.process.wait()
        wait_for(lambda: gone(family), what="every part is gone")
        assert not answers(first.address)
        assert stop(served(house, first.port).process) == 0


def test_pages_started_alone_and_killed_leave_the_port(tmp_path: Path) -> None:
    with a_house(tmp_path) as house:
        web, address = house.web()
        family = psutil.Process(web.pid).children(recursive=True)
        web.kill()
        wait_for(lambda: gone(family), what="what the pages' process had started is gone")
        assert not answers(address)


def test_the_start_can_be_given_up_at_any_moment_and_the_next_one_goes_to_its_end(tmp_path: Path) -> None:
    with a_house(tmp_path, migrated=False) as house:
        port = free_ports(3)
        for moment in ("migrate", "demo-seed", "web"):
            process = house.start("serve", "--demo", "--port", str(port), stderr=subprocess.PIPE)
            desk = Desk(house, port, process)
            part = wait_for(lambda d=desk, m=moment: d.part(m), what=moment)
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=PATIENCE_SECONDS)
            assert process.returncode == 0, told
            assert b"Traceback" not in told
            assert gone([part])
        last = house.start("serve", "--demo", "--port", str(port))
        wait_for(lambda: answers(f"http://127.0.0.1:{port}"), what="the demonstration answers")
        assert house.value("SELECT count(*) FROM organisations_organisation") == 2
        last.send_signal(signal.SIGINT)
        assert last.wait(PATIENCE_SECONDS) == 0
