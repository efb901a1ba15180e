"""A client of the MySQL protocol that can send what no library would.
Source: MySQL manual, "MySQL Client/Server Protocol"."""

import socket
import ssl
import struct

from raw_compression import CompressedSocket
from raw_packets import (BASE, COMPRESS, CONNECT_WITH_DB, DEPRECATE_EOF, MAX_FRAME, MORE_RESULTS,
                         EXTENDED_METADATA, LONG_PASSWORD, QUERY_ATTRIBUTES, SSL, UTF8MB4, ZSTD_COMPRESSION, Column, Cursor, ProtocolError, Result,
                         ServerError, binary_row, lenenc, parse_ok, scramble, text, text_row)
from servers import ports
from servers.accounts import NOPASS


def tls_context(newest=None, oldest=None, ciphers=None):
    """Of a client that trusts everybody. Versions: ssl.TLSVersion."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if ciphers:
        context.set_ciphers(ciphers)
    if oldest:
        context.minimum_version = oldest
    if newest:
        context.maximum_version = newest
    return context


class RawClient:
    """One connection; `port` may be the path of a Unix socket. `first` are bytes
    before everything else. `add` and `drop` change the capabilities that it asks for;
    what the server does not offer is never asked for. `login=False` reads the
    greeting only. `tls` may be an ssl.SSLContext; then `session` is an earlier
    connection's `socket.session`, to be resumed."""

    def __init__(self, port, account=NOPASS, database=None, *, add=0, drop=0, tls=False,
                 session=None, plugin=None, login=True, timeout=20, first=b"", mariadb=0):
        self.is_unix = not isinstance(port, int)
        if self.is_unix:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(timeout)
            self.socket.connect(str(port))
        else:
            self.socket = socket.create_connection((ports.LOOPBACK, port), timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(first)
        self.sequence = 0
        self.session = session
        self.compressed = False
        self.tls = tls
        self.auth_steps = []
        self.largest_frame = 0
        self._read_greeting()
        if login:
            # MariaDB's own flags are sent when the first bit of MySQL's is clear.
            self.mariadb = mariadb & int.from_bytes(self.offered_mariadb, "little")
            wanted = BASE & ~drop | add
            self._log_in(account, database, wanted & ~LONG_PASSWORD if self.mariadb else wanted,
                         tls, plugin)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        self.socket.close()

    # Packets.

    def _receive(self, count):
        parts = []
        while count:
            part = self.socket.recv(min(count, 1 << 20))
            if not part:
                raise ProtocolError("the connection was closed")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def send(self, payload, sequence=None):
        """One message, in as many frames as it needs."""
        if sequence is not None:
            self.sequence = sequence
        at = 0
        while True:
            part = payload[at:at + MAX_FRAME]
            header = struct.pack("<I", len(part))[:3] + bytes([self.sequence])
            if self.compressed and self.sequence == 0 and at == 0:
                self.socket.begin_command()
            self.socket.sendall(header + part)
            self.sequence = (self.sequence + 1) % 256
            at += len(part)
            if len(part) < MAX_FRAME:
                return

    def receive(self):
        """One message; checks the sequence numbers of its frames."""
        message = b""
        while True:
            header = self._receive(4)
            if header[3] != self.sequence and not self.compressed:
                raise ProtocolError(f"sequence number {header[3]}, not {self.sequence}")
            self.sequence = (self.sequence + 1) % 256
            length = int.from_bytes(header[:3], "little")
            self.largest_frame = max(self.largest_frame, length)
            message += self._receive(length)
            if length < MAX_FRAME:
                return message

    def answer(self):
        payload = self.receive()
        if payload[:1] == b"\xFF":
            raise ServerError(payload)
        return payload

    # The login.

    def _read_greeting(self):
        greeting = Cursor(self.answer())
        if greeting.int(1) != 10:
            raise ProtocolError("not protocol 10")
        self.version = greeting.zero().decode()
        self.connection_id = greeting.int(4)
        nonce = greeting.take(8)
        greeting.int(1)
        self.offered = greeting.int(2)
        greeting.take(3)
        self.offered |= greeting.int(2) << 16
        greeting.take(1)
        self.offered_mariadb = greeting.take(10)[6:]
        self.nonce = nonce + greeting.take(13)[:12]
        self.plugin = greeting.zero().decode()

    def _log_in(self, account, database, wanted, tls, plugin):
        if database is None:
            wanted &= ~CONNECT_WITH_DB
        self.capabilities = wanted & self.offered | (SSL if tls else 0)
        head = struct.pack("<IIB19xI", self.capabilities, 1 << 30, UTF8MB4, self.mariadb)
        if tls:
            self.send(head)
            context = tls if isinstance(tls, ssl.SSLContext) else tls_context()
            self.socket = context.wrap_socket(self.socket, session=self.session)
        name = plugin or self.plugin
        proof = scramble(name, account.password, self.nonce)
        login = head + account.user.encode() + b"\0" + bytes([len(proof)]) + proof
        if database is not None:
            login += database.encode() + b"\0"
        level = b"\x03" if self.capabilities & ZSTD_COMPRESSION else b""
        self.send(login + name.encode() + b"\0" + level)
        self.login_ok = self.finish_login(account, tls, name)
        if self.capabilities & (COMPRESS | ZSTD_COMPRESSION):
            self.compressed = True
            self.socket = CompressedSocket(self.socket, not self.capabilities & COMPRESS)

    def finish_login(self, account, tls, plugin):
        while True:
            payload = self.answer()
            if payload[:1] == b"\0":
                return parse_ok(payload, self.capabilities)
            if payload[:1] == b"\xFE":
                fields = Cursor(payload[1:])
                plugin, self.nonce = fields.zero().decode(), fields.rest()[:20]
                self.auth_steps.append(f"switch to {plugin}")
                self.send(scramble(plugin, account.password, self.nonce))
            elif payload == b"\x01\x03":
                self.auth_steps.append("fast")
            elif payload == b"\x01\x04":
                self.auth_steps.append("full")
                self._full_authentication(account, tls)
            else:
                raise ProtocolError(f"unexpected packet in the login: {payload[:1]!r}")

    def _full_authentication(self, account, tls):
        if tls or self.is_unix:
            return self.send(account.password.encode() + b"\0")
        from pymysql import _auth  # needs the cryptography package, so only here

        self.send(b"\x02")
        key = self.answer()[1:]
        return self.send(_auth.sha2_rsa_encrypt(account.password.encode(), self.nonce, key))

    # Commands.

    def command(self, byte, body=b""):
        self.send(bytes([byte]) + body, 0)

    def query(self, sql, attributes=()):
        """All results of a text; `attributes`: (name, value) pairs."""
        self.start_query(sql, attributes)
        return self.results(binary=False)

    def start_query(self, sql, attributes=()):
        data = sql if isinstance(sql, bytes) else sql.encode()
        self.command(0x03, self._attributes(attributes) + data)

    def _attributes(self, attributes):
        if not self.capabilities & QUERY_ATTRIBUTES:
            return b""
        head = lenenc(len(attributes)) + lenenc(1)
        if not attributes:
            return head
        names = b"".join(b"\xFE\0" + text(name.encode()) for name, _ in attributes)
        values = b"".join(text(value.encode()) for _, value in attributes)
        return head + bytes((len(attributes) + 7) // 8) + b"\x01" + names + values

    def results(self, binary):
        results = []
        while True:
            results.append(self._result(binary))
            if not results[-1].status & MORE_RESULTS:
                return results

    def _result(self, binary):
        first = self.answer()
        if first[:1] == b"\0":
            return parse_ok(first, self.capabilities)
        result = Result()
        result.columns = self.columns(Cursor(first).lenenc())
        while self.read_row(result, binary):
            pass
        return result

    def columns(self, count):
        columns = [self.column(self.answer()) for _ in range(count)]
        if count and not self.capabilities & DEPRECATE_EOF:
            self.eof()
        return columns

    def column(self, payload):
        return Column(payload, bool(self.mariadb & EXTENDED_METADATA))

    def eof(self):
        payload = self.answer()
        if payload[:1] != b"\xFE" or len(payload) != 5:
            raise ProtocolError("an EOF packet was expected")
        return struct.unpack_from("<H", payload, 3)[0]

    def read_row(self, result, binary):
        """Adds the next row to the result; False at its end."""
        payload = self.answer()
        if payload[:1] == b"\xFE" and len(payload) < MAX_FRAME:
            if self.capabilities & DEPRECATE_EOF:
                end = parse_ok(payload, self.capabilities)
                result.status, result.warnings = end.status, end.warnings
                return False
            if len(payload) == 5:
                result.warnings, result.status = struct.unpack_from("<HH", payload, 1)
                return False
        result.rows.append(binary_row(payload, result.columns) if binary
                           else text_row(payload, len(result.columns)))
        return True

    def field_list(self, table):
        """COM_FIELD_LIST: its columns."""
        self.command(0x04, table.encode() + b"\0")
        columns = []
        while True:
            payload = self.answer()
            if payload[:1] == b"\xFE" and len(payload) < 9:
                return columns
            columns.append(self.column(payload))

    def prepare(self, sql):
        """(statement id, number of parameters)."""
        self.command(0x16, sql if isinstance(sql, bytes) else sql.encode())
        fields = Cursor(self.answer())
        fields.int(1)
        statement, columns, parameters = fields.int(4), fields.int(2), fields.int(2)
        self.parameters, self.prepared = self.columns(parameters), self.columns(columns)
        return statement, parameters

    def execute(self, statement, values=(), flags=0):
        """Values are bytes, int (64 bits) or None."""
        self.start_execute(statement, values, flags)
        return self.results(binary=True)

    def start_execute(self, statement, values=(), flags=0):
        if self.capabilities & QUERY_ATTRIBUTES:
            flags |= 8
        body = struct.pack("<IBI", statement, flags, 1)
        if self.capabilities & QUERY_ATTRIBUTES:
            body += lenenc(len(values))
        if values:
            nulls = sum(1 << i for i, value in enumerate(values) if value is None)
            body += nulls.to_bytes((len(values) + 7) // 8, "little") + b"\x01"
            name = b"\0" if self.capabilities & QUERY_ATTRIBUTES else b""
            for value in values:
                body += (b"\x08\0" if isinstance(value, int) else b"\xFD\0") + name
            for value in values:
                if value is not None:
                    body += struct.pack("<q", value) if isinstance(value, int) else text(value)
        self.command(0x17, body)

    def prepared_query(self, sql, values=()):
        statement, _ = self.prepare(sql)
        try:
            return self.execute(statement, values)
        finally:
            self.command(0x19, struct.pack("<I", statement))

    def open_cursor(self, statement, values=()):
        """Executes with a read-only cursor; its columns."""
        self.start_execute(statement, values, 1)
        columns = [self.column(self.answer()) for _ in range(Cursor(self.answer()).lenenc())]
        self.answer()  # OK or EOF
        return columns

    def fetch(self, statement, columns, count):
        """The next rows of a cursor."""
        self.command(0x1C, struct.pack("<II", statement, count))
        result = Result()
        result.columns = columns
        while self.read_row(result, binary=True):
            pass
        return result.rows

    def send_long_data(self, statement, parameter, data):
        self.command(0x18, struct.pack("<IH", statement, parameter) + data)

    def change_user(self, account, database=""):
        proof = scramble(self.plugin, account.password, self.nonce)
        self.command(0x11, account.user.encode() + b"\0" + bytes([len(proof)]) + proof +
                     database.encode() + b"\0" + struct.pack("<H", UTF8MB4) +
                     self.plugin.encode() + b"\0")
        self.auth_steps = []
        return self.finish_login(account, self.tls, self.plugin)
