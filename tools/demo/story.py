"""What the quick start shows, scene by scene. Each checks what it prints."""

import re
import subprocess
import time

import shop
from display import check, heading, note, shell, table

CUSTOMER_COUNT = 500
LOOKUP_COUNT = 300
WINDOW_SECONDS = 3


class World:
    """What the scenes share: the clients, the proxy, and what was stored."""

    def __init__(self, app, support, root, gate, database):
        self.app = app  # through Sealgate
        self.support = support  # through Sealgate
        self.root = root  # directly at the server
        self.gate = gate
        self.database = database
        self.customers = shop.customers(CUSTOMER_COUNT)
        self.orders = shop.orders(self.customers)


def refusal(world, client, sql, number, mention):
    """The error that a statement must get."""
    done = client.attempt(sql)
    text = done.stderr.strip()
    check(done.returncode != 0, "a statement was accepted that must be refused", sql)
    found = re.search(r"^ERROR (\d+) \(\w+\).*", text, re.MULTILINE)
    check(found and int(found[1]) == number and mention in text,
          f"the refusal should be error {number} and name {mention}", f"{sql}\n{text}")
    return found[0]


def create(world):
    heading("The application creates its tables and fills them, with the stock client")
    world.app.run(shop.CUSTOMERS + shop.ORDERS)
    for start in range(0, CUSTOMER_COUNT, 100):
        world.app.run(shop.insert("customers", shop.CUSTOMER_COLUMNS,
                                  world.customers[start:start + 100]))
    world.app.run(shop.insert("orders", shop.ORDER_COLUMNS, world.orders))
    shell("mariadb --defaults-file=app.cnf shop < shop.sql",
          shop.CUSTOMERS + shop.ORDERS + "INSERT INTO customers …\nINSERT INTO orders …")
    read = world.app.rows("SELECT id, name, email, phone, birth_date, tax_id FROM customers "
                          "ORDER BY id")
    sent = [["NULL" if item is None else str(item) for item in row] for row in world.customers]
    check(read == sent, "the application does not read what it wrote",
          f"first row read: {read[:1]}")
    read = world.app.rows("SELECT id, customer_id, total, card FROM orders ORDER BY id")
    check(read == [[str(item) for item in row] for row in world.orders],
          "the application does not read the orders that it wrote")
    note(f"{len(world.customers)} customers and {len(world.orders)} orders, all read back as "
         "they were written.")


def compare(world):
    heading("One row, three views")
    first, order = world.customers[0], world.orders[0]
    check_stored(world)
    lines = [cells(world, "customers", name, first[0]) for name in shop.CUSTOMER_COLUMNS[1:]]
    lines.append(None)
    lines += [cells(world, "orders", name, order[0]) for name in ("total", "card")]
    check_support(first, order, {line[0]: line[2] for line in lines if line})
    table(["column", "the application reads", "the support role sees", "the database stores"],
          lines)
    note("\nProtected columns are stored as FE, the scheme (01 random, 02 searchable,\n"
         "03 deterministic), key id, nonce or index, ciphertext. Nothing was changed in the\n"
         f"application: it sent plain SQL to port {world.gate.port} instead of "
         f"{world.database.port}.")


def cells(world, name, column, key):
    """One line of the table: the column through each pair of eyes."""
    sql = f"SELECT {column} FROM {name} WHERE id = {key}"
    seen = world.app.rows(sql)[0][0]
    if f"{name}.{column}" not in shop.PROTECTED:
        return [column, seen, world.support.rows(sql)[0][0], world.root.rows(sql)[0][0]]
    stored = world.root.rows(f"SELECT HEX({column}) FROM {name} WHERE id = {key}")[0][0]
    if column == "tax_id":
        refusal(world, world.support, sql, 1143, "shop.customers.tax_id")
        masked = "(denied: error 1143)"
    else:
        masked = world.support.rows(sql)[0][0]
    return [column, seen, masked, f"{stored[:4]} {stored[4:12]} {stored[12:24]}… "
            f"({len(stored) // 2} bytes)"]


def check_support(customer, order, masked):
    email, phone, card = customer[2], customer[3], order[3]
    expected = {
        "name": customer[1],
        "email": email[:2] + "*" * (len(email) - 6) + email[-4:],
        "phone": "*" * (len(phone) - 3) + phone[-3:],
        "birth_date": "NULL",
        "tax_id": "(denied: error 1143)",
        "total": order[2],
        "card": "*" * (len(card) - 4) + card[-4:],
    }
    check(masked == expected, "the support role does not see what the policy says",
          f"expected {expected}\nseen     {masked}")


def check_stored(world):
    """Every protected value in the database is an envelope of its column's scheme."""
    sources = {"customers": (shop.CUSTOMER_COLUMNS, world.customers),
               "orders": (shop.ORDER_COLUMNS, world.orders)}
    key_ids = {}
    for name, mode in shop.PROTECTED.items():
        source, column = name.split(".")
        columns, rows = sources[source]
        scheme, overhead = shop.MODES[mode]
        stored = world.root.rows(f"SELECT HEX({column}) FROM shop.{source} ORDER BY id")
        check(len(stored) == len(rows), f"{name} has {len(stored)} rows instead of {len(rows)}")
        for (value,), row in zip(stored, rows):
            plain = row[columns.index(column)]
            if plain is None:
                check(value == "NULL", f"{name}: NULL was not stored as NULL")
                continue
            length = len(plain.encode()) + overhead
            check(value.startswith(f"FE{scheme:02}") and len(value) == 2 * length,
                  f"{name} is not stored as a {mode} envelope of {length} bytes", value[:80])
            key_ids.setdefault(name, set()).add(value[4:12])
    used = [ids for ids in key_ids.values()]
    check(all(len(ids) == 1 for ids in used) and len(set.union(*used)) == len(shop.PROTECTED),
          "every column should have one key of its own", str(key_ids))


def search(world):
    heading("A search by e-mail, in another case")
    row = world.customers[122]
    address = row[2].upper()
    sql = f"SELECT id, name, email FROM customers WHERE email = '{address}'"
    for client, name in ((world.app, "app"), (world.support, "support")):
        found = client.rows(sql)
        check(len(found) == 1 and found[0][0] == str(row[0]), f"{name} does not find the customer",
              str(found))
        shell(f'mariadb --defaults-file={name}.cnf shop -e "{sql}"', "  ".join(found[0]))
    received = received_search(world.database.general_log)
    check(address not in received and row[2] not in received and "BETWEEN" in received,
          "the server received another search than expected", received)
    world.root.run("ANALYZE TABLE customers")
    titles, plan = world.root.run("EXPLAIN " + received)[:2]
    plan = dict(zip(titles, plan))
    check(plan["key"] == "email" and int(plan["rows"]) <= 2,
          "the server does not use the index", str(plan))
    shown = re.sub(r"([0-9A-Fa-f]{24})[0-9A-Fa-f]{16,}", r"\1…", received)
    note(f"\nWhat the server received, and its plan for it: type {plan['type']}, key "
         f"{plan['key']}, {plan['rows']} row.\n  {shown}")
    twice = refusal(world, world.app, shop.insert("customers", shop.CUSTOMER_COLUMNS[:3],
                                                 [(9999, "Copy", address)]), 1062, "email")
    note("\nUNIQUE KEY email (email) holds as well: the same address in another case is refused.\n  "
         + twice)
    look_up_many(world)


def look_up_many(world):
    """What one busy session does: the same statement again and again."""
    rows = world.customers[:LOOKUP_COUNT]
    start = time.monotonic()
    found = world.app.rows("".join(f"SELECT id FROM customers WHERE email = '{row[2].lower()}';\n"
                                   for row in rows))
    elapsed = time.monotonic() - start
    check(found == [[str(row[0])] for row in rows], "a search found another customer",
          str(found[:3]))
    note(f"\n{len(rows)} such searches in one session took {elapsed:.2f} s, the client's start "
         "included.")


def received_search(log):
    """The last SELECT by e-mail in the server's general log."""
    text = log.read_bytes().decode("latin-1")
    found = re.findall(r"(?:Query|Execute)\t(SELECT id, name, email FROM customers WHERE .*)",
                       text)
    check(found, "the server's general log has no search")
    return found[-1]


def refuse(world):
    heading("Statements that Sealgate cannot prove safe are refused, by name")
    email = world.customers[0][2]
    for sql, why in (
            ("SELECT name FROM customers ORDER BY LOWER(email)",
             "Sorting by a sealed column would sort ciphertext."),
            (f"INSERT INTO customers (id, name, email) VALUES (9999, 'X', CONCAT('{email[:3]}', "
             f"'{email[3:]}'))",
             "The server would compute on plaintext, and store it."),
            ("INSERT INTO notes SELECT email FROM customers",
             "The stored value would end in a column where nothing opens it.")):
        shell(f'mariadb --defaults-file=app.cnf shop -e "{sql}"',
              refusal(world, world.app, sql, 1235, "shop.customers.email"))
        note(f"  {why}\n")
    # The session of a refused statement goes on.
    done = world.app.attempt("SELECT name FROM customers ORDER BY email; SELECT 'goes on';",
                             "--force")
    check("goes on" in done.stdout and "1235" in done.stderr,
          "a session does not survive a refusal", done.stdout + done.stderr)
    check(world.root.rows("SELECT COUNT(*) FROM shop.customers WHERE id = 9999") == [["0"]],
          "a refused INSERT left a row")


def maintain(world):
    heading("A maintenance window holds writes, and loses none")
    shell("sealgate maintenance begin --for 60s --reason 'moving to new disks'",
          world.gate.must("maintenance", "begin", "--for", "60s", "--reason",
                          "moving to new disks"))
    sql = shop.insert("orders", shop.ORDER_COLUMNS, [(7000, 1, "49.90", "4111 0000 1111 2222")])
    start = time.monotonic()
    writer = world.app.begin(sql)
    try:
        wait_until_held(world, writer)
        shell('mariadb --defaults-file=app.cnf shop -e "INSERT INTO orders …" &', "")
        shell("sealgate maintenance status", world.gate.must("maintenance", "status"))
        check(world.root.rows("SELECT COUNT(*) FROM shop.orders WHERE id = 7000") == [["0"]],
              "a held write reached the server")
        begun = time.monotonic()
        count = world.app.rows("SELECT COUNT(*) FROM orders")[0][0]
        note(f"Reads go on: {count} orders, in {time.monotonic() - begun:.2f} s. The server does "
             "not have the new one yet.")
        time.sleep(max(0.0, WINDOW_SECONDS - (time.monotonic() - start)))
        check(writer.poll() is None, "the held write did not wait for the end of the window")
        shell("sealgate maintenance end", world.gate.must("maintenance", "end"))
        output = writer.communicate(timeout=20)[0]
    except BaseException:
        writer.kill()
        writer.wait()
        raise
    elapsed = time.monotonic() - start
    check(writer.returncode == 0, "the held write failed", output)
    read = world.app.rows("SELECT total, card FROM orders WHERE id = 7000")
    check(read == [["49.90", "4111 0000 1111 2222"]], "the held write was not stored", str(read))
    stored = world.root.rows("SELECT HEX(card) FROM shop.orders WHERE id = 7000")[0][0]
    check(stored.startswith("FE01"), "the held write was stored unsealed", stored[:40])
    check(elapsed >= WINDOW_SECONDS, "the write was not held")
    note(f"The client's INSERT succeeded after {elapsed:.1f} s, without knowing of the window; "
         f"the order is\nstored, its card as {stored[:16]}…")


def wait_until_held(world, writer):
    deadline = time.monotonic() + 10
    while world.gate.gate()["held"] != 1:
        if writer.poll() is not None:
            check(False, "the write was not held", writer.communicate()[0])
        check(time.monotonic() < deadline, "no write is held after 10 s", str(world.gate.gate()))
        time.sleep(0.05)


def nothing_in_the_clear(world):
    heading("Looking for plaintext in everything that the server wrote")
    values = {row[index] for row in world.customers for index in (2, 3, 5) if row[index]}
    values |= {row[3] for row in world.orders}
    hits, count = files_with(world.database, values)
    check(not hits, "plaintext of protected columns is in the server's files", "\n".join(hits))
    # The proof that this search can find something.
    control, _ = files_with(world.database, {world.customers[0][1]})
    check(control, "the search does not find the plain column, so it proves nothing")
    note(f"Searched {count} files (tables, redo log, general log) for {len(values)} protected "
         f"values: none is in any.\nOf the plain column `name` it finds values in {len(control)} "
         "of them.")


def files_with(database, values):
    """Names of the server's files that hold one of `values` in any case of its
    letters, and how many files were looked at."""
    files = [path for path in [database.general_log, *database.data.rglob("*")] if path.is_file()]
    wanted = database.place / "wanted.txt"
    wanted.write_text("".join(f"{value}\n" for value in values), encoding="utf-8")
    run = subprocess.run(["grep", "--text", "--ignore-case", "--fixed-strings",
                          "--files-with-matches", f"--file={wanted}", "--", *files], text=True,
                         capture_output=True, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
                         check=False)
    wanted.unlink()
    check(run.returncode in (0, 1), "grep could not read the server's files", run.stderr)
    return run.stdout.splitlines(), len(files)


def counters(world):
    heading("The counters")
    samples = world.gate.metrics()

    def total(prefix, *labels):
        return sum(value for name, value in samples.items()
                   if name.split("{")[0] == prefix and all(label in name for label in labels))

    rows = []
    for kind in ("read", "write", "ddl"):
        for outcome in ("passed", "rewritten", "refused", "server_error"):
            amount = total("sealgate_statements_total", f'class="{kind}"', f'outcome="{outcome}"')
            if amount:
                rows.append([f"statements, {kind}, {outcome}", f"{amount:.0f}"])
    rows.append(None)
    for name in shop.PROTECTED:
        label = f'domain="shop.{name}"'
        sealed = total("sealgate_values_sealed_total", label)
        opened = total("sealgate_values_opened_total", label)
        check(sealed > 0 and opened > 0, f"the counters of shop.{name} did not move")
        rows.append([f"values sealed, opened in shop.{name}", f"{sealed:.0f}, {opened:.0f}"])
    rows.append(None)
    for name, value in samples.items():
        if name.startswith("sealgate_refusals_total") and value:
            rows.append([f"refusals, {name.split(chr(34))[1]}", f"{value:.0f}"])
    held = total("sealgate_writes_held_total")
    hits = total("sealgate_plan_cache_lookups_total", 'result="hit"')
    unopened = total("sealgate_value_open_failures_total")
    rows += [["values that could not be opened", f"{unopened:.0f}"],
             ["writes held", f"{held:.0f}"],
             ["plans found in the cache, looked up", f"{hits:.0f}, "
              f"{total('sealgate_plan_cache_lookups_total'):.0f}"]]
    table(["counter", "value"], rows)
    check(total("sealgate_refusals_total", 'reason="unsupported"') >= 4, "refusals were not counted")
    check(total("sealgate_refusals_total", 'reason="denied"') >= 1, "a denial was not counted")
    check(hits > LOOKUP_COUNT / 2, "the plan cache did not work")
    check(held == 1, "the held write was not counted once", str(held))
    check(unopened == 0, "values could not be opened")
    note(f"All of them: http://127.0.0.1:{world.gate.metrics_port}/metrics")


SCENES = (create, compare, search, refuse, maintain, nothing_in_the_clear, counters)
