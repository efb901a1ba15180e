"""Case files: a policy, tables and statements whose answers must agree. They
are replayed each run, and made from what a run finds."""

import json
import time

from raw_packets import ProtocolError

from compare import differences
from landed import Landed
from pair import contents
from statement import step_from_json


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def save(path, case):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(case, indent=1, ensure_ascii=True) + "\n", encoding="ascii")


def run_case(pair, case):
    """Lines that say what differs, by statement; [] is what is wanted."""
    refused = pair.enter(case["policy"], case["tables"])
    if refused:
        return [f"refused: {text}" for text in refused]
    return _run_steps(pair, [step_from_json(s) for s in case["steps"]], case["names"])


def _run_steps(pair, steps, names):
    found = []
    for step in [*steps, *(contents(name) for name in names)]:
        landed = Landed(pair, step)
        try:
            own, theirs = pair.ask(step)
        except (ProtocolError, OSError) as error:
            return [*found, f"{step.shown()}\n    {error}"]
        lines = (broken(step, own) if theirs is None else
                 differences(step, own, theirs, pair.weigher) + landed.lines(theirs))
        found += [f"{step.shown()}\n    {line}" for line in lines]
    return found


def broken(step, own):
    """A refusal that is none: a stored value that does not open."""
    return [f"error {own.error} {own.message}"] if own.error == 1105 else []


def minimised(pair, tables, names, steps, seconds=60):
    """The fewest of `steps` found in that time with which the answers still
    differ; None when they do not differ again. The proxy stays as it is."""
    end = time.monotonic() + seconds

    def differs(some):
        pair.drop(names)
        return not pair.create(tables) and bool(_run_steps(pair, some, names))

    if not differs(steps):
        return None
    size = max(1, len(steps) // 2)
    while time.monotonic() < end:
        at, shorter = 0, False
        while at < len(steps) and time.monotonic() < end:
            fewer = steps[:at] + steps[at + size:]
            if fewer and differs(fewer):
                steps, shorter = fewer, True
            else:
                at += size
        if size == 1 and not shorter:
            break
        size = max(1, size // 2)
    return steps
