#include "proxy/rewrite/schema/conditions.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "policy/name_folding.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using sql::IsWord;
using sql::Operator;
using sql::TokenKind;

// As information_rows.cc changes them.
constexpr std::string_view kOfType[] = {"data_type",
                                        "column_type",
                                        "character_maximum_length",
                                        "character_octet_length",
                                        "numeric_precision",
                                        "numeric_scale",
                                        "datetime_precision",
                                        "character_set_name",
                                        "collation_name",
                                        "column_comment",
                                        "sub_part"};

std::string NameOf(const sql::TokenList& tokens, std::size_t token) {
  const TokenKind kind = tokens.tokens[token].kind;
  std::string name;
  if (kind == TokenKind::kWord) {
    name = tokens.Text(token);
  } else if (kind == TokenKind::kQuotedIdentifier) {
    sql::UnquoteIdentifier(tokens.Text(token), name);
  } else if (kind == TokenKind::kString) {
    sql::UnescapeString(tokens.Text(token), {}, name);
  }
  return policy::FoldName(name);
}

bool IsOp(const sql::TokenList& tokens, std::size_t token, Operator op) {
  return token < tokens.tokens.size() && tokens.tokens[token].op == op;
}

// Whether every literal that the column is compared with fits: "= 'PRI'", "LIKE 'PRI%'",
// "NOT IN ('PRI', '')".
bool AllLiterals(const sql::TokenList& tokens, std::size_t column, const auto& fits) {
  std::size_t at = column + 1;
  if (IsWord(tokens, at, "NOT")) ++at;
  const bool list = IsWord(tokens, at, "IN") && IsOp(tokens, at + 1, Operator::kOpen);
  const bool one = IsOp(tokens, at, Operator::kEqual) || IsOp(tokens, at, Operator::kNotEqual) ||
                   IsWord(tokens, at, "LIKE");
  if (!list && !one) return false;
  at += list ? 2 : 1;
  for (; at + 1 < tokens.tokens.size(); at += 2) {
    if (tokens.tokens[at].kind != TokenKind::kString || !fits(NameOf(tokens, at))) return false;
    if (!list) return true;
    if (IsOp(tokens, at + 1, Operator::kClose)) return true;
    if (!IsOp(tokens, at + 1, Operator::kComma)) return false;
  }
  return false;
}

// Neither of MUL and UNI.
bool IsOtherKey(std::string text) {
  while (text.ends_with('%') || text.ends_with(' ')) text.pop_back();
  return text.empty() || text == "pri";
}

// Neither of DEFAULT_GENERATED and nothing.
bool IsOtherExtra(const std::string& text) {
  for (const std::string_view word :
       {"auto_increment", "on update", "virtual", "stored", "persistent", "invisible"}) {
    if (text.find(word) != std::string::npos) return true;
  }
  return false;
}

bool TestsNull(const sql::TokenList& tokens, std::size_t column) {
  return IsWord(tokens, column + 1, "IS") &&
         (IsWord(tokens, column + 2, "NULL") ||
          (IsWord(tokens, column + 2, "NOT") && IsWord(tokens, column + 3, "NULL")));
}

class Conditions {
 public:
  Conditions(const sql::TokenList& tokens, const StoredOtherwise& stored)
      : tokens_(tokens), stored_(stored) {}

  std::optional<std::uint32_t> Find() {
    Walk();  // for the aliases
    return Walk();
  }

 private:
  // Between two parentheses, or the whole.
  struct Frame {
    bool select = false;  // it begins with SELECT
    bool list = false;    // within the select list
    bool by = false;      // behind ORDER BY or GROUP BY
    bool item = false;    // the item tells what is stored otherwise
    std::vector<bool> items;
  };

  bool Tells(const std::string& name) const {
    if (name == "column_default" || name == "extra") return stored_.has_default;
    if (name == "column_key") return stored_.key;
    return stored_.type &&
           std::find(std::begin(kOfType), std::end(kOfType), name) != std::end(kOfType);
  }

  // Whether what stands there comes out the same for what is stored.
  bool IsHarmless(const std::string& name, std::size_t token) const {
    if (name == "column_default") return TestsNull(tokens_, token);
    if (name == "column_key") return AllLiterals(tokens_, token, IsOtherKey);
    return name == "extra" && AllLiterals(tokens_, token, IsOtherExtra);
  }

  void EndItem(Frame& frame, std::size_t end) {
    if (frame.item && end > 0 && !IsWord(tokens_, end - 1, "END")) {
      const std::string alias = NameOf(tokens_, end - 1);
      if (!alias.empty() && !Tells(alias)) aliases_.insert(alias);
    }
    frame.items.push_back(frame.item);
    frame.item = false;
  }

  bool IsOfPlace(const Frame& frame, std::size_t token) const {
    const bool first =
        IsWord(tokens_, token - 1, "BY") || IsOp(tokens_, token - 1, Operator::kComma);
    if (!frame.by || !first) return false;
    const std::string_view digits = tokens_.Text(token);
    std::size_t place = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), place);
    return place > 0 && place <= frame.items.size() && frame.items[place - 1];
  }

  void Keyword(Frame& frame, std::size_t token) {
    if (IsWord(tokens_, token, "SELECT")) {
      frame = {true, true, false, false, {}};
    } else if (frame.select && frame.list && IsWord(tokens_, token, "FROM")) {
      EndItem(frame, token);
      frame.list = false;
    } else if (IsWord(tokens_, token, "BY")) {
      frame.by = true;
    } else if (IsWord(tokens_, token, "LIMIT")) {
      frame.by = false;
    }
  }

  bool Counts(const Frame& frame, std::size_t token) {
    if (tokens_.tokens[token].kind == TokenKind::kInteger) return IsOfPlace(frame, token);
    if (tokens_.tokens[token].kind == TokenKind::kString) return false;
    const std::string name = NameOf(tokens_, token);
    if (name.empty()) return false;
    return Tells(name) ? !IsHarmless(name, token) : aliases_.contains(name);
  }

  void Parenthesis(std::vector<Frame>& frames, std::size_t token) {
    if (IsOp(tokens_, token, Operator::kOpen)) {
      const bool list = frames.back().list;
      frames.emplace_back().list = list;
    } else if (IsOp(tokens_, token, Operator::kClose) && frames.size() > 1) {
      const std::vector<bool>& items = frames.back().items;
      const bool item =
          frames.back().item || std::find(items.begin(), items.end(), true) != items.end();
      frames.pop_back();
      frames.back().item = frames.back().item || (frames.back().list && item);
    }
  }

  std::optional<std::uint32_t> Walk() {
    std::vector<Frame> frames(1);
    std::optional<std::uint32_t> found;
    for (std::uint32_t i = 0; i + 1 < tokens_.tokens.size(); ++i) {
      Parenthesis(frames, i);
      Frame& frame = frames.back();
      if (frame.select && frame.list && IsOp(tokens_, i, Operator::kComma)) EndItem(frame, i);
      Keyword(frame, i);
      if (frame.list) {
        frame.item = frame.item || Tells(NameOf(tokens_, i));
      } else if (!found && Counts(frame, i)) {
        found = i;
      }
    }
    return found;
  }

  const sql::TokenList& tokens_;
  const StoredOtherwise& stored_;
  std::set<std::string> aliases_;
};

}  // namespace

std::optional<std::uint32_t> FindStoredCondition(const sql::TokenList& tokens,
                                                 const StoredOtherwise& stored) {
  return Conditions(tokens, stored).Find();
}

bool MayShowDefault(const sql::TokenList& tokens) {
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (NameOf(tokens, i) == "column_default") return true;
    if (!IsOp(tokens, i, Operator::kStar) || i == 0) continue;
    if (IsOp(tokens, i - 1, Operator::kDot) || IsOp(tokens, i - 1, Operator::kComma)) return true;
    for (const std::string_view word : {"SELECT", "DISTINCT", "DISTINCTROW", "ALL"}) {
      if (IsWord(tokens, i - 1, word)) return true;
    }
  }
  return IsWord(tokens, 0, "TABLE");
}

}  // namespace sealgate::rewrite
