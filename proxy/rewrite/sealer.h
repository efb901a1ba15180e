// Turns single values into what the server gets: an envelope, or the ends of
// the range that equality is. Internal to rewrite.
#ifndef SEALGATE_PROXY_REWRITE_SEALER_H_
#define SEALGATE_PROXY_REWRITE_SEALER_H_

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "crypto/random_source.h"
#include "metrics/metrics.h"
#include "proxy/rewrite/plan/plan.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/rewrite/value/value.h"

namespace sealgate::rewrite {

/// Thread rule: one per thread (it keeps buffers).
class Sealer {
 public:
  Sealer(crypto::RandomSource& random, metrics::Metrics& metrics)
      : random_(random), metrics_(metrics) {}

  /// Appends the sealed form of a value that is not NULL.
  tl::expected<void, Refusal> Seal(const SessionFacts& facts, const Target& target, SealAs as,
                                   const SourceValue& source, std::string& out);

 private:
  tl::expected<void, ValueError> Prepare(const SessionFacts& facts, const Target& target, SealAs as,
                                         const SourceValue& source);
  void Append(const Target& target, SealAs as, std::string& out);

  crypto::RandomSource& random_;
  metrics::Metrics& metrics_;
  std::string canonical_;
  std::string equality_;
};

/// Makes the lower end of a range (kLow) its upper end (kHigh).
void MakeUpperEnd(std::string& lower);

/// "column shop.customers.email: the value is too long …".
Refusal RefuseValue(const Target& target, ValueError error);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SEALER_H_
