#!/usr/bin/python3
"""Runs the integration tests: tests/integration/test_*.py.

    run.py [-k WORD]... [--result FILE] [--time-limit SECONDS]

-k WORD        only tests whose name (module.Class.test) contains WORD
--result FILE  writes {"passed": N, "failed": N, "skipped": N, "failures": [name]}
               there
SEALGATE_BINARY names the proxy; default: bazel-bin/proxy/sealgate.
"""

import argparse
import faulthandler
import json
import signal
import sys
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from servers import cases  # noqa: E402


class Lines(unittest.TestResult):
    """One line per test while it runs, the reasons of failures beneath."""

    def __init__(self, time_limit):
        super().__init__()
        self.time_limit = time_limit
        self.passed = 0
        self.reasons = []
        self._start = 0.0

    def startTest(self, test):
        super().startTest(test)
        self.reasons = []
        self._start = time.monotonic()
        print(f"  {test.id()} ... ", end="", flush=True)
        signal.alarm(self.time_limit)

    def stopTest(self, test):
        signal.alarm(0)
        super().stopTest(test)

    def addSuccess(self, test):
        super().addSuccess(test)
        # A test with a failed subtest never comes here.
        self.passed += 1
        self._say("ok")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._say(f"SKIPPED: {reason}")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._fail(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self._fail(test, err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._fail(subtest, err)

    def _say(self, text):
        print(f"{text} ({time.monotonic() - self._start:.1f} s)", flush=True)

    def _fail(self, test, err):
        # setUpClass and module errors come without a startTest.
        signal.alarm(0)
        self._start = self._start or time.monotonic()
        self._say(f"FAILED {test.id()}")
        for line in self._exc_info_to_string(err, test).splitlines():
            print(f"      {line}")

    def failed(self):
        # One per test, however many of its subtests failed.
        broken = {getattr(test, "test_case", test).id() for test, _ in self.failures + self.errors}
        return sorted(broken | {test.id() for test in self.unexpectedSuccesses})


def too_long(number, frame):
    raise TimeoutError("the test ran past its time limit")


def selected(suite, words):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from selected(item, words)
        elif not words or any(word in item.id() for word in words):
            yield item


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-k", action="append", default=[], metavar="WORD", dest="words")
    parser.add_argument("--result", type=Path, metavar="FILE")
    parser.add_argument("--time-limit", type=int, default=120, metavar="SECONDS")
    options = parser.parse_args()

    faulthandler.enable()
    signal.signal(signal.SIGALRM, too_long)
    found = unittest.defaultTestLoader.discover(str(HERE), pattern="test_*.py",
                                                top_level_dir=str(HERE))
    suite = unittest.TestSuite(selected(found, options.words))
    result = Lines(options.time_limit)
    try:
        suite.run(result)
    finally:
        cases.close_shared_servers()
    failures = result.failed()
    counts = {"passed": result.passed, "failed": len(failures), "skipped": len(result.skipped)}
    if options.result:
        options.result.write_text(json.dumps({**counts, "failures": failures}), encoding="ascii")
    print("integration: " + ", ".join(f"{n} {word}" for word, n in counts.items()))
    return 0 if counts["failed"] == 0 and counts["passed"] > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
