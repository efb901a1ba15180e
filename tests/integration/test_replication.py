"""A primary with a replica that acknowledges what it has received, on each kind of
server: the primary is lost under load and comes back as the replica, and is the
primary again after a switch in good order. Sealgate follows, and no write is lost."""

import sys

from cluster_case import ClusterCase
from servers import KINDS
from servers.replicas import ReplicaPair


class _ReplicationTest(ClusterCase):
    kind = None

    @classmethod
    def make_cluster(cls):
        return ReplicaPair(cls.kind)

    def first_primary(self):
        return self.cluster.nodes[0]

    def restore(self):
        """There is one test; both are there."""

    def test_the_primary_is_lost_and_comes_back(self):
        first, second = self.cluster.nodes
        self.assertIs(self.in_use(), first)
        self.assert_state(second, "secondary")
        idle, busy = self.open(), self.open_busy()
        self.start_writers()
        first.kill()
        self.assert_closed(idle)
        self.assert_told(busy)
        self.assert_state(first, "unreachable")
        position = self.cluster.promote(second)
        self.assertIs(self.assert_moves_from(first), second)
        self.await_writes()
        self.cluster.come_back(first, second, position)
        self.assert_state(first, "secondary")
        self.await_writes()
        self.assert_stays_with(second)

        idle = self.open()
        self.cluster.switch(second, first)
        self.assert_idle_told(idle)
        self.assertIs(self.assert_moves_from(second), first)
        self.await_writes()
        self.stop_writers()
        self.assert_nothing_is_lost()
        self.assert_no_node_holds_the_marker()


for _kind in KINDS:
    _name = f"ReplicationTest_{_kind}"
    setattr(sys.modules[__name__], _name, type(_name, (_ReplicationTest,), {
        "kind": _kind, "__module__": __name__, "__qualname__": _name}))
del _ReplicationTest
