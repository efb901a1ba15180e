// Bytes that must not outlive their use: keys and master keys.
//
// Ownership: a SecretBytes owns its memory, is move-only and is wiped with
// OPENSSL_cleanse when it goes. It has no operator<<, no implicit conversion
// and no operator==, so that it cannot be printed or compared by accident.
// Thread rule: const access from any thread.
#ifndef SEALGATE_CRYPTO_SECRET_H_
#define SEALGATE_CRYPTO_SECRET_H_

#include <cstddef>
#include <memory>
#include <string_view>

namespace sealgate::crypto {

class SecretBytes {
 public:
  SecretBytes() = default;
  /// `size` zero bytes, to be filled through data().
  explicit SecretBytes(std::size_t size);
  static SecretBytes CopyOf(std::string_view bytes);

  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes();

  unsigned char* data() { return bytes_.get(); }
  const unsigned char* data() const { return bytes_.get(); }
  std::size_t size() const { return size_; }
  /// Valid as long as this object is.
  std::string_view Reveal() const;

 private:
  std::unique_ptr<unsigned char[]> bytes_;
  std::size_t size_ = 0;
};

/// Compares in time that depends on the lengths only.
bool EqualInConstantTime(std::string_view a, std::string_view b);

}  // namespace sealgate::crypto

#endif  // SEALGATE_CRYPTO_SECRET_H_
