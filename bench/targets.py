"""What is measured: ways to one database server, each one process."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from servers import ADMIN, APP, Sealgate, child, ports

ROOT = Path(__file__).resolve().parent.parent
PLAIN, SEALED = "app_plain", "app_sealed"
ROWS = 20_000
TABLE = ("CREATE TABLE load_table (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, k INT, "
         + ", ".join(f"c{i} VARCHAR(60)" for i in range(1, 7)) + ", KEY k (k)) CHARACTER SET utf8mb4")
ROLES = "roles:\n  - {name: all, match: any, default: {reveal: clear, write: true}}\n"
NOTHING = "version: 1\n"
# Names that no statement of the load has.
ELSEWHERE = ("version: 1\ncolumns:\n"
             "  - {column: app_plain.person.email, mode: searchable}\n"
             "  - {column: app_plain.person.phone, mode: random}\n" + ROLES)
IN_USE = f"version: 1\ncolumns:\n  - {{column: {SEALED}.load_table.c1, mode: random}}\n" + ROLES


class Target:
    """`pid` is None where there is nothing between client and server."""

    def __init__(self, name, port, schema, process=None, pid=None):
        self.name, self.port, self.schema = name, port, schema
        self._process = process
        self.pid = pid or (process.pid if process else None)

    def cpu_seconds(self):
        if self.pid is None:
            return 0.0
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident(self):
        for line in Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        return 0


def start_relay(binary, backend, stack):
    port = ports.free_port()
    process = child.spawn([binary, str(port), str(backend.port)])
    stack.callback(child.stop, process)
    return Target("relay", port, PLAIN, process)


def start_haproxy(backend, stack):
    port = ports.free_port()
    place = Path(tempfile.mkdtemp(prefix="sealgate-bench-haproxy-"))
    stack.callback(shutil.rmtree, place, ignore_errors=True)
    (place / "haproxy.cfg").write_text(f"""global
  nbthread 1
defaults
  mode tcp
  timeout connect 5s
  timeout client 1h
  timeout server 1h
listen mysql
  bind {ports.LOOPBACK}:{port}
  server one {ports.LOOPBACK}:{backend.port}
""", encoding="ascii")
    process = child.spawn(["/usr/sbin/haproxy", "-db", "-f", place / "haproxy.cfg"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    stack.callback(child.stop, process)
    return Target("haproxy", port, PLAIN, process)


def start_sealgate(name, binary, backend, policy, schema, stack, threads=1):
    overrides = {"limits": {"threads": threads, "max_connections": 20_000},
                 "log": {"level": "warning"}}
    gate = stack.enter_context(Sealgate(backend, policy, overrides=overrides, binary=binary))
    return Target(name, gate.port, schema, pid=gate.pid), gate


def fill(backend, gate):
    """The same rows in both schemas: one through the proxy, one not."""
    for schema, way in ((PLAIN, backend), (SEALED, gate)):
        account = ADMIN if way is backend else APP
        way.execute(TABLE, account, schema)
        for start in range(0, ROWS, 1000):
            rows = ", ".join(
                f"({i}, 'value {i} of the first column', 'two {i}', 'three', 'four', 'five', 'six')"
                for i in range(start, start + 1000))
            way.execute(f"INSERT INTO load_table (k, c1, c2, c3, c4, c5, c6) VALUES {rows}",
                        account, schema)


def wait_for(targets):
    for target in targets:
        ports.wait_until(lambda t=target: _answers(t.port), lambda: None, 30, target.name)


def _answers(port):
    import socket
    try:
        with socket.create_connection((ports.LOOPBACK, port), 1) as probe:
            return len(probe.recv(5)) == 5
    except OSError:
        return False
