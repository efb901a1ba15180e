#include "proxy/explain/explain.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "crypto/column_cipher.h"
#include "metrics/metrics.h"
#include "policy/name_folding.h"
#include "proxy/rewrite/rewriter.h"
#include "proxy/sql/lexer.h"

namespace sealgate::explain {
namespace {

using sql::TokenKind;

bool IsLiteral(TokenKind kind) {
  switch (kind) {
    case TokenKind::kString:
    case TokenKind::kNationalString:
    case TokenKind::kHex:
    case TokenKind::kBit:
    case TokenKind::kInteger:
    case TokenKind::kDecimal:
    case TokenKind::kFloat:
      return true;
    default:
      return false;
  }
}

std::string ShapeText(const sql::TokenList& tokens) {
  std::string text;
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    const sql::Token& token = tokens.tokens[i];
    if (i > 0 && !token.adjacent) text += ' ';
    text += IsLiteral(token.kind) ? std::string_view("?") : tokens.Text(i);
  }
  return text;
}

std::string NameOf(const sql::TokenList& tokens, std::size_t index) {
  std::string name;
  const TokenKind kind = tokens.tokens[index].kind;
  if (kind == TokenKind::kQuotedIdentifier) {
    sql::UnquoteIdentifier(tokens.Text(index), name);
  } else if (kind == TokenKind::kWord) {
    name = tokens.Text(index);
  }
  return policy::FoldName(name);
}

std::string_view Describe(policy::NameKind kind, bool exists) {
  switch (kind) {
    case policy::NameKind::kTable:
      return exists ? "protected table" : "protected table that does not exist yet";
    case policy::NameKind::kView:
      return "view that reaches a protected table";
    case policy::NameKind::kRoutine:
      return "routine that reaches a protected table, or runs dynamic SQL";
    case policy::NameKind::kTriggered:
      return "table with a trigger that reaches a protected table";
  }
  return "";
}

void FindTables(const policy::Catalog& catalog, const std::string& schema,
                const sql::TokenList& tokens, std::vector<HotTable>& tables) {
  std::set<std::string> names{policy::FoldName(schema)};
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) names.insert(NameOf(tokens, i));
  for (const std::string& name : names) {
    const auto* entries = name.empty() ? nullptr : catalog.FindHot(name);
    if (entries == nullptr) continue;
    for (const policy::HotName& hot : *entries) {
      if (!names.contains(policy::FoldName(hot.schema))) continue;
      const bool exists = catalog.Find(hot.schema, hot.name) != nullptr;
      tables.push_back({hot.schema + "." + hot.name, std::string(Describe(hot.kind, exists))});
    }
  }
}

Reference ReferenceOf(const policy::Policy& policy, const rewrite::Target& target) {
  const policy::Domain& domain = policy.domains[target.domain];
  Reference reference;
  reference.column = target.protection->QualifiedName();
  reference.domain = domain.name;
  reference.mode = crypto::ModeName(domain.mode);
  if (target.column->state == policy::ColumnState::kSealed) {
    reference.type = policy::ToText(target.column->type);
  }
  reference.reveal = policy::RevealName(target.rule->reveal);
  reference.write = target.rule->write;
  reference.search = target.rule->search;
  return reference;
}

// The mark of a literal that the rewriter put in: what it is, and of which
// domain. "" for a literal that is the client's own.
std::string MarkOf(const rewrite::Plan& plan, const policy::Policy& policy,
                   std::string_view literal) {
  std::string bytes;
  sql::DecodeHexOrBit(literal, bytes);
  if (bytes.size() < crypto::kEqualityPrefixBytes || bytes.front() != '\xFE') return "";
  for (const rewrite::Target& target : plan.targets) {
    std::string opened;
    if (target.cipher == nullptr || !crypto::Open(*target.cipher, bytes, opened)) continue;
    return "<sealed for " + policy.domains[target.domain].name + ">";
  }
  if (bytes.size() == crypto::kEqualityPrefixBytes) return "<first sealed form of the value>";
  return "<last sealed form of the value>";
}

std::string WithMarks(const rewrite::Plan& plan, const policy::Snapshot& snapshot,
                      std::string_view text, sql::LexMode mode) {
  sql::TokenList tokens;
  sql::Lex(text, mode, tokens);
  std::string marked;
  std::size_t at = 0;
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (tokens.tokens[i].kind != TokenKind::kHex) continue;
    const std::string mark = MarkOf(plan, *snapshot.policy, tokens.Text(i));
    if (mark.empty()) continue;
    marked.append(text.substr(at, tokens.tokens[i].begin - at)).append(mark);
    at = tokens.tokens[i].end;
  }
  return marked.append(text.substr(at));
}

std::string ParameterText(const rewrite::Plan& plan, const rewrite::PhysicalParameter& parameter) {
  std::string text = "parameter " + std::to_string(parameter.logical + 1);
  if (parameter.seal == rewrite::SealAs::kPlain) return text + " as it is";
  if (parameter.seal == rewrite::SealAs::kNullOnly) return text + ", only whether it is NULL";
  const std::string column = plan.targets[parameter.target].protection->QualifiedName();
  switch (parameter.seal) {
    case rewrite::SealAs::kLow:
      return text + ", the first sealed form that equals it in " + column;
    case rewrite::SealAs::kHigh:
      return text + ", the last sealed form that equals it in " + column;
    default:
      return text + ", sealed for " + column;
  }
}

std::string ResultText(const rewrite::Plan& plan, const rewrite::PlannedColumn& column) {
  if (column.gap) return "columns outside the policy, as they are";
  if (!column.target) return "as it is";
  const rewrite::Target& target = plan.targets[*column.target];
  const std::string name = target.protection->QualifiedName();
  switch (target.rule->reveal) {
    case policy::Reveal::kClear:
      return name + ", opened";
    case policy::Reveal::kMask:
      return name + ", opened and masked";
    case policy::Reveal::kNull:
      return name + ", shown as NULL";
    case policy::Reveal::kCiphertext:
      return name + ", as it is stored";
    default:
      return name + ", hidden";
  }
}

void Refuse(const rewrite::Refusal& refusal, Explanation& explanation) {
  explanation.outcome = Explanation::Outcome::kRefused;
  explanation.code = refusal.code;
  explanation.sqlstate = refusal.sqlstate;
  explanation.message = refusal.message;
  explanation.position = PositionOf(refusal);
  explanation.advice = AdviceFor(refusal);
}

}  // namespace

std::optional<std::size_t> PositionOf(const rewrite::Refusal& refusal) {
  constexpr std::string_view kBefore = "(at character ";
  const std::size_t at = refusal.message.rfind(kBefore);
  if (at == std::string::npos) return std::nullopt;
  const char* first = refusal.message.data() + at + kBefore.size();
  const char* last = refusal.message.data() + refusal.message.size();
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(first, last, number);
  if (error != std::errc{} || end == last || *end != ')' || number == 0) return std::nullopt;
  return number - 1;
}

Explanation Explain(const policy::Snapshot& snapshot, const rewrite::SessionFacts& facts,
                    crypto::RandomSource& random, std::string_view statement) {
  std::vector<std::string> domains;
  for (const policy::Domain& domain : snapshot.policy->domains) domains.push_back(domain.name);
  metrics::Metrics metrics(domains);
  rewrite::Rewriter rewriter(random, metrics, {});
  sql::TokenList tokens;
  sql::Lex(statement, rewrite::LexModeOf(facts), tokens);

  Explanation explanation;
  explanation.role = facts.role->name;
  explanation.shape = ShapeText(tokens);
  explanation.prepared = tokens.parameters > 0;
  FindTables(*snapshot.catalog, facts.schema, tokens, explanation.tables);
  const rewrite::Decision decision = explanation.prepared
                                         ? rewriter.Prepare(snapshot, facts, statement)
                                         : rewriter.Query(snapshot, facts, statement);
  const rewrite::Plan& plan = *decision.plan;
  explanation.writes = plan.writes;
  for (const rewrite::Target& target : plan.targets) {
    if (target.protection == nullptr || target.rule == nullptr) continue;
    if (target.literals != rewrite::Literals::kAll) continue;  // named already
    explanation.references.push_back(ReferenceOf(*snapshot.policy, target));
  }
  explanation.unknown_collations = plan.unknown_collations;
  if (!decision.statement) {
    Refuse(decision.statement.error(), explanation);
    return explanation;
  }
  const std::string_view text = decision.statement->text();
  if (text != statement) {
    explanation.to_server = WithMarks(plan, snapshot, text, rewrite::LexModeOf(facts));
    explanation.outcome = Explanation::Outcome::kRewritten;
  }
  for (const rewrite::PhysicalParameter& parameter : plan.parameters) {
    explanation.parameters.push_back(ParameterText(plan, parameter));
  }
  const bool opens = std::any_of(plan.result.begin(), plan.result.end(),
                                 [](const auto& column) { return column.target.has_value(); });
  for (const rewrite::PlannedColumn& column : plan.result) {
    if (opens) explanation.results.push_back(ResultText(plan, column));
  }
  if (opens || plan.schema_rows != rewrite::SchemaRows::kNone || plan.maps_parameters) {
    explanation.outcome = Explanation::Outcome::kRewritten;
  }
  if (plan.schema_rows != rewrite::SchemaRows::kNone) {
    explanation.results.emplace_back(plan.schema_rows == rewrite::SchemaRows::kWarnings
                                         ? "the messages, without what this role does not see"
                                         : "the table's definition, as this role sees it");
  }
  return explanation;
}

}  // namespace sealgate::explain
