// The client's file of a LOAD DATA LOCAL to the server's, as it streams: the fields of
// protected columns are sealed, the others pass with the same value. Bytes of skipped
// lines, and of fields beyond the last one, go nowhere.
//
// Pure, but for the random bytes of sealing. Memory: one value of a protected column at
// a time, of at most `max_value` bytes. Thread rule: one thread at a time.
//
// Errors are those of a strict server, whatever sql_mode or IGNORE says, as for INSERT;
// they name the column and the row, counted from 1 behind skipped lines.
#ifndef SEALGATE_PROXY_REWRITE_FILE_SEALER_H_
#define SEALGATE_PROXY_REWRITE_FILE_SEALER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "proxy/load/file_reader.h"
#include "proxy/load/row_writer.h"
#include "proxy/rewrite/plan/plan.h"
#include "proxy/rewrite/plan/refusal.h"
#include "proxy/rewrite/plan/session_facts.h"

namespace sealgate::rewrite {

class Sealer;

class FileSealer final : private load::FileRows {
 public:
  /// Of a plan with a file_load.
  FileSealer(std::shared_ptr<const Plan> plan, const SessionFacts& facts, std::size_t max_value);

  /// Takes all of `bytes`; `last`: the file ends with them. Appends to `out` what the
  /// server's file goes on with. On an error that is what makes the server fail the
  /// statement, whatever came before; nothing may follow but the end of the file, or
  /// bytes that mean nothing (kIdle).
  tl::expected<void, Refusal> Write(std::string_view bytes, bool last, Sealer& sealer,
                                    std::string& out);
  /// Bytes of the buffers.
  std::size_t memory() const { return value_.capacity() + sealed_.capacity(); }

  /// An empty row, which a failed statement does not look at.
  static constexpr std::string_view kIdle = "\n";

 private:
  bool OnBytes(std::string_view bytes) override;
  bool OnField(bool is_null) override;
  bool OnRow(bool cut) override;

  const Target* TargetHere() const;
  bool SealValue(const Target& target);
  bool Fail(Refusal refusal);

  const std::shared_ptr<const Plan> plan_;
  SessionFacts facts_;  // with the file's character set as the session's
  const std::size_t max_value_;
  load::FileReader reader_;
  load::RowWriter writer_;
  std::uint64_t row_ = 1;
  std::size_t field_ = 0;
  std::string value_;  // of the protected field under way
  std::string sealed_;
  std::optional<Refusal> refusal_;

  // During Write().
  Sealer* sealer_ = nullptr;
  std::string* out_ = nullptr;
};

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_FILE_SEALER_H_
