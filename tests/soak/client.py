"""One client of the soak: connects, works, loses its connection, comes again."""

import struct
import threading
import time

import MySQLdb
import pymysql

from ledger import DATABASE, is_right, new_values
from raw_client import RawClient
from raw_packets import ProtocolError, ServerError
from servers import APP, ports

TIMEOUT = 30


class Lost(Exception):
    """A connection is gone, or a statement failed: number and text."""

    def __init__(self, number, text):
        super().__init__(number, text)
        self.number, self.text = number, text


class PyMySqlDriver:
    """Text statements of a library in pure Python; also the base of the C one."""

    module = pymysql
    timeouts = {"connect_timeout": TIMEOUT, "read_timeout": TIMEOUT, "write_timeout": TIMEOUT}

    def __init__(self, port):
        try:
            self.link = self.module.connect(
                host=ports.LOOPBACK, port=port, user=APP.user, password=APP.password,
                database=DATABASE, charset="utf8mb4", autocommit=True, **self.timeouts)
        except self.module.Error as error:
            raise lost(error) from error

    def run(self, sql, values=()):
        try:
            with self.link.cursor() as cursor:
                cursor.execute(sql.replace("?", "%s"), values)
                return cursor.fetchall()
        except (self.module.Error, OSError) as error:
            raise lost(error) from error

    def close(self):
        try:
            self.link.close()
        except (self.module.Error, OSError):
            pass


class MySqlClientDriver(PyMySqlDriver):
    module = MySQLdb
    timeouts = {"connect_timeout": TIMEOUT}


def lost(error):
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 2013
    return Lost(number, str(error))


class PreparedDriver:
    """Prepared statements over the binary protocol."""

    def __init__(self, port):
        self.statements = {}
        self.link = self._guard(lambda: RawClient(port, APP, DATABASE, timeout=TIMEOUT))

    @staticmethod
    def _guard(action):
        try:
            return action()
        except ServerError as error:
            raise Lost(error.number, error.message) from error
        except (ProtocolError, OSError) as error:
            raise Lost(2013, str(error)) from error

    def run(self, sql, values=()):
        return self._guard(lambda: self._run(sql, values))

    def _run(self, sql, values):
        if not values:
            return self.link.query(sql)[0].rows
        if sql not in self.statements:
            self.statements[sql] = self.link.prepare(sql)[0]
        data = [v.encode() if isinstance(v, str) else v for v in values]
        rows = self.link.execute(self.statements[sql], data)[0].rows
        return [[v.decode() if isinstance(v, bytes) else v for v in row] for row in rows]

    def close(self):
        self.link.close()


DRIVERS = {"pymysql": PyMySqlDriver, "mysqlclient": MySqlClientDriver, "prepared": PreparedDriver}


class Client(threading.Thread):
    def __init__(self, port, driver, ledger, seed, stop):
        super().__init__(name=ledger.name, daemon=True)
        self.port, self.driver, self.ledger = port, DRIVERS[driver], ledger
        self.source = ledger.source(seed)
        self.stopping = stop
        self.next_id = ledger.first_id

    def run(self):
        while not self.stopping.is_set():
            self.ledger.last_sign = time.monotonic()
            try:
                link = self.driver(self.port)
            except Lost as error:
                self.ledger.failed(error.number, error.text)
                time.sleep(0.05)
                continue
            self.ledger.connections += 1
            try:
                self.work(link, self.source.randint(1, 200))
            except Lost as error:
                self.ledger.failed(error.number, error.text)
            except (struct.error, IndexError, ValueError, TypeError) as error:
                self.ledger.wrong.append(f"{self.ledger.name}: cannot read an answer: {error!r}")
            link.close()

    def work(self, link, rounds):
        steps = (self.insert, self.insert, self.read_own, self.read_by_email, self.read_many,
                 self.roll_back, self.update)
        for _ in range(rounds):
            if self.stopping.is_set():
                return
            self.source.choice(steps)(link)
            self.ledger.statements += 1
            self.ledger.last_sign = time.monotonic()

    def check(self, rows):
        self.ledger.wrong.extend(f"{self.ledger.name}: wrong row {row[0]}" for row in rows
                                 if not is_right(row))

    def any_own(self):
        if not self.ledger.acknowledged:
            return None
        return self.source.randint(self.ledger.first_id, self.next_id - 1)

    def insert(self, link):
        number, self.next_id = self.next_id, self.next_id + 1
        link.run("INSERT INTO soak VALUES (?, ?, ?, ?, ?)",
                 new_values(self.source, number, self.ledger.name))
        self.ledger.acknowledged.add(number)

    def read_own(self, link):
        number = self.any_own()
        if number is None:
            return
        rows = link.run("SELECT * FROM soak WHERE id = ?", (number,))
        self.check(rows)
        if not rows and number in self.ledger.acknowledged:
            self.ledger.wrong.append(f"{self.ledger.name}: row {number} is gone")

    def read_by_email(self, link):
        number = self.any_own()
        if number is None:
            return
        email = f"{self.ledger.name}.{number}@EXAMPLE.com"
        rows = link.run("SELECT * FROM soak WHERE email = ?", (email,))
        self.check(rows)
        if any(int(row[0]) != number for row in rows):
            self.ledger.wrong.append(f"{self.ledger.name}: another row for {number}")

    def read_many(self, link):
        self.check(link.run("SELECT * FROM soak WHERE id >= ? ORDER BY id LIMIT 50",
                            (self.source.randint(0, 64) * 1_000_000,)))

    def update(self, link):
        number = self.any_own()
        if number is None:
            return
        values = new_values(self.source, number, self.ledger.name)
        link.run("UPDATE soak SET email = ?, note = ?, checksum = ? WHERE id = ?",
                 (values[2], values[3], values[4], number))

    def roll_back(self, link):
        link.run("START TRANSACTION")
        values = new_values(self.source, self.ledger.first_id + 999_999, self.ledger.name)
        link.run("INSERT INTO soak VALUES (?, ?, ?, ?, ?)", values)
        self.check(link.run("SELECT * FROM soak WHERE id = ?", (values[0],)))
        link.run("ROLLBACK")
        if link.run("SELECT * FROM soak WHERE id = ?", (values[0],)):
            self.ledger.wrong.append(f"{self.ledger.name}: a row that was rolled back")
