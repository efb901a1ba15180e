#include "proxy/sql/shape.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace sealgate::sql {
namespace {

// Tag byte: kind in the low five bits, adjacency in bit 5. An operator is its
// tag and its Operator; what has bytes is its tag, their count in four bytes,
// and the bytes. A run is a tag of its own and the tokens of an item in four
// bytes; then the first item.
constexpr unsigned char kAdjacent = 0x20;
constexpr unsigned char kRun = 0x40;
constexpr std::size_t kTagAndSize = 5;

bool HasBytes(TokenKind kind) {
  return kind == TokenKind::kWord || kind == TokenKind::kQuotedIdentifier ||
         kind == TokenKind::kUserVariable || kind == TokenKind::kExecutableComment ||
         kind == TokenKind::kIllegal;
}

bool AdjacencyMatters(const Token& token) {
  return token.kind == TokenKind::kWord || token.op == Operator::kOpen ||
         token.op == Operator::kDot;
}

char* PutSize(std::uint32_t size, char* to) {
  std::memcpy(to, &size, sizeof size);
  return to + sizeof size;
}

std::uint64_t Mix(std::uint64_t a, std::uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

bool SameInShape(const TokenList& tokens, std::uint32_t a, std::uint32_t b, bool adjacency) {
  const Token& x = tokens.tokens[a];
  const Token& y = tokens.tokens[b];
  if (x.kind != y.kind || x.op != y.op) return false;
  if (adjacency && AdjacencyMatters(x) && x.adjacent != y.adjacent) return false;
  return !HasBytes(x.kind) || tokens.Text(a) == tokens.Text(b);
}

bool AppendShape(const TokenList& tokens, std::span<const Run> runs, std::size_t limit,
                 std::string& out) {
  const std::size_t start = out.size();
  const std::size_t most =
      tokens.text.size() + tokens.tokens.size() * kTagAndSize + runs.size() * kTagAndSize;
  out.resize(start + std::min(most, limit));
  char* to = out.data() + start;
  const char* const end = out.data() + out.size();
  bool fits = true;
  for (std::uint32_t i = 0; i < tokens.tokens.size(); ++i) {
    const Token& token = tokens.tokens[i];
    const bool begins_run = !runs.empty() && i == runs.front().first;
    const std::uint32_t size = HasBytes(token.kind) ? token.end - token.begin : 0;
    fits = end - to >= static_cast<std::ptrdiff_t>((begins_run ? 2 : 1) * kTagAndSize + size);
    if (!fits) break;
    if (begins_run) {
      *to++ = static_cast<char>(kRun);
      to = PutSize(runs.front().size, to);
    }
    auto tag = static_cast<unsigned char>(token.kind);
    if (token.adjacent && AdjacencyMatters(token)) tag |= kAdjacent;
    *to++ = static_cast<char>(tag);
    if (token.kind == TokenKind::kOperator) {
      *to++ = static_cast<char>(token.op);
    } else if (HasBytes(token.kind)) {
      to = PutSize(size, to);
      std::memcpy(to, tokens.text.data() + token.begin, size);
      to += size;
    }
    if (!runs.empty() && i + 1 == runs.front().first + runs.front().size) {
      i = runs.front().end() - 1;
      runs = runs.subspan(1);
    }
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
  return fits;
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
