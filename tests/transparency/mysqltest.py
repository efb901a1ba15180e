"""Runs one .test file with mysqltest and keeps what it printed."""

import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass

from servers import child

from suite import TEST_DIR

PASSED, SKIPPED, FAILED, TOO_LONG = "passed", "skipped", "failed", "too long"
_STATUS = {0: PASSED, 62: SKIPPED}


@dataclass
class Outcome:
    status: str
    output: bytes  # with the places and ports of this run replaced by names
    message: str  # why it was skipped or failed
    seconds: float


def run(file, station, time_limit):
    result = station.vardir / "tmp" / "recorded.result"
    log = station.vardir / "log" / "mysqltest"
    command = ["/usr/bin/mysqltest", f"--defaults-file={station.config}", "--silent",
               f"--tmpdir={station.vardir}/tmp", f"--logdir={station.vardir}/log",
               "--character-sets-dir=/usr/share/mysql/charsets", "--database=test",
               f"--timer-file={station.vardir}/log/timer", f"--suite-dir={file.path.parent}/",
               f"--test-file={file.path}", "--tail-lines=20", "--record",
               f"--result-file={result}"]
    start = time.monotonic()
    environment = station.variables() | {"MTR_TEST_NAME": f"main.{file.name}"}
    with open(log, "wb") as output:
        process = child.spawn(command, stdout=output, stderr=output, cwd=TEST_DIR,
                              env=environment)
    try:
        status = _STATUS.get(process.wait(time_limit), FAILED)
    except subprocess.TimeoutExpired:
        status = TOO_LONG
    # The shell commands of a test may outlive it.
    _end_group(process.pid)
    child.kill(process)
    said = log.read_bytes()
    recorded = result.read_bytes() if status == PASSED and result.exists() else b""
    return Outcome(status, _named(recorded, station), _named(said, station).decode("utf-8", "replace"),
                   time.monotonic() - start)


def _end_group(pid):
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _named(text, station):
    """Two runs have different ports and folders: they stand for the same thing."""
    text = text.replace(str(station.place).encode(), b"<place>")
    return re.sub(rb"(?<![-\d])%d(?!\d)" % station.port, b"<port>", text)
