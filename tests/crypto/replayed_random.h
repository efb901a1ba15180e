// A RandomSource that hands out 00 01 02 … from a given start, for tests.
#ifndef SEALGATE_TESTS_CRYPTO_REPLAYED_RANDOM_H_
#define SEALGATE_TESTS_CRYPTO_REPLAYED_RANDOM_H_

#include "crypto/random_source.h"

namespace sealgate::crypto {

class ReplayedRandom final : public RandomSource {
 public:
  explicit ReplayedRandom(unsigned first = 0) : next_(first) {}
  void Fill(unsigned char* out, std::size_t size) override {
    for (std::size_t i = 0; i < size; ++i) {
      out[i] = static_cast<unsigned char>(next_++);
    }
  }

 private:
  unsigned next_;
};

}  // namespace sealgate::crypto

#endif  // SEALGATE_TESTS_CRYPTO_REPLAYED_RANDOM_H_
