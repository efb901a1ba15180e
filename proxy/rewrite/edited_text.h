// A statement's text as its plan changes it: edits that were planned for a shape,
// applied to one text of that shape, with this text's values sealed.
//
// Thread rule: one per thread; it keeps its buffers, so that nothing is
// allocated once warm.
#ifndef SEALGATE_PROXY_REWRITE_EDITED_TEXT_H_
#define SEALGATE_PROXY_REWRITE_EDITED_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "proxy/rewrite/expression_names.h"
#include "proxy/rewrite/plan/plan.h"
#include "proxy/rewrite/plan/refusal.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/rewrite/sealer.h"
#include "proxy/sql/edit.h"
#include "proxy/sql/run.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

class EditedText {
 public:
  explicit EditedText(Sealer& sealer) : sealer_(sealer) {}

  /// `runs` of `tokens`, as many as the plan has. The text is valid until the
  /// next call.
  tl::expected<std::string_view, Refusal> Make(const SessionFacts& facts, const Plan& plan,
                                               const sql::TokenList& tokens,
                                               std::span<const sql::Run> runs);
  /// What was hidden since the last call, by texts that belong together; null: nothing.
  std::shared_ptr<const ExpressionNames> TakeNames();

 private:
  tl::expected<void, Refusal> AppendEdits();
  tl::expected<void, Refusal> AppendEdit(const PlannedEdit& edit, std::uint32_t shift);
  tl::expected<void, Refusal> AppendPiece(const Piece& piece, std::uint32_t shift);
  bool IsGlued(std::uint32_t token) const;
  tl::expected<void, Refusal> SealValue(const Piece& piece, std::uint32_t first,
                                        std::uint32_t last);
  void AppendName(const Piece& piece, std::uint32_t first, std::uint32_t last);
  std::uint32_t BeginOfName(std::uint32_t first, std::uint32_t last) const;
  std::uint32_t PlaceOf(std::uint32_t token) const;
  bool StillOneStatement();

  // Tokens of a value, and what it was sealed for.
  struct Sealed {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::uint32_t target = 0;
    bool operator==(const Sealed&) const = default;
  };

  Sealer& sealer_;
  // Of the running call.
  const SessionFacts* facts_ = nullptr;
  const Plan* plan_ = nullptr;
  const sql::TokenList* tokens_ = nullptr;
  std::span<const sql::Run> runs_;

  sql::TokenList check_;
  std::string text_;
  std::string replacements_;
  std::vector<std::size_t> ends_;  // in replacements_, of each edit's
  std::vector<sql::Edit> edits_;
  std::string sealed_;           // the last value
  std::optional<Sealed> lower_;  // what sealed_ is, when it is the lower end of a range
  std::string scratch_;
  ExpressionNames names_;
};

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_EDITED_TEXT_H_
