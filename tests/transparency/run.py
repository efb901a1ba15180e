#!/usr/bin/python3
"""Transparency: MariaDB's own regression tests, directly and through Sealgate.

    run.py [--files N | --all] [--seed N] [-k WORD]... [--jobs N] [--time-limit N]
           [--direct DIR] [--differences DIR] [--left-out FILE] [--result FILE]

Each .test file of the suite "main" that can be run here runs twice against the
server. If both outputs are equal, the file is stable, and a third run through
Sealgate, whose policy protects columns of other tables, must print the same,
byte for byte, unless the file is in exceptions.txt, with the cause. A file of
that list must differ.

--files N          the first N in an order that --seed decides (20)
--all              takes every file
-k WORD            only files whose name contains WORD; =NAME is the name itself
--direct DIR       keeps the direct runs there, and takes them from there
--differences DIR  writes a diff for each file that differs
--left-out FILE    writes the files that were not compared, with the reasons
"""

import argparse
import difflib
import json
import pickle
import random
import re
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]
import mysqltest  # noqa: E402
from known import Exceptions, document_is_current  # noqa: E402
from servers.proxy import default_binary  # noqa: E402
from station import KEEP_CONNECTION, Station  # noqa: E402
from suite import read_suite  # noqa: E402


class Direct:
    """What a file does without a proxy: two runs, kept in a folder if asked."""

    def __init__(self, folder):
        self.folder = folder and Path(folder)
        if self.folder:
            self.folder.mkdir(parents=True, exist_ok=True)

    def of(self, file, station, time_limit):
        kept = self.folder / f"{file.name}.pickle" if self.folder else None
        if kept and kept.exists():
            return pickle.loads(kept.read_bytes())
        runs = []
        for _ in range(2):
            station.reset(file.options)
            runs.append(mysqltest.run(file, station, time_limit))
            if runs[-1].status != mysqltest.PASSED:
                break
        if kept:
            kept.write_bytes(pickle.dumps(runs))
        return runs


class Findings:
    def __init__(self, differences):
        self.left_out, self.unstable, self.identical, self.different = {}, [], [], {}
        self.problems = []
        self.differences = differences and Path(differences)
        if self.differences:
            self.differences.mkdir(parents=True, exist_ok=True)

    def stable(self):
        return len(self.identical) + len(self.different)

    def differs(self, file, direct, proxied):
        self.different[file.name] = proxied
        if not self.differences:
            return
        lines = [text.decode("utf-8", "replace").splitlines()
                 for text in (direct.output, proxied.output)]
        diff = "\n".join(difflib.unified_diff(*lines, "direct", "through Sealgate", lineterm=""))
        text = f"{proxied.status}\n{proxied.message}\n{diff if proxied.output else ''}\n"
        (self.differences / f"{file.name}.diff").write_text(text, "utf-8")


class Worker(threading.Thread):
    """Takes files from a list until it is empty."""

    def __init__(self, number, options, maker, queue, findings):
        super().__init__(name=f"worker {number}")
        self.options, self.queue, self.findings = options, queue, findings
        self.direct_runs = Direct(options.direct)
        place = maker.place.parent
        self.direct = Station(place / f"d{number}")
        self.proxied = Station(place / f"p{number}", default_binary())
        for station in (self.direct, self.proxied):
            station.template = maker.template
            station.place.mkdir()
        self.proxied.take_keys(maker)
        self.failure = None

    def run(self):
        try:
            while True:
                try:
                    file = self.queue.pop(0)
                except IndexError:
                    break
                self.compare(file)
        except Exception as error:  # told by the main thread
            self.failure = error
        finally:
            self.direct.stop()
            self.proxied.stop()

    def compare(self, file):
        limit = self.options.time_limit
        try:
            runs = self.direct_runs.of(file, self.direct, limit)
        except RuntimeError as error:
            self.findings.left_out[file.name] = f"the server does not start: {error}"
            return
        if runs[-1].status != mysqltest.PASSED:
            self.findings.left_out[file.name] = why(runs[-1])
            return say(file, f"{runs[-1].status} directly")
        if runs[0].output != runs[1].output:
            self.findings.unstable.append(file.name)
            return say(file, "not stable")
        self.proxied.reset(file.options, file.name in KEEP_CONNECTION)
        proxied = mysqltest.run(file, self.proxied, limit + 2 * runs[0].seconds)
        if self.proxied.gate_died():
            self.findings.problems.append(f"{file.name}: Sealgate ended")
        if proxied.status == mysqltest.PASSED and proxied.output == runs[0].output:
            self.findings.identical.append(file.name)
            return say(file, f"identical ({runs[0].seconds:.1f} s, {proxied.seconds:.1f} s)")
        self.findings.differs(file, runs[0], proxied)
        return say(file, f"DIFFERS ({proxied.status})")


def say(file, what):
    print(f"  {file.name}: {what}", flush=True)


def why(outcome):
    """In a few words, why a file does not run here."""
    if outcome.status == mysqltest.TOO_LONG:
        return "runs longer than the time limit"
    lines = [line.strip() for line in outcome.message.splitlines() if line.strip()]
    if outcome.status == mysqltest.SKIPPED:
        return "skips itself: " + (lines[-1] if lines else "")
    said = next((line for line in lines if line.startswith(("mysqltest:", "At line"))), "")
    return "fails directly too: " + re.sub(r"^mysqltest: At line \d+: ", "", said)


def is_meant(word, name):
    return word[1:] == name if word.startswith("=") else word in name


def choose(options, findings):
    files = [file for file in read_suite()
             if not options.words or any(is_meant(word, file.name) for word in options.words)]
    for file in files:
        if file.reason:
            findings.left_out[file.name] = file.reason
    chosen = [file for file in files if not file.reason]
    if not options.all:
        random.Random(options.seed).shuffle(chosen)
        chosen = chosen if options.words else chosen[:options.files]
    return files, chosen


def judge(findings, exceptions, chosen_all):
    if not document_is_current():
        findings.problems.append("docs/transparency.md is not current: run tests/transparency/known.py")
    for name in sorted(findings.different):
        if not exceptions.expects(name):
            findings.problems.append(f"{name} differs and is not in exceptions.txt")
    for name in sorted(findings.identical):
        if exceptions.must_differ(name):
            findings.problems.append(f"{name} is in exceptions.txt and does not differ")
    if chosen_all:
        seen = set(findings.identical) | set(findings.different) | set(findings.unstable)
        for name in sorted(exceptions.names() - seen):
            findings.problems.append(f"{name} is in exceptions.txt and was not compared")


def report(findings, files, seconds):
    stable, same = findings.stable(), len(findings.identical)
    for problem in findings.problems:
        print(f"  {problem}")
    print(f"transparency: {len(files)} files, {len(findings.left_out)} not run here, "
          f"{stable + len(findings.unstable)} compared, {len(findings.unstable)} not stable, "
          f"{stable} stable, {same} identical ({100 * same / max(stable, 1):.1f}%), "
          f"{seconds:.0f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("-k", action="append", default=[], dest="words")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--time-limit", type=int, default=60)
    parser.add_argument("--direct")
    parser.add_argument("--differences")
    parser.add_argument("--left-out", type=Path)
    parser.add_argument("--result", type=Path)
    options = parser.parse_args()

    start = time.monotonic()
    findings = Findings(options.differences)
    files, chosen = choose(options, findings)
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="sealgate-t-", dir=memory if memory.is_dir() else None) as folder:
        place = Path(folder)
        maker = Station(place / "made")
        maker.prepare(default_binary())
        queue = list(chosen)
        workers = [Worker(number, options, maker, queue, findings)
                   for number in range(options.jobs)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
            if worker.failure:
                findings.problems.append(f"{type(worker.failure).__name__}: {worker.failure}")
    judge(findings, Exceptions(), options.all and not options.words)
    report(findings, files, time.monotonic() - start)
    if options.left_out:
        lines = [f"{name}: {reason}" for name, reason in sorted(findings.left_out.items())]
        options.left_out.write_text("\n".join(lines) + "\n", "utf-8")
    if options.result:
        options.result.write_text(json.dumps({"passed": len(findings.identical),
                                              "failed": len(findings.problems),
                                              "failures": findings.problems}), "ascii")
    return 0 if not findings.problems and findings.identical else 1


if __name__ == "__main__":
    sys.exit(main())
