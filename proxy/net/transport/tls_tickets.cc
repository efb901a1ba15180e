#include "proxy/net/transport/tls_tickets.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <utility>

namespace sealgate::net {
namespace {

// What OpenSSL's callback returns.
constexpr int kFailed = -1;
constexpr int kNotOurs = 0;  // a full handshake follows
constexpr int kGood = 1;
constexpr int kGoodAndRenew = 2;

constexpr int kIvBytes = 16;

template <typename Bytes>
bool Fill(Bytes& bytes) {
  return RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1;
}

TicketKeyPointer MakeKey() {
  auto key = std::make_shared<TicketKey>();
  return Fill(key->name) && Fill(key->cipher) && Fill(key->mac) ? key : nullptr;
}

void FreeKeys(void*, void* keys, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<TicketKeys*>(keys);
}

int KeysIndex() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, FreeKeys);
  return index;
}

TicketKeys* KeysOf(SSL* ssl) {
  return static_cast<TicketKeys*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), KeysIndex()));
}

bool SetMac(EVP_MAC_CTX* mac, const TicketKey& key) {
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY,
                                        const_cast<unsigned char*>(key.mac.data()), key.mac.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  return EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

int SealTicket(TicketKeys& keys, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
               EVP_MAC_CTX* mac) {
  const TicketKeyPointer key = keys.ForNew(std::chrono::steady_clock::now());
  if (key == nullptr || RAND_bytes(iv, kIvBytes) != 1) return kFailed;
  std::copy(key->name.begin(), key->name.end(), name);
  const bool ready =
      EVP_EncryptInit_ex2(cipher, EVP_aes_256_cbc(), key->cipher.data(), iv, nullptr) == 1 &&
      SetMac(mac, *key);
  return ready ? kGood : kFailed;
}

int OpenTicket(SSL* ssl, TicketKeys& keys, const unsigned char* name, const unsigned char* iv,
               EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac) {
  const auto now = std::chrono::steady_clock::now();
  const TicketKeyPointer key = keys.Find(name, now);
  if (key == nullptr) return kNotOurs;
  const bool ready =
      EVP_DecryptInit_ex2(cipher, EVP_aes_256_cbc(), key->cipher.data(), iv, nullptr) == 1 &&
      SetMac(mac, *key);
  if (!ready) return kFailed;
  // A ticket of TLS 1.3 is used once, so its client needs the next one.
  const bool renew = SSL_version(ssl) >= TLS1_3_VERSION || key != keys.ForNew(now);
  return renew ? kGoodAndRenew : kGood;
}

int OnTicket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
             EVP_MAC_CTX* mac, int seal) {
  TicketKeys* const keys = KeysOf(ssl);
  if (keys == nullptr) return kFailed;
  return seal != 0 ? SealTicket(*keys, name, iv, cipher, mac)
                   : OpenTicket(ssl, *keys, name, iv, cipher, mac);
}

}  // namespace

TicketKey::~TicketKey() {
  OPENSSL_cleanse(cipher.data(), cipher.size());
  OPENSSL_cleanse(mac.data(), mac.size());
}

TicketKeyPointer TicketKeys::ForNew(Time now) {
  const std::lock_guard lock(mutex_);
  Rotate(now);
  return current_;
}

TicketKeyPointer TicketKeys::Find(const unsigned char* name16, Time now) {
  const std::lock_guard lock(mutex_);
  Rotate(now);
  for (const TicketKeyPointer& key : {current_, previous_}) {
    if (key != nullptr && std::equal(key->name.begin(), key->name.end(), name16)) return key;
  }
  return nullptr;
}

void TicketKeys::Rotate(Time now) {
  if (current_ != nullptr && now - made_ < kLife) return;
  const bool just_passed = current_ != nullptr && now - made_ < 2 * kLife;
  previous_ = just_passed ? std::move(current_) : nullptr;
  current_ = MakeKey();
  made_ = now;
}

void UseOwnTicketKeys(SSL_CTX* context) {
  SSL_CTX_set_ex_data(context, KeysIndex(), new TicketKeys);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, OnTicket);
}

}  // namespace sealgate::net
