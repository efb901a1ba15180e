#!/usr/bin/python3
"""The twin test: random statements on protected tables through Sealgate, and on
their twins in the clear at a server of the same kind. Each answer is the same,
or Sealgate refused the statement. docs/testing.md says more.

    run.py [--seed N] [--seconds N] [--statements N] [--kind mariadb|mysql]
           [--grid SHARE] [--replay FILE]... [--result FILE] [--keep-going]
           [--minimise N]

--seed N        where the random numbers start (1)
--seconds N     per server (50); a world that was begun is ended
--statements N  per server, in place of --seconds
--kind KIND     that server only
--grid SHARE    how much of the grid (grid.py) is looked at, 0 to 1 (0.02)
--replay FILE   run only these case files
--keep-going    look for further differences after one was found
--minimise N    seconds for making a case file short (60); with 0, a world goes on
                after a difference in what only reads
--result FILE   writes {"passed": N, "failed": N, "skipped": 0} there
SEALGATE_BINARY names the proxy; default: bazel-bin/proxy/sealgate.
A difference is printed with its seed and kept as a case file in
.sealgate-dev/twin; tests/twin/cases holds those that were mended.
"""

import argparse
import json
import random
import re
import sys
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]
from raw_packets import ProtocolError  # noqa: E402

import grid  # noqa: E402
import leaks  # noqa: E402
import others  # noqa: E402
import replay  # noqa: E402
from compare import differences  # noqa: E402
from ddl import Definitions  # noqa: E402
from dress import dressed  # noqa: E402
from expressions import Maker  # noqa: E402
from misjudged import (judged_by_plan, lost_by_prepared, misjudged, misjudged_prepared,  # noqa: E402
                       numbered_anew)
from landed import Landed  # noqa: E402
from names import Names  # noqa: E402
from odd import Odd  # noqa: E402
from others import Others  # noqa: E402
from pair import Pair, contents  # noqa: E402
from schema import World  # noqa: E402
from selects import Selects  # noqa: E402
from session import WAYS, State  # noqa: E402
from sessions import Sessions  # noqa: E402
from statement import flat  # noqa: E402
from writes import Writes, fill  # noqa: E402

STATEMENTS_PER_WORLD = 1500
# One world in so many has other sessions beside its own.
WORLDS_WITH_OTHERS = 4
FOUND = HERE.parents[1] / ".sealgate-dev" / "twin"


class Grammar(Maker, Selects, Writes, Sessions, Odd, Names, Definitions, Others):
    """Everything that is drawn for one world."""

    def __init__(self, rng, world):
        super().__init__(rng, world)
        self.state = State()
        self.begin_others()

    def statements(self):
        """The next ones, mostly one."""
        drawn = self.drawn()
        while any(misjudged(s.text()) for s in drawn):
            drawn = self.drawn()
        for statement in drawn:
            if not statement.session and self.chance(0.12):
                statement.parts = dressed(self.rng, list(flat(statement.parts)), self.world.kind,
                                          self.state_of(statement.who))
        return drawn

    def drawn(self):
        drawn = self.pick((50, self.select), (30, self.write), (4, self.transaction),
                          (1, self.setting), (12, self.odd), (3, self.named), (1, self.definition),
                          (1, self.shown), (200 if self.world.others else 0, self.beside))
        return drawn if isinstance(drawn, list) else [drawn]


    def state_of(self, who):
        """Only the first session changes how literals are read."""
        return State() if who else self.state


class Tally:
    def __init__(self):
        self.run = self.differences = self.crashes = 0
        self.prepared = 0
        self.kinds, self.refused, self.refused_kinds, self.errors = (Counter() for _ in range(4))

    def count(self, step, own):
        self.run += 1
        self.prepared += step.values is not None
        self.kinds[step.kind] += 1
        if own.refused:
            self.refused_kinds[step.kind] += 1
            self.refused[f"{own.error} {reason(own.message)}"] += 1
        elif own.error:
            self.errors[own.error] += 1

    def show(self, kind, seconds):
        refused = sum(self.refused.values())
        print(f"{kind}: {self.run} statements ({self.prepared} prepared) in {seconds:.0f} s, "
              f"{refused} refused ({100 * refused / max(1, self.run):.1f} %), "
              f"{sum(self.errors.values())} errors of the server, "
              f"{self.differences} differences"
              + (f"; a server crashed {self.crashes} times" if self.crashes else ""))
        for name, count in self.kinds.most_common():
            share = 100 * self.refused_kinds[name] / count
            print(f"    {count:7} {name}, {share:.0f} % refused")
        print("  refused:")
        for name, count in self.refused.most_common():
            print(f"    {count:7} {name}")


def reason(message):
    """A refusal without names and places."""
    text = re.sub(r"^sealgate: ", "", message)
    text = re.sub(r" \(at character \d+\)$", "", text)
    text = re.sub(r"\bshop\.\w+\.\w+", "COLUMN", text)
    return re.sub(r"\b[at]\d?\.\w+\b", "NAME", text)[:110]


class Run:
    """Worlds for one kind of server."""

    def __init__(self, pair, options):
        self.pair, self.options, self.tally = pair, options, Tally()
        self.markers = []

    def worlds(self):
        start, number = time.monotonic(), 0
        while not self.over(start):
            # Strings seed alike in every process.
            self.world(f"{self.options.seed}.{number}")
            number += 1
            if self.tally.differences and not self.options.keep_going:
                break
        self.tally.show(self.pair.kind, time.monotonic() - start)

    def over(self, start):
        if self.options.statements:
            return self.tally.run >= self.options.statements
        return time.monotonic() - start >= self.options.seconds

    def world(self, seed):
        self.rng = random.Random(f"{self.pair.kind} {seed}")
        number = int(seed.split(".")[1])
        beside = number % WORLDS_WITH_OTHERS == WORLDS_WITH_OTHERS - 1
        self.seed, self.made = seed, World(self.rng, self.pair.kind, beside)
        self.markers.append(self.made.marker)
        self.tables = [t.create() for t in self.made.tables + self.made.views]
        refused = self.pair.enter(self.made.policy(), self.tables)
        if refused:
            self.report(None, [f"refused: {text}" for text in refused])
            return
        self.grammar = Grammar(self.rng, self.made)
        self.steps = []  # those that a replay needs
        for table in self.made.tables:
            for statement in fill(self.grammar, table, 12):
                if not self.one(statement, loose=False):
                    return
        self.statements()

    def statements(self):
        usual = 0
        for number in range(STATEMENTS_PER_WORLD):
            if number % 250 == 249:
                self.pair.reconnect(found_rows=self.rng.random() < 0.5)
                # A replay has one session: what was open has to end there too.
                self.steps.append(None)
                self.grammar.state = State()
            for statement in self.grammar.statements():
                if statement.kind == "set":
                    usual = number + self.rng.randint(3, 15)
                if not self.one(statement):
                    return
            if number == usual and not all(self.one(s) for s in self.grammar.usual()):
                return
            if number % 40 == 39 and not self.whole():
                return

    def whole(self):
        return all(self.check(contents(t.name)) for t in self.made.tables)

    def one(self, statement, loose=True):
        able = not (statement.session or statement.as_text or statement.who == "server")
        prepared = bool(statement.kept) or (able and self.rng.random() < 0.4
                                            and not misjudged_prepared(self.pair.kind, statement))
        how = "" if statement.writes else self.rng.choice(WAYS)
        if statement.kept and how == "cursor":
            how = ""  # MySQL's next answer without a cursor would have no end
        state = self.grammar.state_of(statement.who)
        return self.check(statement.step(state, prepared, how), statement.then)

    def check(self, step, then=None):
        """False when this world is of no more use."""
        if step.writes or step.session:
            self.steps.append(step)
        landed = Landed(self.pair, step)
        try:
            own, theirs = self.pair.ask(step)
        except (ProtocolError, OSError) as error:
            if self.pair.revived():
                # What a server's own fault ends is nobody's difference.
                self.tally.crashes += 1
                print(f"  {self.pair.kind}, seed {self.seed}: a server crashed at {step.shown()}")
                return False
            self.report(step, [str(error), self.pair.gate.logs()])
            return False
        if step.during:
            self.grammar.objects = self.pair.objects(self.grammar.objects)
        self.tally.count(step, own)
        if theirs is None:
            # What was done while it was held stays done.
            if (step.writes or step.session) and not step.during:
                self.steps.pop()
            lines = replay.broken(step, own)
        elif (judged_by_plan(step, own, theirs)
              or lost_by_prepared(step, own, theirs)
              or numbered_anew(self.pair.kind, step, self.steps, own, theirs)):
            return False
        else:
            lines = differences(step, own, theirs, self.pair.weigher) + landed.lines(theirs)
        if then and theirs and not own.error:
            then()
        if not lines:
            return True
        self.report(step, lines, own, theirs)
        # What only reads leaves both sides as they were; making it short does not.
        return (self.options.keep_going and not self.options.minimise
                and not (step.writes or step.session))

    def report(self, step, lines, own=None, theirs=None):
        self.tally.differences += 1
        print(f"\n{self.pair.kind}, seed {self.seed}, difference:", flush=True)
        print("  " + (step.shown() if step else "tables"))
        for line in lines:
            print(f"  * {line}")
        for name, answer in (("through Sealgate", own), ("directly", theirs)):
            if answer:
                print(f"  {name}: {answer.shown()}")
        if step:
            self.keep(step)
        sys.stdout.flush()

    def keep(self, step):
        """A case file, as short as a minute makes it."""
        cut = max((n + 1 for n, s in enumerate(self.steps) if s is None), default=0)
        earlier = [s for s in self.steps[:cut] if s and s.writes]
        steps = earlier + self.steps[cut:]
        if not (step.writes or step.session):
            steps.append(step)
        names = [*(t.name for t in self.made.views + self.made.tables), "n1",
                 *(others.LEFT if self.made.others else ())]
        fewer = None
        try:
            if self.options.minimise:
                fewer = replay.minimised(self.pair, self.tables, names, steps,
                                         self.options.minimise)
        except (ProtocolError, OSError) as error:
            fewer = print(f"  not minimised: {error}")
        path = FOUND / f"{self.pair.kind}-{self.seed}.json"
        replay.save(path, {"kind": self.pair.kind, "why": "", "policy": self.made.policy(),
                           "tables": self.tables, "names": names,
                           "steps": [s.as_json() for s in fewer or steps]})
        print(f"  kept as {path}" + ("" if fewer or not self.options.minimise else
                                     ", though it did not differ again there"))
        for each in (fewer or [])[-8:]:
            print(f"    {each.shown()}")


def cases(pair, paths, counts):
    for path in paths:
        case = replay.load(path)
        if pair.kind not in case["kind"].split():
            continue
        found = replay.run_case(pair, case)
        counts["failed" if found else "passed"] += 1
        print(f"  {pair.kind}, case {path.stem}: {'FAILED' if found else 'ok'}", flush=True)
        for line in found:
            print(f"    {line}")


def run_kind(kind, options, counts):
    with Pair(kind) as pair:
        cases(pair, options.replay or sorted((HERE / "cases").glob("*.json")), counts)
        if options.replay:
            return
        ran, wrong = grid.run(pair, random.Random(f"{kind} {options.seed}"), options.grid)
        counts["failed" if wrong or not ran else "passed"] += 1
        run = Run(pair, options)
        run.worlds()
        counts["failed" if run.tally.differences or not run.tally.run else "passed"] += 1
        found = leaks.places(pair.sealed, run.markers)
        for line in found:
            print(f"  LEAK: {line}")
        counts["failed" if found else "passed"] += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=50)
    parser.add_argument("--statements", type=int, default=0)
    parser.add_argument("--kind", choices=("mariadb", "mysql"))
    parser.add_argument("--grid", type=float, default=0.02)
    parser.add_argument("--replay", type=Path, action="append", default=[])
    parser.add_argument("--minimise", type=int, default=60)
    parser.add_argument("--keep-going", action="store_true")
    parser.add_argument("--result", type=Path)
    options = parser.parse_args()
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for kind in (options.kind,) if options.kind else ("mariadb", "mysql"):
        run_kind(kind, options, counts)
    if options.result:
        options.result.write_text(json.dumps(counts), encoding="ascii")
    print("twin: " + ", ".join(f"{n} {word}" for word, n in counts.items()))
    return 0 if counts["failed"] == 0 and counts["passed"] > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
