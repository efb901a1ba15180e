// The values of an EXECUTE, sealed as its plan says. Internal to rewrite.
//
// Thread rule: one per thread; it keeps its buffers, so that nothing is allocated
// once warm.
#ifndef SEALGATE_PROXY_REWRITE_BOUND_VALUES_H_
#define SEALGATE_PROXY_REWRITE_BOUND_VALUES_H_

#include <cstddef>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "proxy/rewrite/plan/plan.h"
#include "proxy/rewrite/plan/refusal.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/rewrite/sealer.h"
#include "proxy/wire/binary_value.h"

namespace sealgate::rewrite {

class BoundValues {
 public:
  explicit BoundValues(Sealer& sealer) : sealer_(sealer) {}

  /// Appends one value per Plan::parameters to `physical`; their bytes are views
  /// of `logical`, or valid until the next call.
  tl::expected<void, Refusal> Bind(const SessionFacts& facts, const Plan& plan,
                                   const std::vector<wire::ParamValue>& logical,
                                   std::vector<wire::ParamValue>& physical);

 private:
  // A value's place in a buffer that still grows.
  struct Slice {
    std::size_t begin = 0;
    std::size_t size = 0;
  };

  /// For the last of places_.
  tl::expected<void, Refusal> BindOne(const SessionFacts& facts, const Plan& plan,
                                      const wire::ParamValue& value, wire::ParamValue& bound);

  Sealer& sealer_;
  std::string sealed_;
  std::vector<Slice> places_;
  std::string scratch_;
};

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_BOUND_VALUES_H_
