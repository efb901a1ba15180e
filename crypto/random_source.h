// Where nonces and keys come from. Passed in, so that the pure parts of the
// proxy can be replayed in tests.
#ifndef SEALGATE_CRYPTO_RANDOM_SOURCE_H_
#define SEALGATE_CRYPTO_RANDOM_SOURCE_H_

#include <cstddef>

namespace sealgate::crypto {

class RandomSource {
 public:
  virtual ~RandomSource() = default;
  /// Fills `size` bytes at `out` with unpredictable bytes. Never fails: a
  /// source that cannot deliver ends the process.
  virtual void Fill(unsigned char* out, std::size_t size) = 0;
};

/// OpenSSL's CSPRNG, read in blocks. Thread rule: one per thread.
class SystemRandom final : public RandomSource {
 public:
  ~SystemRandom() override;
  void Fill(unsigned char* out, std::size_t size) override;

 private:
  static constexpr std::size_t kBlock = 1024;
  unsigned char block_[kBlock];
  std::size_t used_ = kBlock;
};

}  // namespace sealgate::crypto

#endif  // SEALGATE_CRYPTO_RANDOM_SOURCE_H_
