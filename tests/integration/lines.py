"""What a test run shows: one line per test, the reasons of failures beneath."""

import signal
import time
import traceback
import unittest

MOST_OF_A_REASON = 200  # characters


class Lines(unittest.TestResult):
    """show(text) gets each test's lines at once, when it ends."""

    def __init__(self, show, time_limit):
        super().__init__()
        self.time_limit = time_limit
        self.passed = 0
        self._reasons = {}  # the first of each test that failed
        self._show = show
        self._text = ""
        self._running = False
        self._start = time.monotonic()
        signal.signal(signal.SIGALRM, too_long)

    def startTest(self, test):
        super().startTest(test)
        self._text = f"  {test.id()} ... "
        self._running = True
        self._start = time.monotonic()
        signal.alarm(self.time_limit)

    def stopTest(self, test):
        signal.alarm(0)
        super().stopTest(test)
        self._running = False
        self._flush()

    def addSuccess(self, test):
        super().addSuccess(test)
        # A test with a failed subtest never comes here.
        self.passed += 1
        self._say("ok")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._say(f"SKIPPED {test.id()}: {reason}")

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

    def _fail(self, test, err):
        signal.alarm(0)
        self._reasons.setdefault(name_of(test), reason_of(err))
        reasons = self._exc_info_to_string(err, test).splitlines()
        self._say(f"FAILED {test.id()}", *(f"      {line}" for line in reasons))

    def _say(self, text, *beneath):
        first = f"{text} ({time.monotonic() - self._start:.1f} s)"
        self._text += "\n".join([first, *beneath, ""])
        # What concerns a whole class or module comes outside of any test.
        if not self._running:
            self._text = f"  {self._text}"
            self._flush()

    def _flush(self):
        self._show(self._text)
        self._text = ""

    def counts(self):
        """As in run.py's result file. One failure per test, however many of its
        subtests failed."""
        for test in self.unexpectedSuccesses:
            self._reasons.setdefault(name_of(test), "passed, though it should fail")
        failures = sorted(f"{name}: {reason}" for name, reason in self._reasons.items())
        return {"passed": self.passed, "failed": len(failures), "skipped": len(self.skipped),
                "failures": failures}


def name_of(test):
    """Also of the test that a subtest is a part of."""
    return getattr(test, "test_case", test).id()


def reason_of(err):
    """One line: what was raised, and where in the test's own file."""
    kind, value, trace = err
    first = traceback.format_exception_only(kind, value)[-1].strip().splitlines()[0]
    lines = [frame.lineno for frame in traceback.extract_tb(trace) if "/test_" in frame.filename]
    where = f"line {lines[0]}: " if lines else ""
    return f"{where}{first}"[:MOST_OF_A_REASON]


class TooLong(BaseException):
    """No test takes this for an error that it waits for."""


def too_long(number, frame):
    raise TooLong("the test ran past its time limit")
