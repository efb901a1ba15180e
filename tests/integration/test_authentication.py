"""Every cell of the table in docs/authentication.md: each plugin, over legs with
and without TLS."""

import re
import tempfile
import unittest
from pathlib import Path

from people import POLICY
from raw_client import RawClient
from raw_packets import ServerError
from servers import (APP, ED25519, Account, ClientError, Sealgate, clients, shared_server)
from servers.pam import Pam
from servers.server import Server
from tap import Tap

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "authentication.md"
LEGS = ("plain to plain", "plain to TLS", "TLS to plain", "TLS to TLS")
SHA256 = Account("sha256", "sha256-secret")
NATIVE, CACHED = "`mysql_native_password`", "`caching_sha2_password`, password cached"
NOT_CACHED, ED = "`caching_sha2_password`, not cached", "`client_ed25519`"
SHA256_ROW, CLEAR, DIALOG = "`sha256_password`", "`mysql_clear_password`", "`dialog`"
OLD_ROW, OLD = "`mysql_old_password`", Account("oldest", "old-secret")
OTHER = Account("other_plugin", "other-plugin-secret")


def documented():
    """{plugin: {legs: what the table says}}."""
    return {row[0]: dict(zip(LEGS, row[2:], strict=True)) for row in _rows() if len(row) == 6}


def documented_others():
    """{backend.other_plugins: {legs: what the table says}}."""
    return {row[0].split("`")[1]: dict(zip(LEGS, row[1:], strict=True))
            for row in _rows() if len(row) == 5 and "other_plugins" not in row[0]}


def _rows():
    lines = re.findall(r"^\| (`.*) \|$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    return [[cell.strip() for cell in line.split("|")] for line in lines]


class AuthenticationTest(unittest.TestCase):
    def run_row(self, row, server, log_in, account):
        """log_in(gate, account, client_tls) logs in, and returns the cipher of
        the server's leg as the server tells it."""
        for legs, said in documented()[row].items():
            client_tls, server_tls = (leg == "TLS" for leg in legs.split(" to "))
            with self.subTest(row=row, legs=legs):
                tap, gate = self.start(server, server_tls)
                if said == "refused":
                    with self.assertRaises(ClientError) as caught:
                        log_in(gate, account, client_tls)
                    self.assertEqual(caught.exception.number, 1045)
                    self.assertIn("sealgate: this account's plugin", caught.exception.message)
                else:
                    self.assertEqual(bool(log_in(gate, account, client_tls)), server_tls)
                    with self.assertRaises(ClientError) as caught:
                        log_in(gate, Account(account.user, "wrong-secret"), client_tls)
                    self.assertEqual(caught.exception.number, 1045)
                    self.assertNotIn("sealgate", caught.exception.message)
                self.assertNotIn(account.password.encode(), bytes(tap.seen))
                self.assertNotIn(b"wrong-secret", bytes(tap.seen))

    def start(self, server, server_tls, backend=()):
        """A proxy before a tap before the server."""
        tap = Tap(server.port)
        self.addCleanup(tap.close)
        gate = Sealgate(server, POLICY, tls=True,
                        backend_tls="required" if server_tls else "disabled",
                        overrides={"backend": {"port": tap.port, **dict(backend)}})
        self.addCleanup(gate.close)
        return tap, gate.start()

    def stock(self, name, *options):
        """Logs in with a stock client."""
        def log_in(gate, account, client_tls):
            ca = gate.certificates.ca if client_tls else None
            arguments = clients.CLIENTS[name](gate.port, account, None, ca) + list(options)
            (_, cipher), = clients.execute(arguments, "SHOW STATUS LIKE 'Ssl_cipher'")
            return cipher
        return log_in

    def test_every_row_has_a_test(self):
        self.assertEqual(set(documented()),
                         {NATIVE, ED, CACHED, NOT_CACHED, SHA256_ROW, OLD_ROW, CLEAR, DIALOG})
        self.assertEqual(set(documented_others()), {"refuse", "private", "alike"})

    def test_hashes_of_mariadb(self):
        server = shared_server("mariadb", tls=True)
        self.run_row(NATIVE, server, self.stock("mariadb"), APP)
        self.run_row(ED, server, self.stock("mariadb"), ED25519)

    def test_passwords_before_41(self):
        server = Server("mariadb", tls=True, general_log=False, options=["--secure-auth=OFF"])
        self.addCleanup(server.close)
        server.start().execute(
            f"CREATE USER '{OLD.user}'@'%' IDENTIFIED VIA mysql_old_password; "
            f"SET PASSWORD FOR '{OLD.user}'@'%' = OLD_PASSWORD('{OLD.password}')")
        self.run_row(OLD_ROW, server, self.stock("mariadb"), OLD)

    def test_other_plugins(self):
        """One of MariaDB's tests that asks for the password, as it is."""
        server = Server("mariadb", tls=True, general_log=False,
                        options=["--plugin-maturity=unknown", "--plugin-load-add=auth_test_plugin"])
        self.addCleanup(server.close)
        root = ["/usr/bin/mariadb", "--no-defaults", "--protocol=socket",
                f"--socket={server.start().socket}", "--user=root"]
        clients.execute(
            root,
            f"CREATE USER '{OTHER.user}'@'%' IDENTIFIED VIA test_plugin_server USING "
            f"'{OTHER.password}'; CREATE USER '{OTHER.password}'@'%'; "
            f"GRANT PROXY ON '{OTHER.password}'@'%' TO '{OTHER.user}'@'%'")
        log_in = self.stock("mariadb")
        for rule, cells in documented_others().items():
            for legs, said in cells.items():
                client_tls, server_tls = (leg == "TLS" for leg in legs.split(" to "))
                with self.subTest(rule=rule, legs=legs):
                    tap, gate = self.start(server, server_tls, {"other_plugins": rule})
                    if said == "passes":
                        self.assertEqual(bool(log_in(gate, OTHER, client_tls)), server_tls)
                        with self.assertRaises(ClientError) as caught:
                            log_in(gate, Account(OTHER.user, "wrong-secret"), client_tls)
                        self.assertEqual(caught.exception.number, 1045)
                    else:
                        with self.assertRaises(ClientError) as caught:
                            log_in(gate, OTHER, client_tls)
                        self.assertEqual(caught.exception.number, 1524)
                        self.assertIn("sealgate: ", caught.exception.message)
                    seen = OTHER.password.encode() in bytes(tap.seen)
                    self.assertEqual(seen, legs == "plain to plain" and said == "passes")

    def test_caching_sha2(self):
        server = shared_server("mysql", tls=True)

        def raw(expected):
            def log_in(gate, account, client_tls):
                if account.password == "wrong-secret":
                    return self.stock("mysql")(gate, account, client_tls)
                if expected == "full":
                    server.execute("FLUSH PRIVILEGES")
                with RawClient(gate.port, account, tls=client_tls) as client:
                    self.assertEqual(client.auth_steps, [expected])
                    return client.query("SHOW STATUS LIKE 'Ssl_cipher'")[0].rows[0][1]
            return log_in

        self.run_row(NOT_CACHED, server, raw("full"), APP)
        self.run_row(CACHED, server, raw("fast"), APP)

    def test_sha256(self):
        server = shared_server("mysql", tls=True)
        server.execute(f"DROP USER IF EXISTS '{SHA256.user}'@'%'; CREATE USER '{SHA256.user}'@'%' "
                       f"IDENTIFIED WITH sha256_password BY '{SHA256.password}'")
        self.run_row(SHA256_ROW, server, self.stock("mysql"), SHA256)
        self.run_row(SHA256_ROW, server, self.stock("mariadb"), SHA256)
        # The client begins with the plugin itself.
        self.run_row(SHA256_ROW, server,
                     self.stock("mysql", "--default-auth=sha256_password"), SHA256)

    def test_a_first_answer_in_the_clear(self):
        """A client that begins with the password in the clear, although its
        account wants a hash."""
        server = shared_server("mysql", tls=True)
        for client_tls in (True, False):
            tap, gate = self.start(server, False)
            log_in = self.stock("mysql", "--default-auth=mysql_clear_password",
                                "--enable-cleartext-plugin")
            self.assertEqual(log_in(gate, APP, client_tls), "")
            self.assertNotIn(APP.password.encode(), bytes(tap.seen))

    def pam_server(self, cleartext):
        pam = Pam(self.enterContext(tempfile.TemporaryDirectory()), cleartext)
        server = Server("mariadb", tls=True, general_log=False, options=pam.options,
                        environment=pam.environment)
        self.addCleanup(server.close)
        server.start().execute(pam.statement)
        return server, pam.account

    def test_pam_in_the_clear(self):
        server, account = self.pam_server(cleartext=True)
        self.run_row(CLEAR, server, self.stock("mariadb"), account)
        self.run_row(CLEAR, server, self.stock("mysql", "--enable-cleartext-plugin"), account)

    def test_pam_dialog(self):
        server, account = self.pam_server(cleartext=False)
        self.run_row(DIALOG, server, self.stock("mariadb"), account)

    def test_change_of_user(self):
        """To an account whose plugin sends the password in the clear."""
        server, account = self.pam_server(cleartext=True)
        for client_tls in (True, False):
            tap, gate = self.start(server, client_tls)
            with RawClient(gate.port, APP, tls=client_tls) as client:
                client.plugin = "mysql_clear_password"
                if client_tls:
                    client.change_user(account)
                    self.assertEqual(client.query("SELECT CURRENT_USER()")[0].rows, [[b"pam@%"]])
                else:
                    with self.assertRaises(ServerError) as caught:
                        client.change_user(account)
                    self.assertEqual(caught.exception.number, 1045)
            self.assertNotIn(account.password.encode(), bytes(tap.seen))
