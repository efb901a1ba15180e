// Holds docs/envelope_format.md and the code to each other.
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "crypto/column_cipher.h"
#include "crypto/hkdf.h"
#include "tests/crypto/hex.h"
#include "tests/crypto/replayed_random.h"

namespace sealgate::crypto {
namespace {

// "name: value" lines of the document's one code block.
std::map<std::string, std::string> Example() {
  std::ifstream document("docs/envelope_format.md");
  std::map<std::string, std::string> values;
  bool inside = false;
  for (std::string line; std::getline(document, line);) {
    if (line == "```") {
      inside = !inside;
    } else if (const auto colon = line.find(':'); inside && colon != line.npos) {
      values[line.substr(0, colon)] = line.substr(line.find_first_not_of(' ', colon + 1));
    }
  }
  return values;
}

class EnvelopeFormat : public ::testing::Test {
 protected:
  std::string Hex(const std::string& name) const { return FromHex(example_.at(name)); }

  DataKey Key(const std::string& kind) const {
    return {static_cast<std::uint32_t>(std::stoul(example_.at(kind + " id"))),
            SecretBytes::CopyOf(Hex(kind))};
  }

  DomainKeys Keys(bool sealing, bool equality) const {
    DomainKeys keys;
    if (sealing) {
      keys.sealing.push_back(Key("sealing key"));
      keys.active_sealing_id = keys.sealing[0].id;
    }
    if (equality) {
      keys.equality.push_back(Key("equality key"));
    }
    return keys;
  }

  ReplayedRandom Nonce() const {
    return ReplayedRandom(static_cast<unsigned char>(Hex("nonce").at(0)));
  }

  const std::map<std::string, std::string> example_ = Example();
};

TEST_F(EnvelopeFormat, Subkeys) {
  const auto derived = [this](const std::string& key, const SubkeyPurpose& purpose) {
    return ToHex(DeriveSubkey(Key(key).key, purpose).Reveal());
  };
  EXPECT_EQ(derived("sealing key", kSealSubkey), example_.at("xaes subkey"));
  EXPECT_EQ(derived("equality key", kBlindIndexSubkey), example_.at("index subkey"));
  EXPECT_EQ(derived("equality key", kSivSubkey), example_.at("siv subkey"));
}

TEST_F(EnvelopeFormat, Random) {
  const RandomCipher cipher(example_.at("domain"), Keys(true, false));
  ReplayedRandom nonce = Nonce();
  std::string envelope;
  cipher.Seal(Hex("plaintext"), nonce, envelope);
  EXPECT_EQ(ToHex(envelope), example_.at("random"));
  std::string opened;
  EXPECT_TRUE(cipher.Open(Hex("random"), opened));
  EXPECT_EQ(opened, Hex("plaintext"));
}

TEST_F(EnvelopeFormat, Searchable) {
  const SearchableCipher cipher(example_.at("domain"), Keys(true, true));
  ReplayedRandom nonce = Nonce();
  std::string envelope;
  cipher.Seal(Hex("plaintext"), Hex("weights"), nonce, envelope);
  EXPECT_EQ(ToHex(envelope), example_.at("searchable"));
  std::string opened;
  EXPECT_TRUE(cipher.Open(Hex("searchable"), opened));
  EXPECT_EQ(opened, Hex("plaintext"));
}

TEST_F(EnvelopeFormat, Deterministic) {
  const DeterministicCipher cipher(example_.at("domain"), Keys(false, true));
  std::string envelope;
  cipher.Seal(Hex("plaintext"), envelope);
  EXPECT_EQ(ToHex(envelope), example_.at("deterministic"));
  std::string opened;
  EXPECT_TRUE(cipher.Open(Hex("deterministic"), opened));
  EXPECT_EQ(opened, Hex("plaintext"));
}

}  // namespace
}  // namespace sealgate::crypto
