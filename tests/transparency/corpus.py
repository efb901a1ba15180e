#!/usr/bin/python3
"""The parser against what MariaDB accepts: statements of MariaDB's own tests.

    corpus.py [--files N | --all] [--seed N] [-k WORD]... [--result FILE] [--list FILE]
              [--keep FILE | --from FILE]

Runs the .test files that can be run here directly, through a relay that writes
down every statement which the server accepted. Those of the classes that the
parser knows go to parse_corpus ($PARSE_CORPUS, default bazel-bin/tests/proxy/sql/
parse_corpus). At least 99.9% must be parsed. Texts of several statements are
left out, and those with executable comments are counted for themselves: of both,
nothing is concluded from tokens.

--list FILE  writes the statements that were not parsed
--keep FILE, --from FILE  writes the statements down, or takes them from there
"""

import argparse
import json
import os
import pickle
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]
import mysqltest  # noqa: E402
from recorder import TRACKED, Recorder  # noqa: E402
from servers.proxy import ROOT, default_binary  # noqa: E402
from station import BEHIND, Station  # noqa: E402
from suite import read_suite  # noqa: E402

GOAL = 0.999
CLASSES = ("SELECT", "INSERT", "REPLACE", "UPDATE", "DELETE", "WITH", "VALUES", "TABLE",
           "CREATE TABLE")
_COMMENT = rb"(?:/\*(?!!|M!)(?:[^*]|\*(?!/))*\*/|--[ \t\r\n][^\n]*\n?|#[^\n]*\n?)"
_VERB = re.compile(rb"(?:\s|\(|" + _COMMENT + rb")*(?P<verb>[A-Za-z]+)"
                   rb"(?:\s+(?P<rest>(?:OR\s+REPLACE\s+)?(?:TEMPORARY\s+)?TABLE\b))?",
                   re.IGNORECASE)


def class_of(statement):
    found = _VERB.match(statement)
    if not found:
        return None
    verb = found["verb"].decode("ascii").upper()
    if verb == "CREATE":
        return "CREATE TABLE" if found["rest"] else None
    return verb if verb in CLASSES else None


def record(options):
    """{(flags, statement): None} of the files that were run."""
    files = [file for file in read_suite() if not file.reason and not file.options
             and (not options.words or any(word in file.name for word in options.words))]
    if not options.all:
        random.Random(options.seed).shuffle(files)
        files = files if options.words else files[:options.files]
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="sealgate-c-",
                                     dir=memory if memory.is_dir() else None) as folder:
        maker = Station(Path(folder) / "made")
        maker.prepare(default_binary())
        station = Station(Path(folder) / "run")
        station.template = maker.template
        station.place.mkdir()
        station.server_address = BEHIND
        recorder = Recorder(station.port, BEHIND)
        count = 0
        for file in files:
            station.reset([TRACKED])
            mysqltest.run(file, station, options.time_limit)
            count += 1
        station.stop()
        recorder.close()
    return recorder.statements, count


def parse(statements):
    """[(index, why, byte)] of what is not parsed."""
    tool = os.environ.get("PARSE_CORPUS") or ROOT / "bazel-bin/tests/proxy/sql/parse_corpus"
    data = b"".join(bytes([48 + flags]) + text + b"\0" for flags, text in statements)
    run = subprocess.run([tool], input=data, stdout=subprocess.PIPE, check=True)
    lines = run.stdout.decode("ascii").splitlines()
    if lines[-1] != f"{len(statements)} read":
        raise RuntimeError(f"parse_corpus says {lines[-1]}")
    return [(int(number), why, int(byte)) for number, why, byte in map(str.split, lines[:-1])]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("-k", action="append", default=[], dest="words")
    parser.add_argument("--time-limit", type=int, default=60)
    parser.add_argument("--result", type=Path)
    parser.add_argument("--list", type=Path)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--from", type=Path, dest="kept")
    options = parser.parse_args()

    if options.kept:
        recorded, count = pickle.loads(options.kept.read_bytes())
    else:
        recorded, count = record(options)
    if options.keep:
        options.keep.write_bytes(pickle.dumps((recorded, count)))
    statements = [each for each in recorded if class_of(each[1])]
    missed = parse(statements)
    several = sum(why == "second" for _, why, _ in missed)
    comments = sum(why == "comment" for _, why, _ in missed)
    missed = [each for each in missed if each[1] not in ("second", "comment")]
    counted = len(statements) - several - comments
    share = 1 - len(missed) / max(counted, 1)
    lines = []
    for number, why, byte in missed:
        text = statements[number][1].decode("utf-8", "replace")
        lines.append(f"-- {why} at {byte}\n{text[:byte]}\u00bb{text[byte:]}")
    for line in lines[:20]:
        print(line[:600])
    if options.list:
        options.list.write_text("\n".join(lines), "utf-8")
    print(f"parser: {count} files, {len(recorded)} statements accepted, {counted} of the classes "
          f"parsed, {counted - len(missed)} parsed ({100 * share:.2f}%), {several} texts of several "
          f"statements, {comments} with executable comments")
    if options.result:
        options.result.write_text(json.dumps({"passed": int(share >= GOAL),
                                              "failed": int(share < GOAL)}), "ascii")
    return 0 if counted and share >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
