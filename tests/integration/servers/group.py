"""A group of private MySQL servers on loopback, with a single primary.
Source: MySQL manual, "Group Replication"."""

from . import ports
from .accounts import ADMIN
from .clients import ClientError
from .server import Server
from .started import Started

_GROUP = "6c0e4a3e-0002-11ee-8000-000000000001"
_MEMBERS = ("SELECT MEMBER_STATE, MEMBER_ROLE, MEMBER_ID = @@server_uuid "
            "FROM performance_schema.replication_group_members")


class ReplicationGroup(Started):
    """`nodes`: Servers, of which one is the primary. They begin with copies of one
    data directory. Use as a context manager."""

    kind = "mysql"

    def __init__(self, size=3, **options):
        members = [f"{ports.LOOPBACK}:{ports.free_port()}" for _ in range(size)]
        self.nodes = [Server(self.kind, binlog="ROW", **options) for _ in range(size)]
        for number, node in enumerate(self.nodes):
            # The members speak TLS among themselves, with certificates that they
            # make themselves.
            node.options += [
                f"--server-id={number + 1}", "--gtid-mode=ON", "--enforce-gtid-consistency=ON",
                f"--report-host={ports.LOOPBACK}", "--tls-version=TLSv1.2,TLSv1.3",
                "--plugin-load=group_replication.so",
                f"--loose-group-replication-group-name={_GROUP}",
                f"--loose-group-replication-local-address={members[number]}",
                f"--loose-group-replication-group-seeds={','.join(members)}",
                "--loose-group-replication-start-on-boot=OFF",
                "--loose-group-replication-communication-stack=XCOM",
                "--loose-group-replication-message-cache-size=134217728",
                "--loose-group-replication-member-expel-timeout=0",
                "--loose-group-replication-recovery-reconnect-interval=1",
                "--loose-group-replication-recovery-get-public-key=ON"]

    def start(self):
        for number, node in enumerate(self.nodes):
            node.start()
            if number == 0:
                node.execute("SET GLOBAL group_replication_bootstrap_group = ON")
            self._join(node)
            node.execute("SET GLOBAL group_replication_bootstrap_group = OFF")
        self.wait_for_members(len(self.nodes))
        return self

    def _join(self, node):
        node.execute(f"START GROUP_REPLICATION USER = '{ADMIN.user}', "
                     f"PASSWORD = '{ADMIN.password}'", timeout=60)

    def rejoin(self, node):
        """A node that was stopped or killed."""
        node.start()
        self._join(node)
        self.wait_for_members(len(self.nodes))

    def make_primary(self, node):
        node.execute("SELECT group_replication_set_as_primary(@@server_uuid)", timeout=60)

    def primary(self):
        """The node that is the primary in its own eyes, or None."""
        found = [node for node in self.nodes if ["ONLINE", "PRIMARY", "1"] in members(node)]
        return found[0] if len(found) == 1 else None

    def wait_for_members(self, count, seconds=40):
        """Until that many nodes are online, in the eyes of each."""
        ports.wait_until(lambda: self._online() == [count] * count, lambda: None, seconds,
                         f"{count} members of a group", interval=0.1)

    def _online(self):
        states = [[row[0] for row in members(node)] for node in self.nodes if node.running()]
        return [each.count("ONLINE") for each in states if each]

    def close(self):
        for node in self.nodes:
            node.close()


def members(node):
    """(state, role, "1" if it is the node itself) of each; nothing while it cannot say."""
    if not node.running():
        return []
    try:
        return node.execute(_MEMBERS, timeout=10)
    except ClientError:
        return []
