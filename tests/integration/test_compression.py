"""Compression on either leg, or both, with the clients that have it, on protected
columns; over TLS and without."""

import socket

import compression
import drivers
from raw_client import RawClient
from raw_packets import COMPRESS, ProtocolError, ServerError, ZSTD_COMPRESSION
from servers import NOPASS, Sealgate, on_each_backend


@on_each_backend
class ClientLegTest(compression.CompressionCase):
    """Clients compress; the server's leg does not."""

    def test_mysqli_text(self):
        self.check_mysqli("text")

    def test_mysqli_prepared(self):
        self.check_mysqli("prepared")

    def test_mysql_command_line(self):
        # The 9.7 client cannot log in to MariaDB; raw_zstd stands for it there.
        if self.kind == "mysql":
            for algorithm in ("zlib", "zstd", "zlib,zstd,uncompressed"):
                with self.subTest(algorithm):
                    self.setUp()
                    self.check_command_line("mysql", f"--compression-algorithms={algorithm}",
                                            "--zstd-compression-level=7")

    def test_bad_packets_end_the_session(self):
        """A wrong number, a wrong size, a bomb: an error, then the end."""
        def number(client):
            client.socket.sequence = 3
            client.socket.send_packet(b"\1\0\0\0\x0E")

        def size(client):
            client.socket.send_raw(client.socket.compress(b"a" * 100), 101)

        def bomb(client):
            client.socket.send_raw(client.socket.compress(b"a" * 10_000_000), 60)

        def rubbish(client):
            client.socket.send_raw(b"rubbish " * 8, 64)

        for algorithm in (COMPRESS, ZSTD_COMPRESSION):
            for send, expected in ((number, 1156), (size, 1157), (bomb, 1157), (rubbish, 1157)):
                with self.subTest(send.__name__, algorithm=algorithm), \
                        RawClient(self.gate.port, NOPASS, self.database, add=algorithm) as client:
                    client.query("SELECT 1")
                    client.socket.begin_command()
                    send(client)
                    client.socket.sequence = client.sequence = 1 if send is not number else 0
                    client.socket.sequence = self.next_packet(client)
                    with self.assertRaises(ServerError) as caught:
                        client.answer()
                    self.assertEqual(caught.exception.number, expected)
                    with self.assertRaises((ProtocolError, ConnectionError)):
                        client.answer()

    def next_packet(self, client):
        """The number of the packet that comes next, unread."""
        return client.socket.socket.recv(4, socket.MSG_PEEK | socket.MSG_WAITALL)[3]

    def test_not_offered(self):
        with Sealgate(self.backend, compression.FILES_POLICY,
                      overrides={"listen": {"compression": ["zlib"]}}) as gate, \
                RawClient(gate.port, login=False) as client:
            self.assertEqual(client.offered & (COMPRESS | ZSTD_COMPRESSION), COMPRESS)


@on_each_backend
class BothLegsTest(compression.CompressionCase):
    """zlib on the server's leg, and TLS on both."""

    server_options = {"tls": True}
    gate_options = {"tls": True, "overrides": {"backend": {"compression": "zlib"}}}

    def test_raw_plain(self):
        with RawClient(self.gate.port, NOPASS, self.database, tls=True,
                       timeout=60) as client:
            self.check_conversation(client)


@on_each_backend
class ServerLegTest(compression.CompressionCase):
    """zstd on the server's leg where the server has it."""

    gate_options = {"overrides": {"backend": {"compression": "zstd"}}}

    def test_dynamic_sql(self):
        """Its text is asked for with a statement of the proxy's own in between."""
        with RawClient(self.gate.port, NOPASS, self.database) as client:
            client.query("SET @q = 'SELECT 1 + 1'")
            client.query("PREPARE s FROM @q")
            self.assertEqual(client.query("EXECUTE s")[0].rows, [[b"2"]])
            self.assertEqual(client.query("SELECT 3")[0].rows, [[b"3"]])

    def test_pymysql(self):
        self.check_scenario(drivers.run_pymysql)
