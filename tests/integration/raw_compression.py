"""Compressed packets of the MySQL protocol, under a RawClient's frames."""

import struct
import zlib

import zstandard

MIN_LENGTH = 50


class CompressedSocket:
    """What a socket does, with compressed packets; checks their numbers."""

    def __init__(self, socket, zstd):
        self.socket, self.zstd = socket, zstd
        self.sequence = 0
        self.plain = b""
        self.packets = self.shrunk = 0  # received, and of these compressed

    def begin_command(self):
        self.sequence = 0

    def sendall(self, data):
        for at in range(0, len(data), 1 << 20):
            self.send_packet(data[at:at + (1 << 20)])

    def send_packet(self, plain):
        packed = self.compress(plain) if len(plain) >= MIN_LENGTH else b""
        if packed and len(packed) < len(plain):
            self.send_raw(packed, len(plain))
        else:
            self.send_raw(plain, 0)

    def send_raw(self, payload, plain_length):
        self.socket.sendall(struct.pack("<I", len(payload))[:3] + bytes([self.sequence]) +
                            struct.pack("<I", plain_length)[:3] + payload)
        self.sequence = (self.sequence + 1) % 256

    def compress(self, plain):
        return zstandard.compress(plain) if self.zstd else zlib.compress(plain)

    def expand(self, payload, length):
        if self.zstd:
            return zstandard.ZstdDecompressor().decompress(payload, max_output_size=length)
        return zlib.decompress(payload)

    def recv(self, count):
        while not self.plain:
            header = self._receive(7)
            if not header:
                return b""
            if header[3] != self.sequence:
                raise AssertionError(f"compressed packet {header[3]}, not {self.sequence}")
            self.sequence = (self.sequence + 1) % 256
            length = int.from_bytes(header[4:], "little")
            payload = self._receive(int.from_bytes(header[:3], "little"))
            self.packets += 1
            self.shrunk += length > 0
            self.plain = self.expand(payload, length) if length else payload
            if length and len(self.plain) != length:
                raise AssertionError("a compressed packet has another length than announced")
        part, self.plain = self.plain[:count], self.plain[count:]
        return part

    def _receive(self, count):
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                return b""
            data += part
        return data

    def settimeout(self, seconds):
        self.socket.settimeout(seconds)

    def close(self):
        self.socket.close()
