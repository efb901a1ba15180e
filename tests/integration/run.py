#!/usr/bin/python3
"""Runs the integration tests: tests/integration/test_*.py.

    run.py [-k WORD]... [--jobs N] [--result FILE] [--time-limit SECONDS]

-k WORD        only tests whose name (module.Class.test) contains WORD
--jobs N       test classes that run side by side, each in a process with servers
               of its own; default: 2, or 1 on a single processor
--result FILE  writes {"passed": N, "failed": N, "skipped": N, "failures": ["name: why"]}
               there
--time-limit SECONDS  of each test; default: 120
SEALGATE_BINARY names the proxy; default: bazel-bin/proxy/sealgate.
"""

import argparse
import faulthandler
import json
import os
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import side_by_side  # noqa: E402


def selected(suite, words):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from selected(item, words)
        elif not words or any(word in item.id() for word in words):
            yield item


def test_classes(words):
    """Name to tests, those with the most tests first, so that no long one is left
    for the end."""
    found = unittest.defaultTestLoader.discover(str(HERE), pattern="test_*.py",
                                                top_level_dir=str(HERE))
    classes = {}
    for test in selected(found, words):
        classes.setdefault(test.id().rpartition(".")[0], []).append(test)
    return dict(sorted(classes.items(), key=lambda item: -len(item[1])))


def parse():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-k", action="append", default=[], metavar="WORD", dest="words")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count()), metavar="N")
    parser.add_argument("--result", type=Path, metavar="FILE")
    parser.add_argument("--time-limit", type=int, default=300, metavar="SECONDS")
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.jobs < 1:
        parser.error("--jobs is 1 or more")
    return options


def main():
    options = parse()
    faulthandler.enable()
    classes = test_classes(options.words)
    if options.worker is not None:
        side_by_side.work(options.worker, classes, options.time_limit)
        return 0
    words = [argument for word in options.words for argument in ("-k", word)]
    command = [sys.executable, __file__, *words, "--time-limit", options.time_limit, "--worker"]
    counts = side_by_side.run(list(classes), options.jobs, command,
                              lambda text: print(text, end="", flush=True))
    if options.result:
        options.result.write_text(json.dumps(counts), encoding="ascii")
    print("integration: " + ", ".join(f"{counts[word]} {word}"
                                      for word in ("passed", "failed", "skipped")))
    return 0 if counts["failed"] == 0 and counts["passed"] > 0 else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
