// AES-256-GCM (NIST SP 800-38D) of one short message under a key of its own.
//
// XAES-256-GCM has a new key for each value, and for a short value most of the
// time of OpenSSL's AES-256-GCM cipher goes into being set up: it looks its
// parameters up by name in every call. Here all blocks that the message needs go
// through AES in one call, and OpenSSL's GCM (<openssl/modes.h>) puts them
// together; half the time up to 64 bytes, break-even near 1 KiB.
//
// Thread rule: one per thread. Key material of the last message stays in the
// object and goes with it.
#ifndef SEALGATE_CRYPTO_SHORT_GCM_H_
#define SEALGATE_CRYPTO_SHORT_GCM_H_

#include <openssl/evp.h>
#include <openssl/modes.h>

#include <array>
#include <cstddef>
#include <string_view>

#include "crypto/aes_block.h"
#include "crypto/gcm.h"

namespace sealgate::crypto {

class ShortGcm {
 public:
  static constexpr std::size_t kLongest = 512;  // bytes of a message

  ShortGcm();
  ShortGcm(const ShortGcm&) = delete;
  ShortGcm& operator=(const ShortGcm&) = delete;
  ~ShortGcm();

  /// As SealGcm and OpenGcm; the message has kLongest bytes at most.
  void Seal(const GcmKey& key, std::string_view nonce, const AssociatedData& associated,
            std::string_view plaintext, unsigned char* out);
  bool Open(const GcmKey& key, std::string_view nonce, const AssociatedData& associated,
            std::string_view ciphertext, std::string_view tag, unsigned char* out);

 private:
  /// The hash's key, the tag's block, and the key stream.
  static constexpr std::size_t kMostBlocks = 2 + kLongest / kBlockBytes;

  static void BlockFor(const unsigned char* in, unsigned char* out, const void* self);
  void Begin(const GcmKey& key, std::string_view nonce, const AssociatedData& associated,
             std::size_t message_bytes);
  void Wipe();

  std::array<Block, kMostBlocks> blocks_{};  // AES of the blocks that count 0, 1, 2, …
  std::size_t used_ = 1;
  EVP_CIPHER_CTX* aes_;
  GCM128_CONTEXT* gcm_;
};

}  // namespace sealgate::crypto

#endif  // SEALGATE_CRYPTO_SHORT_GCM_H_
