"""A relay between mysqltest and the server that writes down every statement
which the server accepted, with the modes by which the statement is read.

The server tells changes of sql_mode and character_set_client when it was started
with TRACKED. Connections under TLS or compression pass unread."""

import socket
import struct
import threading

TRACKED = "--session-track-system-variables=sql_mode,character_set_client"
_COM_QUERY, _COM_CHANGE_USER, _COM_RESET = 0x03, 0x11, 0x1F
_CLIENT_COMPRESS, _CLIENT_SSL = 1 << 5, 1 << 11
_SESSION_STATE_CHANGED = 1 << 14
_FLAGS = {"ANSI_QUOTES": 1, "NO_BACKSLASH_ESCAPES": 2, "PIPES_AS_CONCAT": 4}
_UTF8 = ("utf8", "utf8mb3", "utf8mb4")


class Recorder:
    """Listens on `port` of the loopback; the server has the same port at `address`."""

    def __init__(self, port, address):
        self.statements = {}  # (flags, statement): None; in order, once each
        self._server = (address, port)
        self._listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._server)
            except OSError:
                client.close()
                continue
            conversation = _Conversation(self.statements)
            for source, target, seen in ((client, server, conversation.client_said),
                                         (server, client, conversation.server_said)):
                threading.Thread(target=_pump, args=(source, target, seen), daemon=True).start()

    def close(self):
        self._listener.close()


def _pump(source, target, seen):
    rest = b""
    while True:
        try:
            data = source.recv(1 << 16)
            if not data:
                break
            if rest is not None:
                rest = _packets(rest + data, seen)
            target.sendall(data)
        except OSError:
            break
    for each in (source, target):
        try:
            each.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def _packets(data, seen):
    """Shows each whole packet; what is left, or None to stop looking."""
    while len(data) >= 4:
        size = int.from_bytes(data[:3], "little")
        if len(data) < 4 + size:
            break
        if seen(data[3], data[4:4 + size]) is False:
            return None
        data = data[4 + size:]
    return data


class _Conversation:
    def __init__(self, statements):
        self._statements = statements
        self._logged_in = False
        self._blind = False
        self._flags = 8  # the login's character set is latin1, mysqltest's default
        self._waiting = None

    def client_said(self, number, payload):
        if self._blind:
            return False
        if not self._logged_in:
            if number == 1 and len(payload) >= 4:
                wants, = struct.unpack_from("<I", payload)
                self._blind = bool(wants & _CLIENT_COMPRESS) or (
                    bool(wants & _CLIENT_SSL) and len(payload) == 32)
                if len(payload) > 9:
                    self._flags = 0 if payload[8] in (33, 45, 46, 83, 192, 224) else 8
            return not self._blind
        if number == 0 and payload:
            self._waiting = None
            if payload[0] == _COM_QUERY:
                self._waiting = payload[1:]
            elif payload[0] in (_COM_CHANGE_USER, _COM_RESET):
                self._flags &= 8
        return True

    def server_said(self, number, payload):
        if self._blind:
            return False
        if not self._logged_in:
            self._logged_in = number > 0 and payload[:1] == b"\0"
        first = payload[:1]
        waiting, self._waiting = self._waiting, None
        if waiting is not None and first != b"\xff" and b"\0" not in waiting:
            self._statements.setdefault((self._flags, waiting))
        if first == b"\0" and len(payload) >= 7:
            self._changes(payload)
        return True

    def _changes(self, payload):
        try:
            at = _length(payload, 1)[1]
            at = _length(payload, at)[1]
            status, = struct.unpack_from("<H", payload, at)
            if not status & _SESSION_STATE_CHANGED:
                return
            at += 4
            size, at = _length(payload, at)
            at += size
            size, at = _length(payload, at)
            end = at + size
            while at < end:
                kind = payload[at]
                size, at = _length(payload, at + 1)
                if kind == 0:
                    self._variables(payload[at:at + size])
                at += size
        except (IndexError, KeyError, struct.error):
            pass  # the packet was a row that begins like an OK

    def _variables(self, data):
        at, words = 0, []
        while at < len(data):
            size, at = _length(data, at)
            words.append(data[at:at + size].decode("latin1"))
            at += size
        for name, value in zip(words[::2], words[1::2]):
            if name == "sql_mode":
                self._flags &= 8
                self._flags |= sum(_FLAGS.get(mode, 0) for mode in value.split(","))
            elif name == "character_set_client":
                self._flags = self._flags & 7 | (0 if value in _UTF8 else 8)


def _length(data, at):
    """A length-encoded integer and where it ends."""
    first = data[at]
    if first < 0xFB:
        return first, at + 1
    size = {0xFC: 2, 0xFD: 3, 0xFE: 8}[first]
    return int.from_bytes(data[at + 1:at + 1 + size], "little"), at + 1 + size
