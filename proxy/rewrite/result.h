// The way back: metadata and rows of an answer, made logical again.
//
// Pure; one per running result, reused. Metadata comes second to the plan: a
// column that the metadata says is protected and the plan does not know, or the
// other way round, is a refusal, never a guess.
#ifndef SEALGATE_PROXY_REWRITE_RESULT_H_
#define SEALGATE_PROXY_REWRITE_RESULT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "metrics/metrics.h"
#include "policy/snapshot.h"
#include "proxy/rewrite/plan/plan.h"
#include "proxy/rewrite/plan/refusal.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/wire/column_definition.h"

namespace sealgate::rewrite {

class ResultReader {
 public:
  explicit ResultReader(metrics::Metrics& metrics) : metrics_(metrics) {}

  /// Starts a result of `columns` columns of a statement with `plan`.
  /// `snapshot` and `facts` must live until the result ends.
  tl::expected<void, Refusal> Begin(const policy::Snapshot& snapshot, const SessionFacts& facts,
                                    const Plan& plan, std::uint64_t columns);
  /// The rows are shown by these from now on; they must live until the result ends.
  void ShowBy(const SessionFacts& facts) { facts_ = &facts; }
  /// The next column definition, changed in place where it is protected. Call
  /// once per column, in order.
  tl::expected<void, Refusal> Column(wire::ColumnDefinition41& definition);
  /// After the last column: false when every row passes as it is.
  bool changes_rows() const { return changes_rows_; }
  /// Appends the logical row to `out`; on a refusal `out` is as before.
  tl::expected<void, Refusal> TextRow(std::string_view row, std::string& out);
  tl::expected<void, Refusal> BinaryRow(std::string_view row, std::string& out);

  /// One definition of a COM_FIELD_LIST answer (it has no plan).
  static tl::expected<void, Refusal> FieldListColumn(const policy::Snapshot& snapshot,
                                                     const SessionFacts& facts,
                                                     wire::ColumnDefinition41& definition);

 private:
  /// One column of the running result.
  struct OutputColumn {
    const Target* target = nullptr;  // null: passes as it is
    policy::Reveal reveal = policy::Reveal::kClear;
  };

  tl::expected<void, Refusal> NameItems(std::uint64_t columns);
  const Target* PlannedTarget(std::size_t index) const;
  tl::expected<void, Refusal> Check(const Target* target,
                                    const wire::ColumnDefinition41& definition) const;
  bool IsReadable(const wire::ColumnDefinition41& definition) const;
  /// A row of DESCRIBE or SHOW.
  tl::expected<void, Refusal> SchemaTextRow(std::string_view row, std::string& out);
  tl::expected<void, Refusal> SchemaBinaryRow(std::string_view row, std::string& out);
  /// Opens and masks; the canonical bytes are in opened_.
  tl::expected<void, Refusal> Open(const OutputColumn& column, std::string_view stored);

  metrics::Metrics& metrics_;
  const policy::Snapshot* snapshot_ = nullptr;
  const SessionFacts* facts_ = nullptr;
  const Plan* plan_ = nullptr;
  std::size_t gap_ = 0;  // columns that the plan's gap stands for
  bool changes_rows_ = false;
  std::vector<OutputColumn> columns_;
  std::vector<std::size_t> changed_;  // those of them that do not pass as they are
  std::vector<wire::FieldType> physical_types_;
  /// Of the columns of a DESCRIBE or SHOW, or of information_schema's behind an alias.
  std::vector<std::string> names_;
  std::string opened_;
  std::string value_;
};

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_RESULT_H_
