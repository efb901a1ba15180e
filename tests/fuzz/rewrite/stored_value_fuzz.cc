// Fuzzed text around a marker that is the value of protected columns. Oracle:
// when the statement is forwarded, no string token of it holds the marker, as
// text or as hex. The templates have no place where a plain string could
// rightly stay: every column that they can name is protected.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "proxy/rewrite/rewriter.h"
#include "proxy/sql/lexer.h"
#include "tests/proxy/rewrite/world.h"

namespace {

constexpr std::string_view kMarker = "S3NT1NEL";

struct Template {
  std::string_view before;
  std::string_view after;
};

constexpr Template kTemplates[] = {
    {"INSERT INTO customers (email, phone) VALUES (", ", NULL)"},
    {"INSERT INTO customers (email, phone) VALUES (NULL, ", ")"},
    {"REPLACE INTO orders (card) VALUES (", ")"},
    {"INSERT INTO customers SET tax_id = ", ""},
    {"UPDATE customers SET email = ", " WHERE id = 1"},
    {"UPDATE orders SET card = ", ""},
    {"SELECT id FROM customers WHERE email = ", ""},
    {"SELECT id FROM customers WHERE tax_id IN (", ")"},
    {"DELETE FROM customers WHERE email <=> ", ""},
};

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Constructs after which a plain string is nobody's secret.
bool MayBePlain(std::string_view fuzzed) {
  std::string lower(fuzzed);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  for (const std::string_view word :
       {"name", "id",     "hidden", "=",      "returning", "and", "or",
        "by",   "select", "having", "window", "&",         "|",   "--",
        "#",    "/*",     "limit",  "case",   "if",        "in(", "in ("}) {
    if (Contains(lower, word)) return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sealgate;
  static rewrite::World world;
  static rewrite::Rewriter rewriter(world.random(), world.metrics(), {});
  if (size < 2) return 0;
  const Template& form = kTemplates[data[0] % std::size(kTemplates)];
  const std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t split = rest.empty() ? 0 : data[1] % (rest.size() + 1);
  if (MayBePlain(rest)) return 0;
  std::string sql(form.before);
  sql += rest.substr(0, split);
  sql += "'" + std::string(kMarker) + "'";
  sql += rest.substr(split);
  sql += form.after;
  const rewrite::SessionFacts facts = world.Facts("app");
  const rewrite::Decision decision = rewriter.Query(world.snapshot(), facts, sql);
  if (!decision.statement) return 0;
  const std::string_view sent = decision.statement->text();
  if (Contains(sent, kMarker)) std::abort();
  if (Contains(sent, "53334E54314E454C") || Contains(sent, "53334e54314e454c")) std::abort();
  return 0;
}
