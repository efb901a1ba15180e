"""A primary and its replica, without a cluster that elects: who is what is what a test,
as the tool that manages the replication, makes of them.
Sources: MariaDB Knowledge Base, "Semisynchronous Replication"; MySQL manual, the same."""

from . import ports
from .accounts import ADMIN
from .server import Server
from .started import Started


class _MariaDb:
    options = ["--log-slave-updates=ON"]
    acknowledge = ("SET GLOBAL rpl_semi_sync_slave_enabled = ON",)
    wait_for_replica = ("SET GLOBAL rpl_semi_sync_master_timeout = 600000",
                        "SET GLOBAL rpl_semi_sync_master_wait_point = 'AFTER_SYNC'",
                        "SET GLOBAL rpl_semi_sync_master_enabled = ON")
    waiting = "SHOW STATUS LIKE 'Rpl_semi_sync_master_clients'"
    follow = ("CHANGE MASTER TO MASTER_HOST = '{host}', MASTER_PORT = {port}, MASTER_USER = "
              "'{user}', MASTER_PASSWORD = '{password}', MASTER_USE_GTID = slave_pos; START SLAVE")
    stop_receiving = "STOP SLAVE IO_THREAD"
    position = "SELECT @@gtid_current_pos"
    wait = "SELECT MASTER_GTID_WAIT('{0}', 30)"
    end = "STOP SLAVE; RESET SLAVE ALL"
    # What only the old primary has is no part of the history any more.
    forget = "RESET MASTER; SET GLOBAL gtid_slave_pos = '{0}'"

    @staticmethod
    def received_position(server):
        with server.connect(ADMIN) as connection, connection.cursor() as cursor:
            cursor.execute("SHOW SLAVE STATUS")
            names = [column[0] for column in cursor.description]
            return dict(zip(names, cursor.fetchone()))["Gtid_IO_Pos"]


class _MySql:
    options = ["--gtid-mode=ON", "--enforce-gtid-consistency=ON", "--tls-version=TLSv1.2,TLSv1.3",
               "--plugin-load=semisync_source.so;semisync_replica.so"]
    acknowledge = ("SET GLOBAL rpl_semi_sync_replica_enabled = ON",)
    wait_for_replica = ("SET GLOBAL rpl_semi_sync_source_timeout = 600000",
                        "SET GLOBAL rpl_semi_sync_source_enabled = ON")
    waiting = "SHOW STATUS LIKE 'Rpl_semi_sync_source_clients'"
    follow = ("CHANGE REPLICATION SOURCE TO SOURCE_HOST = '{host}', SOURCE_PORT = {port}, "
              "SOURCE_USER = '{user}', SOURCE_PASSWORD = '{password}', SOURCE_SSL = 1, "
              "SOURCE_AUTO_POSITION = 1; START REPLICA")
    stop_receiving = "STOP REPLICA IO_THREAD"
    position = "SELECT @@global.gtid_executed"
    wait = "SELECT WAIT_FOR_EXECUTED_GTID_SET('{0}', 30)"
    end = "STOP REPLICA; RESET REPLICA ALL"
    forget = "DO '{0}'"

    @staticmethod
    def received_position(server):
        rows = server.execute("SELECT RECEIVED_TRANSACTION_SET FROM "
                              "performance_schema.replication_connection_status")
        return rows[0][0].replace("\\n", "")


class ReplicaPair(Started):
    """`nodes`: two Servers of `kind`; the first begins as the primary, and acknowledges
    what the other one has received. Use as a context manager."""

    def __init__(self, kind, **options):
        self.kind = kind
        self._flavour = {"mariadb": _MariaDb, "mysql": _MySql}[kind]
        self.nodes = [Server(kind, binlog="ROW", **options) for _ in range(2)]
        for number, node in enumerate(self.nodes):
            node.options += [f"--server-id={number + 1}", "--read-only=1", *self._flavour.options]

    def start(self):
        primary, replica = self.nodes
        for node in self.nodes:
            node.start()
        for sql in self._flavour.acknowledge:
            replica.execute(sql)
        self.follow(replica, primary)
        for sql in self._flavour.wait_for_replica:
            primary.execute(sql)
        ports.wait_until(lambda: primary.execute(self._flavour.waiting)[0][1] == "1",
                         lambda: None, 30, "a replica that acknowledges", interval=0.1)
        primary.execute("SET GLOBAL read_only = 0")
        return self

    def follow(self, replica, primary):
        replica.execute(self._flavour.follow.format(
            host=ports.LOOPBACK, port=primary.port, user=ADMIN.user, password=ADMIN.password))

    def promote(self, replica):
        """With all that it has received; its position then."""
        replica.execute(self._flavour.stop_receiving)
        self._wait(replica, self._flavour.received_position(replica))
        replica.execute(self._flavour.end)
        position = self._position(replica)
        replica.execute("SET GLOBAL read_only = 0")
        return position

    def come_back(self, old, primary, position):
        """A primary that was lost, as the replica of the one that has been promoted at
        that position."""
        old.start()
        old.execute(self._flavour.forget.format(position))
        self.follow(old, primary)

    def switch(self, primary, replica):
        """In good order: nothing is written while the replica catches up."""
        primary.execute("SET GLOBAL read_only = 1", timeout=60)
        self._wait(replica, self._position(primary))
        self.promote(replica)

    def _position(self, server):
        return server.execute(self._flavour.position)[0][0].replace("\\n", "")

    def _wait(self, server, position):
        found = server.execute(self._flavour.wait.format(position), timeout=40)
        if found != [["0"]]:
            raise RuntimeError(f"a replica has not got to {position}: {found}")

    def close(self):
        for node in self.nodes:
            node.close()
