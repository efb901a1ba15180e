"""Several servers: the primary is found and followed, by sessions and by the
catalog. The two servers here do not replicate: which of them takes writes is
what the tests change."""

import json
import os
import signal
import time

from people import POLICY, TABLES
from raw_client import RawClient
from raw_packets import ProtocolError, ServerError
from servers import ADMIN, APP, NOPASS, BackendCase, Sealgate, Server, on_each_backend

SETTINGS = {"limits": {"connect_timeout": "1s"}}


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def name(server):
    return f"127.0.0.1:{server.port}"


def set_read_only(server, on):
    # MySQL lets an administrator write under read_only alone.
    server.execute(f"SET GLOBAL read_only = {int(on)}", ADMIN)


@on_each_backend
class FailoverTest(BackendCase):

    @classmethod
    def setUpClass(cls):
        cls.first, cls.second = (Server(cls.kind, options=["--read-only=1"]) for _ in range(2))
        for server in (cls.first, cls.second):
            cls.addClassCleanup(server.close)
            server.start()
            server.execute(f"CREATE DATABASE {cls.database} CHARACTER SET utf8mb4", ADMIN)

    def setUp(self):
        for server in (self.first, self.second):
            if not server.running():
                server.start()
            server.execute(f"DROP DATABASE {self.database}; "
                           f"CREATE DATABASE {self.database} CHARACTER SET utf8mb4; "
                           f"CREATE TABLE {self.database}.t (n INT)", ADMIN)
        set_read_only(self.first, False)
        set_read_only(self.second, True)
        self.gate = Sealgate(self.first, POLICY, overrides={
            **SETTINGS,
            "backend": {"address": None, "port": None, "check_interval": "100ms",
                        "addresses": [name(self.first), name(self.second)]}})
        self.addCleanup(self.gate.close)

    def states(self):
        status = json.loads(self.gate.admin("GET", "/v1/status")[1])
        return {each["address"]: (each["state"], each["in_use"]) for each in status["backends"]}

    def in_use(self, server):
        status = json.loads(self.gate.admin("GET", "/v1/status")[1])
        return status["backend"] == name(server)

    def open(self):
        client = RawClient(self.gate.port, NOPASS, self.database)
        self.addCleanup(client.close)
        return client

    def port(self):
        with RawClient(self.gate.port, NOPASS, self.database) as client:
            return int(client.query("SELECT @@port")[0].rows[0][0])

    def assert_told(self, client):
        """An error out of turn, then the end."""
        client.sequence = 0
        with self.assertRaises(ServerError) as caught:
            client.answer()
        self.assertEqual(caught.exception.number, 1053)
        self.assertIn("another database server is the primary", caught.exception.message)
        with self.assertRaises((ProtocolError, OSError)):
            client.receive()

    def test_a_switch(self):
        run_check = self.gate.make_keys() or self.gate.command("check")
        self.assertEqual(run_check.returncode, 0, run_check.stdout + run_check.stderr)
        self.assertIn(f"{name(self.first)}: primary, in use", run_check.stdout)
        self.assertIn(f"{name(self.second)}: secondary", run_check.stdout)
        self.gate.start()
        self.assertEqual(self.states(), {name(self.first): ("primary", True),
                                         name(self.second): ("secondary", False)})
        self.assertEqual(self.port(), self.first.port)
        self.gate.execute(";".join(TABLES), APP, self.database)
        # On the other server the same column holds plaintext.
        self.second.execute("CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(100))", ADMIN,
                            self.database)
        idle, busy = self.open(), self.open()
        idle.query("INSERT INTO people (id, name) VALUES (1, 'sealed')")
        busy.query("BEGIN")
        busy.query("INSERT INTO t VALUES (1)")

        set_read_only(self.first, True)
        set_read_only(self.second, False)
        self.assertTrue(wait_for(lambda: self.in_use(self.second)))
        self.assert_told(idle)
        # A transaction goes on until it ends, as far as its server lets it.
        with self.assertRaises(ServerError) as caught:
            busy.query("INSERT INTO t VALUES (2)")
        self.assertEqual(caught.exception.number, 1290)
        busy.query("ROLLBACK")
        self.assert_told(busy)
        self.assertEqual(self.port(), self.second.port)
        # The catalog is that of the new primary.
        with self.assertRaises(ServerError) as caught:
            self.open().query("INSERT INTO people (id, name) VALUES (2, 'plain')")
        self.assertIn("shop.people.name", caught.exception.message)
        metrics = self.gate.metrics()
        state = 'sealgate_backend_state{{backend="{}",state="{}"}}'
        self.assertEqual(metrics[state.format(name(self.first), "secondary")], 1)
        self.assertEqual(metrics[state.format(name(self.second), "primary")], 1)
        self.assertEqual(metrics[state.format(name(self.second), "secondary")], 0)
        self.assertEqual(metrics["sealgate_backend_failovers_total"], 1)
        self.assertEqual(metrics['sealgate_sessions_ended_total{reason="failover"}'], 2)
        self.assertEqual(self.second.execute("SELECT COUNT(*) FROM people", ADMIN, self.database),
                         [["0"]])

    def test_the_primary_dies(self):
        self.gate.start()
        client = self.open()
        self.first.kill()
        with self.assertRaises((ServerError, ProtocolError, OSError)):
            client.query("SELECT 1")
        # Nobody else takes writes: there is no other primary.
        with self.assertRaises(ServerError) as caught:
            self.open()
        self.assertIn(name(self.first), caught.exception.message)
        set_read_only(self.second, False)
        self.assertTrue(wait_for(lambda: self.in_use(self.second)))
        self.assertEqual(self.port(), self.second.port)
        # It comes back as a replica, and then takes writes by mistake.
        self.first.start()
        self.assertTrue(wait_for(lambda: self.states()[name(self.first)][0] == "secondary"))
        set_read_only(self.first, False)
        self.assertTrue(wait_for(lambda: self.states()[name(self.first)][0] == "primary"))
        self.assertEqual(self.port(), self.second.port)

    def test_the_primary_hangs(self):
        self.gate.start()
        client = self.open()
        os.kill(self.first.pid, signal.SIGSTOP)
        try:
            set_read_only(self.second, False)
            self.assertTrue(wait_for(lambda: self.in_use(self.second)))
            self.assert_told(client)
            self.assertEqual(self.port(), self.second.port)
        finally:
            os.kill(self.first.pid, signal.SIGCONT)

    def test_no_primary(self):
        self.gate.start()
        set_read_only(self.first, True)
        self.assertTrue(wait_for(lambda: not self.in_use(self.first)))
        with self.assertRaises(ServerError) as caught:
            self.open()
        self.assertIn("none of the database servers is the primary", caught.exception.message)
        set_read_only(self.first, False)
        self.assertTrue(wait_for(lambda: self.in_use(self.first)))
        self.assertEqual(self.port(), self.first.port)
        self.gate.stop()
        set_read_only(self.first, True)
        for command in ("check", "run"):
            run = self.gate.command(command)
            self.assertEqual(run.returncode, 1)
            self.assertIn(f"{name(self.second)}: secondary", run.stdout + run.stderr)

    def test_two_that_take_writes(self):
        set_read_only(self.second, False)
        self.gate.make_keys()
        for command in ("check", "run"):
            run = self.gate.command(command)
            self.assertEqual(run.returncode, 1)
            self.assertIn("several of backend.addresses take writes", run.stdout + run.stderr)
