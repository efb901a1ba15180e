"""Bazel as tools/test uses it: one output base per configuration, a shared disk
cache, and test results read from Bazel's own event stream.

The release configuration uses Bazel's default output base, so that what tools/test
builds is what `bazel build --config=release` builds. Sanitizers and fuzzing have
output bases below the cache directory: switching configurations in one base
would build everything again.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from urllib.parse import unquote, urlparse

ROOT = Path(__file__).resolve().parent.parent
BAZEL = "/usr/bin/bazel"
DISK_CACHE_BYTES = 8 << 30
# Bazel's exit status when it ran and a test failed.
TESTS_FAILED = 3


def cache_dir():
    default = Path(os.environ.get("HOME", "/root")) / ".cache" / "sealgate"
    return Path(os.environ.get("SEALGATE_CACHE") or default)


class Bazel:
    def __init__(self, config):
        self.config = config
        self._startup = []
        bases = cache_dir() / "bazel"
        # tools/quickstart and people use the default base for release builds.
        if config != "release":
            checkout = hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]
            self._startup = [f"--output_base={bases / 'base' / checkout / config}",
                             "--max_idle_secs=60"]
        self._flags = [
            f"--config={config}", "--nosandbox_debug", f"--disk_cache={bases / 'disk'}",
            "--show_progress_rate_limit=10", "--noshow_loading_progress", "--keep_going",
        ]
        if config != "release":
            # bazel-bin and its kin keep pointing to the release build.
            self._flags.append("--symlink_prefix=/")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        # Each server holds some hundred megabytes that the next phase can use.
        self._run("shutdown", capture=True)
        trim(cache_dir() / "bazel")

    def _run(self, command, *arguments, capture=False):
        return subprocess.run([BAZEL, *self._startup, command, *arguments], cwd=ROOT, text=True,
                              check=False, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE if capture else None,
                              stderr=subprocess.PIPE if capture else subprocess.STDOUT)

    def build(self, *targets):
        return self._run("build", *self._flags, *targets).returncode == 0

    def query(self, expression):
        """Labels that the expression names, sorted."""
        run = self._run("query", "--noshow_progress", expression, capture=True)
        if run.returncode != 0:
            raise RuntimeError(f"bazel query failed:\n{run.stderr[-2000:]}")
        return sorted(run.stdout.split())

    def binary(self, label):
        """Where the build of this configuration puts a binary."""
        run = self._run("info", *self._flags[:1], "bazel-bin", capture=True)
        if run.returncode != 0:
            raise RuntimeError(f"bazel info failed:\n{run.stderr[-2000:]}")
        return Path(run.stdout.strip()) / label.lstrip("/").replace(":", "/")

    def test(self, *arguments):
        """Runs tests; yields (target, number passed, names of failed cases)."""
        with tempfile.TemporaryDirectory(prefix="sealgate-events-") as place:
            events = Path(place) / "events.json"
            run = self._run("test", *self._flags, "--test_summary=terse",
                            "--notest_verbose_timeout_warnings",
                            f"--build_event_json_file={events}", *arguments)
            results = list(results_of(events))
        yield from results
        if run.returncode not in (0, TESTS_FAILED) and not any(bad for _, _, bad in results):
            yield "bazel", 0, [f"ended with status {run.returncode}"]
        elif run.returncode == TESTS_FAILED and not any(bad for _, _, bad in results):
            yield "bazel", 0, ["reports failed tests, but no result names one"]


def results_of(events_file):
    """(target, number passed, names of failed cases) for each test target."""
    wanted, documents, statuses = set(), {}, {}
    lines = events_file.read_text(encoding="utf-8").splitlines() if events_file.exists() else []
    for event in map(json.loads, lines):
        name = event.get("id", {})
        if "targetConfigured" in name and "test" in event.get("configured", {}).get(
                "targetKind", "").split(" ")[0]:
            wanted.add(name["targetConfigured"]["label"])
        elif "testResult" in name and "testResult" in event:
            label = name["testResult"]["label"]
            for output in event["testResult"].get("testActionOutput", []):
                if output.get("name") == "test.xml" and "uri" in output:
                    documents.setdefault(label, []).append(unquote(urlparse(output["uri"]).path))
        elif "testSummary" in name and "testSummary" in event:
            statuses[name["testSummary"]["label"]] = event["testSummary"].get("overallStatus")
    for label in sorted(wanted | set(statuses)):
        yield result_of_target(label, statuses.get(label, "NOT BUILT"), documents.get(label, []))


def result_of_target(label, status, documents):
    passed, failed = 0, []
    for path in documents:
        try:
            cases = ElementTree.parse(path).getroot().iter("testcase")
            for case in cases:
                name = f"{case.get('classname', '')}.{case.get('name', '')}".strip(".")
                if case.find("failure") is not None or case.find("error") is not None:
                    failed.append(name)
                elif case.find("skipped") is not None or case.get("status") == "notrun":
                    print(f"    SKIPPED: {label} {name}")
                else:
                    passed += 1
        except (OSError, ElementTree.ParseError) as error:
            failed.append(f"test.xml: {error}")
    # A sanitizer's report at exit comes after every case has passed.
    if status != "PASSED" and not failed:
        failed.append(f"as a whole: {status}")
    elif passed + len(failed) == 0:
        failed.append("has no test case that ran")
    return label, passed, failed


def trim(bazel_cache):
    """Removes output bases of checkouts that are gone, and the oldest entries of
    a disk cache that grew past its bound."""
    for note in bazel_cache.glob("base/*/*/DO_NOT_BUILD_HERE"):
        workspace = Path(note.read_text(encoding="utf-8").strip())
        if not workspace.exists():
            subprocess.run(["chmod", "-R", "u+w", note.parent], check=False)
            shutil.rmtree(note.parent, ignore_errors=True)
    entries = []
    for path in bazel_cache.glob("disk/**/*"):
        if path.is_file():
            state = path.stat()
            entries.append((max(state.st_atime, state.st_mtime), state.st_size, path))
    size, hour_ago = sum(e[1] for e in entries), time.time() - 3600
    for used, length, path in sorted(entries, key=lambda entry: entry[0]):
        if size <= DISK_CACHE_BYTES or used > hour_ago:
            break
        path.unlink(missing_ok=True)
        size -= length
