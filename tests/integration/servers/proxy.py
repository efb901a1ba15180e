"""A private Sealgate before a private server."""

import atexit
import json
import os
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from . import child, clients, ports, yaml_text
from .accounts import ADMIN, CATALOG
from .certificates import Certificates
from .server import tail
from .started import Started

ROOT = Path(__file__).resolve().parents[3]
EMPTY_POLICY = "version: 1\n"
NEW_KEYS = (("keys", "init"), ("keys", "add", "--from-policy"))


def default_binary():
    """$SEALGATE_BINARY, or the one that the last `bazel build` left."""
    return Path(os.environ.get("SEALGATE_BINARY") or ROOT / "bazel-bin" / "proxy" / "sealgate")


class Sealgate(Started):
    """One proxy with configuration, policy, keys and log in `basedir`.

    backend    a started Server
    policy     text of policy.yaml
    overrides  laid over the configuration: {"limits": {"threads": 1}}; a value
               of None removes a key
    keys       commands that make the keys, run in order before the first start
    tls        offer TLS to clients, with certificates of its own
    backend_tls  mode towards a backend that was started with tls=True
    """

    def __init__(self, backend, policy=EMPTY_POLICY, *, overrides=None, binary=None, basedir=None,
                 keys=NEW_KEYS, tls=False, backend_tls="required"):
        self.backend = backend
        self.binary = Path(binary or default_binary())
        self._temporary = basedir is None
        self.basedir = Path(basedir or tempfile.mkdtemp(prefix="sealgate-proxy-"))
        self.basedir.mkdir(parents=True, exist_ok=True)
        self.port, self.admin_port, self.metrics_port = (ports.free_port() for _ in range(3))
        self.config_path = self.basedir / "sealgate.yaml"
        self.policy_path = self.basedir / "policy.yaml"
        self.log_path = self.basedir / "sealgate.log"
        self.output_path = self.basedir / "output.log"
        self.admin_token = os.urandom(16).hex()
        self.certificates = Certificates(self.basedir / "tls") if tls else None
        self._keys = keys
        self._child = None
        if self._temporary:
            atexit.register(self.close)
        self._write_secrets()
        self.write_policy(policy)
        self.write_config(yaml_text.merged(self._configuration(backend_tls), overrides or {}))

    def _configuration(self, backend_tls):
        listen = {"address": ports.LOOPBACK, "port": self.port}
        if self.certificates:
            listen["tls"] = {"mode": "preferred", "certificate": str(self.certificates.certificate),
                             "key": str(self.certificates.key)}
        target = {"address": ports.LOOPBACK, "port": self.backend.port}
        if self.backend.certificates:
            target["tls"] = {"mode": backend_tls, "ca": str(self.backend.certificates.ca)}
        return {
            "version": 1,
            "listen": listen,
            "backend": target,
            "catalog": {"user": CATALOG.user, "password_file": str(self.basedir / "catalog")},
            "keys": {"ring": str(self.basedir / "keys.ring"),
                     "master_key_file": str(self.basedir / "master.key")},
            "policy": str(self.policy_path),
            "admin": {"listen": f"{ports.LOOPBACK}:{self.admin_port}",
                      "token_file": str(self.basedir / "admin.token")},
            "metrics": {"listen": f"{ports.LOOPBACK}:{self.metrics_port}"},
            "log": {"file": str(self.log_path), "level": "info"},
        }

    def _write_secrets(self):
        for name, text in (("catalog", CATALOG.password), ("admin.token", self.admin_token)):
            path = self.basedir / name
            path.touch(mode=0o600)
            path.write_text(text + "\n", encoding="ascii")

    def write_policy(self, text):
        self.policy_path.write_text(text, encoding="utf-8")

    def write_config(self, value):
        """`value` as a mapping, or as the file's text."""
        text = value if isinstance(value, str) else yaml_text.dump(value)
        self.config_path.write_text(text, encoding="utf-8")

    @property
    def pid(self):
        return self._child.pid

    def running(self):
        return self._child is not None and self._child.poll() is None

    def command(self, *arguments, timeout=30):
        """Runs `sealgate ARGUMENTS --config ...`; a subprocess.CompletedProcess."""
        return subprocess.run([self.binary, *arguments, "--config", self.config_path], text=True,
                              capture_output=True, timeout=timeout, check=False)

    def make_keys(self):
        for arguments in self._keys:
            run = self.command(*arguments)
            if run.returncode != 0:
                raise RuntimeError(f"sealgate {' '.join(arguments)} failed:\n"
                                   f"{run.stdout}{run.stderr}")
        self._keys = ()

    def start(self):
        """Makes the keys on the first start; returns once the proxy is ready."""
        self.make_keys()
        with open(self.output_path, "ab") as output:
            self._child = child.spawn([self.binary, "run", "--config", self.config_path],
                                      stdout=output, stderr=output)
        ports.wait_until(self.ready, self._why_not_alive, 20, "sealgate")
        return self

    def ready(self):
        try:
            return self.admin("GET", "/healthz")[0] == 200
        except OSError:
            return False

    def _why_not_alive(self):
        if self.running():
            return None
        return f"exited with status {self._child.returncode}\n{self.logs()}"

    def stop(self, timeout=30):
        """SIGTERM; returns the exit status (0 after a clean drain)."""
        return child.stop(self._child, timeout)

    def kill(self):
        return child.kill(self._child)

    def restart(self):
        if self.running():
            self.stop()
        return self.start()

    def close(self):
        if self._child is not None:
            child.stop(self._child, timeout=10)
        if self._temporary:
            shutil.rmtree(self.basedir, ignore_errors=True)
            atexit.unregister(self.close)

    def logs(self):
        """The end of what it printed and logged, for a failure's message."""
        return f"{tail(self.output_path)}\n{tail(self.log_path)}"

    def files(self):
        """Every file that the proxy wrote; its inputs are left out."""
        inputs = ("sealgate.yaml", "policy.yaml", "catalog", "admin.token", "tls")
        return [p for p in sorted(self.basedir.rglob("*"))
                if p.is_file() and p.relative_to(self.basedir).parts[0] not in inputs]

    def admin(self, method, path, body=None, token=None):
        """One request to the admin API: status and body text. JSON in if given."""
        request = urllib.request.Request(
            f"http://{ports.LOOPBACK}:{self.admin_port}{path}", method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token or self.admin_token}",
                     "Content-Type": "application/json"})
        return _fetch(request)

    def metrics_text(self):
        return _fetch(f"http://{ports.LOOPBACK}:{self.metrics_port}/metrics")[1]

    def metrics(self):
        """{'name{label="x"}': value} of every sample."""
        samples = (line.rsplit(" ", 1) for line in self.metrics_text().splitlines()
                   if line and not line.startswith("#"))
        return {name: float(value) for name, value in samples}

    def client_args(self, account=ADMIN, database=None, client="mariadb"):
        """Command line of a stock client ("mariadb" or "mysql") at the proxy."""
        ca = self.certificates.ca if self.certificates else None
        return clients.CLIENTS[client](self.port, account, database, ca)

    def execute(self, sql, account=ADMIN, database=None, client="mariadb", timeout=30):
        """Runs SQL through the proxy with a stock client; rows as lists of text."""
        return clients.execute(self.client_args(account, database, client), sql, timeout)

    def connect(self, account=ADMIN, database=None, **keywords):
        """A PyMySQL connection through the proxy, autocommit on."""
        import pymysql  # only the tests that ask for it need the package

        keywords.setdefault("autocommit", True)
        return pymysql.connect(host=ports.LOOPBACK, port=self.port, user=account.user,
                               password=account.password, database=database,
                               charset="utf8mb4", **keywords)


# A proxy of the environment must not see requests to loopback.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _fetch(request):
    try:
        with _opener.open(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
