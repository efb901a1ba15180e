"""Test classes in several processes side by side. Each process takes the next class
when it is done with one; the servers that classes share are its own.

Through a worker's pipe go, there, names of classes; back, for each, the text of its
tests, and at last its counts (lines.py). A closed pipe tells the worker to end.
"""

import signal
import unittest
from collections import Counter
from multiprocessing import connection

from lines import Lines
from servers import cases, child


def work(descriptor, classes, time_limit):
    """A worker's life. `classes`: name to tests, the same as in the process that
    started it."""
    signal.signal(signal.SIGTERM, _end)
    pipe = connection.Connection(descriptor)
    try:
        while True:
            lines = Lines(pipe.send, time_limit)
            # What the tests of a class still hold goes with them.
            unittest.TestSuite(classes.pop(pipe.recv())).run(lines)
            pipe.send(lines.counts())
    except EOFError:
        pass
    finally:
        cases.close_shared_servers()


def _end(number, frame):
    """Unlike other exceptions, this one ends a test and the whole run."""
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def run(names, jobs, command, show):
    """Runs the classes in that order, up to `jobs` at a time. `command` starts a
    worker, its pipe's descriptor appended. show(text) gets lines as they come.
    Returns the counts. A class whose worker dies counts as one failure."""
    waiting = list(reversed(names))
    total, failures = Counter(), []
    workers = [_Worker(command) for _ in names[:jobs]]
    try:
        for worker in workers:
            worker.next(waiting)
        while busy := {worker.pipe: worker for worker in workers if worker.running}:
            for pipe in connection.wait(list(busy)):
                counts = busy[pipe].receive(show)
                if counts is not None:
                    failures += counts.pop("failures")
                    total.update(counts)
                    busy[pipe].next(waiting)
        for worker in workers:
            worker.process.wait()
    finally:
        for worker in workers:
            worker.end()
    return {**{word: total[word] for word in ("passed", "failed", "skipped")},
            "failures": sorted(failures)}


class _Worker:
    """A worker, and a fresh one whenever it has died. `running` is the name of its
    class, or None."""

    def __init__(self, command):
        self.running = self.process = self.pipe = None
        self._command = command

    def next(self, waiting):
        """Gives it the last class of the list, or lets it end."""
        self.running = waiting.pop() if waiting else None
        if self.running is None:
            self.pipe.close()
            return
        if self.process is None or self.process.poll() is not None:
            self._start()
        try:
            self.pipe.send(self.running)
        except OSError:
            pass  # it is gone; receive() says so

    def _start(self):
        self.pipe, theirs = connection.Pipe()
        with theirs:
            self.process = child.spawn([*self._command, theirs.fileno()],
                                       pass_fds=[theirs.fileno()])

    def receive(self, show):
        """Shows the text that it sent; returns the counts, if its class has ended."""
        try:
            message = self.pipe.recv()
        except (EOFError, OSError):
            show(f"  FAILED {self.running}: its process ended with status "
                 f"{self.process.wait()}\n")
            return {"failed": 1, "failures": [self.running]}
        if not isinstance(message, str):
            return message
        show(message)
        return None

    def end(self):
        """SIGTERM, if it has not ended; its servers go with it."""
        if self.process is not None:
            child.stop(self.process)
