"""A private MariaDB or MySQL server."""

import atexit
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import cache, child, clients, mariadb, mysql, ports
from .accounts import ADMIN
from .certificates import Certificates
from .started import Started

KINDS = {"mariadb": mariadb, "mysql": mysql}


class Server(Started):
    """One database server with a data directory of its own.

    kind         "mariadb" (10.11) or "mysql" (9.7)
    basedir      where everything of it goes; default: a temporary directory
                 that close() removes
    general_log  write every statement that arrives to `general_log_path`
    binlog       None, "ROW", "STATEMENT" or "MIXED"
    tls          offer TLS with certificates of its own (`certificates`)
    options      further options of the daemon, as ["--sql-mode=ANSI"]
    environment  further variables of its environment

    Accounts: accounts.py, plus root without a password on the socket. A killed
    server keeps what it acknowledged (the log is written at each commit), but
    nothing is synced to disk.
    """

    def __init__(self, kind, basedir=None, *, general_log=True, binlog=None, tls=False,
                 options=(), environment=None):
        self.kind = kind
        self._flavour = KINDS[kind]
        self._temporary = basedir is None
        self.basedir = Path(basedir or tempfile.mkdtemp(prefix=f"sealgate-{kind}-"))
        self.basedir.mkdir(parents=True, exist_ok=True)
        self.data = self.basedir / "data"
        self.socket = self.basedir / "sock"
        self.error_log = self.basedir / "error.log"
        self.general_log_path = self.basedir / "general.log"
        self.port = ports.free_port()
        self.certificates = Certificates(self.basedir / "tls") if tls else None
        self._general_log = general_log
        self._binlog = binlog
        self.options = list(options)
        self._environment = {**os.environ, **(environment or {})}
        self._child = None
        if self._temporary:
            atexit.register(self.close)

    @property
    def pid(self):
        return self._child.pid

    def running(self):
        return self._child is not None and self._child.poll() is None

    def make_data(self):
        """A data directory with the accounts in it, where there is none."""
        if not self.data.exists():
            _copy_tree(_template(self.kind), self.data)

    def start(self, *options):
        """`options`: further ones, for this time only."""
        self.make_data()
        command = [
            *self._flavour.daemon(), *_user_options(), f"--datadir={self.data}",
            f"--socket={self.socket}", f"--pid-file={self.basedir}/pid", f"--port={self.port}",
            f"--bind-address={ports.LOOPBACK}", f"--log-error={self.error_log}",
            "--skip-name-resolve", "--local-infile=ON", "--max-allowed-packet=64M",
            "--innodb-buffer-pool-size=64M", "--innodb-flush-log-at-trx-commit=2",
            f"--tmpdir={self._folder('tmp')}",
            f"--secure-file-priv={self._folder('exports')}", "--log-output=FILE", f"--general-log={int(self._general_log)}",
            f"--general-log-file={self.general_log_path}", *self._flavour.options(),
            *self._flavour.tls_options(self.certificates),
            *self._flavour.binlog_options(self.basedir / "binlog", self._binlog), *self.options,
            *options,
        ]
        with open(self.error_log, "ab") as log:
            self._child = child.spawn(command, stdout=log, stderr=log, env=self._environment)
        ports.wait_until(lambda: ports.greets(self.socket), self.why_not_alive, 60,
                         f"{self.kind} server")
        return self

    def _folder(self, name):
        path = self.basedir / name
        path.mkdir(exist_ok=True)
        return path

    def why_not_alive(self):
        if self.running():
            return None
        return f"exited with status {self._child.returncode}\n{tail(self.error_log)}"

    def stop(self):
        """Clean shutdown; returns the exit status."""
        return child.stop(self._child)

    def kill(self):
        """As a crash: SIGKILL."""
        return child.kill(self._child)

    def restart(self):
        """Same port, same data."""
        if self.running():
            self.stop()
        return self.start()

    def close(self):
        """Ends the server. A temporary place is removed, and needs no clean stop."""
        if self._child is not None:
            (child.kill if self._temporary else child.stop)(self._child)
        if self._temporary:
            shutil.rmtree(self.basedir, ignore_errors=True)
            atexit.unregister(self.close)

    def client_args(self, account=ADMIN, database=None, client=None):
        """Command line of the server's own stock client, or of `client`."""
        ca = self.certificates.ca if self.certificates else None
        return clients.CLIENTS[client or self.kind](self.port, account, database, ca)

    def execute(self, sql, account=ADMIN, database=None, client=None, timeout=30):
        """Runs SQL with a stock client; rows as lists of text."""
        return clients.execute(self.client_args(account, database, client), sql, timeout)

    def connect(self, account=ADMIN, database=None, **keywords):
        """A PyMySQL connection, autocommit on."""
        import pymysql  # only the tests that ask for it need the package

        keywords.setdefault("autocommit", True)
        return pymysql.connect(host=ports.LOOPBACK, port=self.port, user=account.user,
                               password=account.password, database=database,
                               charset="utf8mb4", **keywords)

    def general_log(self, start=0):
        """What has arrived so far, as bytes; behind `start`, a size that it had. Where
        classes share the server, there are hundreds of megabytes before."""
        if not self.general_log_path.exists():
            return b""
        with open(self.general_log_path, "rb") as log:
            log.seek(start)
            return log.read()

    def general_log_size(self):
        return self.general_log_path.stat().st_size if self.general_log_path.exists() else 0

    def binlogs(self):
        """Paths of the binary logs, oldest first."""
        return sorted(p for p in self.basedir.glob("binlog.*") if p.suffix[1:].isdigit())

    def settle(self):
        """Has every page on disk, by a clean restart; then files() can be searched.
        Connections end."""
        self.restart()

    def files(self):
        """Every file that the server wrote: data, redo and undo logs, binlogs,
        general and error log."""
        own = ("tls", "sock", "pid")
        return [p for p in sorted(self.basedir.rglob("*"))
                if p.is_file() and p.relative_to(self.basedir).parts[0] not in own]


def tail(path, lines=15):
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def _user_options():
    return ["--user=root"] if os.geteuid() == 0 else []


def _copy_tree(source, target):
    subprocess.run(["cp", "-a", "--reflink=auto", "--sparse=always", str(source), str(target)],
                   check=True)


def _template(kind):
    """A data directory with the accounts in it, made once per server version."""
    flavour = KINDS[kind]
    statements = flavour.setup_statements()
    recipe = "\n".join([*statements, *flavour.options(), *flavour.daemon()])
    digest = hashlib.sha256(recipe.encode()).hexdigest()[:12]

    def build(directory):
        flavour.initialise(directory / "data", _user_options())
        with tempfile.TemporaryDirectory(prefix="sealgate-template-") as place:
            server = Server(kind, place, general_log=False)
            server.data = directory / "data"
            try:
                server.start()
                arguments = ["/usr/bin/mariadb", "--no-defaults", "--protocol=socket",
                             f"--socket={server.socket}", "--user=root"]
                clients.execute(arguments, ";\n".join(statements) + ";")
            finally:
                server.close()
        # A server identity that all copies would share.
        (directory / "data" / "auto.cnf").unlink(missing_ok=True)

    return cache.directory(f"{kind}-{flavour.version()}-{digest}", build) / "data"
