// Any literal into any type: no crash; what is accepted is canonical, shows as
// text, and that text stores as the same canonical bytes again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>

#include "proxy/rewrite/value/value.h"
#include "proxy/sql/lexer.h"

namespace {

using namespace sealgate;
using namespace sealgate::rewrite;

constexpr std::string_view kTypes[] = {"char(3)",       "varchar(5)",
                                       "tinytext",      "binary(3)",
                                       "varbinary(4)",  "tinyblob",
                                       "tinyint",       "int unsigned",
                                       "bigint",        "bigint unsigned",
                                       "decimal(5,2)",  "decimal(3,3)",
                                       "decimal(65,0)", "decimal(65,30) unsigned",
                                       "date",          "datetime",
                                       "datetime(3)",   "datetime(6)",
                                       "time",          "time(2)",
                                       "year",          "timestamp(6)"};
constexpr std::string_view kCollations[] = {"utf8mb4_general_ci", "latin1_bin", "ascii_bin",
                                            "utf8mb3_bin"};

void Check(bool holds) {
  if (!holds) std::abort();
}

policy::LogicalType TypeOf(std::uint8_t choice, std::uint8_t collation) {
  policy::LogicalType type = *policy::TypeFromText(kTypes[choice % std::size(kTypes)]);
  if (policy::IsText(type.kind)) {
    type.collation = kCollations[collation % 4];
    type.charset = *policy::CharsetFromName(type.collation.substr(0, type.collation.find('_')));
  }
  return type;
}

void TryStore(const policy::LogicalType& type, const SessionFacts& facts,
              const SourceValue& source) {
  std::string canonical;
  if (!ToCanonical(type, facts, source, Purpose::kStore, canonical)) {
    Check(canonical.empty());
    return;
  }
  Check(canonical.size() <= policy::MaxCanonicalBytes(type));
  std::string text;
  std::string binary;
  Check(CanonicalToText(type, facts, canonical, text));
  Check(CanonicalToBinary(type, facts, canonical, binary));
  std::string again;
  const SourceValue shown{SourceValue::Kind::kString, false, text};
  Check(ToCanonical(type, facts, shown, Purpose::kStore, again).has_value());
  Check(again == canonical);
  Check(CanonicalToText(type, facts, MaskCanonical(type, {1, 1, U'*'}, canonical), text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const policy::LogicalType type = TypeOf(data[0], data[1]);
  SessionFacts facts;
  facts.extra_fraction = static_cast<ExtraFraction>(data[1] / 4 % 3);
  facts.zero_date = (data[1] & 0x40) != 0;
  facts.zero_in_date = (data[1] & 0x80) != 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  TryStore(type, facts, {SourceValue::Kind::kString, false, text});
  TryStore(type, facts, {SourceValue::Kind::kBytes, false, text});

  sql::TokenList tokens;
  sql::Lex(text, {}, tokens);
  std::string scratch;
  const auto last = static_cast<std::uint32_t>(tokens.tokens.size() - 1);
  const auto source = FromLiteral(tokens, 0, last > 0 ? last - 1 : 0, {}, scratch);
  if (!source) return 0;
  TryStore(type, facts, *source);
  std::string compared;
  if (!ToCanonical(type, facts, *source, Purpose::kCompare, compared)) Check(compared.empty());
  // Bytes that were not sealed by us may be anything.
  std::string shown;
  CanonicalToText(type, facts, text, shown);
  CanonicalToBinary(type, facts, text, shown);
  MaskCanonical(type, {1, 2, U'*'}, text);
  return 0;
}
