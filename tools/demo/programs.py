"""The private MariaDB, the Sealgate before it, and the stock client."""

import contextlib
import ctypes
import itertools
import json
import os
import random
import secrets
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

from display import Wrong

LOOPBACK = "127.0.0.1"
FIRST_PORT = 10_000
CLIENT = "/usr/bin/mariadb"
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)
# A proxy of the environment must not see requests to loopback.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_ports(count):
    """Loopback ports that nobody listens on now, all different. Some seconds go by
    until they are used, so they are none that outgoing connections get meanwhile."""
    outgoing = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()
    end = int(outgoing[0]) if int(outgoing[0]) > 2 * FIRST_PORT else 65_536
    candidates = random.sample(range(FIRST_PORT, end), 1000)
    return list(itertools.islice(filter(unused, candidates), count))


def unused(port):
    with socket.socket() as probe, contextlib.suppress(OSError):
        probe.bind((LOOPBACK, port))
        return True
    return False


def write_secret(path, text):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w",
              encoding="utf-8") as file:
        file.write(text)


def tail(path, lines=15):
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def run_whole(command, place):
    """Runs a command that starts others; none of them outlives it, however this
    ends. Returns its status and output."""
    child = subprocess.Popen(command, cwd=place, text=True, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             start_new_session=True)
    try:
        output = child.communicate()[0]
    except BaseException:
        os.killpg(child.pid, signal.SIGKILL)
        # The pipe closes when the last of them has gone.
        child.communicate()
        raise
    return child.returncode, output


class Program:
    """A server in the background; `keep` lets it outlive this process."""

    def __init__(self, name, place, keep):
        self.name = name
        self.place = place
        self.keep = keep
        self.output = place / f"{name}.out"
        self.pid_file = place / f"{name}.pid"
        self.child = None

    def _die_with_parent(self):
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)

    def spawn(self, command, ready, seconds):
        with open(self.output, "ab") as output:
            # A session of its own: Ctrl-C reaches us alone, and we stop it in order.
            self.child = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, start_new_session=True, cwd=self.place,
                preexec_fn=None if self.keep else self._die_with_parent)
        self.pid_file.write_text(f"{self.child.pid}\n", encoding="ascii")
        deadline = time.monotonic() + seconds
        while not ready():
            if self.child.poll() is not None:
                raise Wrong(f"{self.name} ended with status {self.child.returncode} while "
                            f"starting:\n{self.log()}")
            if time.monotonic() > deadline:
                raise Wrong(f"{self.name} did not become ready in {seconds} s:\n{self.log()}")
            time.sleep(0.05)

    def log(self):
        return tail(self.output)

    def stop(self):
        """SIGTERM, then SIGKILL; the exit status, or None if it never ran."""
        if self.child is None:
            return None
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(20)
            except subprocess.TimeoutExpired:
                self.child.kill()
        self.pid_file.unlink(missing_ok=True)
        return self.child.wait()


class MariaDb(Program):
    def __init__(self, place, keep):
        super().__init__("mariadb", place, keep)
        self.data = place / "data"
        self.socket = place / "mariadb.sock"
        self.port = free_ports(1)[0]
        self.general_log = place / "general.log"
        # What a Unix socket's address holds.
        if len(str(self.socket)) > 107:
            raise Wrong(f"{place} is too long a path for a Unix socket; set TMPDIR to a shorter one")

    def start(self):
        as_root = ["--user=root"] if os.geteuid() == 0 else []
        # A server that starts removes temporary tables of others in a shared /tmp.
        temporary = self.place / "tmp"
        temporary.mkdir()
        # --force: a machine that cannot look its own name up will do.
        status, output = run_whole(
            ["/usr/bin/mariadb-install-db", "--no-defaults", f"--datadir={self.data}",
             "--auth-root-authentication-method=normal", "--skip-test-db",
             f"--tmpdir={temporary}", "--skip-name-resolve", "--force", *as_root], self.place)
        if status != 0:
            raise Wrong(f"mariadb-install-db failed:\n{output[-2000:]}")
        self.spawn(["/usr/sbin/mariadbd", "--no-defaults", *as_root, f"--datadir={self.data}",
                    f"--tmpdir={temporary}", f"--socket={self.socket}",
                    f"--pid-file={self.place}/server.pid",
                    f"--port={self.port}", f"--bind-address={LOOPBACK}", "--skip-name-resolve",
                    "--innodb-buffer-pool-size=64M", "--character-set-server=utf8mb4",
                    "--general-log=1", f"--general-log-file={self.general_log}"],
                   self._greets, 60)

    def _greets(self):
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1)
                connection.connect(str(self.socket))
                return len(connection.recv(5)) > 0
        except OSError:
            return False

    def create_accounts(self, accounts):
        """`accounts`: name to (password, grants). Root stays on the socket, which
        only the owner of this directory reaches."""
        sql = ["DELETE FROM mysql.global_priv WHERE User = 'root' AND Host <> 'localhost'",
               "DELETE FROM mysql.global_priv WHERE User = ''", "FLUSH PRIVILEGES"]
        password = secrets.token_hex(16)
        for name, (its_password, grants) in accounts.items():
            sql.append(f"CREATE USER '{name}'@'{LOOPBACK}' IDENTIFIED BY '{its_password}'")
            sql += [f"GRANT {grant} TO '{name}'@'{LOOPBACK}'" for grant in grants]
        sql.append(f"SET PASSWORD FOR root@localhost = PASSWORD('{password}')")
        options = self.place / "bootstrap.cnf"
        write_secret(options, f"[client]\nsocket={self.socket}\nprotocol=socket\nuser=root\n")
        # The log shows what arrives from now on, not the passwords.
        Client(options).run("SET GLOBAL general_log = 0;\n" + ";\n".join(sql) +
                            ";\nSET GLOBAL general_log = 1;")
        options.unlink()
        write_secret(self.place / "root.cnf", f"[client]\nsocket={self.socket}\n"
                     f"protocol=socket\nuser=root\npassword={password}\n"
                     "default-character-set=utf8mb4\n")
        return Client(self.place / "root.cnf")


class Sealgate(Program):
    def __init__(self, binary, place, keep, backend_port):
        super().__init__("sealgate", place, keep)
        self.binary = binary
        self.port, self.admin_port, self.metrics_port = free_ports(3)
        self.config = place / "sealgate.yaml"
        self.token = secrets.token_hex(32)
        write_secret(place / "admin.token", self.token + "\n")
        self.config.write_text(f"""\
version: 1
listen: {{address: {LOOPBACK}, port: {self.port}}}
backend: {{address: {LOOPBACK}, port: {backend_port}}}
catalog: {{user: sealgate, password_file: catalog.password}}
keys: {{ring: keys.ring, master_key_file: master.key}}
policy: policy.yaml
admin: {{listen: "{LOOPBACK}:{self.admin_port}", token_file: admin.token}}
metrics: {{listen: "{LOOPBACK}:{self.metrics_port}"}}
log: {{file: sealgate.log}}
""", encoding="ascii")

    def command(self, *words):
        """Runs `sealgate WORDS --config …` to its end."""
        return subprocess.run([str(self.binary), *words, "--config", str(self.config)], text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=60, check=False, cwd=self.place)

    def must(self, *words):
        run = self.command(*words)
        if run.returncode != 0:
            raise Wrong(f"sealgate {' '.join(words)} failed with status {run.returncode}:\n"
                        f"{run.stdout}")
        return run.stdout

    def start(self):
        self.spawn([self.binary, "run", "--config", self.config], self._healthy, 30)

    def _healthy(self):
        try:
            return self._get(self.admin_port, "/healthz")[0] == 200
        except OSError:
            return False

    def _get(self, port, path):
        request = urllib.request.Request(f"http://{LOOPBACK}:{port}{path}",
                                         headers={"Authorization": f"Bearer {self.token}"})
        with _opener.open(request, timeout=10) as answer:
            return answer.status, answer.read().decode()

    def gate(self):
        return json.loads(self._get(self.admin_port, "/v1/maintenance")[1])

    def metrics(self):
        """'name{label="x"}' to value, of every sample."""
        text = self._get(self.metrics_port, "/metrics")[1]
        samples = (line.rsplit(" ", 1) for line in text.splitlines()
                   if line and not line.startswith("#"))
        return {name: float(value) for name, value in samples}

    def log(self):
        return f"{tail(self.output)}\n{tail(self.place / 'sealgate.log')}".strip()


class Client:
    """The stock mariadb client with an option file, so that no password shows."""

    def __init__(self, options, database=None):
        self.options = options
        self.database = [database] if database else []

    def arguments(self, *more):
        return [CLIENT, f"--defaults-file={self.options}", *more, *self.database]

    def attempt(self, sql, *more):
        """The finished client: status, output, errors."""
        return subprocess.run(self.arguments("--batch", *more), input=sql, text=True,
                              encoding="utf-8", capture_output=True, timeout=60, check=False)

    def run(self, sql, *more):
        """Rows as lists of text, the column names first in each result."""
        done = self.attempt(sql, *more)
        if done.returncode != 0:
            shown = sql if len(sql) < 400 else sql[:400] + " …"
            raise Wrong(f"the client with {self.options.name} failed:\n{done.stderr.strip()}\n"
                        f"in: {shown}")
        return [line.split("\t") for line in done.stdout.splitlines()]

    def rows(self, sql):
        return self.run(sql, "--skip-column-names")

    def begin(self, sql):
        """The client in the background, with `sql` sent to it."""
        child = subprocess.Popen(self.arguments("--batch"), stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                 encoding="utf-8", start_new_session=True)
        child.stdin.write(sql)
        child.stdin.close()
        child.stdin = None
        return child


def application_options(place, name, port, password):
    path = place / f"{name}.cnf"
    write_secret(path, f"[client]\nhost={LOOPBACK}\nprotocol=tcp\nport={port}\nuser={name}\n"
                 f"password={password}\nskip-ssl\ndefault-character-set=utf8mb4\n")
    return path
