#include "crypto/xaes_gcm.h"

#include <openssl/crypto.h>

#include <cstring>
#include <stdexcept>

#include "crypto/envelope.h"
#include "crypto/openssl_check.h"

namespace sealgate::crypto {
namespace {

constexpr std::size_t kHalfNonce = kNonceBytes / 2;

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

GcmKey XaesGcm::DeriveKey(std::string_view nonce) const {
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
  SealGcm(key, nonce.substr(kHalfNonce), associated, plaintext, target);
  OPENSSL_cleanse(key.data(), key.size());
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
  const bool opened = OpenGcm(key, nonce.substr(kHalfNonce), associated, ciphertext,
                              sealed.substr(ciphertext.size()), target);
  OPENSSL_cleanse(key.data(), key.size());
  if (!opened) {
    // Never leave bytes that no one vouched for where a caller could read them.
    OPENSSL_cleanse(target, ciphertext.size());
    out.resize(before);
  }
  return opened;
}

}  // namespace sealgate::crypto
