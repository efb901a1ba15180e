#include "crypto/short_gcm.h"

#include <openssl/crypto.h>

#include <cstdint>
#include <cstring>

#include "crypto/big_endian.h"
#include "crypto/openssl_check.h"

namespace sealgate::crypto {
namespace {

constexpr std::size_t kCounterAt = kGcmNonceBytes;  // in a block

const EVP_CIPHER* Aes256() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-ECB", nullptr);
  return cipher;
}

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

ShortGcm::ShortGcm() : aes_(EVP_CIPHER_CTX_new()), gcm_(CRYPTO_gcm128_new(this, BlockFor)) {
  // Padding stays on: switching it off would be looked up by name with every
  // key, and whole blocks are encrypted without waiting for the padding.
  Require(aes_ != nullptr && gcm_ != nullptr && Aes256() != nullptr &&
              EVP_EncryptInit_ex2(aes_, Aes256(), nullptr, nullptr, nullptr) == 1,
          "AES-256-GCM is not available");
}

ShortGcm::~ShortGcm() {
  CRYPTO_gcm128_release(gcm_);
  EVP_CIPHER_CTX_free(aes_);
}

// What OpenSSL's GCM takes for the block cipher. With a nonce of 12 bytes it
// asks for the zero block and for those that count from 1.
void ShortGcm::BlockFor(const unsigned char* in, unsigned char* out, const void* self) {
  const auto& gcm = *static_cast<const ShortGcm*>(self);
  const auto counter = LoadBigEndian<std::uint32_t>(reinterpret_cast<const char*>(in) + kCounterAt);
  Require(counter < gcm.used_, "AES-256-GCM asks for an unexpected block");
  std::memcpy(out, gcm.blocks_[counter].data(), kBlockBytes);
}

void ShortGcm::Begin(const GcmKey& key, std::string_view nonce, const AssociatedData& associated,
                     std::size_t message_bytes) {
  Require(message_bytes <= kLongest && nonce.size() == kGcmNonceBytes,
          "a message of AES-256-GCM is too long");
  used_ = 2 + (message_bytes + kBlockBytes - 1) / kBlockBytes;
  blocks_[0] = {};
  for (std::size_t i = 1; i < used_; ++i) {
    std::memcpy(blocks_[i].data(), nonce.data(), kGcmNonceBytes);
    StoreBigEndian(static_cast<std::uint32_t>(i),
                   reinterpret_cast<char*>(blocks_[i].data()) + kCounterAt);
  }
  unsigned char* const bytes = blocks_[0].data();
  const auto size = static_cast<int>(used_ * kBlockBytes);
  int written = 0;
  Require(EVP_EncryptInit_ex2(aes_, nullptr, key.data(), nullptr, nullptr) == 1 &&
              EVP_EncryptUpdate(aes_, bytes, &written, bytes, size) == 1 && written == size,
          "AES block encryption");
  CRYPTO_gcm128_init(gcm_, this, BlockFor);
  CRYPTO_gcm128_setiv(gcm_, Bytes(nonce), nonce.size());
  for (const std::string_view part : {associated.head, associated.tail}) {
    Require(part.empty() || CRYPTO_gcm128_aad(gcm_, Bytes(part), part.size()) == 0,
            "AES-256-GCM takes no more associated data");
  }
}

void ShortGcm::Seal(const GcmKey& key, std::string_view nonce, const AssociatedData& associated,
                    std::string_view plaintext, unsigned char* out) {
  Begin(key, nonce, associated, plaintext.size());
  Require(CRYPTO_gcm128_encrypt(gcm_, Bytes(plaintext), out, plaintext.size()) == 0,
          "AES-256-GCM cannot seal");
  CRYPTO_gcm128_tag(gcm_, out + plaintext.size(), kTagBytes);
  Wipe();
}

bool ShortGcm::Open(const GcmKey& key, std::string_view nonce, const AssociatedData& associated,
                    std::string_view ciphertext, std::string_view tag, unsigned char* out) {
  Begin(key, nonce, associated, ciphertext.size());
  const bool opened = CRYPTO_gcm128_decrypt(gcm_, Bytes(ciphertext), out, ciphertext.size()) == 0 &&
                      tag.size() == kTagBytes &&
                      CRYPTO_gcm128_finish(gcm_, Bytes(tag), kTagBytes) == 0;
  Wipe();
  return opened;
}

// The key stream of a message is as good as the message.
void ShortGcm::Wipe() { OPENSSL_cleanse(blocks_.data(), used_ * kBlockBytes); }

}  // namespace sealgate::crypto
