"""Logins: both legs with and without TLS, each authentication plugin, and the
server's own words when one fails."""

import pymysql

from people import POLICY, TABLES
from raw_client import RawClient
from raw_packets import ServerError
from servers import (ADMIN, APP, ED25519, NOPASS, Account, BackendCase, ClientError, Sealgate,
                     clients, on_each_backend)

WRONG = Account(APP.user, "wrong-secret")


def each_leg(test):
    """Runs a test for each combination of legs with and without TLS."""
    def run(self):
        for backend_tls, gate in self.gates.items():
            for client_tls in (True, False):
                with self.subTest(backend_tls=backend_tls, client_tls=client_tls):
                    test(self, gate, client_tls, backend_tls == "required")
    return run


@on_each_backend
class LoginsTest(BackendCase):
    """Two proxies before one server that offers TLS: one uses it, one does not.
    Both offer TLS to clients."""

    server_options = {"tls": True}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.backend.execute(f"DROP DATABASE IF EXISTS {cls.database}; "
                            f"CREATE DATABASE {cls.database} CHARACTER SET utf8mb4")
        cls.gates = {}
        for backend_tls in ("required", "disabled"):
            gate = Sealgate(cls.backend, POLICY, tls=True, backend_tls=backend_tls)
            cls.addClassCleanup(gate.close)
            cls.gates[backend_tls] = gate.start()
        cls.gates["required"].execute(";".join(TABLES), APP, cls.database)
        cls.gates["disabled"].command("catalog", "reload")

    def setUp(self):
        self.backend.execute("TRUNCATE people", ADMIN, self.database)

    def backend_cipher(self, client):
        return client.query("SHOW STATUS LIKE 'Ssl_cipher'")[0].rows[0][1]

    @each_leg
    def test_full_then_fast(self, gate, client_tls, backend_tls):
        """caching_sha2_password after its cache was emptied, then again; MariaDB's
        native password has one path."""
        self.backend.execute("FLUSH PRIVILEGES", ADMIN)
        paths = []
        for _ in range(2):
            with RawClient(gate.port, APP, self.database, tls=client_tls) as client:
                paths.append(client.auth_steps)
                self.assertEqual(client.query("SELECT 1")[0].rows, [[b"1"]])
                self.assertEqual(bool(self.backend_cipher(client)), backend_tls)
        self.assertEqual(paths, [[], []] if self.kind == "mariadb" else [["full"], ["fast"]])

    @each_leg
    def test_wrong_password(self, gate, client_tls, backend_tls):
        with self.assertRaises(ServerError) as own:
            RawClient(self.backend.port, WRONG, self.database, tls=True)
        self.assertEqual(own.exception.number, 1045)
        self.backend.execute("FLUSH PRIVILEGES", ADMIN)
        before = gate.metrics()["sealgate_logins_failed_total"]
        with self.assertRaises(ServerError) as caught:
            RawClient(gate.port, WRONG, self.database, tls=client_tls)
        self.assertEqual(str(caught.exception), str(own.exception))
        self.assertEqual(gate.metrics()["sealgate_logins_failed_total"], before + 1)

    @each_leg
    def test_empty_password(self, gate, client_tls, backend_tls):
        with RawClient(gate.port, NOPASS, self.database, tls=client_tls) as client:
            self.assertEqual(client.query("SELECT 2")[0].rows, [[b"2"]])

    @each_leg
    def test_auth_switch(self, gate, client_tls, backend_tls):
        """The client starts with the other server's plugin."""
        other = ("caching_sha2_password" if self.kind == "mariadb" else "mysql_native_password")
        with RawClient(gate.port, APP, self.database, tls=client_tls, plugin=other) as client:
            self.assertRegex(client.auth_steps[0], "^switch to ")
            self.assertEqual(client.query("SELECT 3")[0].rows, [[b"3"]])

    @each_leg
    def test_unknown_database(self, gate, client_tls, backend_tls):
        with self.assertRaises(ServerError) as caught:
            RawClient(gate.port, APP, "shop_none", tls=client_tls)
        self.assertEqual(caught.exception.number, 1049)

    @each_leg
    def test_ed25519(self, gate, client_tls, backend_tls):
        if self.kind != "mariadb":
            # MySQL has no such plugin: nobody of that name can log in.
            with self.assertRaises(ClientError):
                self.gates["required"].execute("SELECT 1", ED25519, self.database)
            return
        ca = gate.certificates.ca if client_tls else None
        arguments = clients.mariadb_args(gate.port, ED25519, self.database, ca)
        self.assertEqual(clients.execute(arguments, "SELECT 4"), [["4"]])

    @each_leg
    def test_stock_clients(self, gate, client_tls, backend_tls):
        names = ("mariadb", "mysql") if self.kind == "mysql" else ("mariadb",)
        ca = gate.certificates.ca if client_tls else None
        for name in names:
            self.backend.execute("FLUSH PRIVILEGES", ADMIN)
            arguments = clients.CLIENTS[name](gate.port, APP, self.database, ca)
            self.assertEqual(clients.execute(arguments, "SELECT 1"), [["1"]])
            clients.execute(arguments, f"INSERT INTO people (name) VALUES ('{name} é')")
            rows = clients.execute(
                arguments, f"SELECT name FROM people WHERE name = '{name.upper()} E'")
            self.assertEqual(rows, [[f"{name} é"]])
            self.backend.execute("TRUNCATE people", ADMIN, self.database)

    @each_leg
    def test_pymysql(self, gate, client_tls, backend_tls):
        self.backend.execute("FLUSH PRIVILEGES", ADMIN)
        ssl = {"ca": str(gate.certificates.ca)} if client_tls else None
        connection = pymysql.connect(host="127.0.0.1", port=gate.port, user=APP.user,
                                     password=APP.password, database=self.database, ssl=ssl,
                                     ssl_disabled=not client_tls)
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT %s", ("x",))
            self.assertEqual(cursor.fetchall(), (("x",),))

    def test_tls_client_that_does_not_trust(self):
        gate = self.gates["required"]
        arguments = clients.mariadb_args(gate.port, APP, self.database,
                                         gate.certificates.stranger_ca)
        with self.assertRaises(ClientError) as caught:
            clients.execute(arguments, "SELECT 1")
        self.assertEqual(caught.exception.number, 2026)
        self.assertEqual(gate.execute("SELECT 1", APP, self.database), [["1"]])


@on_each_backend
class RequiredTlsTest(BackendCase):
    """listen.tls.mode required."""

    server_options = {"tls": True}

    def test_plain_is_refused(self):
        gate = Sealgate(self.backend, POLICY, tls=True,
                        overrides={"listen": {"tls": {"mode": "required"}}})
        with gate:
            with self.assertRaises(ServerError) as caught:
                RawClient(gate.port, APP, self.database)
            self.assertEqual(caught.exception.number, 3159)
            self.assertTrue(caught.exception.message.startswith("sealgate: "))
            self.assertEqual(gate.execute("SELECT 1", APP, self.database), [["1"]])

    def test_a_server_that_is_not_trusted(self):
        """The backend's certificate is not of backend.tls.ca."""
        gate = Sealgate(self.backend, POLICY,
                        overrides={"backend": {"tls": {
                            "ca": str(self.backend.certificates.stranger_ca)}}})
        with self.assertRaisesRegex(RuntimeError, "(?i)certificate"):
            with gate:
                pass
