"""bench/run's parts: the relay relays, and the command explains itself."""

import subprocess
import unittest
from pathlib import Path

from servers import NOPASS, child, ports, shared_server
from servers.proxy import default_binary
from raw_client import RawClient

ROOT = Path(__file__).resolve().parents[2]


class BenchTest(unittest.TestCase):

    def test_help(self):
        run = subprocess.run([ROOT / "bench" / "run", "--help"], capture_output=True, text=True,
                             check=True)
        for word in ("--quick", "--idle", "rows10000", "interleaved"):
            self.assertIn(word, run.stdout)

    def test_the_relay_relays(self):
        backend, port = shared_server("mariadb"), ports.free_port()
        relay = child.spawn([default_binary().parents[1] / "bench" / "relay", port, backend.port])
        self.addCleanup(child.stop, relay)
        ports.wait_until(lambda: self.greets(port), relay.poll, 10, "relay")
        with RawClient(port, NOPASS) as one, RawClient(port, NOPASS) as two:
            for client in (one, two, one):
                self.assertEqual(client.query("SELECT REPEAT('x', 100000)")[0].rows,
                                 [[b"x" * 100000]])

    @staticmethod
    def greets(port):
        try:
            RawClient(port, login=False).close()
            return True
        except OSError:
            return False
