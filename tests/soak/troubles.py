"""What disturbs the clients of the soak."""

import os
import signal
import threading
import time

from raw_client import RawClient
from raw_packets import ProtocolError, ServerError
from servers import ADMIN, APP, NOPASS, ClientError


class Troubles(threading.Thread):
    """One trouble at a time, at random moments, until stopped."""

    def __init__(self, backend, gate, source, stop):
        super().__init__(name="troubles", daemon=True)
        self.backend, self.gate, self.source, self.stopping = backend, gate, source, stop
        self.counts = {}
        self.failures = []
        self.next_restart = time.monotonic() + 15

    def run(self):
        usual = (self.kill_connections, self.garbage_at_login, self.garbage_after_login,
                 self.reload, self.hold_writes, self.leave_in_the_middle)
        while not self.stopping.wait(self.source.uniform(0.1, 1.0)):
            restart = time.monotonic() > self.next_restart
            trouble = self.restart if restart else self.source.choice(usual)
            self.counts[trouble.__name__] = self.counts.get(trouble.__name__, 0) + 1
            try:
                trouble()
            except (OSError, ServerError, ProtocolError, ClientError):
                pass  # its own connection met another trouble
            except Exception as error:
                self.failures.append(f"{trouble.__name__}: {error!r}")

    def kill_connections(self):
        mine = "SELECT id FROM information_schema.PROCESSLIST WHERE user = 'app'"
        found = [row[0] for row in self.backend.execute(mine, ADMIN)]
        for number in self.source.sample(found, min(len(found), 4)):
            try:
                self.backend.execute(f"KILL {number}", ADMIN)
            except ClientError:
                pass  # it had gone

    def garbage_at_login(self):
        client = RawClient(self.gate.port, login=False, timeout=5)
        client.socket.sendall(self.source.randbytes(self.source.randint(1, 300)))
        client.close()

    def garbage_after_login(self):
        with RawClient(self.gate.port, NOPASS, timeout=5) as client:
            for _ in range(5):
                client.send(bytes([self.source.randrange(0x20)]) +
                            self.source.randbytes(self.source.randint(0, 200)), 0)
            client.socket.sendall(self.source.randbytes(1000))

    def leave_in_the_middle(self):
        with RawClient(self.gate.port, APP, "shop", timeout=5) as client:
            client.start_query("SELECT * FROM soak")

    def reload(self):
        os.kill(self.gate.pid, signal.SIGHUP)

    def hold_writes(self):
        self.gate.command("maintenance", "begin", "--for", "10s")
        time.sleep(self.source.uniform(0, 0.5))
        self.gate.command("maintenance", "end")

    def restart(self):
        if self.source.random() < 0.5:
            self.backend.kill()
            self.backend.start()
        else:
            self.backend.restart()
        self.next_restart = time.monotonic() + self.source.uniform(20, 60)
