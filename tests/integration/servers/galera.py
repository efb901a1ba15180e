"""A Galera cluster of private MariaDB servers on loopback.
Source: Galera cluster documentation, "Galera Parameters", "wsrep Options"."""

import os
import tempfile
from pathlib import Path

from . import ports
from .clients import ClientError
from .server import Server
from .started import Started

PROVIDER = "/usr/lib/galera/libgalera_smm.so"
_GROUP = "6c0e4a3e-0001-11ee-8000-000000000001"
# What a lost node costs: it is expelled after four seconds, longer than a busy machine stalls.
_QUICK = ("gcache.size=8M;pc.recovery=false;evs.keepalive_period=PT0.2S;"
          "evs.inactive_check_period=PT0.2S;evs.suspect_timeout=PT4S;evs.inactive_timeout=PT10S;"
          "evs.install_timeout=PT5S")
# The daemon that receives a state: as root it would become nobody, whom the data
# directory is closed to.
_ROOTS_RSYNC = """rsync() {
  [ "$1" != --daemon ] || { shift; exec rsync --daemon --dparam=uid=0 --dparam=gid=0 "$@"; }
  command rsync "$@"
}
"""


class GaleraCluster(Started):
    """`nodes`: Servers that take writes, each of them. They begin with copies of one
    data directory, so that only a node that comes back after a crash needs a
    transfer of state (by rsync). Use as a context manager."""

    kind = "mariadb"

    def __init__(self, size=3, **options):
        self._place = tempfile.TemporaryDirectory(prefix="sealgate-galera-")
        self._ports = [[ports.free_port() for _ in range(size)] for _ in range(3)]
        environment = {}
        if os.geteuid() == 0:
            script = Path(self._place.name) / "rsync.sh"
            script.write_text(_ROOTS_RSYNC, encoding="ascii")
            environment["BASH_ENV"] = str(script)
        self.nodes = [Server(self.kind, environment=environment, **options) for _ in range(size)]
        for number, node in enumerate(self.nodes):
            node.options += self._options(number, node)

    def _options(self, number, node):
        members, incremental, whole = ([f"{ports.LOOPBACK}:{port}" for port in each]
                                       for each in self._ports)
        host, port = members[number].split(":")
        provider = (f"base_host={host};base_port={port};gmcast.listen_addr=tcp://{host}:{port};"
                    f"ist.recv_addr={incremental[number]};{_QUICK}")
        return ["--wsrep-on=ON", f"--wsrep-provider={PROVIDER}", "--wsrep-cluster-name=test",
                f"--wsrep-cluster-address=gcomm://{','.join(members)}",
                f"--wsrep-node-name=node{number}", f"--wsrep-node-address={members[number]}",
                f"--wsrep-node-incoming-address={ports.LOOPBACK}:{node.port}",
                "--wsrep-sst-method=rsync", f"--wsrep-sst-receive-address={whole[number]}",
                f"--wsrep-provider-options={provider}", "--binlog-format=ROW",
                "--innodb-autoinc-lock-mode=2"]

    def start(self):
        for number, node in enumerate(self.nodes):
            node.make_data()
            # Each change of the membership counts as one, so that a node that knows
            # of the ones before lacks nothing.
            (node.data / "grastate.dat").write_text(
                f"# GALERA saved state\nversion: 2.1\nuuid:    {_GROUP}\nseqno:   {number}\n"
                f"safe_to_bootstrap: {int(number == 0)}\n", encoding="ascii")
            node.start(*["--wsrep-new-cluster"] * (number == 0))
            self.wait_for_members(number + 1, node)
        return self

    def rejoin(self, node):
        """A node that was stopped or killed."""
        node.start()
        self.wait_for_members(len(self.nodes), node)

    def wait_for_members(self, count, newest, seconds=40):
        """Until that many nodes are members and ready."""
        ports.wait_until(lambda: self._ready() == [str(count)] * count, newest.why_not_alive,
                         seconds, f"{count} nodes of a cluster", interval=0.1)

    def _ready(self):
        """The size of the cluster, as each node that is ready and synced sees it."""
        states = [status(node) for node in self.nodes if node.running()]
        return [each["wsrep_cluster_size"] for each in states
                if each.get("wsrep_ready") == "ON" and each["wsrep_local_state"] == "4"]

    def close(self):
        for node in self.nodes:
            node.close()
        self._place.cleanup()


def status(node):
    """wsrep's status variables by name; nothing while a node takes no connections."""
    try:
        return {row[0]: row[1] for row in node.execute("SHOW STATUS LIKE 'wsrep%'")
                if len(row) == 2}
    except ClientError:
        return {}
