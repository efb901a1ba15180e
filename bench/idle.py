"""Connections that have logged in, have asked once, and then stay silent."""

import contextlib
import resource
import time

from raw_client import RawClient
from servers import NOPASS

# The proxy gives buffers back to connections that were silent for this long.
SILENCE = 12


@contextlib.contextmanager
def open_idle(port, schema, count):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count + 100:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, count + 100), hard))
    clients = []
    try:
        for _ in range(count):
            client = RawClient(port, NOPASS, schema)
            client.query("SELECT id, k, c1 FROM load_table WHERE id = 7")
            clients.append(client)
        time.sleep(SILENCE)
        yield
    finally:
        for client in clients:
            client.close()
