// What sealing and opening cost beside OpenSSL itself. Ratios within one run
// mean something, absolute numbers do not.
//   bazel run //tests/crypto:crypto_benchmark
// RawGcm/... keeps one context and one key, RawGcmNewKey keys it for each
// value as XAES-256-GCM must, RawGcmAndHmac is what a searchable value needs.
#include <benchmark/benchmark.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "crypto/column_cipher.h"

namespace sealgate::crypto {
namespace {

DataKey Key(std::uint32_t id) {
  return {id, SecretBytes::CopyOf(std::string(32, static_cast<char>(id)))};
}

DomainKeys Keys(bool sealing, bool equality) {
  DomainKeys keys;
  if (sealing) {
    keys.sealing.push_back(Key(1));
    keys.active_sealing_id = 1;
  }
  if (equality) {
    keys.equality.push_back(Key(2));
  }
  return keys;
}

std::string Plaintext(const benchmark::State& state) {
  return std::string(static_cast<std::size_t>(state.range(0)), 'x');
}

void RawSeal(EVP_CIPHER_CTX* context, const unsigned char* key, const std::string& plaintext,
             unsigned char* out) {
  static const unsigned char iv[12] = {1};
  static const unsigned char associated[26] = {2};
  int size = 0;
  EVP_EncryptInit_ex(context, nullptr, nullptr, key, iv);
  EVP_EncryptUpdate(context, nullptr, &size, associated, sizeof associated);
  EVP_EncryptUpdate(context, out, &size, reinterpret_cast<const unsigned char*>(plaintext.data()),
                    static_cast<int>(plaintext.size()));
  EVP_EncryptFinal_ex(context, out + size, &size);
  EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, out + plaintext.size());
}

void RunRawGcm(benchmark::State& state, bool new_key, EVP_MAC_CTX* hmac) {
  const std::string plaintext = Plaintext(state);
  std::string out(plaintext.size() + 16, '\0');
  const unsigned char key[32] = {3};
  EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  EVP_CIPHER_CTX* const context = EVP_CIPHER_CTX_new();
  EVP_EncryptInit_ex(context, cipher, nullptr, key, nullptr);
  for (auto _ : state) {
    if (hmac != nullptr) {
      unsigned char tag[32];
      std::size_t written = 0;
      EVP_MAC_init(hmac, nullptr, 0, nullptr);
      EVP_MAC_update(hmac, reinterpret_cast<const unsigned char*>(plaintext.data()),
                     plaintext.size());
      EVP_MAC_final(hmac, tag, &written, sizeof tag);
      benchmark::DoNotOptimize(tag);
    }
    RawSeal(context, new_key ? key : nullptr, plaintext,
            reinterpret_cast<unsigned char*>(out.data()));
    benchmark::DoNotOptimize(out.data());
  }
  EVP_CIPHER_CTX_free(context);
  EVP_CIPHER_free(cipher);
}

void RawGcm(benchmark::State& state) { RunRawGcm(state, false, nullptr); }
void RawGcmNewKey(benchmark::State& state) { RunRawGcm(state, true, nullptr); }

void RawGcmAndHmac(benchmark::State& state) {
  EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  EVP_MAC_CTX* const context = EVP_MAC_CTX_new(mac);
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                               OSSL_PARAM_construct_end()};
  const unsigned char key[32] = {4};
  EVP_MAC_init(context, key, sizeof key, params);
  RunRawGcm(state, false, context);
  EVP_MAC_CTX_free(context);
  EVP_MAC_free(mac);
}

void RawSiv(benchmark::State& state) {
  const std::string plaintext = Plaintext(state);
  std::string out(plaintext.size() + 16, '\0');
  const unsigned char key[64] = {3};
  static const unsigned char associated[26] = {2};
  EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-SIV", nullptr);
  EVP_CIPHER_CTX* const keyed = EVP_CIPHER_CTX_new();
  EVP_EncryptInit_ex(keyed, cipher, nullptr, key, nullptr);
  auto* const bytes = reinterpret_cast<unsigned char*>(out.data());
  for (auto _ : state) {
    EVP_CIPHER_CTX* const context = EVP_CIPHER_CTX_new();
    int size = 0;
    EVP_CIPHER_CTX_copy(context, keyed);
    EVP_EncryptUpdate(context, nullptr, &size, associated, sizeof associated);
    EVP_EncryptUpdate(context, bytes + 16, &size,
                      reinterpret_cast<const unsigned char*>(plaintext.data()),
                      static_cast<int>(plaintext.size()));
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, bytes);
    EVP_CIPHER_CTX_free(context);
    benchmark::DoNotOptimize(out.data());
  }
  EVP_CIPHER_CTX_free(keyed);
  EVP_CIPHER_free(cipher);
}

template <typename SealOne>
void RunSeal(benchmark::State& state, SealOne seal) {
  const std::string plaintext = Plaintext(state);
  std::string out;
  for (auto _ : state) {
    out.clear();
    seal(plaintext, out);
    benchmark::DoNotOptimize(out.data());
  }
}

template <typename Cipher>
void RunOpen(benchmark::State& state, const Cipher& cipher, const std::string& envelope) {
  std::string out;
  for (auto _ : state) {
    out.clear();
    if (!cipher.Open(envelope, out)) {
      state.SkipWithError("does not open");
    }
    benchmark::DoNotOptimize(out.data());
  }
}

void SealRandom(benchmark::State& state) {
  const RandomCipher cipher("domain", Keys(true, false));
  SystemRandom random;
  RunSeal(state, [&](const auto& text, auto& out) { cipher.Seal(text, random, out); });
}

void OpenRandom(benchmark::State& state) {
  const RandomCipher cipher("domain", Keys(true, false));
  SystemRandom random;
  std::string envelope;
  cipher.Seal(Plaintext(state), random, envelope);
  RunOpen(state, cipher, envelope);
}

void SealSearchable(benchmark::State& state) {
  const SearchableCipher cipher("domain", Keys(true, true));
  SystemRandom random;
  RunSeal(state, [&](const auto& text, auto& out) { cipher.Seal(text, text, random, out); });
}

void OpenSearchable(benchmark::State& state) {
  const SearchableCipher cipher("domain", Keys(true, true));
  SystemRandom random;
  std::string envelope;
  cipher.Seal(Plaintext(state), "weights", random, envelope);
  RunOpen(state, cipher, envelope);
}

void SealDeterministic(benchmark::State& state) {
  const DeterministicCipher cipher("domain", Keys(false, true));
  RunSeal(state, [&](const auto& text, auto& out) { cipher.Seal(text, out); });
}

void OpenDeterministic(benchmark::State& state) {
  const DeterministicCipher cipher("domain", Keys(false, true));
  std::string envelope;
  cipher.Seal(Plaintext(state), envelope);
  RunOpen(state, cipher, envelope);
}

BENCHMARK(RawGcm)->Arg(64)->Arg(4096);
BENCHMARK(RawGcmNewKey)->Arg(64)->Arg(4096);
BENCHMARK(SealRandom)->Arg(64)->Arg(4096);
BENCHMARK(OpenRandom)->Arg(64)->Arg(4096);
BENCHMARK(RawGcmAndHmac)->Arg(64)->Arg(4096);
BENCHMARK(SealSearchable)->Arg(64)->Arg(4096);
BENCHMARK(OpenSearchable)->Arg(64)->Arg(4096);
BENCHMARK(RawSiv)->Arg(64)->Arg(4096);
BENCHMARK(SealDeterministic)->Arg(64)->Arg(4096);
BENCHMARK(OpenDeterministic)->Arg(64)->Arg(4096);

}  // namespace
}  // namespace sealgate::crypto

BENCHMARK_MAIN();
