"""A Galera cluster of three nodes: all take writes, and Sealgate uses one of them, and
another one when that one goes."""

from cluster_case import ClusterCase
from servers.galera import GaleraCluster


class GaleraTest(ClusterCase):

    @classmethod
    def make_cluster(cls):
        return GaleraCluster()

    def first_primary(self):
        return self.cluster.nodes[0]

    def setUp(self):
        super().setUp()
        # All of them take writes; it is the first in the list.
        self.used = self.nodes[0]
        self.assertIs(self.in_use(), self.used)
        self.assertEqual(self.port(), self.used.port)

    def test_the_node_in_use_is_killed(self):
        idle, busy = self.open(), self.open_busy()
        self.start_writers()
        self.used.kill()
        self.assert_closed(idle)
        self.assert_told(busy)
        new = self.assert_moves_from(self.used)
        self.await_writes()
        # It comes back, with a copy of another node's files.
        self.cluster.rejoin(self.used)
        self.assert_state(self.used, "primary")
        self.await_writes()
        self.assert_stays_with(new)
        self.stop_writers()
        self.assert_nothing_is_lost()
        self.assert_no_node_holds_the_marker()

    def test_the_node_in_use_is_stopped(self):
        idle, busy = self.open(), self.open_busy()
        self.start_writers()
        self.used.stop()
        self.assert_closed(idle)
        self.assert_told(busy)
        self.assert_moves_from(self.used)
        self.await_writes()
        self.stop_writers()
        self.assert_nothing_is_lost()

    def test_the_node_in_use_is_cut_off(self):
        """It runs on and answers, outside of the cluster's primary component."""
        idle = self.open()
        self.start_writers()
        self.used.execute("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'")
        self.addCleanup(self.join_again, self.used)
        self.assert_state(self.used, "not_ready")
        self.assert_idle_told(idle)
        new = self.assert_moves_from(self.used)
        self.await_writes()
        self.join_again(self.used)
        self.assert_state(self.used, "primary")
        self.await_writes()
        # While it joins, the others may be out of the primary component for a moment.
        self.assert_stays_with(new, unless_not_ready=True)
        self.stop_writers()
        self.assert_nothing_is_lost()

    def join_again(self, node):
        node.execute("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=0'")
        try:
            self.cluster.wait_for_members(3, node)
        except RuntimeError:
            # MariaDB may end itself when its node joins again; then as after a crash.
            if node.running():
                raise
            self.cluster.rejoin(node)

    def test_a_node_that_lags_on_purpose_stays(self):
        """Desynced, as a donor is: it takes writes, and does not slow the others down."""
        client = self.open()
        self.used.execute("SET GLOBAL wsrep_desync = ON")
        self.addCleanup(self.used.execute, "SET GLOBAL wsrep_desync = OFF")
        self.start_writers()
        self.assertEqual(self.state(self.used), "primary")
        self.assert_stays_with(self.used)
        client.query("SELECT name FROM people")
        self.stop_writers()
        self.assertEqual([writer.errors for writer in self.writers], [[]] * len(self.writers))
        self.assert_nothing_is_lost()

    def test_a_node_that_rejects_queries(self):
        """An administrator takes it out of service."""
        idle = self.open()
        self.start_writers()
        self.used.execute("SET GLOBAL wsrep_reject_queries = ALL")
        self.addCleanup(self.used.execute, "SET GLOBAL wsrep_reject_queries = NONE")
        self.assert_state(self.used, "not_ready")
        self.assert_idle_told(idle)
        self.assert_moves_from(self.used)
        self.await_writes()
        self.stop_writers()
        self.assert_nothing_is_lost()


