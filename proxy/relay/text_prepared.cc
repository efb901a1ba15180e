// Statements that are prepared and executed by name, in texts. Each is looked at again
// before it runs, when names may mean something else by then, or texts be read
// otherwise. Of what a program or a guarded text prepares only the server knows the
// text, which named nothing hot then; it is not run any more once a name became hot.
// Sources: MySQL manual, "Prepared Statements".

#include <algorithm>
#include <string>
#include <utility>

#include "policy/ascii.h"
#include "proxy/relay/relay.h"
#include "proxy/rewrite/screen/loose_name.h"
#include "proxy/rewrite/screen/raw_text.h"
#include "proxy/rewrite/screen/reads_otherwise.h"

namespace sealgate::relay {
namespace {

constexpr std::uint16_t kErTooManyPrepared = 1461;

std::string_view WithoutFinalBlanks(std::string_view name) {
  return name.substr(0, name.find_last_not_of(' ') + 1);
}

// The server may take two names for one if they are not ASCII, and MySQL does if they
// differ by blanks at their ends.
bool MayBeCalled(const std::string& name, const NamedStatement& named,
                 const std::string& executed) {
  const std::string_view one = WithoutFinalBlanks(name);
  const std::string_view other = WithoutFinalBlanks(executed);
  if (one == other || !ascii::IsAscii(other)) return true;
  if (ascii::IsAscii(one)) return false;
  const bool utf8 = named.facts.client && named.facts.client != policy::Charset::kLatin1;
  return utf8 ? rewrite::MayBeNameInUtf8(one, other) : rewrite::MayBeName(one, other);
}

// What a text says that runs by the modes and the schema of its preparation.
rewrite::SessionFacts FactsOf(const NamedStatement& statement, const rewrite::SessionFacts& now) {
  rewrite::SessionFacts facts = now;
  facts.schema = statement.facts.schema;
  facts.lex = statement.facts.lex;
  return facts;
}

rewrite::SessionFacts WithoutTables(const rewrite::SessionFacts& now) {
  rewrite::SessionFacts facts;
  facts.schema = now.schema;
  facts.lex = now.lex;
  facts.client = now.client;
  facts.connection = now.connection;
  facts.connection_has_ascii = now.connection_has_ascii;
  facts.client_extends_ascii = now.client_extends_ascii;
  facts.client_trails_may_be_signs = now.client_trails_may_be_signs;
  facts.client_latin_is_ascii = now.client_latin_is_ascii;
  return facts;
}

}  // namespace

std::size_t BytesOf(const std::string& name, const NamedStatement& statement) {
  constexpr std::size_t kBesidesTexts = 512;
  return name.size() + statement.text.size() + kBesidesTexts;
}

bool Relay::NamedMayExecute(const std::string& executed) const {
  return std::any_of(s_.named.begin(), s_.named.end(), [&](const auto& named) {
    return MayBeCalled(named.first, named.second, executed) &&
           rewrite::MayExecute(named.second.text);
  });
}

bool Relay::MayExecuteNamed(std::string_view payload, rewrite::TextPrepared& use) {
  if (!use.executes_some()) return true;
  bool seen = false;
  if (use.executes) {
    const auto found = s_.named.find(*use.executes);
    seen = found != s_.named.end() && !found->second.may_be_other;
    const bool others = NamedMayExecute(*use.executes);
    if (seen && !others && !rewrite::MayCall(found->second.text)) {
      use.executes_any = use.prepares_unseen = false;
    }
    use.executes_any = use.executes_any || others;
  }
  for (auto& [name, statement] : s_.named) {
    if (!use.executes_any && !MayBeCalled(name, statement, *use.executes)) continue;
    if (!MayStillRun(payload, statement)) return false;
  }
  const bool unseen = !seen || use.executes_any;
  const std::uint64_t hot_version = s_.snapshot->hot_version;
  if (unseen && s_.unseen_hot_version.value_or(hot_version) != hot_version) {
    return RefuseStale();
  }
  return true;
}

// Of a text that only the server has seen, nobody knows.
bool Relay::NamedAskForDisturbed(const rewrite::TextPrepared& use) {
  if (!use.executes_some()) return false;
  bool seen = false;
  for (const auto& [name, statement] : s_.named) {
    if (!use.executes_any && !MayBeCalled(name, statement, *use.executes)) continue;
    if (AsksForDisturbed(statement.text, FactsOf(statement, s_.facts))) return true;
    seen = seen || !statement.may_be_other;
  }
  return s_.unseen_hot_version && (use.executes_any || !seen) &&
         s_.snapshot->catalog->programs_read_counts;
}

// A CALL of a program that does.
bool Relay::MayExecuteOthers(std::string_view payload, const Prepared& prepared) {
  rewrite::TextPrepared use{.executes_any = prepared.executes_any};
  return MayExecuteNamed(payload, use);
}

bool Relay::MayStillRun(std::string_view payload, NamedStatement& statement) {
  const policy::Catalog& catalog = *s_.snapshot->catalog;
  if (rewrite::ReadsOtherwise(statement.text, statement.facts, s_.facts) &&
      (catalog.has_high_names() || rewrite::RawTextNamesHot(catalog, statement.text))) {
    return RefuseStale();
  }
  if (statement.snapshot_version == s_.snapshot->version &&
      statement.objects == s_.snapshot->objects &&
      statement.temporary_version == s_.temporary_version) {
    return true;
  }
  const rewrite::SessionFacts facts = FactsOf(statement, s_.facts);
  rewrite::Decision decision = services_.rewriter.LookAgain(*s_.snapshot, facts, statement.text,
                                                            rewrite::CatalogAge::kMayBeOld);
  const bool open = decision.needs_catalog;
  if (open) {
    if (!WereLookedUp(decision.unknown)) {
      DeferUntilLookedUp(payload, std::move(decision.unknown));
      return false;
    }
    decision = services_.rewriter.LookAgain(*s_.snapshot, facts, statement.text,
                                            rewrite::CatalogAge::kJustRead);
  }
  if (!decision.statement) {
    CountStatement(metrics::Outcome::kRefused);
    SendRefusal(decision.statement.error());
    return false;
  }
  statement.plan = std::move(decision.plan);
  statement.modes_after = decision.modes_after;
  statement.temporary_after = decision.temporary_after;
  statement.temporary_version = s_.temporary_version;
  statement.snapshot_version = s_.snapshot->version;
  statement.objects = open ? nullptr : s_.snapshot->objects;
  return true;
}

// What is executed by name may change what names mean.
std::shared_ptr<const rewrite::Plan> Relay::WithNamed(std::shared_ptr<const rewrite::Plan> plan,
                                                      const rewrite::TextPrepared& use) const {
  if (!use.executes_some()) return plan;
  bool found = false;
  bool unseen = use.executes_any;
  for (const auto& [name, statement] : s_.named) {
    if (!use.executes_any && !MayBeCalled(name, statement, *use.executes)) continue;
    found = true;
    unseen = unseen || statement.may_be_other;
    if (statement.plan != nullptr) plan = rewrite::WithEffectOf(*plan, *statement.plan);
  }
  if ((found && !unseen) || !s_.unseen_hot_version) return plan;
  rewrite::Plan anything;
  anything.changes_schema = true;
  return rewrite::WithEffectOf(*plan, anything);
}

std::optional<rewrite::ModesAfter> Relay::ModesAfterNamed(const rewrite::TextPrepared& use) const {
  if (!use.executes || use.executes_any || !ascii::IsAscii(*use.executes)) return std::nullopt;
  std::optional<rewrite::ModesAfter> after;
  for (const auto& [name, statement] : s_.named) {
    if (!MayBeCalled(name, statement, *use.executes)) continue;
    if (after || statement.may_be_other) return std::nullopt;
    after = statement.modes_after;
  }
  return after;
}

// Which tables the text names is not kept.
rewrite::TemporaryAfter Relay::TemporaryAfterNamed(const rewrite::TextPrepared& use) const {
  using rewrite::TemporaryAfter;
  const auto found = ascii::IsAscii(*use.executes) ? s_.named.find(*use.executes) : s_.named.end();
  if (found == s_.named.end() || found->second.may_be_other || use.executes_any) {
    return TemporaryAfter::kUnseen;
  }
  const TemporaryAfter after = found->second.temporary_after;
  const bool named = after == TemporaryAfter::kNamed || after == TemporaryAfter::kRenamed;
  return named ? TemporaryAfter::kUnseen : after;
}

bool Relay::HasRoomForNamed(const rewrite::TextPrepared& use) {
  if (!use.prepares || s_.named.size() < settings_.max_prepared_statements ||
      s_.named.contains(*use.prepares)) {
    return true;
  }
  CountStatement(metrics::Outcome::kRefused);
  SendError(kErTooManyPrepared, "42000", "sealgate: this session has too many prepared statements");
  return false;
}

// One that failed to be prepared, or that another name for it took away, stays in the
// list: then more is looked at than there is.
void Relay::NoteNamed(Answer& answer) {
  rewrite::TextPrepared& use = answer.text_prepared;
  if (use.prepares_unseen) {
    for (auto& [name, statement] : s_.named) statement.may_be_other = true;
    if (!s_.unseen_hot_version) s_.unseen_hot_version = s_.snapshot->hot_version;
  }
  if (answer.server_error || answer.refused) return;
  const std::string& name = use.prepares ? *use.prepares : use.deallocates.value_or("");
  const auto found = s_.named.find(name);
  if (found != s_.named.end() && (use.prepares || use.deallocates)) {
    s_.prepared_bytes -= BytesOf(name, found->second);
    s_.named.erase(found);
  }
  if (!use.prepares) return;
  NamedStatement statement;
  statement.text = std::move(use.text);
  statement.facts = WithoutTables(s_.facts);
  s_.prepared_bytes += BytesOf(name, statement);
  s_.named.emplace(name, std::move(statement));
}

}  // namespace sealgate::relay
