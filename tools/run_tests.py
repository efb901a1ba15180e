"""All tests of Sealgate, phase by phase; run by tools/test."""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bazel_runs import Bazel

ROOT = Path(__file__).resolve().parent.parent
FUZZ_SEEDS = ROOT / "tests" / "testdata" / "fuzz"
MOST_OF_AN_INPUT = 400  # characters
MOST_NAMED = 40  # failures of one run that the end of the output repeats
FUZZ_ARTIFACTS = ROOT / ".sealgate-dev" / "fuzz"
# What decides whether plaintext passes.
FUZZ_LONG = ("lexer_fuzz", "parser_fuzz", "rewriter_fuzz", "stored_value_fuzz")

HELP = """\
usage: tools/test [--quick] [--only PHASE]... [--fuzz-seconds N] [--soak-seconds N]
                  [--twin-statements N] [--whole-suite] [-k WORD]...

Sets up what is missing (tools/setup), then runs these phases in this order and
goes on after a failure:

  format       clang-format would change no file; generated documents are up to date
  build        the release build of everything
  unit         all unit tests, release build
  integration  tests/integration against MariaDB 10.11 and MySQL 9.7, two classes
               of tests at a time
  twin         random statements on protected tables and on their twins in the clear
  transparency MariaDB's own tests print the same through Sealgate: a sample of the
               suite "main", mysql_client_test, and the parser on what they send
  soak         64 clients through killed connections, restarts and garbage
  asan         all unit tests under AddressSanitizer and UBSan
  tsan         unit tests tagged "threads" under ThreadSanitizer
  fuzz         every fuzz target from its seeds: a minute for lexer, parser, rewriter and
               result, a few seconds for the others

  --quick           build and unit only
  --only PHASE      that phase; may be given several times
  --fuzz-seconds N  seconds for every fuzz target (60 for those four, 5 for the others)
  --twin-statements N  statements of the twin test per server (3000)
  --soak-seconds N  seconds of the soak (300; an hour is the full run)
  --whole-suite     transparency with every file, which takes hours
  -k WORD           integration tests whose name contains WORD (run.py -k)

The last line is "N passed, N failed": single GoogleTest cases, single
integration tests, one for each fuzz target and one each for format and build.
The exit status is 0 if something passed and nothing failed.

Build outputs and MySQL are kept in ${SEALGATE_CACHE:-~/.cache/sealgate}. Inputs
that crashed a fuzz target are kept in .sealgate-dev/fuzz.
"""


class Counts:
    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.failures = []
        self.phases = []  # a line each, for the end

    def ok(self, count=1):
        self.passed += count

    def bad(self, what, count=1):
        self.failed += count
        self.failures.append(what)


def phase_format(counts, options):
    run = subprocess.run([ROOT / "tools" / "format", "--check"], text=True, capture_output=True,
                         check=False)
    if run.returncode == 0:
        counts.ok()
        print(run.stdout.strip())
    else:
        unformatted(counts, run)
    generated_documents(counts)


def unformatted(counts, run):
    files = sorted(set(re.findall(r"^(\S+?):\d+:\d+: error: code should be", run.stderr, re.M)))
    print(f"{len(files)} files are not formatted; run tools/format" if files else run.stderr)
    for name in files:
        print(f"  {name}")
    counts.bad(f"format: {len(files)} files")


def generated_documents(counts):
    for tool in ("sql_coverage",):
        run = subprocess.run([ROOT / "tools" / tool, "--check"], text=True, capture_output=True,
                             check=False)
        print(run.stdout + run.stderr, end="")
        if run.returncode == 0:
            counts.ok()
        else:
            counts.bad(f"format: tools/{tool} --check")


def own_packages():
    """Every package of ours. "//..." would also follow the bazel-* links that
    another output base left, and fail in there."""
    folders = sorted(p for p in ROOT.iterdir()
                     if p.is_dir() and not p.name.startswith((".", "bazel-")))
    return ["//:all"] + [f"//{p.name}/..." for p in folders if any(p.rglob("BUILD"))]


def phase_build(counts, options):
    if Bazel("release").build(*own_packages()):
        counts.ok()
    else:
        counts.bad("the release build")


def bazel_tests(counts, bazel, *arguments):
    for target, passed, failed in bazel.test(*arguments):
        counts.ok(passed)
        for case in failed:
            counts.bad(f"{bazel.config}: {target} {case}")


def phase_unit(counts, options):
    bazel_tests(counts, Bazel("release"), "//tests/...")


def phase_asan(counts, options):
    with Bazel("asan") as bazel:
        bazel_tests(counts, bazel, "//tests/...")


def phase_tsan(counts, options):
    with Bazel("tsan") as bazel:
        bazel_tests(counts, bazel, "//tests/...", "--test_tag_filters=threads",
                    "--build_tests_only")


def phase_fuzz(counts, options):
    with Bazel("fuzz") as bazel:
        targets = bazel.query('kind("cc_binary", attr("tags", "fuzz", //tests/fuzz/...))')
        if not targets:
            counts.bad("fuzz: no target under //tests/fuzz is tagged 'fuzz'")
            return
        bazel.build(*targets)
        binaries = {target: bazel.binary(target) for target in targets}
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            # Those that take longest first.
            jobs = {target: pool.submit(fuzz, target, binary,
                                        options.fuzz_seconds or fuzz_seconds(target))
                    for target, binary in sorted(binaries.items(),
                                                 key=lambda each: -fuzz_seconds(each[0]))}
            for target, job in jobs.items():
                complaint, summary = job.result()
                print(f"  {target}: {complaint or summary}", flush=True)
                if complaint:
                    counts.bad(f"fuzz: {target}: {complaint}")
                else:
                    counts.ok()


def fuzz_seconds(target):
    return 60 if target.rpartition(":")[2] in FUZZ_LONG else 5


def fuzz(target, binary, seconds):
    """Runs one target; (complaint or None, summary)."""
    if not binary.exists():
        return "was not built", ""
    name = binary.name
    artifacts = FUZZ_ARTIFACTS / name
    artifacts.mkdir(parents=True, exist_ok=True)
    seeds = [p for p in (FUZZ_SEEDS / name, FUZZ_SEEDS / name.removesuffix("_fuzz")) if p.is_dir()]
    words = [f"-dict={p}" for p in (FUZZ_SEEDS / f"{name}.dict",) if p.is_file()]
    with tempfile.TemporaryDirectory(prefix="sealgate-fuzz-") as corpus:
        command = [binary, f"-max_total_time={seconds}", "-seed=1", "-timeout=10", "-rss_limit_mb=2048",
                   "-print_final_stats=1", f"-artifact_prefix={artifacts}/", *words, corpus,
                   *seeds]
        try:
            run = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=seconds + 120,
                                 check=False)
        except subprocess.TimeoutExpired:
            return f"did not stop after {seconds} + 120 s", ""
    log = run.stderr.decode(errors="replace")
    (artifacts / "last.log").write_text(log, encoding="utf-8")
    executed = re.search(r"stat::number_of_executed_units:\s+(\d+)", log)
    if run.returncode != 0:
        found = re.search(r"Test unit written to (\S+)", log)
        where = f"; again with: {binary} {found[1]}" if found else ""
        written = re.search(r"Base64: (\S+)", log)
        what = f"; input in Base64: {written[1][:MOST_OF_AN_INPUT]}" if written else ""
        return f"failed, see {artifacts}/last.log{where}{what}", ""
    if not executed or int(executed[1]) == 0:
        return "executed nothing", ""
    return None, f"{executed[1]} runs, {len(seeds)} seed folder{'s' * (len(seeds) != 1)}"


def phase_integration(counts, options):
    words = [argument for word in options.words for argument in ("-k", word)]
    python_run(counts, "integration", "tests/integration/run.py", *words)


def phase_transparency(counts, options):
    sample = ["--all"] if options.whole_suite else []
    for script in ("run.py", "corpus.py"):
        python_run(counts, script, f"tests/transparency/{script}", *sample)
    python_run(counts, "mysql_client_test", "tests/transparency/client_tests.py")


def phase_soak(counts, options):
    python_run(counts, "soak", "tests/soak/run.py", "--seconds", str(options.soak_seconds))


def phase_twin(counts, options):
    python_run(counts, "twin", "tests/twin/run.py", "--statements",
               str(options.twin_statements))


def python_run(counts, name, script, *arguments):
    """A script that tests the release build and writes {"passed": N, "failed": N},
    perhaps with {"failures": [names, or with why]}."""
    bazel = Bazel("release")
    if not bazel.build("//proxy:sealgate", "//tests/clients:connector_cpp", "//bench:relay",
                       "//tests/proxy/sql:parse_corpus"):
        counts.bad(f"{name}: the proxy does not build")
        return
    with tempfile.TemporaryDirectory(prefix="sealgate-run-") as place:
        result = Path(place) / "result.json"
        command = ["/usr/bin/python3", ROOT / script, "--result", result, *arguments]
        environment = {**os.environ, "SEALGATE_BINARY": str(bazel.binary("//proxy:sealgate")),
                       "PARSE_CORPUS": str(bazel.binary("//tests/proxy/sql:parse_corpus"))}
        run = subprocess.run(command, cwd=ROOT, env=environment, check=False)
        found = json.loads(result.read_text(encoding="ascii")) if result.exists() else None
    if found is None:
        counts.bad(f"{name}: the runner ended with status {run.returncode}, without a result")
        return
    counts.ok(found["passed"])
    if found["failed"]:
        named = found.get("failures", [])
        for failure in named[:MOST_NAMED]:
            counts.bad(f"{name}: {failure}")
        more = found["failed"] - len(named[:MOST_NAMED])
        if more > 0:
            counts.bad(f"{name}: {more} {'more ' if named else ''}failed, named above", more)
    elif run.returncode != 0:
        counts.bad(f"{name}: the runner ended with status {run.returncode}")


PHASES = {
    "format": (phase_format, "Format"),
    "build": (phase_build, "Release build"),
    "unit": (phase_unit, "Unit tests"),
    "integration": (phase_integration, "Integration tests, MariaDB and MySQL"),
    "twin": (phase_twin, "Twin test, MariaDB and MySQL"),
    "transparency": (phase_transparency, "MariaDB's own tests through Sealgate"),
    "soak": (phase_soak, "Soak"),
    "asan": (phase_asan, "Unit tests under AddressSanitizer and UBSan"),
    "tsan": (phase_tsan, "Threaded unit tests under ThreadSanitizer"),
    "fuzz": (phase_fuzz, "Fuzz targets"),
}
QUICK = ["build", "unit"]


def run_phase(name, counts, options):
    function, title = PHASES[name]
    print(f"\n==> {title}", flush=True)
    start, before = time.monotonic(), (counts.passed, counts.failed)
    try:
        function(counts, options)
    except Exception as error:  # a phase that crashes is a failure, not the end
        print(f"{type(error).__name__}: {error}")
        counts.bad(f"{name}: {type(error).__name__}")
    if (counts.passed, counts.failed) == before:
        counts.bad(f"{name}: nothing ran")
    counts.phases.append(f"    {title}: {counts.passed - before[0]} passed, "
                         f"{counts.failed - before[1]} failed, {time.monotonic() - start:.0f} s")
    print(counts.phases[-1], flush=True)


def parse(arguments):
    parser = argparse.ArgumentParser(prog="tools/test", add_help=False, usage=argparse.SUPPRESS)
    parser.add_argument("-h", "--help", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", action="append", choices=PHASES, default=[])
    parser.add_argument("--fuzz-seconds", type=int)
    parser.add_argument("--twin-statements", type=int, default=3000)
    parser.add_argument("--soak-seconds", type=int, default=300)
    parser.add_argument("--whole-suite", action="store_true")
    parser.add_argument("-k", action="append", default=[], dest="words")
    options = parser.parse_args(arguments)
    if options.help:
        print(HELP, end="")
        sys.exit(0)
    return options


def main():
    options = parse(sys.argv[1:])
    phases = [p for p in PHASES if p in (options.only or (QUICK if options.quick else PHASES))]
    counts = Counts()
    start = time.monotonic()
    group = "unit" if set(phases) <= set(QUICK) else "test"
    setup = subprocess.run([ROOT / "tools" / "setup", group], check=False)
    if setup.returncode != 0:
        counts.bad(f"tools/setup {group}")
    else:
        for name in phases:
            run_phase(name, counts, options)
    print(f"\n==> Sum, {time.monotonic() - start:.0f} s", flush=True)
    for phase in counts.phases:
        print(phase)
    for what in counts.failures:
        print(f"    failed: {what}")
    print(f"{counts.passed} passed, {counts.failed} failed", flush=True)
    return 0 if counts.failed == 0 and counts.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
