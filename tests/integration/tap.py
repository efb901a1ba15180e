"""A relay that keeps what goes through it."""

import socket
import threading

from servers import ports


class Tap:
    """Listens on `port` and passes everything on to `target` (a port); `seen` is
    what came from the connecting side."""

    def __init__(self, target):
        self.target = target
        self.seen = bytearray()
        self._listener = socket.create_server((ports.LOOPBACK, 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                front, _ = self._listener.accept()
            except OSError:
                return
            back = socket.create_connection((ports.LOOPBACK, self.target))
            for source, sink, keep in ((front, back, True), (back, front, False)):
                threading.Thread(target=self._pump, args=(source, sink, keep),
                                 daemon=True).start()

    def _pump(self, source, sink, keep):
        try:
            while part := source.recv(1 << 16):
                if keep:
                    self.seen += part
                sink.sendall(part)
        except OSError:
            pass
        try:
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass
