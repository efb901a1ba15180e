#!/usr/bin/python3
"""A soak: many clients of several drivers work through one proxy while their
connections are killed, the database server restarts, malformed packets arrive,
the policy is reloaded and writes are held.

    run.py [--seconds N] [--clients N] [--kind mariadb|mysql] [--seed N] [--result FILE]

It fails if the proxy ends, an answer is wrong (each row carries a checksum), a
write that was acknowledged is missing, a client gets an error that no trouble
explains or gets no answer, a file descriptor is left, or memory grows. The
documented run is an hour: --seconds 3600. SEALGATE_BINARY names the proxy.
"""

import argparse
import json
import os
import random
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))

from client import Client  # noqa: E402
from ledger import DATABASE, IDS_PER_CLIENT, POLICY, TABLE, Ledger, is_right  # noqa: E402
from servers import ADMIN, APP, Sealgate, Server  # noqa: E402
from troubles import Troubles  # noqa: E402

DRIVERS = ("pymysql", "mysqlclient", "prepared")
SILENCE = 90  # seconds without a sign of life: longer than any timeout of a driver
ALLOWED_GROWTH = 1.1
ALLOWED_BYTES = 8 << 20


def resident(pid):
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def wait_for(condition, seconds):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


class Soak:
    def __init__(self, options):
        self.options = options
        self.findings = []
        self.memory = []

    def run(self):
        with Server(self.options.kind, general_log=False,
                    options=["--max-connections=500"]) as backend:
            backend.execute(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4", ADMIN)
            with Sealgate(backend, POLICY) as gate:
                gate.execute(TABLE, APP, DATABASE)
                self.disturb(backend, gate)
        return self.findings

    def disturb(self, backend, gate):
        pid, before = gate.pid, descriptors(gate.pid)
        stop, calm = threading.Event(), threading.Event()
        ledgers = [Ledger(f"{DRIVERS[i % len(DRIVERS)]}{i}", (i + 1) * IDS_PER_CLIENT)
                   for i in range(self.options.clients)]
        clients = [Client(gate.port, DRIVERS[i % len(DRIVERS)], ledger, self.options.seed, stop)
                   for i, ledger in enumerate(ledgers)]
        troubles = Troubles(backend, gate, random.Random(self.options.seed), calm)
        for thread in (*clients, troubles):
            thread.start()
        self.watch(gate, ledgers)
        calm.set()
        troubles.join(120)
        gate.command("maintenance", "end")
        stop.set()
        for client in clients:
            client.join(SILENCE)
            if client.is_alive():
                self.findings.append(f"{client.name} is stuck")
        self.findings += troubles.failures
        if not gate.running() or gate.pid != pid:
            self.findings.append(f"the proxy is gone\n{gate.logs()}")
            return
        self.verify(gate, ledgers)
        self.check_resources(gate, before)
        self.report(ledgers, troubles)

    def watch(self, gate, ledgers):
        end = time.monotonic() + self.options.seconds
        told = time.monotonic()
        while time.monotonic() < end and gate.running():
            time.sleep(1)
            self.memory.append(resident(gate.pid))
            now = time.monotonic()
            silent = [l.name for l in ledgers if l.last_sign and now - l.last_sign > SILENCE]
            if silent:
                self.findings.append(f"no sign of life for {SILENCE} s: {', '.join(silent)}")
                return
            if now - told > 30:
                told = now
                print(f"  {sum(l.statements for l in ledgers)} statements, "
                      f"{sum(l.connections for l in ledgers)} connections, "
                      f"{self.memory[-1] >> 10} KiB, {end - now:.0f} s to go", flush=True)

    def verify(self, gate, ledgers):
        connection = gate.connect(APP, DATABASE)
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM soak")
            rows = cursor.fetchall()
        connection.close()
        self.findings += [f"at the end row {row[0]} is wrong" for row in rows if not is_right(row)]
        stored = {row[0] for row in rows}
        for ledger in ledgers:
            self.findings += ledger.wrong[:5]
            missing = ledger.acknowledged - stored
            if missing:
                self.findings.append(f"{ledger.name}: {len(missing)} acknowledged rows are missing")
            if not ledger.statements:
                self.findings.append(f"{ledger.name} did nothing: {ledger.errors}")

    def check_resources(self, gate, before):
        if not wait_for(lambda: gate.metrics()["sealgate_connections"] == 0, 30):
            self.findings.append(f"sessions are left: {gate.metrics()['sealgate_connections']}")
        if not wait_for(lambda: descriptors(gate.pid) <= before + 2, 30):
            self.findings.append(f"file descriptors: {before} before, {descriptors(gate.pid)} after")
        # The first third warms buffers and caches up.
        middle = sorted(self.memory[len(self.memory) // 3:2 * len(self.memory) // 3])
        late = sorted(self.memory[2 * len(self.memory) // 3:])
        if middle and late:
            was, now = middle[len(middle) // 2], late[len(late) // 2]
            print(f"  memory, median: {was >> 10} KiB in the middle third, {now >> 10} KiB in the last")
            if now > was * ALLOWED_GROWTH + ALLOWED_BYTES:
                self.findings.append(f"memory grows: {was} to {now} bytes")

    def report(self, ledgers, troubles):
        errors = {}
        for ledger in ledgers:
            for number, count in ledger.errors.items():
                errors[number] = errors.get(number, 0) + count
        print(f"  {sum(l.statements for l in ledgers)} statements, "
              f"{sum(len(l.acknowledged) for l in ledgers)} rows acknowledged and found, "
              f"{sum(l.connections for l in ledgers)} connections")
        print(f"  troubles: {dict(sorted(troubles.counts.items()))}")
        print(f"  errors that clients got: {dict(sorted(errors.items()))}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=300, metavar="N")
    parser.add_argument("--clients", type=int, default=64, metavar="N")
    parser.add_argument("--kind", choices=("mariadb", "mysql"), default="mariadb")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--result", type=Path, metavar="FILE")
    options = parser.parse_args()
    print(f"soak: {options.clients} clients on {options.kind} for {options.seconds} s, "
          f"seed {options.seed}", flush=True)
    findings = Soak(options).run()
    for finding in findings:
        print(f"  FAILED: {finding}")
    if options.result:
        options.result.write_text(json.dumps({"passed": int(not findings),
                                              "failed": int(bool(findings))}), encoding="ascii")
    print("soak: " + ("failed" if findings else "passed"))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
