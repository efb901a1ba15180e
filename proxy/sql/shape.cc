#include "proxy/sql/shape.h"

#include <cstddef>
#include <cstring>

namespace sealgate::sql {
namespace {

// Tag byte: kind in the low five bits, adjacency in bit 5. An operator is its
// tag and its Operator; what has bytes is its tag, their count in four bytes,
// and the bytes.
constexpr unsigned char kAdjacent = 0x20;

bool HasBytes(TokenKind kind) {
  return kind == TokenKind::kWord || kind == TokenKind::kQuotedIdentifier ||
         kind == TokenKind::kUserVariable || kind == TokenKind::kExecutableComment ||
         kind == TokenKind::kIllegal;
}

bool AdjacencyMatters(const Token& token) {
  return token.kind == TokenKind::kWord || token.op == Operator::kOpen ||
         token.op == Operator::kDot;
}

std::uint64_t Mix(std::uint64_t a, std::uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

void AppendShape(const TokenList& tokens, std::string& out) {
  // Five bytes of overhead per token at most.
  const std::size_t start = out.size();
  out.resize(start + tokens.text.size() + tokens.tokens.size() * 5);
  char* to = out.data() + start;
  for (const Token& token : tokens.tokens) {
    auto tag = static_cast<unsigned char>(token.kind);
    if (token.adjacent && AdjacencyMatters(token)) tag |= kAdjacent;
    *to++ = static_cast<char>(tag);
    if (token.kind == TokenKind::kOperator) {
      *to++ = static_cast<char>(token.op);
    } else if (HasBytes(token.kind)) {
      const std::uint32_t size = token.end - token.begin;
      std::memcpy(to, &size, sizeof size);
      std::memcpy(to + sizeof size, tokens.text.data() + token.begin, size);
      to += sizeof size + size;
    }
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
}

std::uint64_t HashShape(std::string_view shape) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15u;
  std::uint64_t hash = Mix(shape.size() ^ kOdd, 0xD6E8FEB86659FD93u);
  while (shape.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, shape.data(), 8);
    hash = Mix(hash ^ word, kOdd);
    shape.remove_prefix(8);
  }
  std::uint64_t word = 0;
  if (!shape.empty()) std::memcpy(&word, shape.data(), shape.size());
  return Mix(hash ^ word, 0xA0761D6478BD642Fu);
}

}  // namespace sealgate::sql
