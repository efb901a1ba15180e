"""Free loopback ports, and waiting until something answers on one."""

import socket
import threading
import time
from pathlib import Path

LOOPBACK = "127.0.0.1"
_SLICE = 100
_lock = threading.Lock()


def free_port():
    """A port that nobody listens on, and that stays free until it is used: no
    outgoing connection of this machine takes it, and no other process that asks
    here is given it while this one lives. Any thread."""
    with _lock:
        return next(port for port in _own_ports if _unused(port))


def _ports_of_this_process():
    """Slice after slice; and round again, by when the first are long closed."""
    own = {}
    while True:
        for start in range(*_range(), _SLICE):
            if start not in own:
                own[start] = _claim(start)
            if own[start] is None:
                del own[start]
            else:
                yield from range(start, start + _SLICE)
        if not own:
            raise RuntimeError("other processes have all ports that tests may use")


_own_ports = _ports_of_this_process()


def _range():
    """The first port, and the end: below those that the kernel gives to outgoing
    connections and to who binds to port 0, or above, where these begin low; not as low
    as numbers that tests have for data."""
    low, high = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(
        encoding="ascii").split())
    below, above = (21_100, low - _SLICE), (high + 1, 65_536 - _SLICE)
    found = max(below, above, key=lambda ends: ends[1] - ends[0])
    # Where they are all ports, others may come in between.
    return found if found[1] - found[0] > 10 * _SLICE else below[:1] + above[1:]


def _claim(start):
    """The slice as this process's own, or None. An abstract name: bound once in the
    network namespace, as ports are, and free when the process is gone."""
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0sealgate-test-ports-{start}")
        return claim
    except OSError:
        claim.close()
        return None


def _unused(port):
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
            return True
        except OSError:
            return False


def greets(path, timeout=1.0):
    """True if a MySQL server's greeting comes from the Unix socket. (On TCP, a
    server without an account for this host answers with an error instead.)"""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(timeout)
            connection.connect(str(path))
            start = connection.recv(5, socket.MSG_WAITALL)
            return len(start) == 5 and start[4] == 10
    except OSError:
        return False


def wait_until(ready, alive, seconds, what, interval=0.02):
    """Polls ready() until it is true. alive() returns None while waiting makes
    sense, or the reason why not."""
    deadline = time.monotonic() + seconds
    while not ready():
        reason = alive()
        if reason is not None:
            raise RuntimeError(f"{what}: {reason}")
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what}: not ready after {seconds} s")
        time.sleep(interval)
