// What is remembered of a prepared statement.
#ifndef SEALGATE_PROXY_RELAY_PREPARED_H_
#define SEALGATE_PROXY_RELAY_PREPARED_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "policy/snapshot.h"
#include "proxy/rewrite/derived_types.h"
#include "proxy/rewrite/expression_names.h"
#include "proxy/rewrite/plan/plan.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/rewrite/result.h"
#include "proxy/rewrite/screen/modes_after.h"
#include "proxy/rewrite/screen/temporary_after.h"
#include "proxy/wire/binary_value.h"
#include "proxy/wire/com_stmt_execute.h"

namespace sealgate::relay {

enum class LongData : std::uint8_t { kNone = 0, kSent = 1 };

/// A cursor whose rows are opened: what its statement's execution began with.
struct OpenCursor {
  std::shared_ptr<const policy::Snapshot> snapshot;
  std::shared_ptr<const rewrite::Plan> plan;
  rewrite::ResultReader reader;
  /// What the rows are shown by. MySQL keeps a cursor's character set of the results and
  /// follows the session's time zone; MariaDB follows both.
  rewrite::SessionFacts facts;
};

/// What an EXECUTE becomes on its way: memory that is used again.
struct Binding {
  wire::ComStmtExecute execute;
  std::vector<wire::ParamValue> logical;
  std::vector<wire::ParamValue> physical;
  std::vector<wire::Param> params;
};

struct Prepared {
  std::shared_ptr<const rewrite::Plan> plan;
  std::shared_ptr<const rewrite::ExpressionNames> names;
  rewrite::ModesAfter modes_after = rewrite::ModesAfter::kUnknown;             // of each execution
  rewrite::TemporaryAfter temporary_after = rewrite::TemporaryAfter::kUnseen;  // likewise
  std::string temporary_table;          // that each execution makes
  std::uint64_t temporary_version = 0;  // SessionState's, that it was decided by
  bool executes_any = false;            // rewrite::TextPrepared, of each execution
  bool prepares_unseen = false;         // likewise
  std::uint64_t snapshot_version = 0;
  /// Null: some of its names are nobody's, and are looked up at each execution.
  std::shared_ptr<const policy::ObjectNames> objects;
  /// The client's text, and the server's if that is another; to see after a
  /// change of policy or schema whether the statement is still the same.
  std::string text;
  std::string server_text;
  bool same_text = true;
  /// As they were when it was prepared: the server keeps them, too.
  rewrite::SessionFacts facts;
  std::uint16_t logical = 0;   // parameters that the client knows
  std::uint16_t physical = 0;  // parameters that the server knows
  bool changes_rows = false;
  /// The last EXECUTE opened a cursor. `cursor` is set if its rows are changed.
  bool cursor_open = false;
  std::unique_ptr<OpenCursor> cursor;
  /// Under which it was opened, if it has to do with protected columns.
  std::shared_ptr<const policy::Policy> cursor_policy;
  /// Only for plans that map parameters, by logical index. Types are those of
  /// the last EXECUTE that sent some.
  std::vector<wire::ParamType> types;
  /// Empty for MariaDB, which derives none.
  rewrite::DerivedTypes derived;
  /// character_set_client when they came: servers read text parameters by it.
  std::optional<policy::Charset> types_client;
  std::vector<std::uint8_t> long_data;
  /// What came as long data for parameters that are sealed, by logical index:
  /// the server never gets it in pieces. Bounded, see SessionState.
  std::vector<std::optional<std::string>> kept_data;
  /// Long data for a parameter that there is not, or more of it than is kept:
  /// the next EXECUTE fails.
  bool poisoned = false;
  /// Of other plans: some is at the server, and no execution has used it up.
  bool long_data_left = false;
  /// Commands with some that came when the statement might have been another one by then: they
  /// go ahead of the next execution, if it may go. Bounded as kept_data is.
  std::vector<std::string> waiting_data;
  /// Types came with an execution that has not gone to the server; or, where the plan maps
  /// parameters, that was refused before they were read.
  bool types_lost = false;
  /// Bytes that it was counted for, about.
  std::size_t counted_bytes = 0;
};

/// Of a statement that was prepared by name, in a text.
struct NamedStatement {
  std::string text;
  rewrite::SessionFacts facts;  // of the preparation, without tables
  rewrite::ModesAfter modes_after = rewrite::ModesAfter::kUnknown;
  rewrite::TemporaryAfter temporary_after = rewrite::TemporaryAfter::kUnseen;
  std::uint64_t temporary_version = 0;
  /// The text was looked at under these.
  std::uint64_t snapshot_version = 0;
  std::shared_ptr<const policy::ObjectNames> objects;  // null as in Prepared
  std::shared_ptr<const rewrite::Plan> plan;           // of its execution; null before the first
  /// A text that nobody saw may have been prepared by this name since.
  bool may_be_other = false;
};

/// About what it takes in memory.
std::size_t BytesOf(const std::string& name, const NamedStatement& statement);

}  // namespace sealgate::relay

#endif  // SEALGATE_PROXY_RELAY_PREPARED_H_
