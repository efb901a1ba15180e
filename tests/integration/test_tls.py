"""TLS of both legs: what is verified, client certificates, versions and ciphers,
certificates that are replaced while the proxy runs, and resumed sessions."""

import os
import signal
import ssl
import subprocess

from people import POLICY
from raw_client import RawClient, tls_context
from raw_packets import ServerError
from servers import (ADMIN, APP, CATALOG, Account, BackendCase, Certificates, ClientError,
                     Sealgate, Server, clients, on_each_backend, ports)
from tap import Tap
from test_failover import wait_for

HANDSHAKES = 'sealgate_tls_handshakes_total{leg="%s",result="%s"}'
# Reads the server's certificate files again; sessions go on.
RELOAD = {"mariadb": "FLUSH SSL", "mysql": "ALTER INSTANCE RELOAD TLS"}
ONE_THREAD = {"limits": {"threads": 1}}


def backend_tls(**keys):
    return {"backend": {"tls": {key: str(value) for key, value in keys.items()}}}


def ask(port, account=APP, **keywords):
    """The answer to a statement on a connection of its own."""
    with RawClient(port, account, **keywords) as client:
        return client.query("SELECT 1")[0].rows


@on_each_backend
class VerifyTest(BackendCase):
    """What of the server's certificate must be right in each mode. The server's
    certificate changes while the proxies run; so does what they think of it."""

    def setUp(self):
        """Not on the shared server: the certificate of this one is changed."""
        self.server = Server(self.kind, tls=True, general_log=False)
        self.addCleanup(self.server.close)
        self.server.start()

    def test_each_mode(self):
        ca = str(self.server.certificates.ca)
        gates = {}
        for mode, keys in (("required", {"ca": None}), ("verify_ca", {"ca": ca}),
                           ("verify_identity", {"ca": ca})):
            gate = Sealgate(self.server, POLICY,
                            overrides={"backend": {"tls": {"mode": mode, **keys}}})
            self.addCleanup(gate.close)
            gates[mode] = gate.start()
        rows = (("IP:127.0.0.1", "ca", ("required", "verify_ca", "verify_identity")),
                ("IP:127.0.0.2,DNS:elsewhere.example", "ca", ("required", "verify_ca")),
                ("IP:127.0.0.1", "stranger-ca", ("required",)))
        for names, authority, good in rows:
            self.server.certificates.issue("server", names, authority)
            self.reload_server(authority)
            for mode, gate in gates.items():
                with self.subTest(names=names, authority=authority, mode=mode):
                    self.check_session(gate, mode in good)
                    self.check_catalog(gate, mode in good)

    def reload_server(self, authority):
        arguments = ["/usr/bin/mariadb", "--no-defaults", "--protocol=socket",
                     f"--socket={self.server.socket}", "--user=root"]
        # MySQL does not take a certificate that its own CA has not signed.
        ca = self.server.certificates.directory / f"{authority}.pem"
        before = f"SET GLOBAL ssl_ca = '{ca}'; " if self.kind == "mysql" else ""
        clients.execute(arguments, before + RELOAD[self.kind])

    def check_session(self, gate, good):
        if good:
            self.assertEqual(ask(gate.port), [[b"1"]])
            return
        failed = gate.metrics()[HANDSHAKES % ("backend", "failed")]
        with self.assertRaises(ServerError) as caught:
            ask(gate.port)
        self.assertEqual(caught.exception.number, 1105)
        self.assertIn("TLS", caught.exception.message)
        self.assertEqual(gate.metrics()[HANDSHAKES % ("backend", "failed")], failed + 1)
        self.assertIn("certificate verify failed", gate.logs())

    def check_catalog(self, gate, good):
        """`sealgate check` connects as the catalog account does."""
        run = gate.command("check")
        self.assertEqual(run.returncode, 0 if good else 1, run.stdout + run.stderr)
        if not good:
            self.assertRegex(run.stderr, "(?i)tls|ssl|certificate")


def ciphers(port, account=APP, **keywords):
    """What the server says of a session's TLS; b"" without."""
    with RawClient(port, account, **keywords) as client:
        row, = client.query("SHOW SESSION STATUS LIKE 'Ssl_cipher'")[0].rows
        return row[1]


@on_each_backend
class AsClientTest(BackendCase):
    """backend.tls.mode 'as_client': the server sees of each session what it would see
    without the proxy."""

    server_options = {"tls": True}

    def setUp(self):
        super().setUp()
        self.must = Account("must_tls", "must-secret")
        self.backend.execute(f"DROP USER IF EXISTS '{self.must.user}'@'%'; CREATE USER "
                             f"'{self.must.user}'@'%' IDENTIFIED BY '{self.must.password}' "
                             "REQUIRE SSL")

    def test_the_server_sees_what_the_client_has(self):
        with Sealgate(self.backend, POLICY, tls=True, backend_tls="as_client") as gate:
            for port in (self.backend.port, gate.port):
                self.assertEqual(ciphers(port), b"")
                self.assertNotEqual(ciphers(port, tls=True), b"")
                self.assertNotEqual(ciphers(port, self.must, tls=True), b"")
                with self.assertRaises(ServerError) as caught:
                    ask(port, self.must)
                self.assertEqual(caught.exception.number, 1045)
            # Side by side, and in the other order.
            with RawClient(gate.port, APP, tls=True) as first, RawClient(gate.port, APP) as second:
                for client, secure in ((second, False), (first, True)):
                    row, = client.query("SHOW SESSION STATUS LIKE 'Ssl_cipher'")[0].rows
                    self.assertEqual(row[1] != b"", secure)


    def test_an_idle_session_gives_its_buffers_back(self):
        """Those that a large statement and a large result have needed, on both legs."""
        with Sealgate(self.backend, POLICY, tls=True, backend_tls="as_client") as gate:
            for tls in (False, True):
                with self.subTest(tls=tls), RawClient(gate.port, APP, tls=tls) as client:
                    row, = client.query(f"SELECT '{'x' * 300_000}'")[0].rows
                    self.assertEqual(len(row[0]), 300_000)
                    busy = gate.metrics()["sealgate_buffer_bytes"]
                    self.assertTrue(wait_for(lambda b=busy: gate.metrics()
                                             ["sealgate_buffer_bytes"] <= b - 100_000, 40))
                    for text in ("y", "z" * 100_000):
                        self.assertEqual(client.query(f"SELECT '{text}'")[0].rows,
                                         [[text.encode()]])


@on_each_backend
class NoTlsTest(BackendCase):
    """A server without TLS, or somebody in between who hides that it has it."""

    def setUp(self):
        # A server of its own: one that knows an account's password asks for less.
        self.server = Server(self.kind, general_log=False)
        self.addCleanup(self.server.close)
        self.server.start()
        self.tap = Tap(self.server.port)
        self.addCleanup(self.tap.close)
        self.ca = Certificates(self.server.basedir / "tls").ca

    def gate(self, mode, **keys):
        gate = Sealgate(self.server, POLICY, tls=True, overrides={"backend": {
            "port": self.tap.port, "tls": {"mode": mode, **keys}}})
        self.addCleanup(gate.close)
        return gate

    def assert_no_password_was_sent(self):
        for account in (CATALOG, APP):
            self.assertFalse(account.password.encode() in self.tap.seen, account.user)

    def test_where_tls_must_be(self):
        for mode, keys in (("required", {}), ("verify_ca", {"ca": str(self.ca)}),
                           ("verify_identity", {"ca": str(self.ca)})):
            with self.subTest(mode):
                gate = self.gate(mode, **keys)
                gate.make_keys()
                for command in ("check", "run"):
                    run = gate.command(command)
                    self.assertEqual(run.returncode, 1, run.stdout)
                    self.assertRegex(run.stderr, "does not offer TLS|SSL is required")
        self.assertEqual(bytes(self.tap.seen), b"")

    def test_where_it_may_be(self):
        for mode in ("as_client", "preferred"):
            for keys in ({}, {"ca": str(self.ca)}):
                with self.subTest(mode, **keys), self.gate(mode, **keys) as gate:
                    self.assertEqual(ciphers(gate.port), b"")
                    if mode == "preferred":
                        self.assertEqual(ciphers(gate.port, tls=True), b"")
                        continue
                    with self.assertRaises(ServerError) as caught:
                        ask(gate.port, tls=True)
                    self.assertIn("as_client", caught.exception.message)
        self.assert_no_password_was_sent()


@on_each_backend
class BackendTlsTest(BackendCase):
    server_options = {"tls": True}

    def test_a_host_name_is_verified(self):
        with Sealgate(self.backend, POLICY, overrides={"backend": {
                "address": "localhost", "tls": {"mode": "verify_identity"}}}) as gate:
            self.assertEqual(ask(gate.port), [[b"1"]])

    def test_check_warns_of_a_leg_that_does_not_verify(self):
        gate = Sealgate(self.backend, overrides={
            "listen": {"address": "0.0.0.0"},
            "backend": {"address": "db.example.invalid", "tls": {"mode": "required", "ca": None}}})
        self.addCleanup(gate.close)
        gate.make_keys()
        run = gate.command("check", "--offline")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertRegex(run.stdout, r"warning: .*sealgate.yaml: clients connect without TLS")
        self.assertRegex(run.stdout, r"warning: .*sealgate.yaml:\d+:\d+: TLS with the database "
                                     "server encrypts, but anybody may pose as the server")

    def test_a_certificate_for_the_server(self):
        """An account that the server lets in with a certificate only."""
        account, catalog = Account("certified", "certified-secret"), "certified_catalog"
        self.backend.execute(f"""
            DROP USER IF EXISTS '{account.user}'@'%', '{catalog}'@'%';
            CREATE USER '{account.user}'@'%' IDENTIFIED BY '{account.password}'
                REQUIRE SUBJECT '/CN=client';
            CREATE USER '{catalog}'@'%' IDENTIFIED BY '{CATALOG.password}' REQUIRE X509;
            GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON *.* TO '{catalog}'@'%'""")
        certificates = self.backend.certificates
        with Sealgate(self.backend, POLICY) as gate:
            with self.assertRaises(ServerError) as caught:
                ask(gate.port, account)
            self.assertEqual(caught.exception.number, 1045)
        overrides = backend_tls(certificate=certificates.client_certificate,
                                key=certificates.client_key)
        overrides["catalog"] = {"user": catalog}
        with Sealgate(self.backend, POLICY, overrides=overrides) as gate:
            self.assertEqual(ask(gate.port, account), [[b"1"]])

    def test_sessions_are_resumed(self):
        """By the word of MySQL, and by the proxy's figures. (MariaDB tells of none.)"""
        with Sealgate(self.backend, POLICY, overrides=ONE_THREAD) as gate:
            reused = []
            for _ in range(5):
                with RawClient(gate.port, APP) as client:
                    row, = client.query("SHOW STATUS LIKE 'Ssl_sessions_reused'")[0].rows
                    reused.append(row[1])
            if self.kind == "mysql":
                self.assertEqual(reused, [b"0", b"1", b"1", b"1", b"1"])
            figures = gate.metrics()
            self.assertEqual(figures[HANDSHAKES % ("backend", "full")], 1)
            self.assertEqual(figures[HANDSHAKES % ("backend", "resumed")], 4)


@on_each_backend
class ClientTlsTest(BackendCase):
    def gate(self, **listen_tls):
        gate = Sealgate(self.backend, POLICY, tls=True,
                        overrides={"listen": {"tls": listen_tls}, **ONE_THREAD})
        self.addCleanup(gate.close)
        return gate.start()

    def test_versions_and_ciphers(self):
        gate = self.gate(mode="required")
        good = (tls_context(newest=ssl.TLSVersion.TLSv1_2),
                tls_context(oldest=ssl.TLSVersion.TLSv1_3))
        for context in good:
            self.assertEqual(ask(gate.port, tls=context), [[b"1"]])
        bad = (tls_context(newest=ssl.TLSVersion.TLSv1_1, oldest=ssl.TLSVersion.TLSv1,
                           ciphers="ALL:@SECLEVEL=0"),
               # Without forward secrecy; without authenticated encryption.
               tls_context(newest=ssl.TLSVersion.TLSv1_2, ciphers="AES128-GCM-SHA256"),
               tls_context(newest=ssl.TLSVersion.TLSv1_2, ciphers="ECDHE-RSA-AES128-SHA"))
        for context in bad:
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                ask(gate.port, tls=context)
        # The client may see the end before it is counted.
        failed = HANDSHAKES % ("client", "failed")
        ports.wait_until(lambda: gate.metrics()[failed] >= len(bad), lambda: None, 20,
                         "the failed handshakes")
        self.assertEqual(gate.metrics()[failed], len(bad))

    def test_client_certificates(self):
        gate = self.gate(mode="required", client_ca="tls/ca.pem", client_certificates="require")
        ours = gate.certificates
        arguments = clients.mariadb_args(gate.port, APP, None, ours.ca)
        with self.assertRaises(ClientError):
            clients.execute(arguments, "SELECT 1")
        shown = [f"--ssl-cert={ours.client_certificate}", f"--ssl-key={ours.client_key}"]
        self.assertEqual(clients.execute(arguments + shown, "SELECT 1"), [["1"]])
        ours.issue("client", "DNS:a-client", "stranger-ca")
        with self.assertRaises(ClientError):
            clients.execute(arguments + shown, "SELECT 1")
        self.assertEqual(gate.metrics()["sealgate_logins_failed_total"], 2)

    def test_sessions_are_resumed(self):
        gate = self.gate(mode="required")
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = tls_context(newest=version, oldest=version)
            before = gate.metrics()[HANDSHAKES % ("client", "resumed")]
            session, resumed = None, []
            for _ in range(4):
                with RawClient(gate.port, APP, tls=context, session=session) as client:
                    self.assertEqual(client.query("SELECT 1")[0].rows, [[b"1"]])
                    resumed.append(client.socket.session_reused)
                    session = client.socket.session
            self.assertEqual(resumed, [False, True, True, True], version)
            self.assertEqual(gate.metrics()[HANDSHAKES % ("client", "resumed")], before + 3)

    def test_openssl_resumes(self):
        gate = self.gate(mode="required")
        session = gate.basedir / "session.pem"
        base = ["openssl", "s_client", "-connect", f"{ports.LOOPBACK}:{gate.port}",
                "-starttls", "mysql", "-tls1_2"]
        outputs = [subprocess.run([*base, option, session], stdin=subprocess.DEVNULL, text=True,
                                  capture_output=True, timeout=30, check=False).stdout
                   for option in ("-sess_out", "-sess_in")]
        self.assertIn("\nNew, TLSv1.2", outputs[0])
        self.assertIn("\nReused, TLSv1.2", outputs[1])

    def certificate_of(self, gate):
        with RawClient(gate.port, APP, tls=True) as client:
            return client.socket.getpeercert(binary_form=True)

    def reload(self, gate):
        """By the admin API, which answers when it is done."""
        return gate.admin("POST", "/v1/catalog/reload")

    def test_certificates_are_reloaded(self):
        gate = self.gate(mode="required")
        first = self.certificate_of(gate)
        with RawClient(gate.port, APP, tls=True) as running:
            gate.certificates.issue("server", "IP:127.0.0.1")
            self.assertEqual(self.certificate_of(gate), first)  # nobody has said so yet
            os.kill(gate.pid, signal.SIGHUP)
            ports.wait_until(lambda: self.certificate_of(gate) != first, lambda: None, 20,
                             "the new certificate")
            self.assertIn("certificates were loaded again", gate.logs())
            second = self.certificate_of(gate)
            # A key that does not belong to it.
            gate.certificates.issue("other", "IP:127.0.0.1")
            gate.certificates.key.write_bytes((gate.certificates.directory /
                                               "other.key").read_bytes())
            status, text = self.reload(gate)
            self.assertEqual(status // 100, 4, text)
            self.assertIn("listen.tls.key", text)
            self.assertEqual(self.certificate_of(gate), second)
            self.assertIn("the certificates are not good", gate.logs())
            gate.certificates.issue("server", "IP:127.0.0.1")
            self.assertEqual(self.reload(gate)[0], 200)
            self.assertNotIn(self.certificate_of(gate), (first, second))
            self.assertEqual(running.query("SELECT 2")[0].rows, [[b"2"]])

    def test_a_policy_is_taken_beside_a_bad_certificate(self):
        gate = self.gate(mode="required")
        gate.certificates.certificate.write_text("no certificate", encoding="ascii")
        gate.write_policy(POLICY.replace("reveal: clear", "reveal: deny"))
        status, text = self.reload(gate)
        self.assertEqual(status // 100, 4, text)
        self.assertNotIn("policy.yaml", text)
        self.assertIn("policy and keys were loaded again", gate.logs())
