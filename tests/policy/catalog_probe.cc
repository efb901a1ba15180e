// Compares what the proxy calls equal with what a real server calls equal, and
// reads a real schema: catalog_probe --host H --port P --user U --password W.
// Makes and drops the schema sealgate_probe. Prints each failure and ends with
// "N ok, N failed"; exit status 1 if any failed.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "policy/catalog_reader.h"
#include "policy/code_point.h"
#include "policy/weight_reader.h"

namespace sealgate::policy {
namespace {

constexpr int kPairs = 2000;
constexpr int kPairsPerQuery = 200;
constexpr double kMaxSeconds = 3.0;

int ok = 0;
int failed = 0;

void Expect(bool good, const std::string& what) {
  good ? ++ok : ++failed;
  if (!good) {
    std::printf("failed: %s\n", what.c_str());
  }
}

std::string Hex(std::string_view bytes) {
  std::string hex;
  for (unsigned char c : bytes) {
    hex += fmt::format("{:02X}", c);
  }
  return hex;
}

std::string Sql(std::string_view utf8) {
  return fmt::format("CONVERT(X'{}' USING utf8mb4)", Hex(utf8));
}

/// Code points that a character set can hold, mixed so that pairs are close:
/// cases, accents, spaces, ignorable characters, scripts, emoji.
class TextSource {
 public:
  explicit TextSource(Charset charset) : charset_(charset) {}

  std::string Text() {
    std::string text;
    for (int i = Below(6); i >= 0; --i) {
      AppendUtf8(Code(), text);
    }
    return text + std::string(static_cast<std::size_t>(Below(4) == 0 ? Below(3) : 0), ' ');
  }

  /// A text that is often equal to `text` in some collation.
  std::string Sibling(const std::string& text) {
    std::string sibling;
    for (std::string_view rest = text; !rest.empty();) {
      AppendUtf8(Change(*TakeCodePoint(rest)), sibling);
    }
    const int tail = Below(6);
    if (tail == 0) {
      sibling += ' ';
    } else if (tail == 1 && charset_ != Charset::kAscii) {
      AppendUtf8(0xA0, sibling);
    } else if (tail == 2) {
      sibling += '\x01';
    }
    return sibling;
  }

 private:
  int Below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }

  char32_t Code() {
    static constexpr std::u32string_view kClose =
        U"aAàÀâäåÅbBcCçÇdDeEéÉêëiIíïoOöÖøØoœsSßſuUüÜyYÿzZ 0019-'";
    static constexpr std::u32string_view kFar =
        U"жЖйЙёαΑάςσΣאבعيก็เ가각あアァ中国ﬁ①²\u200D\u00AD\u0301\u0308😀😁🇩𝐀𐐀𐐨𠀀";
    if (charset_ == Charset::kAscii) {
      return static_cast<char32_t>(0x20 + Below(0x5F));
    }
    if (charset_ == Charset::kLatin1 || Below(3) != 0) {
      return Near(kClose[static_cast<std::size_t>(Below(static_cast<int>(kClose.size())))]);
    }
    if (Below(4) == 0) {  // anything, assigned or not
      const auto code = static_cast<char32_t>(0x20 + Below(0xFFE0));
      return code >= 0xD800 && code < 0xE000 ? U'x' : code;
    }
    const char32_t code = kFar[static_cast<std::size_t>(Below(static_cast<int>(kFar.size())))];
    return charset_ == Charset::kUtf8mb3 && code > 0xFFFF ? U'x' : code;
  }

  char32_t Near(char32_t code) const {
    return charset_ == Charset::kLatin1 && code > 0xFF ? U'ø' : code;
  }

  char32_t Change(char32_t code) {
    const bool is_letter = (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
    switch (Below(5)) {
      case 0:
        return is_letter ? code ^ 0x20 : code;
      case 1:
        return Below(8) == 0 ? Code() : code;
      default:
        return code;
    }
  }

  std::mt19937 random_{20'24};
  Charset charset_;
};

void CompareBatch(ServerConnection& server, const CollationInfo& collation,
                  const CollationWeights& weights, TextSource& texts, int& equal) {
  std::string sql;
  std::vector<std::pair<std::string, std::string>> pairs;
  for (int i = 0; i < kPairsPerQuery; ++i) {
    std::string left = texts.Text();
    std::string right = texts.Sibling(left);
    const auto operand = [&](const std::string& text) {
      return fmt::format("CONVERT({} USING {}) COLLATE {}", Sql(text), collation.charset,
                         collation.name);
    };
    sql += fmt::format("{}SELECT {} AS n, {} = {}", i == 0 ? "" : " UNION ALL ", i, operand(left),
                       operand(right));
    pairs.emplace_back(std::move(left), std::move(right));
  }
  const auto rows = server.Query(sql);
  Expect(rows && rows->size() == pairs.size(), rows ? "rows missing" : rows.error());
  if (!rows) {
    return;
  }
  for (const Row& row : *rows) {
    const auto& [left, right] = pairs[static_cast<std::size_t>(std::stoi(row[0].value_or("0")))];
    std::string left_weights;
    std::string right_weights;
    const bool known = weights.Append(left, left_weights) && weights.Append(right, right_weights);
    const bool server_says = row[1] == "1";
    equal += server_says ? 1 : 0;
    Expect(known && (left_weights == right_weights) == server_says,
           fmt::format("{}: {} and {}: the server says {}", collation.name, Hex(left), Hex(right),
                       server_says ? "equal" : "different"));
  }
}

void Compare(ServerConnection& server, const CollationInfo& collation) {
  const auto start = std::chrono::steady_clock::now();
  const auto weights = ReadWeights(server, collation);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  Expect(weights.has_value(), weights ? "" : weights.error());
  if (!weights) {
    return;
  }
  Expect(seconds < kMaxSeconds, fmt::format("{} took {:.1f} s", collation.name, seconds));
  TextSource texts(*CharsetFromName(collation.charset));
  int equal = 0;
  for (int done = 0; done < kPairs; done += kPairsPerQuery) {
    CompareBatch(server, collation, **weights, texts, equal);
  }
  // A comparison that never sees an equal pair would prove nothing.
  Expect(equal >= kPairs / 50 && equal <= kPairs * 49 / 50,
         fmt::format("{}: {} equal pairs of {}", collation.name, equal, kPairs));
  std::printf("%-28s %.2f s, %d of %d pairs equal\n", collation.name.c_str(), seconds, equal,
              kPairs);
}

constexpr const char* kSchema[] = {
    "DROP DATABASE IF EXISTS sealgate_probe",
    "CREATE DATABASE sealgate_probe DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
    "CREATE TABLE sealgate_probe.customers (id INT PRIMARY KEY AUTO_INCREMENT, email "
    "VARBINARY(1086) NOT NULL COMMENT 'sealgate:1;type=varchar(255);charset=utf8mb4;"
    "collation=utf8mb4_general_ci', card VARBINARY(20) COMMENT 'sealgate:1;type=bigint', plain "
    "VARCHAR(10) DEFAULT 'x', made INT GENERATED ALWAYS AS (CHAR_LENGTH(plain)) "
    "VIRTUAL)",
    "CREATE TABLE sealgate_probe.other (a INT, b VARBINARY(80) COMMENT 'sealgate:1;type=int')",
    "CREATE TABLE sealgate_probe.quiet (a INT)",
    "CREATE TABLE sealgate_probe.loud (a INT)",
    "CREATE VIEW sealgate_probe.v1 AS SELECT id FROM sealgate_probe.customers",
    "CREATE VIEW sealgate_probe.v2 AS SELECT id FROM sealgate_probe.v1",
    "CREATE VIEW sealgate_probe.v3 AS SELECT a FROM sealgate_probe.quiet",
    "CREATE PROCEDURE sealgate_probe.p1() SELECT * FROM sealgate_probe.v2",
    "CREATE PROCEDURE sealgate_probe.p2() SELECT 1",
    "CREATE TRIGGER sealgate_probe.t1 AFTER INSERT ON sealgate_probe.loud FOR EACH ROW "
    "DELETE FROM sealgate_probe.customers",
};

constexpr std::string_view kPolicy =
    "version: 1\n"
    "columns:\n"
    "  - {column: sealgate_probe.customers.email, mode: searchable}\n"
    "  - {column: sealgate_probe.customers.card, mode: random}\n"
    "  - {column: sealgate_probe.customers.plain, mode: random}\n"
    "  - {column: sealgate_probe.later.x, mode: random}\n";

bool IsHot(const Catalog& catalog, NameKind kind, std::string_view name) {
  const std::vector<HotName>* names = catalog.FindHot(name);
  if (names == nullptr) {
    return false;
  }
  for (const HotName& each : *names) {
    if (each.kind == kind && each.schema == "sealgate_probe") {
      return true;
    }
  }
  return false;
}

void ExpectTables(const Catalog& catalog) {
  const CatalogTable* table = catalog.Find("SEALGATE_PROBE", "Customers");
  Expect(table != nullptr && table->columns.size() == 5 && !table->orphan, "columns");
  if (table == nullptr || table->columns.size() != 5) {
    return;
  }
  Expect(table->columns[0].auto_increment && !table->columns[0].protection, "id");
  Expect(table->columns[1].state == ColumnState::kSealed && !table->columns[1].nullable &&
             table->columns[1].weights != nullptr && !table->columns[1].has_default,
         "email");
  Expect(table->columns[2].state == ColumnState::kTooNarrow && table->columns[2].nullable &&
             !table->columns[2].has_default,
         "card");
  Expect(table->columns[3].state == ColumnState::kPlaintext && table->columns[3].has_default,
         "plain");
  Expect(table->columns[4].generated, "made");
  const CatalogTable* other = catalog.Find("sealgate_probe", "other");
  Expect(other != nullptr && other->orphan, "orphan");
  Expect(catalog.Find("sealgate_probe", "quiet") == nullptr, "a plain table");
}

void ExpectHotNames(const Catalog& catalog) {
  Expect(IsHot(catalog, NameKind::kTable, "customers"), "customers is hot");
  Expect(IsHot(catalog, NameKind::kTable, "later"), "later is hot");
  Expect(IsHot(catalog, NameKind::kTable, "other"), "other is hot");
  Expect(IsHot(catalog, NameKind::kView, "v1"), "v1 is hot");
  Expect(IsHot(catalog, NameKind::kView, "v2"), "v2 is hot");
  Expect(catalog.FindHot("v3") == nullptr, "v3 is not hot");
  Expect(IsHot(catalog, NameKind::kRoutine, "p1"), "p1 is hot");
  Expect(catalog.FindHot("p2") == nullptr, "p2 is not hot");
  Expect(IsHot(catalog, NameKind::kTriggered, "loud"), "loud is triggered");
  Expect(catalog.FindHot("quiet") == nullptr, "quiet is not hot");
}

// What the names of kSchema lead to.
void ExpectLookups(CatalogReader& reader) {
  const std::string schema = "sealgate_probe";
  const auto found = [&](std::vector<TableName> tables, std::vector<std::string> routines) {
    UnknownNames names;
    for (TableName& table : tables) names.AddTable(std::move(table));
    for (std::string& routine : routines) names.AddRoutine(std::move(routine));
    auto answer = reader.LookUp(names);
    Expect(answer.has_value(), answer ? "" : answer.error());
    return answer.value_or(NamesFound{});
  };
  const NamesFound plain =
      found({{schema, "quiet"}, {schema, "nothing"}, {"nowhere", "x"}}, {"nothing"});
  Expect(plain.plain == std::vector<TableName>{{schema, "quiet"}} && !plain.needs_reading,
         "a plain table is looked up");
  for (const char* table : {"v1", "v3", "other", "loud", "customers"}) {
    Expect(found({{schema, table}}, {}).needs_reading, fmt::format("{} is not plain", table));
  }
  for (const char* routine : {"p1", "P2"}) {
    Expect(found({}, {routine}).needs_reading, fmt::format("{} is not plain", routine));
  }
  Expect(!found({{"x' OR '1'='1", "quiet\\' OR 1 -- "}}, {"' OR 1 -- "}).needs_reading,
         "a name cannot end its literal");
}

void ReadSchema(ServerConnection& server, const ServerAccess& access) {
  for (const char* statement : kSchema) {
    const auto done = server.Execute(statement);
    Expect(done.has_value(), done ? "" : done.error());
  }
  const auto policy = ParsePolicy(kPolicy, "probe.yaml");
  Expect(policy.has_value(), "the policy");
  CatalogReader reader(access);
  const auto reading = reader.Read(*policy);
  Expect(reading.has_value(), reading ? "" : reading.error());
  if (!reading) {
    return;
  }
  const Catalog& catalog = *reading->catalog;
  ExpectTables(catalog);
  ExpectHotNames(catalog);
  Expect(catalog.SchemaDefault("sealgate_probe") == "utf8mb4_unicode_ci", "schema default");
  Expect(catalog.CollationId("utf8mb4_general_ci") == 45, "collation id");
  Expect(catalog.DefaultCollationId("latin1") == 8, "default collation");

  const auto same = reader.ReadIfChanged(*policy, reading->fingerprint);
  Expect(same && !*same, "the fingerprint stays");
  ExpectLookups(reader);
  server.Execute("ALTER TABLE sealgate_probe.customers ADD COLUMN y INT");
  const auto start = std::chrono::steady_clock::now();
  const auto again = reader.ReadIfChanged(*policy, reading->fingerprint);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  Expect(again && *again && !(*(*again)->catalog == catalog) && took.count() < 0.5,
         fmt::format("a second reading keeps the weights ({:.2f} s)", took.count()));
  server.Execute("DROP DATABASE sealgate_probe");

  ServerAccess wrong = access;
  wrong.password = "not-" + access.password;
  const auto refused = ServerConnection::Open(wrong);
  Expect(!refused && refused.error().find(wrong.password) == std::string::npos,
         "a wrong password is an error without the password");
}

int Probe(const ServerAccess& access) {
  auto server = ServerConnection::Open(access);
  if (!server) {
    std::printf("failed: %s\n0 ok, 1 failed\n", server.error().c_str());
    return 1;
  }
  ReadSchema(*server, access);
  CatalogReader reader(access);
  const auto reading = reader.Read(Policy{});
  Expect(reading.has_value(), reading ? "" : reading.error());
  for (std::uint32_t id = 1; reading && id <= 0xFFFF; ++id) {
    const CollationInfo* info = reading->catalog->FindCollation(static_cast<std::uint16_t>(id));
    if (info != nullptr && IsSearchableCollation(info->name)) {
      Compare(*server, *info);
    }
  }
  std::printf("%d ok, %d failed\n", ok, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace sealgate::policy

int main(int argc, char** argv) {
  sealgate::policy::ServerAccess access;
  CLI::App app("Compares collations and the schema reader with a real server");
  app.add_option("--host", access.backend.socket.address)->capture_default_str();
  app.add_option("--port", access.backend.socket.port)->required();
  app.add_option("--user", access.user)->required();
  app.add_option("--password", access.password);
  app.add_option("--ca", access.backend.ca, "verify the server by this CA, over TLS");
  CLI11_PARSE(app, argc, argv);
  if (!access.backend.ca.empty()) {
    access.backend.tls = sealgate::policy::TlsMode::kRequired;
  }
  return sealgate::policy::Probe(access);
}
