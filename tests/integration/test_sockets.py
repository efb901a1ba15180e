"""Unix sockets on both legs, several addresses, and the PROXY protocol."""

import os
import socket
import stat
import struct
import time

from people import POLICY, TABLES
from raw_client import RawClient
from raw_packets import ProtocolError, ServerError
from servers import (ADMIN, APP, NOPASS, Account, BackendCase, Sealgate, Server, execute, ports,
                     on_each_backend)

WRONG = Account(APP.user, "wrong-secret")
BY_ADDRESS = POLICY + """
  - name: local
    match:
      - {user: support, from: "::1/128"}
    default: {reveal: clear, write: true}
  - name: branch
    match:
      - {user: support, from: [192.0.2.0/24, "2001:db8::/32"]}
    default: {reveal: mask}
"""
SUPPORT = Account("support", "support-secret")


def socket_gate(backend, policy=POLICY, listen=None, **options):
    """A proxy that reaches its server over a Unix socket, and listens on one."""
    gate = Sealgate(backend, policy, **options)
    gate.socket = gate.basedir / "gate.sock"
    text = gate.config_path.read_text(encoding="utf-8")
    lines = {f"  address: \"{ports.LOOPBACK}\"\n  port: {backend.port}\n":
             f"  socket: \"{backend.socket}\"\n"}
    more = "".join(f"  {key}: {value}\n" for key, value in (listen or {}).items())
    lines[f"listen:\n  address: \"{ports.LOOPBACK}\"\n"] = (
        f"listen:\n  address: \"{ports.LOOPBACK}\"\n  socket: \"{gate.socket}\"\n{more}")
    for old, new in lines.items():
        assert old in text, text
        text = text.replace(old, new, 1)
    gate.write_config(text)
    return gate


@on_each_backend
class UnixSocketTest(BackendCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.backend.execute(f"DROP DATABASE IF EXISTS {cls.database}; "
                            f"CREATE DATABASE {cls.database} CHARACTER SET utf8mb4")
        cls.gate = socket_gate(cls.backend, BY_ADDRESS, {"socket_mode": '"660"'})
        cls.addClassCleanup(cls.gate.close)
        cls.gate.start()
        cls.gate.execute(";".join(TABLES), APP, cls.database)

    def setUp(self):
        pass

    def test_all_combinations(self):
        """The client on TCP and on the socket; the full authentication of
        caching_sha2_password first, then the fast one."""
        for place in (self.gate.port, self.gate.socket):
            with self.subTest(place=place):
                self.backend.execute("FLUSH PRIVILEGES", ADMIN)
                for _ in range(2):
                    with RawClient(place, APP, self.database) as client:
                        client.query("REPLACE INTO people (id, name) VALUES (1, 'socket')")
                        rows = client.query("SELECT id FROM people WHERE name = 'SOCKET'")[0].rows
                        self.assertEqual(rows, [[b"1"]])
                        host = client.query("SELECT SUBSTRING_INDEX(USER(), '@', -1)")[0].rows
                        self.assertEqual(host, [[b"localhost"]])
                self.backend.execute("FLUSH PRIVILEGES", ADMIN)
                with self.assertRaises(ServerError) as caught:
                    RawClient(place, WRONG, self.database)
                self.assertEqual(caught.exception.number, 1045)
        stored = self.backend.execute("SELECT HEX(name) FROM people", ADMIN, self.database)
        self.assertTrue(stored[0][0].startswith("FE02"))

    def test_stock_client(self):
        arguments = ["/usr/bin/mariadb", "--no-defaults", "--protocol=socket",
                     f"--socket={self.gate.socket}", f"--user={NOPASS.user}", self.database]
        self.assertEqual(execute(arguments, "SELECT 7"), [["7"]])

    def test_a_unix_peer_has_the_address_of_loopback(self):
        with RawClient(self.gate.socket, APP, self.database) as client:
            client.query("REPLACE INTO people (id, name) VALUES (2, 'by address')")
        with RawClient(self.gate.socket, SUPPORT, self.database) as client:
            rows = client.query("SELECT name FROM people WHERE id = 2")[0].rows
            self.assertEqual(rows, [[b"by address"]])
        with RawClient(self.gate.port, SUPPORT, self.database) as client:
            with self.assertRaises(ServerError) as caught:
                client.query("SELECT name FROM people WHERE id = 2")
            self.assertEqual(caught.exception.number, 1143)

    def test_status_names_the_sockets(self):
        _, body = self.gate.admin("GET", "/v1/status")
        self.assertIn(str(self.gate.socket), body)
        self.assertIn(str(self.backend.socket), body)

    def test_file(self):
        """Mode, a stale file, a file in use, a file of another kind, the end."""
        gate = socket_gate(self.backend, listen={"socket_mode": '"600"'})
        self.addCleanup(gate.close)
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(gate.socket))
        gate.start()
        found = os.lstat(gate.socket)
        self.assertTrue(stat.S_ISSOCK(found.st_mode))
        self.assertEqual(stat.S_IMODE(found.st_mode), 0o600)
        with RawClient(gate.socket, NOPASS, self.database):
            pass
        run = gate.command("run")
        self.assertEqual(run.returncode, 1)
        self.assertEqual(gate.stop(), 0)
        self.assertFalse(gate.socket.exists())
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(str(gate.socket))
            other.listen(1)
            run = gate.command("run")
            self.assertEqual(run.returncode, 1)
            self.assertIn("another process does already", run.stderr)
        gate.socket.unlink()
        gate.socket.write_text("precious", encoding="ascii")
        run = gate.command("run")
        self.assertEqual(run.returncode, 1)
        self.assertIn("there is a file that is no socket", run.stderr)
        self.assertEqual(gate.socket.read_text(encoding="ascii"), "precious")
        gate.socket.unlink()
        gate.start()
        gate.kill()
        self.assertTrue(gate.socket.exists())
        gate.start()
        with RawClient(gate.socket, NOPASS, self.database):
            pass

    def test_the_socket_alone_and_several_addresses(self):
        gate = socket_gate(self.backend)
        self.addCleanup(gate.close)
        text = gate.config_path.read_text(encoding="utf-8")
        old = f"listen:\n  address: \"{ports.LOOPBACK}\"\n"
        gate.write_config(text.replace(old, "listen:\n  address: none\n"))
        gate.start()
        with RawClient(gate.socket, NOPASS, self.database):
            pass
        with self.assertRaises(OSError):
            RawClient(gate.port, NOPASS, self.database)
        gate.stop()
        gate.write_config(text.replace(old, "listen:\n  address: [127.0.0.1, 127.0.0.2]\n"))
        gate.start()
        for address in ("127.0.0.1", "127.0.0.2"):
            with socket.create_connection((address, gate.port), 10) as client:
                self.assertEqual(client.recv(5, socket.MSG_WAITALL)[4], 10)
        with self.assertRaises(OSError):
            socket.create_connection(("127.0.0.3", gate.port), 10)


class SystemUserTest(BackendCase):
    """An account without a password for the proxy's own system user."""

    kind = "mariadb"

    def test_is_refused(self):
        import pwd

        user = pwd.getpwuid(os.geteuid()).pw_name
        with Server("mariadb") as backend:
            backend.execute(f"CREATE DATABASE {self.database}")
            gate = socket_gate(backend)
            self.addCleanup(gate.close)
            gate.make_keys()
            self.assertEqual(gate.command("check").returncode, 0)
            for account in (f"'{user}'@'somewhere' IDENTIFIED VIA unix_socket",
                            "'boss'@'localhost' IDENTIFIED VIA mysql_native_password USING "
                            f"'invalid' OR unix_socket AS '{user}'"):
                backend.execute(f"CREATE USER {account}", ADMIN)
                for command in ("check", "run"):
                    run = gate.command(command)
                    self.assertEqual(run.returncode, 1)
                    self.assertIn(f"system user '{user}'", run.stdout + run.stderr)
                backend.execute(f"DROP USER {account.split(' ')[0]}", ADMIN)
            self.assertEqual(gate.command("check").returncode, 0)


class ProxyProtocolTest(BackendCase):

    kind = "mariadb"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.backend.execute(f"DROP DATABASE IF EXISTS {cls.database}; "
                            f"CREATE DATABASE {cls.database} CHARACTER SET utf8mb4")
        cls.gate = socket_gate(
            cls.backend, BY_ADDRESS,
            {"proxy_protocol": f"[127.0.0.1/32, unix]"},
            overrides={"limits": {"login_timeout": "1s"}})
        cls.addClassCleanup(cls.gate.close)
        cls.gate.start()
        with cls.client(b"PROXY UNKNOWN\r\n", APP) as client:
            for table in TABLES:
                client.query(table)
            client.query("INSERT INTO people (id, name) VALUES (1, 'balanced')")

    def setUp(self):
        self.before = self.gate.metrics()

    @classmethod
    def client(cls, header, account=SUPPORT, place=None):
        return RawClient(place or cls.gate.port, account, cls.database, first=header)

    def errors(self, reason):
        name = f'sealgate_proxy_header_errors_total{{reason="{reason}"}}'
        return self.gate.metrics()[name] - self.before[name]

    def binary(self, source):
        family = socket.AF_INET6 if ":" in source else socket.AF_INET
        packed = socket.inet_pton(family, source)
        addresses = packed + bytes(len(packed)) + struct.pack(">HH", 50000, 3306)
        extras = b"\x04\x00\x03abc"
        return (b"\r\n\r\n\0\r\nQUIT\n\x21" + (b"\x21" if ":" in source else b"\x11") +
                struct.pack(">H", len(addresses + extras)) + addresses + extras)

    def test_the_policy_sees_the_clients_address(self):
        local = b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"
        for header, seen in (
                (b"PROXY TCP4 192.0.2.9 10.0.0.1 50000 3306\r\n", [[b"********"]]),
                (b"PROXY TCP6 2001:db8::5 ::1 50000 3306\r\n", [[b"********"]]),
                (self.binary("192.0.2.9"), [[b"********"]]),
                (self.binary("2001:db8::5"), [[b"********"]]),
                (b"PROXY TCP6 ::1 ::1 50000 3306\r\n", [[b"balanced"]]),
                (b"PROXY TCP4 198.51.100.1 10.0.0.1 50000 3306\r\n", 1143),
                (b"PROXY UNKNOWN\r\n", 1143), (local, 1143)):
            with self.subTest(header=header), self.client(header) as client:
                try:
                    result = client.query("SELECT name FROM people")[0].rows
                except ServerError as error:
                    result = error.number
                self.assertEqual(result, seen)

    def test_over_the_unix_socket(self):
        with self.client(b"PROXY TCP4 192.0.2.9 10.0.0.1 50000 3306\r\n",
                         place=self.gate.socket) as client:
            self.assertEqual(client.query("SELECT name FROM people")[0].rows, [[b"********"]])

    def test_who_is_not_listed_is_refused(self):
        tries = 0
        # Not each one is logged when there are many in a second.
        while "127.0.0.2" not in self.gate.log_path.read_text(encoding="utf-8"):
            with socket.create_connection((ports.LOOPBACK, self.gate.port), 10,
                                          source_address=("127.0.0.2", 0)) as client:
                client.sendall(b"PROXY TCP4 192.0.2.9 10.0.0.1 50000 3306\r\n")
                head = client.recv(7, socket.MSG_WAITALL)
                self.assertEqual(head[4:], b"\xFF" + struct.pack("<H", 1130))
            tries += 1
            self.assertLess(tries, 100)
            time.sleep(0.1)
        self.assertEqual(self.errors("untrusted"), tries)
        self.assertEqual(self.errors("malformed"), 0)

    def test_broken_headers(self):
        good = b"PROXY TCP4 192.0.2.9 10.0.0.1 50000 3306\r\n"
        broken = [b"GET / HTTP/1.1\r\n\r\n", good.replace(b"TCP4", b"UDP4"), b"PROXY " + b"x" * 200,
                  b"\r\n\r\n\0\r\nQUIT\n\x21\x11\xFF\xFF", good[:20], b"\x4e\0\0\1\x85\xA6"]
        for header in broken:
            with self.subTest(header=header):
                with socket.create_connection((ports.LOOPBACK, self.gate.port), 10) as client:
                    client.sendall(header)
                    client.shutdown(socket.SHUT_WR)
                    try:
                        self.assertEqual(client.recv(100), b"")
                    except ConnectionResetError:
                        pass
        self.assertEqual(self.errors("malformed"), len(broken))

    def test_a_header_that_never_ends(self):
        """One byte at a time, and nothing at all: the login timeout ends them."""
        clients = [socket.create_connection((ports.LOOPBACK, self.gate.port), 10)
                   for _ in range(3)]
        clients[1].sendall(b"PROXY")
        for byte in b"PROXY UNKNOWN" + b"x" * 90:
            try:
                clients[2].sendall(bytes([byte]))
                clients[2].settimeout(0.2)
                if clients[2].recv(1) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        else:
            self.fail("the slow client was not ended")
        for client in clients[:2]:
            client.settimeout(10)
            self.assertEqual(client.recv(1), b"")
            client.close()
        clients[2].close()

    def test_a_login_that_is_not_there(self):
        with self.assertRaises((ProtocolError, OSError)):
            self.client(b"")
