"""Sets the stage for story.py and clears it; run by tools/quickstart."""

import argparse
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import shop  # noqa: E402
import story  # noqa: E402
from bazel_runs import Bazel  # noqa: E402
from display import Wrong, check, heading, note, shell, step  # noqa: E402
from programs import Client, MariaDb, Sealgate, application_options, write_secret  # noqa: E402

ROOT = HERE.parent.parent
KEPT = ROOT / ".sealgate-dev" / "quickstart"  # holds the path of what --keep left


def kept_place():
    """The directory of a stage that --keep left, or None."""
    try:
        name = KEPT.read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return Path(name) if name and Path(name).is_dir() else None


def build():
    step("Building Sealgate (a first build takes some minutes, a second some seconds)")
    start = time.monotonic()
    # Its server ends with this block: nothing is to be left behind.
    with Bazel("release") as bazel:
        check(bazel.build("//proxy:sealgate"), "the build failed; its reasons are above")
        note(f"built in {time.monotonic() - start:.0f} s")
        return bazel.binary("//proxy:sealgate")


class Stage:
    """A directory with the servers, their files, and the clients' options."""

    def __init__(self, binary, keep):
        self.place = Path(tempfile.mkdtemp(prefix="sealgate-quickstart-"))
        self.keep = keep
        self.programs = []
        self.binary = binary
        if keep:
            # What runs on must not change with the next build.
            self.binary = self.place / "sealgate"
            shutil.copy2(binary, self.binary)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        # Clearing up is not to be interrupted by an impatient second Ctrl-C.
        previous = {number: signal.signal(number, signal.SIG_IGN)
                    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        try:
            if kind is not None:
                self.show_log()
            if kind is not None or not self.keep:
                self.clear(kind is None)
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    def show_log(self):
        for program in self.programs:
            status = program.child.poll() if program.child is not None else None
            if status is not None:
                print(f"\n{program.name} ended by itself with status {status}", file=sys.stderr)
            log = program.log()
            if log:
                print(f"\n---- the end of what {program.name} said ----\n{log}", file=sys.stderr)

    def clear(self, in_order):
        statuses = {program.name: program.stop() for program in reversed(self.programs)}
        shutil.rmtree(self.place, ignore_errors=True)
        # A clean drain is part of what is shown; after a failure it is not asked for.
        check(not in_order or all(status == 0 for status in statuses.values()),
              f"a program did not end with status 0 when asked to: {statuses}")

    def start_database(self):
        step("Starting a private MariaDB")
        database = MariaDb(self.place, self.keep)
        self.programs.append(database)
        database.start()
        passwords = {name: secrets.token_hex(16) for name in ("app", "support", "sealgate")}
        root = database.create_accounts({
            "app": (passwords["app"], ["ALL PRIVILEGES ON shop.*"]),
            "support": (passwords["support"], ["SELECT ON shop.*"]),
            "sealgate": (passwords["sealgate"], ["SELECT, SHOW VIEW, TRIGGER, EVENT ON *.*"])})
        root.run("CREATE DATABASE shop; CREATE TABLE shop.notes (note VARCHAR(200));")
        note(f"MariaDB {root.rows('SELECT VERSION()')[0][0]} listens on 127.0.0.1:{database.port}")
        return database, passwords

    def start_proxy(self, database, passwords):
        step("Making keys and starting Sealgate before it")
        write_secret(self.place / "catalog.password", passwords["sealgate"] + "\n")
        (self.place / "policy.yaml").write_text(shop.POLICY, encoding="utf-8")
        gate = Sealgate(self.binary, self.place, self.keep, database.port)
        self.programs.append(gate)
        shell("sealgate keys init", gate.must("keys", "init"))
        shell("sealgate keys add --from-policy", gate.must("keys", "add", "--from-policy"))
        gate.start()
        note(f"Sealgate listens on 127.0.0.1:{gate.port}. Its policy:\n\n{shop.POLICY}")
        return gate

    def build_world(self):
        database, passwords = self.start_database()
        gate = self.start_proxy(database, passwords)
        app, support = (Client(application_options(self.place, name, gate.port, passwords[name]),
                               "shop") for name in ("app", "support"))
        return story.World(app, support, Client(self.place / "root.cnf", "shop"), gate, database)

    def say_how_to_connect(self, world):
        KEPT.write_text(f"{self.place}\n", encoding="utf-8")
        heading("Sealgate and MariaDB keep running")
        note(f"""\
the application  mariadb --defaults-file={self.place}/app.cnf shop
support          mariadb --defaults-file={self.place}/support.cnf shop
the database     mariadb --defaults-file={self.place}/root.cnf shop
                 (directly, as root: what an administrator of the server sees)
other programs   127.0.0.1:{world.gate.port}, user app, the password is in app.cnf
maintenance      {self.binary} maintenance status --config {self.place}/sealgate.yaml
admin API        http://127.0.0.1:{world.gate.admin_port}/v1/status
                 (bearer token in {self.place}/admin.token)
metrics          http://127.0.0.1:{world.gate.metrics_port}/metrics
files            {self.place}: policy.yaml, sealgate.yaml, sealgate.log, general.log

stop             tools/quickstart --stop""")


def is_ours(pid, place):
    """Whether the process still is one that was started in `place`."""
    try:
        # MariaDB works in the data directory below.
        return Path(os.readlink(f"/proc/{pid}/cwd")).is_relative_to(place)
    except OSError:
        return False


def stop_kept():
    place = kept_place()
    if place is None:
        KEPT.unlink(missing_ok=True)
        print("nothing to stop: no quick start was left running by --keep")
        return 0
    for name in ("sealgate", "mariadb"):
        try:
            pid = int((place / f"{name}.pid").read_text(encoding="ascii"))
        except (OSError, ValueError):
            continue
        end(name, pid, place)
    shutil.rmtree(place, ignore_errors=True)
    KEPT.unlink(missing_ok=True)
    note(f"{place} is removed")
    return 0


def end(name, pid, place):
    if not is_ours(pid, place):
        note(f"{name} had ended already")
        return
    step(f"Stopping {name} (process {pid})")
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 20
    while is_ours(pid, place):
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            deadline = time.monotonic() + 5
        time.sleep(0.05)


def interrupted(number, frame):
    sys.exit(128 + number)


def run(options):
    start = time.monotonic()
    if options.keep:
        check(kept_place() is None, f"one is running already, in {kept_place()}; stop it with: "
              "tools/quickstart --stop")
        # Better to fail now than after all has been shown.
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_text("", encoding="utf-8")
    binary = options.binary.resolve() if options.binary else build()
    check(os.access(binary, os.X_OK), f"{binary} is not a program")
    with Stage(binary, options.keep) as stage:
        world = stage.build_world()
        for scene in story.SCENES:
            scene(world)
        if options.keep:
            stage.say_how_to_connect(world)
    heading("Done")
    cleared = "" if options.keep else " Both servers were stopped and their files removed."
    note(f"Everything above was checked while it was shown.{cleared} "
         f"({time.monotonic() - start:.0f} s)")
    return 0


def main():
    parser = argparse.ArgumentParser(prog="tools/quickstart", add_help=False)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--stop", action="store_true")
    parser.add_argument("--binary", type=Path)
    options = parser.parse_args()
    # A terminal that lacks a character shows another one.
    sys.stdout.reconfigure(errors="replace")
    sys.stderr.reconfigure(errors="replace")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    try:
        return stop_kept() if options.stop else run(options)
    except BrokenPipeError:
        # Nobody reads any more; do not fail again when Python flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (Wrong, OSError, subprocess.SubprocessError) as error:
        sys.stdout.flush()
        print(f"\nerror: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
