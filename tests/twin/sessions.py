"""Random statements about the session, and what they change in its State."""

from session import State
from statement import Statement

NAMES = ("latin1", "latin1", "utf8mb3", "ascii", "binary", "gbk", "utf8mb4 COLLATE utf8mb4_bin", "cp1250")
MODES = {"mariadb": "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,"
                    "NO_ENGINE_SUBSTITUTION",
         "mysql": "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
                  "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"}
OTHER_MODES = ("", "ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "PIPES_AS_CONCAT", "TRADITIONAL", "ANSI",
               "STRICT_ALL_TABLES", "STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES,ANSI_QUOTES",
               "NO_ZERO_DATE", "ALLOW_INVALID_DATES", "NO_AUTO_VALUE_ON_ZERO")
# What becomes of a fraction of a second that is longer than the column's.
FRACTIONS = {"mariadb": "STRICT_TRANS_TABLES,TIME_ROUND_FRACTIONAL",
             "mysql": "STRICT_TRANS_TABLES,TIME_TRUNCATE_FRACTIONAL"}
ZONES = ("+00:00", "+02:00", "-05:30", "+13:00")


class Sessions:
    """Mixed into a Maker. `self.state` follows what it draws."""

    def transaction(self):
        word = self.rng.choice((
            "BEGIN", "START TRANSACTION", "START TRANSACTION READ ONLY", "COMMIT", "COMMIT",
            "ROLLBACK", "ROLLBACK", "SAVEPOINT s1", "SAVEPOINT s2", "ROLLBACK TO SAVEPOINT s1",
            "ROLLBACK TO s2", "RELEASE SAVEPOINT s1", "SET autocommit = 0", "SET autocommit = 1",
            "COMMIT AND CHAIN", "SET autocommit = 1"))
        return Statement([word], "transaction", session=True)

    def setting(self):
        """A change, and soon its way back, so that most of a run is as usual."""
        return self.pick((3, self.names), (3, self.mode), (1, self.zone), (1, self.results))

    def names(self):
        name = self.rng.choice(NAMES)
        self.state.charset = name.split()[0]
        return Statement([f"SET NAMES {name}"], "set", session=True)

    def mode(self):
        mode = self.rng.choice((*OTHER_MODES, FRACTIONS[self.world.kind]))
        self.state.no_backslash = "NO_BACKSLASH" in mode
        self.state.ansi_quotes = "ANSI" in mode
        return Statement([f"SET sql_mode = '{mode}'"], "set", session=True)

    def zone(self):
        return Statement([f"SET time_zone = '{self.rng.choice(ZONES)}'"], "set", session=True)

    def results(self):
        self.state.other_results = True
        return Statement([self.rng.choice((
            "SET character_set_results = NULL", "SET character_set_results = latin1",
            "SET character_set_results = binary", "SET character_set_results = cp1251", "SET character_set_connection = latin1",
            "SET collation_connection = utf8mb4_unicode_ci"))], "set", session=True)

    def usual(self):
        """Everything back; the texts that do it."""
        self.state = State()
        return [Statement([text], "set", session=True) for text in
                ("SET NAMES utf8mb4", f"SET sql_mode = '{MODES[self.world.kind]}'",
                 "SET time_zone = '+00:00'")]
