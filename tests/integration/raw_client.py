"""A client of the MySQL protocol that can send what no library would.
Source: MySQL manual, "MySQL Client/Server Protocol"."""

import hashlib
import socket
import ssl
import struct

from servers import ports
from servers.accounts import NOPASS

LONG_PASSWORD, LONG_FLAG, CONNECT_WITH_DB = 1 << 0, 1 << 2, 1 << 3
LOCAL_FILES, PROTOCOL_41, SSL, TRANSACTIONS = 1 << 7, 1 << 9, 1 << 11, 1 << 13
SECURE_CONNECTION, MULTI_STATEMENTS, MULTI_RESULTS = 1 << 15, 1 << 16, 1 << 17
PS_MULTI_RESULTS, PLUGIN_AUTH, SESSION_TRACK = 1 << 18, 1 << 19, 1 << 23
DEPRECATE_EOF, QUERY_ATTRIBUTES = 1 << 24, 1 << 27
BASE = (LONG_PASSWORD | LONG_FLAG | CONNECT_WITH_DB | PROTOCOL_41 | TRANSACTIONS |
        SECURE_CONNECTION | MULTI_RESULTS | PS_MULTI_RESULTS | PLUGIN_AUTH)

MORE_RESULTS, IN_TRANSACTION, CURSOR_EXISTS, LAST_ROW_SENT = 8, 1, 64, 128
MAX_FRAME = 0xFFFFFF
UTF8MB4 = 45


class ServerError(Exception):
    """An ERR packet."""

    def __init__(self, payload):
        self.number = struct.unpack_from("<H", payload, 1)[0]
        rest = payload[3:]
        self.sqlstate = rest[1:6].decode() if rest[:1] == b"#" else ""
        self.message = (rest[6:] if self.sqlstate else rest).decode(errors="replace")
        super().__init__(f"{self.number} ({self.sqlstate}): {self.message}")


class ProtocolError(Exception):
    """The other side broke the protocol, or left."""


class Cursor:
    """Reads a payload from front to back."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        part = self.data[self.at:self.at + count]
        if len(part) != count:
            raise ProtocolError("a packet is too short")
        self.at += count
        return part

    def int(self, size):
        return int.from_bytes(self.take(size), "little")

    def lenenc(self):
        first = self.int(1)
        if first == 0xFB:
            return None
        return first if first < 0xFB else self.int({0xFC: 2, 0xFD: 3, 0xFE: 8}[first])

    def string(self):
        length = self.lenenc()
        return None if length is None else self.take(length)

    def zero(self):
        end = self.data.index(0, self.at)
        part = self.data[self.at:end]
        self.at = end + 1
        return part

    def rest(self):
        return self.take(len(self.data) - self.at)


def lenenc(number):
    if number < 251:
        return bytes([number])
    if number < 1 << 16:
        return b"\xFC" + struct.pack("<H", number)
    if number < 1 << 24:
        return b"\xFD" + struct.pack("<I", number)[:3]
    return b"\xFE" + struct.pack("<Q", number)


def text(data):
    return lenenc(len(data)) + data


class Column:
    def __init__(self, payload):
        fields = Cursor(payload)
        (self.catalog, self.schema, self.table, self.org_table, self.name,
         self.org_name) = (fields.string().decode() for _ in range(6))
        fields.lenenc()
        self.charset, self.length = fields.int(2), fields.int(4)
        self.type, self.flags, self.decimals = fields.int(1), fields.int(2), fields.int(1)


class Result:
    """An OK packet, or a result set: `columns`, `rows` of bytes or None, and the
    status of the packet that ended it."""

    def __init__(self):
        self.columns, self.rows = [], []
        self.affected = self.insert_id = self.status = self.warnings = 0
        self.changes = b""


class RawClient:
    """One connection. `add` and `drop` change the capabilities that it asks for;
    what the server does not offer is never asked for. `login=False` reads the
    greeting only."""

    def __init__(self, port, account=NOPASS, database=None, *, add=0, drop=0, tls=False,
                 plugin=None, login=True, timeout=20):
        self.socket = socket.create_connection((ports.LOOPBACK, port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sequence = 0
        self.auth_steps = []
        self.largest_frame = 0
        self._read_greeting()
        if login:
            self._log_in(account, database, BASE & ~drop | add, tls, plugin)

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
            if header[3] != self.sequence:
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
        head = struct.pack("<IIB23x", self.capabilities, 1 << 30, UTF8MB4)
        if tls:
            self.send(head)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self.socket = context.wrap_socket(self.socket)
        name = plugin or self.plugin
        proof = scramble(name, account.password, self.nonce)
        login = head + account.user.encode() + b"\0" + bytes([len(proof)]) + proof
        if database is not None:
            login += database.encode() + b"\0"
        self.send(login + name.encode() + b"\0")
        self.login_ok = self.finish_login(account, tls, name)

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
        if tls:
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
        columns = [Column(self.answer()) for _ in range(count)]
        if count and not self.capabilities & DEPRECATE_EOF:
            self.eof()
        return columns

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

    def send_long_data(self, statement, parameter, data):
        self.command(0x18, struct.pack("<IH", statement, parameter) + data)

    def change_user(self, account, database=""):
        proof = scramble(self.plugin, account.password, self.nonce)
        self.command(0x11, account.user.encode() + b"\0" + bytes([len(proof)]) + proof +
                     database.encode() + b"\0" + struct.pack("<H", UTF8MB4) +
                     self.plugin.encode() + b"\0")
        self.auth_steps = []
        return self.finish_login(account, False, self.plugin)


def scramble(plugin, password, nonce):
    if not password:
        return b""
    secret = password.encode()
    if plugin == "mysql_native_password":
        first = hashlib.sha1(secret).digest()
        mask = hashlib.sha1(nonce + hashlib.sha1(first).digest()).digest()
    elif plugin == "caching_sha2_password":
        first = hashlib.sha256(secret).digest()
        mask = hashlib.sha256(hashlib.sha256(first).digest() + nonce).digest()
    else:
        raise ProtocolError(f"no such plugin here: {plugin}")
    return bytes(a ^ b for a, b in zip(first, mask))


def parse_ok(payload, capabilities):
    fields = Cursor(payload[1:])
    ok = Result()
    ok.affected, ok.insert_id = fields.lenenc(), fields.lenenc()
    ok.status, ok.warnings = fields.int(2), fields.int(2)
    if capabilities & SESSION_TRACK and ok.status & 0x4000:
        fields.string()
        ok.changes = fields.string()
    return ok


def text_row(payload, count):
    fields = Cursor(payload)
    row = [fields.string() for _ in range(count)]
    if fields.rest():
        raise ProtocolError("a row is too long")
    return row


_FIXED = {1: "<b", 2: "<h", 3: "<i", 8: "<q", 9: "<i", 13: "<h", 4: "<f", 5: "<d"}


def binary_row(payload, columns):
    fields = Cursor(payload)
    fields.int(1)
    nulls = int.from_bytes(fields.take((len(columns) + 9) // 8), "little")
    row = []
    for i, column in enumerate(columns):
        if nulls >> (i + 2) & 1:
            row.append(None)
        elif column.type in _FIXED:
            form = _FIXED[column.type].upper() if column.flags & 32 else _FIXED[column.type]
            row.append(struct.unpack(form, fields.take(struct.calcsize(form)))[0])
        else:
            row.append(fields.string())
    if fields.rest():
        raise ProtocolError("a row is too long")
    return row
