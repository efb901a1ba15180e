"""Connections that have logged in, have asked once, and then stay silent.

Clients live in processes of their own, so that their descriptors do not count
against the limit of one process; the proxy needs two for each connection.
"""

import contextlib
import resource
import subprocess
import sys
import time
from pathlib import Path

# The proxy gives buffers back to connections that were silent for this long.
SILENCE = 12
IN_ONE_PROCESS = 2_000
BESIDES = 200


def most():
    """How many connections a proxy may have under this machine's limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return (hard - BESIDES) // 2


@contextlib.contextmanager
def open_idle(port, schema, count):
    shares = [min(IN_ONE_PROCESS, count - start) for start in range(0, count, IN_ONE_PROCESS)]
    clients = [subprocess.Popen([sys.executable, __file__, str(port), schema, str(share)],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE) for share in shares]
    try:
        for client in clients:
            if client.stdout.readline() != b"ready\n":
                raise RuntimeError("the idle clients could not connect")
        time.sleep(SILENCE)
        yield
    finally:
        for client in clients:
            client.stdin.close()
        for client in clients:
            client.wait()


def main(port, schema, count):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "integration"))
    from raw_client import RawClient
    from servers import NOPASS

    clients = []
    for _ in range(count):
        client = RawClient(port, NOPASS, schema, timeout=120)
        client.query("SELECT id, k, c1 FROM load_table WHERE id = 7")
        clients.append(client)
    print("ready", flush=True)
    sys.stdin.buffer.read()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
