"""Free loopback ports, and waiting until something answers on one."""

import socket
import time

LOOPBACK = "127.0.0.1"
_handed_out = set()


def free_port():
    """A port that nobody listens on now and that was not handed out before."""
    while True:
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            port = probe.getsockname()[1]
        if port not in _handed_out:
            _handed_out.add(port)
            return port


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
