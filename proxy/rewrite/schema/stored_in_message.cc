#include "proxy/rewrite/schema/stored_in_message.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "policy/ascii.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

bool ShowsMessagesAt(const sql::TokenList& tokens, std::size_t index) {
  return sql::IsWord(tokens, index, "SHOW") &&
         (sql::IsWord(tokens, index + 1, "WARNINGS") || sql::IsWord(tokens, index + 1, "ERRORS"));
}

constexpr std::string_view kMaintenance[] = {"CHECK", "OPTIMIZE", "REPAIR"};
constexpr std::string_view kMaintained[] = {"TABLE", "TABLES", "PARTITION"};
constexpr std::string_view kUnlogged[] = {"LOCAL", "NO_WRITE_TO_BINLOG"};

// OPTIMIZE TABLE and the like have the server's messages in their rows.
bool MaintainsAt(const sql::TokenList& tokens, std::size_t index) {
  if (!sql::IsAnyWord(tokens, index, kMaintenance)) return false;
  return sql::IsAnyWord(tokens, index + (sql::IsAnyWord(tokens, index + 1, kUnlogged) ? 2 : 1),
                        kMaintained);
}

bool TextMayMaintain(std::string_view text) {
  const auto has = [text](std::string_view word) { return ascii::Contains(text, word); };
  return (has("table") || has("partition")) && (has("check") || has("optimize") || has("repair"));
}

constexpr std::string_view kHidden =
    "sealgate: the server's message is not shown to this role, because it may hold a value that "
    "the role does not see";

// Of names, of the session and of what the statement itself says. Any other may have a
// row's value.
constexpr std::uint16_t kWithoutValues[] = {
    1040, 1044, 1045, 1046, 1047, 1048, 1049, 1050, 1051, 1052, 1053, 1054, 1055, 1056, 1058,
    1060, 1061, 1064, 1065, 1066, 1068, 1071, 1072, 1080, 1091, 1093, 1095, 1096, 1109, 1110,
    1136, 1140, 1142, 1143, 1146, 1149, 1152, 1153, 1154, 1155, 1156, 1157, 1158, 1159, 1160,
    1161, 1176, 1184, 1192, 1193, 1203, 1205, 1210, 1213, 1222, 1226, 1227, 1235, 1236, 1241,
    1242, 1243, 1248, 1264, 1265, 1287, 1290, 1295, 1305, 1317, 1318, 1347, 1356, 1364, 1370,
    1390, 1406, 1421, 1615, 1681, 1792, 1820, 1831, 1836, 1927, 1969, 3024, 3169, 4031,
};

static_assert(std::is_sorted(std::begin(kWithoutValues), std::end(kWithoutValues)));

bool MayHoldValue(std::uint16_t code) {
  return !std::binary_search(std::begin(kWithoutValues), std::end(kWithoutValues), code);
}

bool HidesAnyPlaintext(const policy::Catalog& catalog, const policy::Role& role) {
  const auto& plaintext = catalog.plaintext();
  return std::any_of(plaintext.begin(), plaintext.end(), [&role](std::uint32_t column) {
    return role.columns[column].reveal != policy::Reveal::kClear;
  });
}

// A literal of the statement as it left: "0xfe02…" of MySQL, X'FE02…' of the client's text.
bool HasStoredLiteral(std::string_view message) {
  return ascii::Contains(message, "0xfe0") || ascii::Contains(message, "x'fe0");
}

// As both servers write binary values in an entry.
std::optional<std::string> WithoutStored(std::string_view message) {
  // An envelope's format, and the first digit of its scheme.
  const std::size_t stored = message.find("\\xFE\\x0");
  if (stored == std::string_view::npos) return std::nullopt;
  // Quotes in a value are not escaped; a name has none, and comes last.
  const std::size_t begin = std::min(message.find('\''), stored);
  const std::size_t end = message.rfind("' for key ");
  std::string without(message.substr(0, begin));
  without += "'(sealed)'";
  if (end != std::string_view::npos && end > stored) without += message.substr(end + 1);
  return without;
}

}  // namespace

bool HidesStored(const policy::Role& role) {
  return std::any_of(role.columns.begin(), role.columns.end(), [](const policy::ColumnRule& rule) {
    return rule.reveal != policy::Reveal::kClear && rule.reveal != policy::Reveal::kCiphertext;
  });
}

bool HidesInMessages(const policy::Catalog& catalog, const policy::Role& role) {
  return HidesStored(role) || HidesAnyPlaintext(catalog, role);
}

bool AnyRoleHides(const policy::Catalog& catalog, const policy::Policy& policy) {
  const auto matches_all = [](const policy::RoleMatch& match) {
    return match.users.empty() && match.addresses.empty();
  };
  for (const policy::Role& role : policy.roles) {
    if (HidesInMessages(catalog, role)) return true;
    if (std::any_of(role.match.begin(), role.match.end(), matches_all)) return false;
  }
  return HidesInMessages(catalog, policy.fallback);
}

bool TextMayShowMessages(std::string_view text) {
  if (TextMayMaintain(text)) return true;
  const auto has = [text](std::string_view word) { return ascii::Contains(text, word); };
  return (has("diagnostics") && has("message_text")) ||
         (has("show") && (has("warnings") || has("errors")));
}

bool ShowsMessages(const sql::TokenList& tokens) { return ShowsMessagesAt(tokens, 0); }

bool MayShowMessages(const sql::TokenList& tokens) {
  if (tokens.has_executable_comment || tokens.has_illegal || sql::IsWord(tokens, 0, "PREPARE") ||
      sql::IsWord(tokens, 0, "EXECUTE")) {
    return TextMayShowMessages(tokens.text);
  }
  bool diagnostics = false;
  bool message = false;
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if ((i > 0 && ShowsMessagesAt(tokens, i)) || MaintainsAt(tokens, i)) return true;
    diagnostics = diagnostics || sql::IsWord(tokens, i, "DIAGNOSTICS");
    message = message || sql::IsWord(tokens, i, "MESSAGE_TEXT");
  }
  return diagnostics && message;
}

std::optional<std::string> ShownMessage(const policy::Catalog& catalog, const SessionFacts& facts,
                                        std::uint16_t code, std::string_view message) {
  if (MayHoldValue(code) && HidesAnyPlaintext(catalog, *facts.role)) return std::string(kHidden);
  if (!HidesStored(*facts.role)) return std::nullopt;
  if (!facts.results_have_ascii_bytes || HasStoredLiteral(message)) return std::string(kHidden);
  return WithoutStored(message);
}

}  // namespace sealgate::rewrite
