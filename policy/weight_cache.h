// Weights of collations that were learned from a server, kept in files, so that
// the next start need not ask for all of them. Whatever is not right with a file
// or its directory, it is as if there was none.
//
// Wrong weights would give wrong answers, so both must belong to the user that
// runs the proxy and be closed to writing by others; what is read is still to be
// compared with the server (AgreesWithServer).
#ifndef SEALGATE_POLICY_WEIGHT_CACHE_H_
#define SEALGATE_POLICY_WEIGHT_CACHE_H_

#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "policy/collation.h"
#include "policy/weight_file.h"

namespace sealgate::policy {

class WeightCache {
 public:
  /// "": nothing is kept.
  explicit WeightCache(std::string directory) : directory_(std::move(directory)) {}

  /// The error says why there are none.
  tl::expected<std::shared_ptr<const CollationWeights>, std::string> Load(
      const WeightSourceName& name) const;
  /// A reader sees the old file or the new one, never a part.
  tl::expected<void, std::string> Store(const WeightSourceName& name,
                                        const CollationWeights& weights) const;

  bool is_off() const { return directory_.empty(); }
  /// Of the weights of this source.
  std::string FileOf(const WeightSourceName& name) const;

 private:
  tl::expected<void, std::string> CheckDirectory() const;
  std::string directory_;
};

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_WEIGHT_CACHE_H_
