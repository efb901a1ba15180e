"""What the tests of real clusters share: a cluster, Sealgate before all of its nodes,
clients that write without pause, and what has to be true afterwards."""

import json
import random
import threading
import unittest

import pymysql

from raw_client import RawClient
from raw_packets import ProtocolError, ServerError
from servers import ADMIN, APP, NOPASS, Sealgate
from test_failover import name, wait_for
from test_sentinel import new_marker, places_of

DATABASE = "shop"
POLICY = """version: 1
columns:
  - {column: shop.people.name, mode: searchable}
  - {column: shop.people.note, mode: random}
roles:
  - {name: app, match: any, default: {reveal: clear, write: true}}
"""
TABLE = ("CREATE TABLE people (id INT NOT NULL PRIMARY KEY, name VARCHAR(100), note VARCHAR(100), "
         "plain VARCHAR(60), KEY name (name)) CHARACTER SET utf8mb4")
# What an error may say while a primary goes: the session or its server is ending,
# nobody or another one is the primary, or the cluster undid or refused the write.
TOLD = {1053, 2013, 2006, 1047, 1213, 1290, 1836, 3100, 3101, 1180}
UNREACHABLE = "cannot connect to the database server (2003)"


class Writer(threading.Thread):
    """Writes rows one by one, each once, and connects again after every error."""

    def __init__(self, gate, first, marker, control):
        super().__init__(daemon=True)
        self.gate, self.next, self.marker, self.control = gate, first, marker, control
        self.acknowledged, self.in_doubt, self.errors = set(), set(), []
        self.enough = threading.Event()

    def run(self):
        while not self.enough.is_set():
            try:
                connection = self.gate.connect(APP, DATABASE, connect_timeout=30, read_timeout=30)
            except pymysql.MySQLError as error:
                self.errors.append(error.args)
                continue
            try:
                self.write(connection)
            except pymysql.MySQLError as error:
                self.errors.append(error.args)
            finally:
                try:
                    connection.close()
                except pymysql.MySQLError:
                    pass  # it had ended

    def write(self, connection):
        with connection.cursor() as cursor:
            while not self.enough.is_set():
                row = self.next
                self.next += 1
                self.in_doubt.add(row)
                cursor.execute("INSERT INTO people VALUES (%s, %s, %s, %s)",
                               (row, name_of(self.marker, row), name_of(self.marker, -row),
                                self.control))
                self.in_doubt.discard(row)
                self.acknowledged.add(row)


def name_of(marker, row):
    return f"{marker}{row}"


class ClusterCase(unittest.TestCase):
    """`make_cluster()` gives servers.galera's or servers.group's. Each test begins with
    all nodes up, and a proxy of its own that has them listed in a random order."""

    maxDiff = None
    cluster = None

    @classmethod
    def make_cluster(cls):
        raise NotImplementedError

    @classmethod
    def setUpClass(cls):
        # The first stands in protected columns, the other one beside them.
        cls.marker, cls.control = new_marker(), new_marker()
        cls.cluster = cls.make_cluster()
        cls.addClassCleanup(cls.cluster.close)
        cls.cluster.start()
        cls.next_row = 1

    def setUp(self):
        self.restore()
        first = self.first_primary()
        first.execute(f"DROP DATABASE IF EXISTS {DATABASE}; "
                      f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4", ADMIN)
        self.nodes = self.listed(first)
        self.gate = Sealgate(self.nodes[0], POLICY, overrides={
            "limits": {"connect_timeout": "20s"},
            "backend": {"address": None, "port": None, "check_interval": "100ms",
                        "addresses": [name(node) for node in self.nodes]}})
        self.addCleanup(self.gate.close)
        self.gate.start()
        self.gate.execute(TABLE, APP, DATABASE)
        self.writers = []

    def restore(self):
        for node in self.cluster.nodes:
            if not node.running():
                self.cluster.rejoin(node)

    def first_primary(self):
        """The one that Sealgate is to find."""
        raise NotImplementedError

    def listed(self, first):
        """The nodes in the order of the configuration."""
        return random.sample(self.cluster.nodes, len(self.cluster.nodes))

    # What is in use.

    def in_use(self):
        status = json.loads(self.gate.admin("GET", "/v1/status")[1])
        return next((node for node in self.nodes if name(node) == status["backend"]), None)

    def state(self, node):
        status = json.loads(self.gate.admin("GET", "/v1/status")[1])
        return next(each["state"] for each in status["backends"] if each["address"] == name(node))

    def assert_state(self, node, state, seconds=20):
        if not wait_for(lambda: self.state(node) == state, seconds):
            self.fail(f"{name(node)} is {self.state(node)}, not {state}\n{self.gate.logs()}")

    def assert_moves_from(self, old):
        """Another node comes into use; it."""
        if not wait_for(lambda: self.in_use() not in (old, None), 30):
            self.fail(f"{name(old)} stays in use\n{self.gate.logs()}")
        self.assertEqual(self.port(), self.in_use().port)
        return self.in_use()

    def assert_stays_with(self, node, unless_not_ready=False):
        """`unless_not_ready`: the cluster itself may have taken the node out since."""
        if self.in_use() is node:
            return
        since = self.gate.logs().split(f"the primary is now {name(node)}")[-1]
        if not (unless_not_ready and f"{name(node)} is not_ready" in since):
            self.fail(f"{name(node)} does not stay in use\n{self.gate.logs()}")

    def open(self):
        client = RawClient(self.gate.port, NOPASS, DATABASE, timeout=40)
        self.addCleanup(client.close)
        return client

    def port(self):
        with RawClient(self.gate.port, NOPASS, DATABASE, timeout=40) as client:
            return int(client.query("SELECT @@port")[0].rows[0][0])

    def open_busy(self):
        """A session with a statement that takes its time."""
        client = self.open()
        client.start_query("SELECT SLEEP(600)")
        return client

    def assert_told(self, client):
        """The session ends with an error that says why."""
        with self.assertRaises(ServerError) as caught:
            client.answer()
        self.assertEqual(caught.exception.number, 1053, caught.exception.message)
        self.assertIn("sealgate: ", caught.exception.message)
        self.assert_closed(client)

    def assert_idle_told(self, client):
        client.sequence = 0
        self.assert_told(client)

    def assert_closed(self, client):
        """What an idle session gets from a server that goes, too."""
        with self.assertRaises((ProtocolError, OSError)):
            client.receive()

    # Load.

    def start_writers(self, count=4):
        for _ in range(count):
            writer = Writer(self.gate, type(self).next_row, self.marker, self.control)
            type(self).next_row += 1_000_000
            self.writers.append(writer)
            writer.start()
        self.await_writes()

    def await_writes(self, more=20):
        """Each writer gets that many through."""
        before = [len(writer.acknowledged) for writer in self.writers]
        if not wait_for(lambda: all(len(writer.acknowledged) >= count + more
                                    for writer, count in zip(self.writers, before)), 40):
            self.fail(f"no writes any more: {[w.errors[-3:] for w in self.writers]}\n"
                      f"{self.gate.logs()}")

    def stop_writers(self):
        for writer in self.writers:
            writer.enough.set()
        for writer in self.writers:
            writer.join(60)
            self.assertFalse(writer.is_alive())
            for number, message in (error[:2] for error in writer.errors):
                if not (number == 1105 and UNREACHABLE in message):
                    self.assertIn(number, TOLD, message)

    def assert_nothing_is_lost(self):
        """Through Sealgate, what was acknowledged is there and opens; and of the rest,
        nothing but what was in doubt."""
        acknowledged = set().union(*(writer.acknowledged for writer in self.writers))
        in_doubt = set().union(*(writer.in_doubt for writer in self.writers))
        with self.gate.connect(APP, DATABASE) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT id, name, note FROM people")
            rows = {row: values for row, *values in cursor.fetchall()}
            row = max(acknowledged)
            cursor.execute("SELECT id FROM people WHERE name = %s", (name_of(self.marker, row),))
            self.assertEqual(cursor.fetchall(), ((row,),))
        self.assertEqual(acknowledged - set(rows), set())
        self.assertLessEqual(set(rows), acknowledged | in_doubt)
        self.assertEqual({row: values for row, values in rows.items() if values !=
                          [name_of(self.marker, row), name_of(self.marker, -row)]}, {})

    def assert_no_node_holds_the_marker(self):
        """What is only in the servers' memory stands in their logs, too."""
        for node in self.nodes:
            sources = {str(p): p.read_bytes() for p in node.files() if p.exists()}
            self.assertNotEqual(places_of(self.control, sources), set(), name(node))
            self.assertEqual(places_of(self.marker, sources), set())
        sources = {str(p): p.read_bytes() for p in self.gate.files()}
        self.assertEqual(places_of(self.marker, sources), set())
