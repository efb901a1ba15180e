"""Packets of the MySQL protocol: bytes to values and back."""

import hashlib
import struct

LONG_PASSWORD, LONG_FLAG, CONNECT_WITH_DB = 1 << 0, 1 << 2, 1 << 3
COMPRESS, ZSTD_COMPRESSION = 1 << 5, 1 << 26
LOCAL_FILES, PROTOCOL_41, SSL, TRANSACTIONS = 1 << 7, 1 << 9, 1 << 11, 1 << 13
SECURE_CONNECTION, MULTI_STATEMENTS, MULTI_RESULTS = 1 << 15, 1 << 16, 1 << 17
PS_MULTI_RESULTS, PLUGIN_AUTH, SESSION_TRACK = 1 << 18, 1 << 19, 1 << 23
DEPRECATE_EOF, QUERY_ATTRIBUTES = 1 << 24, 1 << 27
PROGRESS, STMT_BULK_OPERATIONS, EXTENDED_METADATA = 1, 1 << 2, 1 << 3  # of MariaDB's own word
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
    def __init__(self, payload, has_extended=False):
        fields = Cursor(payload)
        (self.catalog, self.schema, self.table, self.org_table, self.name,
         self.org_name) = (fields.string().decode(errors="backslashreplace") for _ in range(6))
        self.extended = fields.string() if has_extended else b""
        fields.lenenc()
        self.charset, self.length = fields.int(2), fields.int(4)
        self.type, self.flags, self.decimals = fields.int(1), fields.int(2), fields.int(1)


_INDICATORS = {"null": b"\1", "default": b"\2", "ignore": b"\3"}
_INTEGERS = {3: "<i", 8: "<q"}


def bulk_execute(statement, types, rows, types_sent=True):
    """COM_STMT_BULK_EXECUTE; an indicator stands as its name, a str."""
    body = struct.pack("<BIH", 0xFA, statement, 128 if types_sent else 0)
    if types_sent:
        body += b"".join(bytes([kind, 0]) for kind in types)
    for row in rows:
        for kind, value in zip(types, row):
            if isinstance(value, str):
                body += _INDICATORS[value]
            elif kind in _INTEGERS:
                body += b"\0" + struct.pack(_INTEGERS[kind], value)
            else:
                body += b"\0" + text(value)
    return body


class Result:
    """An OK packet, or a result set: `columns`, `rows` of bytes or None, and the
    status of the packet that ended it."""

    def __init__(self):
        self.columns, self.rows = [], []
        self.affected = self.insert_id = self.status = self.warnings = 0
        self.changes = self.info = b""


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
    elif plugin == "mysql_clear_password":
        return secret + b"\0"
    else:
        raise ProtocolError(f"no such plugin here: {plugin}")
    return bytes(a ^ b for a, b in zip(first, mask))


def parse_ok(payload, capabilities):
    fields = Cursor(payload[1:])
    ok = Result()
    ok.affected, ok.insert_id = fields.lenenc(), fields.lenenc()
    ok.status, ok.warnings = fields.int(2), fields.int(2)
    if capabilities & SESSION_TRACK and ok.status & 0x4000:
        ok.info = fields.string()
        ok.changes = fields.string()
        return ok
    # MySQL says its length, MariaDB does not.
    info = fields.rest()
    ok.info = info[1:] if info[:1] == bytes([len(info) - 1 & 0xFF]) else info
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
