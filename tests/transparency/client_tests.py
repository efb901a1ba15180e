#!/usr/bin/python3
"""mysql_client_test, MariaDB's own tests of its C client library: what passes
directly must pass through Sealgate, too.

    client_tests.py [-k WORD]... [--result FILE]

Each of its tests runs by itself, directly and through Sealgate with a policy
that protects columns of other tables. client_exceptions.txt lists the tests that
fail through Sealgate, with the cause; a test of that list must fail.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]
from known import Exceptions  # noqa: E402
from servers.proxy import default_binary  # noqa: E402
from station import Station  # noqa: E402
from suite import SUITE, TestFile  # noqa: E402

PROGRAM = "/usr/bin/mysql_client_test"
TIME_LIMIT = 60


def names():
    run = subprocess.run([PROGRAM, "--no-defaults", "--show-tests"], stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, check=False)
    return [line.strip() for line in run.stdout.decode("latin1").splitlines()
            if line.strip().startswith("test_")]


def run(station, name):
    """(passed, what it said)"""
    if not station.alive():
        station.start(station.options)
    station.sql("DROP DATABASE IF EXISTS client_test_db")  # of one that failed
    command = [PROGRAM, f"--defaults-file={station.config}", "--testcase", "--host=127.0.0.1",
               f"--vardir={station.vardir}", f"--basedir={SUITE.parent}",
               "--getopt-ll-test=25600M", name]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               stdin=subprocess.DEVNULL, env=station.variables(),
                               cwd=station.vardir, start_new_session=True)
    try:
        output, _ = process.communicate(timeout=TIME_LIMIT)
        return process.returncode == 0, output.decode("latin1")
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return False, f"ran longer than {TIME_LIMIT} s\n{process.communicate()[0].decode('latin1')}"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-k", action="append", default=[], dest="words")
    parser.add_argument("--result", type=Path)
    options = parser.parse_args()
    chosen = [name for name in names()
              if not options.words or any(word in name for word in options.words)]
    known = Exceptions(HERE / "client_exceptions.txt")
    memory = Path("/dev/shm")
    passed = alone = 0
    failures = []
    with tempfile.TemporaryDirectory(prefix="sealgate-m-",
                                     dir=memory if memory.is_dir() else None) as folder:
        place = Path(folder)
        made = Station(place / "made")
        made.prepare(default_binary())
        direct, proxied = Station(place / "d"), Station(place / "p", default_binary())
        for station in (direct, proxied):
            station.place.mkdir()
            station.template = made.template
            station.options = TestFile(SUITE / "mysql_client_test.test").options
        proxied.take_keys(made)
        for station in (direct, proxied):
            station.start(station.options)
        for name in chosen:
            works, _ = run(direct, name)
            if not works:
                alone += 1
                continue
            works, said = run(proxied, name)
            if works and not known.must_differ(name) or not works and known.expects(name):
                passed += 1
                continue
            failures.append(name)
            print(f"  {name}: " + ("passes, but is in client_exceptions.txt" if works
                                   else "FAILS through Sealgate\n" + said[-1500:]), flush=True)
        direct.stop()
        proxied.stop()
    print(f"mysql_client_test: {len(chosen)} tests, {alone} fail directly, {passed} as expected "
          f"through Sealgate, {len(failures)} not")
    if options.result:
        options.result.write_text(json.dumps({"passed": passed, "failed": len(failures),
                                              "failures": failures}), "ascii")
    return 0 if passed and not failures else 1


if __name__ == "__main__":
    sys.exit(main())
