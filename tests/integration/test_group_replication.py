"""MySQL Group Replication of three members: Sealgate finds the primary, and follows it
when the group elects another one."""

import os
import signal

from cluster_case import ClusterCase
from servers.group import ReplicationGroup
from test_failover import wait_for


class GroupReplicationTest(ClusterCase):

    @classmethod
    def make_cluster(cls):
        return ReplicationGroup()

    def first_primary(self):
        found = []
        self.assertTrue(wait_for(lambda: found.append(self.cluster.primary()) or found[-1]))
        return found[-1]

    def setUp(self):
        super().setUp()
        self.used = self.first_primary()
        self.assertIs(self.in_use(), self.used)
        self.assertEqual(self.port(), self.used.port)
        for node in self.others():
            self.assert_state(node, "secondary")

    def others(self):
        return [node for node in self.nodes if node is not self.used]

    def test_the_primary_is_killed(self):
        idle, busy = self.open(), self.open_busy()
        self.start_writers()
        self.used.kill()
        self.assert_closed(idle)
        self.assert_told(busy)
        new = self.assert_moves_from(self.used)
        self.assertIs(self.first_primary(), new)
        self.await_writes()
        self.cluster.rejoin(self.used)
        self.assert_state(self.used, "secondary")
        self.await_writes()
        self.assert_stays_with(new)
        self.stop_writers()
        self.assert_nothing_is_lost()
        self.assert_no_node_holds_the_marker()

    def test_the_primary_leaves_and_stops(self):
        idle = self.open()
        self.start_writers()
        self.used.execute("STOP GROUP_REPLICATION", timeout=60)
        self.assert_idle_told(idle)
        self.assertIs(self.assert_moves_from(self.used), self.first_primary())
        self.used.stop()
        self.assert_state(self.used, "unreachable")
        self.await_writes()
        self.stop_writers()
        self.assert_nothing_is_lost()

    def test_the_primary_is_switched(self):
        idle = self.open()
        self.start_writers()
        new = self.others()[0]
        self.cluster.make_primary(new)
        self.assert_idle_told(idle)
        self.assertIs(self.assert_moves_from(self.used), new)
        self.assert_state(self.used, "secondary")
        self.await_writes()
        self.stop_writers()
        self.assert_nothing_is_lost()

    def test_the_primary_loses_the_majority(self):
        """Alone, it would take writes that nobody has agreed to: it is not used. When
        the others are back, it is."""
        self.start_writers()
        try:
            for node in self.others():
                os.kill(node.pid, signal.SIGSTOP)
            self.assert_state(self.used, "not_ready", 40)
            self.assertIsNone(self.in_use())
        finally:
            for node in self.others():
                os.kill(node.pid, signal.SIGCONT)
        self.assertTrue(wait_for(lambda: self.in_use() is not None, 60), self.gate.logs())
        self.await_writes()
        self.stop_writers()
        self.assert_nothing_is_lost()
