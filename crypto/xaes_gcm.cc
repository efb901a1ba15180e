#include "crypto/xaes_gcm.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "crypto/envelope.h"
#include "crypto/openssl_check.h"

namespace sealgate::crypto {
namespace {

constexpr std::size_t kHalfNonce = kNonceBytes / 2;
// EVP counts in int; a value of MySQL's may have a gibibyte.
constexpr std::size_t kLargestStep = std::size_t{1} << 30;

const EVP_CIPHER* Aes256Gcm() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return cipher;
}

// One per thread and direction, keyed anew for each value.
class GcmContext {
 public:
  explicit GcmContext(int encrypt) : context_(EVP_CIPHER_CTX_new()) {
    Require(context_ != nullptr && Aes256Gcm() != nullptr &&
                EVP_CipherInit_ex(context_, Aes256Gcm(), nullptr, nullptr, nullptr, encrypt) == 1,
            "AES-256-GCM is not available");
  }
  GcmContext(const GcmContext&) = delete;
  GcmContext& operator=(const GcmContext&) = delete;
  ~GcmContext() { EVP_CIPHER_CTX_free(context_); }
  EVP_CIPHER_CTX* get() const { return context_; }

 private:
  EVP_CIPHER_CTX* context_;
};

EVP_CIPHER_CTX* SealingContext() {
  thread_local const GcmContext context(1);
  return context.get();
}

EVP_CIPHER_CTX* OpeningContext() {
  thread_local const GcmContext context(0);
  return context.get();
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

bool Start(EVP_CIPHER_CTX* context, const unsigned char* key, std::string_view nonce,
           const AssociatedData& associated) {
  return EVP_CipherInit_ex(context, nullptr, nullptr, key, Bytes(nonce.substr(kHalfNonce)), -1) ==
             1 &&
         Update(context, associated.head, nullptr) && Update(context, associated.tail, nullptr);
}

bool FinishOpening(EVP_CIPHER_CTX* context, std::string_view tag) {
  unsigned char none[kBlockBytes];
  int written = 0;
  return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagBytes,
                             const_cast<char*>(tag.data())) == 1 &&
         EVP_CipherFinal_ex(context, none, &written) == 1;
}

bool FinishSealing(EVP_CIPHER_CTX* context, unsigned char* tag) {
  unsigned char none[kBlockBytes];
  int written = 0;
  return EVP_CipherFinal_ex(context, none, &written) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagBytes, tag) == 1;
}

std::string_view CheckedKey(std::string_view key) {
  if (key.size() != XaesGcm::kKeyBytes) {
    throw std::invalid_argument("a key of XAES-256-GCM has 32 bytes");
  }
  return key;
}

}  // namespace

XaesGcm::XaesGcm(std::string_view key)
    : aes_(CheckedKey(key)), mask_(Doubled(aes_.Begin().Encrypt(Block{}))) {}

XaesGcm::~XaesGcm() { OPENSSL_cleanse(mask_.data(), mask_.size()); }

XaesGcm::GcmKey XaesGcm::DeriveKey(std::string_view nonce) const {
  GcmKey key;
  for (unsigned char counter = 1; counter <= 2; ++counter) {
    unsigned char* const half = key.data() + (counter - 1) * kBlockBytes;
    const unsigned char label[] = {0, counter, 'X', 0};
    std::memcpy(half, label, sizeof label);
    std::memcpy(half + sizeof label, nonce.data(), kHalfNonce);
    for (std::size_t i = 0; i < kBlockBytes; ++i) {
      half[i] ^= mask_[i];
    }
  }
  aes_.Begin().Encrypt(key.data(), key.data(), key.size());
  return key;
}

void XaesGcm::Seal(std::string_view nonce, const AssociatedData& associated,
                   std::string_view plaintext, std::string& out) const {
  Require(nonce.size() == kNonceBytes, "a nonce of XAES-256-GCM has 24 bytes");
  const std::size_t before = out.size();
  out.resize(before + plaintext.size() + kTagBytes);
  auto* const target = reinterpret_cast<unsigned char*>(out.data()) + before;
  GcmKey key = DeriveKey(nonce);
  EVP_CIPHER_CTX* const context = SealingContext();
  const bool sealed = Start(context, key.data(), nonce, associated) &&
                      Update(context, plaintext, target) &&
                      FinishSealing(context, target + plaintext.size());
  OPENSSL_cleanse(key.data(), key.size());
  Require(sealed, "AES-256-GCM cannot seal");
}

bool XaesGcm::Open(std::string_view nonce, const AssociatedData& associated,
                   std::string_view sealed, std::string& out) const {
  if (nonce.size() != kNonceBytes || sealed.size() < kTagBytes) {
    return false;
  }
  const std::string_view ciphertext = sealed.substr(0, sealed.size() - kTagBytes);
  const std::size_t before = out.size();
  out.resize(before + ciphertext.size());
  auto* const target = reinterpret_cast<unsigned char*>(out.data()) + before;
  GcmKey key = DeriveKey(nonce);
  EVP_CIPHER_CTX* const context = OpeningContext();
  const bool opened = Start(context, key.data(), nonce, associated) &&
                      Update(context, ciphertext, target) &&
                      FinishOpening(context, sealed.substr(ciphertext.size()));
  OPENSSL_cleanse(key.data(), key.size());
  if (!opened) {
    // Never leave bytes that no one vouched for where a caller could read them.
    OPENSSL_cleanse(target, ciphertext.size());
    out.resize(before);
  }
  return opened;
}

}  // namespace sealgate::crypto
