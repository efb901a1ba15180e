#include "proxy/rewrite/screen/linked_table.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "policy/ascii.h"
#include "policy/storage_engines.h"
#include "proxy/rewrite/screen/executable_comment.h"
#include "proxy/rewrite/screen/raw_text.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using sql::IsOperator;
using sql::IsWord;
using sql::Operator;
using sql::TokenKind;

// CREATE [OR REPLACE] [TEMPORARY] TABLE, ALTER [ONLINE] [IGNORE] TABLE.
constexpr std::size_t kTableWithin = 4;

struct Definition {
  bool is_table = false;
  bool alters = false;
  bool temporary = false;
  std::size_t body = 0;  // behind TABLE
};

Definition DefinitionAt(const sql::TokenList& tokens, std::size_t first) {
  Definition found;
  found.alters = IsWord(tokens, first, "ALTER");
  if (!found.alters && !IsWord(tokens, first, "CREATE")) return found;
  for (std::size_t i = first + 1; i <= first + kTableWithin; ++i) {
    if (sql::EndsStatement(tokens, i)) return found;
    found.temporary = found.temporary || IsWord(tokens, i, "TEMPORARY");
    found.is_table = IsWord(tokens, i, "TABLE");
    found.body = i + 1;
    if (found.is_table) return found;
  }
  return found;
}

// The value of the option at this token, which an equals sign may stand before.
std::size_t ValueOf(const sql::TokenList& tokens, std::size_t option) {
  return option + (IsOperator(tokens, option + 1, Operator::kEqual) ? 2 : 1);
}

bool IsMerge(std::string_view engine) {
  return ascii::EqualsAnyCase(engine, "MERGE") || ascii::EqualsAnyCase(engine, "MRG_MyISAM");
}

bool IsLinkedEngine(const sql::TokenList& tokens, std::size_t name) {
  std::string unquoted;
  sql::UnquoteIdentifier(tokens.Text(name), unquoted);
  const bool word = tokens.tokens[name].kind == TokenKind::kWord;
  const std::string_view engine = word ? tokens.Text(name) : std::string_view(unquoted);
  return !policy::StoresItsRows(engine) && !IsMerge(engine);
}

// Within parentheses a partition's; a column of that name stands at their begin or behind a comma.
bool IsEngine(const sql::TokenList& tokens, std::size_t at, int depth) {
  if (!IsWord(tokens, at, "ENGINE")) return false;
  const bool column = depth > 0 && (IsOperator(tokens, at - 1, Operator::kOpen) ||
                                    IsOperator(tokens, at - 1, Operator::kComma));
  const TokenKind value = tokens.tokens[ValueOf(tokens, at)].kind;
  return !column && (value == TokenKind::kWord || value == TokenKind::kQuotedIdentifier ||
                     value == TokenKind::kString);
}

bool IsString(const sql::TokenList& tokens, std::size_t at) {
  return at < tokens.tokens.size() && tokens.tokens[at].kind == TokenKind::kString;
}

// As the string that an option has for a value.
bool OptionNamesHot(const policy::Catalog& catalog, const SessionFacts& facts,
                    const sql::TokenList& tokens, std::size_t at) {
  const bool option = IsString(tokens, at) && (IsOperator(tokens, at - 1, Operator::kEqual) ||
                                               IsWord(tokens, at - 1, "COMMENT"));
  if (!option) return false;
  std::string text;
  sql::UnescapeString(tokens.Text(at), facts.lex, text);
  return ContainsHotName(catalog, text);
}

bool DefinesLinkedTable(const policy::Catalog& catalog, const SessionFacts& facts,
                        const sql::TokenList& tokens, std::size_t first) {
  const Definition definition = DefinitionAt(tokens, first);
  if (!definition.is_table) return false;
  bool names_engine = definition.alters;
  bool names_hot = false;
  int depth = 0;
  // Behind a query stands no option.
  for (std::size_t i = definition.body; !sql::EndsStatement(tokens, i); ++i) {
    if (IsWord(tokens, i, "SELECT")) break;
    if (IsOperator(tokens, i, Operator::kOpen)) ++depth;
    if (IsOperator(tokens, i, Operator::kClose)) --depth;
    if (IsEngine(tokens, i, depth)) {
      names_engine = true;
      if (IsLinkedEngine(tokens, ValueOf(tokens, i))) return true;
    }
    if (IsWord(tokens, i, "CONNECTION") && IsString(tokens, ValueOf(tokens, i))) return true;
    names_hot = names_hot || OptionNamesHot(catalog, facts, tokens, i);
  }
  return !names_engine && names_hot;
}

bool DefinesOneUnseen(const policy::Catalog& catalog, const SessionFacts& facts,
                      const sql::TokenList& tokens, bool nested) {
  constexpr std::string_view kNone[] = {"SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "SHOW"};
  if (!tokens.has_inner_semicolon && sql::IsAnyWord(tokens, 0, kNone)) return false;
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    const Definition definition = DefinitionAt(tokens, i);
    const bool temporary =
        definition.temporary || (definition.alters && facts.may_have_temporary());
    const bool alone = i == 0 && !nested && !temporary && !tokens.has_inner_semicolon &&
                       !tokens.has_executable_comment;
    if (!alone && DefinesLinkedTable(catalog, facts, tokens, i)) return true;
  }
  return false;
}

// Where comments stay that may run.
bool RawTextMayDefine(std::string_view text) {
  const bool table = ascii::Contains(text, "table") &&
                     (ascii::Contains(text, "create") || ascii::Contains(text, "alter"));
  return table && (ascii::Contains(text, "connection") || ascii::Contains(text, "engine"));
}

}  // namespace

bool MakesLinkedTableUnseen(const policy::Catalog& catalog, const SessionFacts& facts,
                            const sql::TokenList& tokens, bool nested) {
  if (!catalog.has_hot_names()) return false;
  if (!tokens.has_executable_comment) return DefinesOneUnseen(catalog, facts, tokens, nested);
  if (DefinesOneUnseen(catalog, facts, tokens, nested)) return true;
  std::string open;
  OpenCommentsOf(catalog, facts, tokens.text, open);
  sql::TokenList opened;
  sql::Lex(open, LexModeOf(facts), opened);
  return (opened.has_executable_comment && RawTextMayDefine(open)) ||
         DefinesOneUnseen(catalog, facts, opened, nested);
}

Refusal RefuseLinkedTable() {
  return Unsupported(
      "a table of an engine such as FEDERATED, which may stand for a protected one, is neither "
      "made as a TEMPORARY one nor within another statement or text; send the CREATE TABLE alone");
}

}  // namespace sealgate::rewrite
