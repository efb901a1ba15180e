#include "proxy/sql/shape.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace sealgate::sql {
namespace {

// One tag byte for each token:
//   1 adjacent size(6 bits)      a word, then its bytes. Size 63: the size follows
//   01 adjacent operator(5 bits)
//   00100000                     a run: the tokens of an item; then the first item
//   000 kind(5 bits)             the others; those with bytes are followed by their
//                                size and the bytes
// Sizes that follow have four bytes. So no shape begins with another one's bytes
// and ends in something else: every token says by itself where it ends.
constexpr unsigned char kWordTag = 0x80;
constexpr unsigned char kAdjacentWord = 0x40;
constexpr std::uint32_t kLongWord = 0x3F;
constexpr unsigned char kOperatorTag = 0x40;
constexpr unsigned char kAdjacentOperator = 0x20;
constexpr unsigned char kRunTag = 0x20;
static_assert(static_cast<unsigned>(TokenKind::kIllegal) < kRunTag);
static_assert(static_cast<unsigned>(Operator::kColon) < kAdjacentOperator);

constexpr std::size_t kTagAndSize = 5;
// Words up to this size are copied with as many bytes.
constexpr std::uint32_t kBlock = 16;

bool HasBytes(TokenKind kind) {
  return kind == TokenKind::kWord || kind == TokenKind::kQuotedIdentifier ||
         kind == TokenKind::kUserVariable || kind == TokenKind::kExecutableComment ||
         kind == TokenKind::kIllegal;
}

bool AdjacencyMatters(const Token& token) {
  return token.kind == TokenKind::kWord || token.op == Operator::kOpen ||
         token.op == Operator::kDot;
}

// Writes tokens of one text. kCounts: the room may be too small.
template <bool kCounts>
class ShapeWriter {
 public:
  /// Behind the `room` bytes at `to` there is a block to spare.
  ShapeWriter(std::string_view text, char* to, std::size_t room)
      : text_(text.data()),
        blocks_(text.size() < kBlock ? 0 : static_cast<std::uint32_t>(text.size() - kBlock + 1)),
        to_(to),
        last_(to + room) {}

  /// The end of what was written.
  char* end() const { return to_; }

  /// False: there is no room for more.
  bool PutRun(std::uint32_t size) {
    if (!HasRoom(0)) return false;
    *to_++ = static_cast<char>(kRunTag);
    PutSize(size);
    return true;
  }

  bool PutAll(const Token* token, const Token* end) {
    for (; token < end; ++token) {
      if (token->kind == TokenKind::kWord) {
        if (!PutWord(*token)) return false;
      } else if (token->kind == TokenKind::kOperator) {
        if (!PutOperator(*token)) return false;
      } else if (!PutOther(*token)) {
        return false;
      }
    }
    return true;
  }

 private:
  bool HasRoom(std::uint32_t bytes) const {
    return !kCounts || static_cast<std::size_t>(last_ - to_) >= kTagAndSize + bytes;
  }

  bool PutWord(const Token& token) {
    const std::uint32_t size = token.end - token.begin;
    if (!HasRoom(size)) return false;
    const std::uint32_t shown = std::min(size, kLongWord);
    *to_++ = static_cast<char>(kWordTag | (token.adjacent ? kAdjacentWord : 0) | shown);
    if (shown == kLongWord) PutSize(size);
    PutBytes(token.begin, size);
    return true;
  }

  bool PutOperator(const Token& token) {
    if (!HasRoom(0)) return false;
    const bool adjacent = token.adjacent && AdjacencyMatters(token);
    *to_++ = static_cast<char>(kOperatorTag | (adjacent ? kAdjacentOperator : 0) |
                               static_cast<unsigned char>(token.op));
    return true;
  }

  bool PutOther(const Token& token) {
    const std::uint32_t size = HasBytes(token.kind) ? token.end - token.begin : 0;
    if (!HasRoom(size)) return false;
    *to_++ = static_cast<char>(token.kind);
    if (!HasBytes(token.kind)) return true;
    PutSize(size);
    PutBytes(token.begin, size);
    return true;
  }

  void PutSize(std::uint32_t size) {
    std::memcpy(to_, &size, sizeof size);
    to_ += sizeof size;
  }

  // A whole block where the text has one: that is a move of a register.
  void PutBytes(std::uint32_t begin, std::uint32_t size) {
    if (size <= kBlock && begin < blocks_) {
      std::memcpy(to_, text_ + begin, kBlock);
    } else {
      std::memcpy(to_, text_ + begin, size);
    }
    to_ += size;
  }

  const char* text_;
  std::uint32_t blocks_;  // places in the text at which a block begins
  char* to_;
  const char* last_;
};

// False: `room` was too small.
template <bool kCounts>
bool Write(const TokenList& tokens, std::span<const Run> runs, std::size_t room, KeyBuffer& out) {
  ShapeWriter<kCounts> writer(tokens.text, out.Room(room + kBlock), room);
  const Token* at = tokens.tokens.data();
  const Token* const end = at + tokens.tokens.size();
  bool fits = true;
  for (const Run& run : runs) {
    const Token* const item = tokens.tokens.data() + run.first;
    fits = fits && writer.PutAll(at, item) && writer.PutRun(run.size) &&
           writer.PutAll(item, item + run.size);
    at = tokens.tokens.data() + run.end();
  }
  fits = fits && writer.PutAll(at, end);
  out.Take(writer.end());
  return fits;
}

std::uint64_t Mix(std::uint64_t a, std::uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t Load(const char* from) {
  std::uint64_t word = 0;
  std::memcpy(&word, from, sizeof word);
  return word;
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
                 KeyBuffer& out) {
  // Enough for any shape of this text.
  const std::size_t most = tokens.text.size() + (tokens.tokens.size() + runs.size()) * kTagAndSize;
  return most <= limit ? Write<false>(tokens, runs, most, out)
                       : Write<true>(tokens, runs, limit, out);
}

std::uint64_t HashShape(std::string_view shape) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15u;
  constexpr std::uint64_t kOther = 0xD6E8FEB86659FD93u;
  const char* at = shape.data();
  const char* const end = at + shape.size();
  std::uint64_t hash = Mix(shape.size() ^ kOdd, kOther);
  for (; end - at >= 16; at += 16) hash = Mix(hash ^ Load(at), kOdd ^ Load(at + 8));
  std::uint64_t rest[2] = {0, 0};
  std::memcpy(rest, at, static_cast<std::size_t>(end - at));
  hash = Mix(hash ^ rest[0], kOdd ^ rest[1]);
  return Mix(hash, 0xA0761D6478BD642Fu);
}

}  // namespace sealgate::sql
