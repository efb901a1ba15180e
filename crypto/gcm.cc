#include "crypto/gcm.h"

#include <openssl/evp.h>

#include <algorithm>

#include "crypto/openssl_check.h"
#include "crypto/short_gcm.h"

namespace sealgate::crypto {
namespace {

// EVP counts in int; a value of MySQL's may have a gibibyte.
constexpr std::size_t kLargestStep = std::size_t{1} << 30;

const EVP_CIPHER* Aes256Gcm() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return cipher;
}

// One per thread and direction, keyed anew for each message.
class LongGcm {
 public:
  explicit LongGcm(int encrypt) : context_(EVP_CIPHER_CTX_new()) {
    Require(context_ != nullptr && Aes256Gcm() != nullptr &&
                EVP_CipherInit_ex(context_, Aes256Gcm(), nullptr, nullptr, nullptr, encrypt) == 1,
            "AES-256-GCM is not available");
  }
  LongGcm(const LongGcm&) = delete;
  LongGcm& operator=(const LongGcm&) = delete;
  ~LongGcm() { EVP_CIPHER_CTX_free(context_); }
  EVP_CIPHER_CTX* get() const { return context_; }

 private:
  EVP_CIPHER_CTX* context_;
};

ShortGcm& ForShort() {
  thread_local ShortGcm gcm;
  return gcm;
}

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// `out` is null for associated data.
bool Update(EVP_CIPHER_CTX* context, std::string_view in, unsigned char* out) {
  while (!in.empty()) {
    const std::size_t step = std::min(in.size(), kLargestStep);
    int written = 0;
    if (EVP_CipherUpdate(context, out, &written, Bytes(in), static_cast<int>(step)) != 1) {
      return false;
    }
    in.remove_prefix(step);
    out = out == nullptr ? nullptr : out + step;
  }
  return true;
}

bool Start(EVP_CIPHER_CTX* context, const GcmKey& key, std::string_view nonce,
           const AssociatedData& associated) {
  return EVP_CipherInit_ex(context, nullptr, nullptr, key.data(), Bytes(nonce), -1) == 1 &&
         Update(context, associated.head, nullptr) && Update(context, associated.tail, nullptr);
}

bool FinishOpening(EVP_CIPHER_CTX* context, std::string_view tag) {
  unsigned char none[16];
  int written = 0;
  return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagBytes,
                             const_cast<char*>(tag.data())) == 1 &&
         EVP_CipherFinal_ex(context, none, &written) == 1;
}

bool FinishSealing(EVP_CIPHER_CTX* context, unsigned char* tag) {
  unsigned char none[16];
  int written = 0;
  return EVP_CipherFinal_ex(context, none, &written) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagBytes, tag) == 1;
}

}  // namespace

void SealGcm(const GcmKey& key, std::string_view nonce, const AssociatedData& associated,
             std::string_view plaintext, unsigned char* out) {
  if (plaintext.size() <= ShortGcm::kLongest) {
    return ForShort().Seal(key, nonce, associated, plaintext, out);
  }
  thread_local const LongGcm context(1);
  Require(Start(context.get(), key, nonce, associated) && Update(context.get(), plaintext, out) &&
              FinishSealing(context.get(), out + plaintext.size()),
          "AES-256-GCM cannot seal");
}

bool OpenGcm(const GcmKey& key, std::string_view nonce, const AssociatedData& associated,
             std::string_view ciphertext, std::string_view tag, unsigned char* out) {
  if (ciphertext.size() <= ShortGcm::kLongest) {
    return ForShort().Open(key, nonce, associated, ciphertext, tag, out);
  }
  thread_local const LongGcm context(0);
  return Start(context.get(), key, nonce, associated) && Update(context.get(), ciphertext, out) &&
         FinishOpening(context.get(), tag);
}

}  // namespace sealgate::crypto
