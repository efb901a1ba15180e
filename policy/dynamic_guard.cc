#include "policy/dynamic_guard.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "policy/name_folding.h"

namespace sealgate::policy {
namespace {

constexpr std::string_view kHead = "(?is-mU)^(?!";
// The servers find routines without regard to accents: what may be letters with some, in
// ASCII's bytes those that swe7 has letters for; some of these only within quotes.
constexpr std::string_view kLetters = "(?:[[:^ascii:]]|[[-^{}~]|\".*`|[\"`].*[@|])";
// By which a text may call a procedure: also within a compound statement, whose parts end so.
constexpr std::string_view kCalls = "(?:call|;[[:space:]]*[^[:space:]])";
// And by which it may call a function.
constexpr std::string_view kUses = "(?:[(]|call|;[[:space:]]*[^[:space:]])";
// The shortest name of one of the servers' own is AddGeometryColumn.
constexpr std::string_view kLongName = "[^[:space:]]{17}";
// What no guarded text may have besides names: dynamic SQL in turn (the privilege in
// GRANT EXECUTE ON is none), also by the servers' own procedures, what would blind the proxy
// or move an event, and tables that may stand for others. By its first letters first: PCRE
// counts each alternative that it tries, and gives up beyond a limit.
constexpr std::string_view kRest =
    ")(?!.*(?:(?=[abcdeips])(?:prepare|(?!(?<=grant[[:blank:]])execute[[:blank:]]on[[:blank:]])"
    "execute"
    "|immediate|session_track|init_(?:connect|replica|slave)|binlog[^a-z0-9_$]|event.*rename"
    "|statement_performance_analyzer|(?:add|drop)geometrycolumn"
    "|(?:create|alter)[^a-z].*table[^a-z].*[^a-z0-9_$]"
    "(?:connection[[:space:]]*[^[:space:]a-z0-9_$(),.;]"
    "|engine[^a-z0-9_$].*(?:federated|spider|connect|oqgraph)))";
constexpr std::string_view kEnd = ")).*";
constexpr std::string_view kOpen = "IFNULL(NULLIF(REGEXP_SUBSTR(";
constexpr std::string_view kComma = ", '";
constexpr std::string_view kClose =
    "'), ''), 'SIGNAL SQLSTATE ''42000'' SET MYSQL_ERRNO = 1235, MESSAGE_TEXT = ''sealgate: "
    "dynamic SQL that could name a protected table is refused; send the statement itself''')";
// The same refusal, after the two closing parts that kClose begins with.
constexpr std::string_view kSignal = kClose.substr(std::string_view("'), ''), ").size());
constexpr std::string_view kPrepare = "PREPARE ";
constexpr std::string_view kFrom = " FROM ";
constexpr std::string_view kImmediate = "EXECUTE IMMEDIATE ";
constexpr std::size_t kMaxPattern = 16 * 1024;
constexpr std::string_view kPatternBytes = "abcdefghijklmnopqrstuvwxyz0123456789_$-|[]:";

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$';
}

bool IsNameLetter(char c) { return IsWordByte(c) && (c < '0' || c > '9'); }

bool AppendLetter(char c, std::string& out) {
  if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_') {
    out += c;
  } else if (c == '$' || c == '-') {
    out.append("[").append(1, c).append("]");
  } else if (c == ' ') {
    out.append("[[:space:]]");
  } else {
    return false;
  }
  return true;
}

std::optional<std::string> AlternativeOf(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (!AppendLetter(c, out)) return std::nullopt;
  }
  return out;
}

// Where a routine is hot, no text has such letters that may call one; else none that may call
// one of the servers' own procedures.
std::string BeginOf(bool routines) {
  std::string begin(kHead);
  if (routines) {
    begin.append("(?=.*").append(kUses).append(").*").append(kLetters);
  } else {
    begin.append("(?=.*").append(kLetters).append(")(?=.*").append(kCalls).append(").*");
    begin.append(kLongName);
  }
  return begin.append(kRest);
}

bool TakeBegin(std::string_view& pattern) {
  for (const bool routines : {true, false}) {
    const std::string begin = BeginOf(routines);
    if (!pattern.starts_with(begin)) continue;
    pattern.remove_prefix(begin.size());
    return true;
  }
  return false;
}

// The names' part of a pattern: "|name|name"; nullopt for anything that
// GuardPattern() does not make, so that nothing else can hide in it.
std::optional<std::string_view> NamesOf(std::string_view pattern) {
  if (!pattern.ends_with(kEnd) || !TakeBegin(pattern)) return std::nullopt;
  if (pattern.size() < kEnd.size()) return std::nullopt;
  pattern.remove_suffix(kEnd.size());
  if (pattern.find_first_not_of(kPatternBytes) != std::string_view::npos) return std::nullopt;
  return pattern;
}

// Where "PREPARE name FROM " or "EXECUTE IMMEDIATE " begins, right at the end of
// `before`; npos if neither does.
std::size_t HeadOf(std::string_view before) {
  std::size_t begin = std::string_view::npos;
  if (before.ends_with(kImmediate)) {
    begin = before.size() - kImmediate.size();
  } else if (before.ends_with(kFrom)) {
    std::size_t name = before.size() - kFrom.size();
    while (name > 0 && IsWordByte(before[name - 1])) --name;
    if (name == before.size() - kFrom.size()) return std::string_view::npos;
    if (before.substr(0, name).ends_with(kPrepare)) begin = name - kPrepare.size();
  }
  const bool word_before = begin != std::string_view::npos && begin > 0 &&
                           (IsWordByte(before[begin - 1]) || (before[begin - 1] & 0x80) != 0);
  return word_before ? std::string_view::npos : begin;
}

// Nothing may follow that would make the guard a part of a larger expression.
bool EndsThere(std::string_view after) {
  return after.starts_with(";") || after.starts_with(" USING ");
}

/// A guard's place in a text: where "PREPARE" or "EXECUTE" begins, the pattern, the
/// end of the expression.
struct Guard {
  std::size_t head = 0;
  std::size_t pattern = 0;
  std::size_t pattern_end = 0;
  std::size_t end = 0;
};

std::vector<Guard> FindGuards(std::string_view text) {
  std::vector<Guard> found;
  std::string open(kOpen);
  open.append(kGuardedText).append(kComma);
  for (std::size_t at = text.find(open); at != std::string_view::npos;
       at = text.find(open, at + 1)) {
    Guard guard;
    guard.head = HeadOf(text.substr(0, at));
    guard.pattern = at + open.size();
    guard.pattern_end = text.find('\'', guard.pattern);
    if (guard.head == std::string_view::npos || guard.pattern_end == std::string_view::npos) {
      continue;
    }
    if (!found.empty() && guard.head < found.back().end) continue;
    const std::string_view behind = text.substr(guard.pattern_end);
    if (!NamesOf(text.substr(guard.pattern, guard.pattern_end - guard.pattern)) ||
        !behind.starts_with(kClose) || !EndsThere(behind.substr(kClose.size()))) {
      continue;
    }
    guard.end = guard.pattern_end + kClose.size();
    found.push_back(guard);
  }
  return found;
}

// Where the word stands. Bytes above ASCII may have been spaces to the server, and
// digits the end of a number.
std::vector<std::size_t> KeywordsOf(std::string_view folded, std::string_view word) {
  std::vector<std::size_t> found;
  for (std::size_t at = folded.find(word); at != std::string_view::npos;
       at = folded.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool goes_on = end < folded.size() && IsWordByte(folded[end]);
    if (!goes_on && !(at > 0 && IsNameLetter(folded[at - 1]))) found.push_back(at);
  }
  return found;
}

// "deallocate prepare" and "drop prepare" on one line: a line's end could be that
// of a comment.
bool IsDeallocation(std::string_view folded, std::size_t prepare) {
  std::size_t end = prepare;
  while (end > 0 && (folded[end - 1] == ' ' || folded[end - 1] == '\t')) --end;
  if (end == prepare) return false;
  for (const std::string_view verb : {"deallocate", "drop"}) {
    if (!folded.substr(0, end).ends_with(verb)) continue;
    const std::size_t begin = end - verb.size();
    if (begin == 0 || (!IsWordByte(folded[begin - 1]) && (folded[begin - 1] & 0x80) == 0)) {
      return true;
    }
  }
  return false;
}

// Whether a name and FROM may come behind "prepare", or something that hides what
// does: a comment, a quote, a byte that may be a space.
bool MayNameAndFromFollow(std::string_view folded, std::size_t prepare) {
  constexpr std::string_view kNone = "!%&()+,.:;<=>?@[]^{|}~";
  std::string_view rest = folded.substr(prepare + std::string_view("prepare").size());
  const auto skip_space = [&rest] {
    while (!rest.empty() && static_cast<unsigned char>(rest.front()) <= ' ') rest.remove_prefix(1);
  };
  skip_space();
  std::size_t name = 0;
  while (name < rest.size() && IsWordByte(rest[name])) ++name;
  const bool named = name > 0;
  rest.remove_prefix(name);
  skip_space();
  if (rest.empty()) return true;
  if (kNone.find(rest.front()) != std::string_view::npos) return false;
  if (named && IsWordByte(rest.front())) return rest.starts_with("from");
  return true;
}

}  // namespace

std::optional<std::string> GuardPattern(std::vector<std::string> names, bool routines) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string pattern = BeginOf(routines);
  for (const std::string& name : names) {
    const auto alternative = AlternativeOf(name);
    if (name.empty() || !alternative) return std::nullopt;
    pattern.append("|").append(*alternative);
    if (pattern.size() > kMaxPattern) return std::nullopt;
  }
  return pattern.append(kEnd);
}

std::string GuardExpression(std::string_view text, std::string_view pattern) {
  std::string guard(kOpen);
  guard.append(text).append(kComma).append(pattern);
  return guard.append(kClose);
}

std::string GuardExpressionForBytes(std::string_view text, std::string_view pattern) {
  std::string guard("IF(REGEXP_SUBSTR(");
  guard.append(text).append(kComma).append(pattern).append("') <> '' AND REGEXP_SUBSTR(CAST(");
  guard.append(text).append(" AS BINARY)").append(kComma).append(pattern).append("') <> '', ");
  return guard.append(text).append(", ").append(kSignal);
}

Unguarded TakeOutGuards(std::string_view text) {
  Unguarded found;
  std::size_t kept = 0;
  for (const Guard& guard : FindGuards(text)) {
    found.text.append(text.substr(kept, guard.head - kept)).append(" ");
    found.patterns.emplace_back(text.substr(guard.pattern, guard.pattern_end - guard.pattern));
    kept = guard.end;
  }
  found.text.append(text.substr(kept));
  return found;
}

std::string RenewGuards(std::string_view text, std::string_view pattern) {
  std::string made;
  std::size_t kept = 0;
  for (const Guard& guard : FindGuards(text)) {
    made.append(text.substr(kept, guard.pattern - kept)).append(pattern);
    kept = guard.pattern_end;
  }
  return made.append(text.substr(kept));
}

bool MayHaveDynamicSql(std::string_view text) {
  return MayPrepare(text) || !KeywordsOf(FoldName(text), "binlog").empty();
}

bool MayPrepare(std::string_view text) {
  const std::string folded = FoldName(text);
  if (!KeywordsOf(folded, "immediate").empty()) return true;
  const std::vector<std::size_t> found = KeywordsOf(folded, "prepare");
  return std::any_of(found.begin(), found.end(), [&](std::size_t at) {
    return !IsDeallocation(folded, at) && MayNameAndFromFollow(folded, at);
  });
}

bool GuardCovers(std::string_view pattern, const std::vector<std::string>& names, bool routines) {
  if (routines && !pattern.starts_with(BeginOf(true))) return false;
  const auto own = NamesOf(pattern);
  if (!own) return false;
  std::unordered_set<std::string_view> stopped;
  std::size_t begin = 0;
  while (begin < own->size()) {
    const std::size_t end = std::min(own->find('|', begin), own->size());
    if (end > begin) stopped.insert(own->substr(begin, end - begin));
    begin = end + 1;
  }
  return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    const auto alternative = AlternativeOf(name);
    return alternative && stopped.contains(*alternative);
  });
}

}  // namespace sealgate::policy
