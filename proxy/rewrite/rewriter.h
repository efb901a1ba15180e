// Statements in, statements for the server out. The one place that decides
// whether text may reach the server: a ServerStatement, which is what the relay
// sends, can only be made here.
//
// Pure: no sockets, files, clocks or threads; randomness comes in. Thread rule:
// one Rewriter per thread. Errors: a Refusal, after which the session goes on.
#ifndef SEALGATE_PROXY_REWRITE_REWRITER_H_
#define SEALGATE_PROXY_REWRITE_REWRITER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "crypto/random_source.h"
#include "metrics/metrics.h"
#include "policy/snapshot.h"
#include "proxy/rewrite/expression_names.h"
#include "proxy/rewrite/file_sealer.h"
#include "proxy/rewrite/plan/plan.h"
#include "proxy/rewrite/plan/plan_cache.h"
#include "proxy/rewrite/plan/refusal.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/rewrite/screen/dynamic_sql.h"
#include "proxy/rewrite/screen/modes_after.h"
#include "proxy/rewrite/screen/temporary_after.h"
#include "proxy/rewrite/screen/text_prepared.h"
#include "proxy/rewrite/screen/unasked.h"
#include "proxy/sql/parser.h"
#include "proxy/wire/binary_value.h"

namespace sealgate::rewrite {

/// Text that may be sent to the server. A view: of the client's own text, or
/// of the Rewriter's buffer, valid until its next call.
class ServerStatement {
 public:
  std::string_view text() const { return text_; }

 private:
  friend class Rewriter;
  explicit ServerStatement(std::string_view text) : text_(text) {}
  std::string_view text_;
};

/// kMayBeOld: a view or a routine may have been made since the catalog was read.
/// kJustRead: every name that it does not know was looked up after the statement
/// came, so what it does not know now is not there.
enum class CatalogAge : std::uint8_t { kMayBeOld, kJustRead };

/// Either `statement` or plan->refusal/`refusal` is there.
struct Decision {
  std::shared_ptr<const Plan> plan;  // never null
  tl::expected<ServerStatement, Refusal> statement;
  /// There are names that nothing is known of: have `unknown` looked up, and ask
  /// again. Until then there is a refusal.
  bool needs_catalog = false;
  /// Not empty: refused because the text of dynamic SQL is unknown, or the character
  /// set of a file of LOAD DATA, and this query of the proxy's own asks the server
  /// for it; then see QueryDynamic().
  std::string ask = {};
  policy::UnknownNames unknown = {};
  /// Of a session with facts.asked == false: ask for its modes first, and then again.
  /// Until then there is a refusal.
  bool needs_modes = false;
  /// Of the columns of its results; null if the server knows them all.
  std::shared_ptr<const ExpressionNames> names = nullptr;
  ModesAfter modes_after = ModesAfter::kUnknown;
  TemporaryAfter temporary_after = TemporaryAfter::kUnseen;
  TextPrepared text_prepared = {};
  /// It sets the list of variables that are tracked (KeepTracking).
  bool sets_tracked = false;
};

struct RewriterLimits {
  std::size_t plan_cache_entries = 4096;
  std::size_t plan_cache_bytes = 16 * 1024 * 1024;
  std::size_t max_shape = 64 * 1024;  // plans of longer ones are not kept
};

class Rewriter {
 public:
  Rewriter(crypto::RandomSource& random, metrics::Metrics& metrics, RewriterLimits limits);
  ~Rewriter();

  /// A text statement (COM_QUERY). Literals of protected columns are sealed. Without
  /// facts.asked: a statement that passes as it is whatever the session's modes are,
  /// or needs_catalog, or needs_modes.
  Decision Query(const policy::Snapshot& snapshot, const SessionFacts& facts, std::string_view sql,
                 CatalogAge age = CatalogAge::kJustRead);
  /// A text statement whose Decision had an `ask`, with what the server said. The
  /// session must not have done anything else in between.
  Decision QueryDynamic(const policy::Snapshot& snapshot, const SessionFacts& facts,
                        std::string_view sql, const DynamicText& text,
                        CatalogAge age = CatalogAge::kJustRead);
  /// The same for COM_STMT_PREPARE: parameters are planned for Bind. Only with
  /// facts.asked.
  Decision Prepare(const policy::Snapshot& snapshot, const SessionFacts& facts,
                   std::string_view sql, CatalogAge age = CatalogAge::kJustRead);
  /// A text that was prepared by name, before it is executed: whether it may still run as
  /// it is. The statement of an earlier Decision stays valid.
  Decision LookAgain(const policy::Snapshot& snapshot, const SessionFacts& facts,
                     std::string_view text, CatalogAge age);
  /// Whether the text, or a program that it uses, reads what asking has disturbed. The
  /// statement of an earlier Decision stays valid.
  bool AsksForDisturbed(const policy::Snapshot& snapshot, const SessionFacts& facts,
                        std::string_view text, const Disturbed& disturbed);
  /// The temporary table that the statement of the last Query makes, as
  /// SessionFacts has it; "" if none.
  std::string TemporaryTable(const policy::Snapshot& snapshot, const SessionFacts& facts) const;
  /// The values of an EXECUTE, as the plan's physical parameters. Appends one
  /// per Plan::parameters to `physical`; their bytes are views of `logical` or
  /// of the Rewriter's buffer, valid until its next call. Only for plans with
  /// maps_parameters. A null pointer plan is a programming error.
  tl::expected<void, Refusal> Bind(const policy::Snapshot& snapshot, const SessionFacts& facts,
                                   const Plan& plan, const std::vector<wire::ParamValue>& logical,
                                   std::vector<wire::ParamValue>& physical);
  /// FileSealer::Write() with this thread's sealer.
  tl::expected<void, Refusal> SealFile(FileSealer& file, std::string_view bytes, bool last,
                                       std::string& out);

 private:
  struct State;
  Decision Decide(const policy::Snapshot& snapshot, const SessionFacts& facts, std::string_view sql,
                  bool prepare, CatalogAge age);
  // How a statement came.
  struct Asked {
    bool prepare = false;
    bool opened = false;    // its executable comments were
    bool password = false;  // prepares what sets an expired one
  };
  Decision DecideAnew(const policy::Snapshot& snapshot, const SessionFacts& facts,
                      std::string_view sql, Asked asked, CatalogAge age);
  Decision DecideUnasked(const policy::Snapshot& snapshot, const SessionFacts& facts,
                         std::string_view sql, CatalogAge age);
  Decision DecideSeveral(const policy::Snapshot& snapshot, const SessionFacts& facts,
                         CatalogAge age);

  std::unique_ptr<State> state_;
};

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_REWRITER_H_
