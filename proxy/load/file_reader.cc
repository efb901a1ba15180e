#include "proxy/load/file_reader.h"

#include <algorithm>

namespace sealgate::load {
namespace {

// More than any step looks ahead: a quote and a delimiter, or a sequence.
constexpr std::size_t kLookahead = 2 * kMaxDelimiter;

std::uint8_t Byte(char c) { return static_cast<std::uint8_t>(c); }

char Unescape(char c) {
  switch (c) {
    case '0':
      return '\0';
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'b':
      return '\b';
    case 'Z':
      return '\x1A';
    default:
      return c;
  }
}

bool Continues(char c) { return (Byte(c) & 0xC0) == 0x80; }

// Bytes of the sequence that begins so; 0 when none does.
std::size_t SequenceLength(Encoding encoding, char first) {
  const std::uint8_t byte = Byte(first);
  if (byte >= 0xC2 && byte <= 0xDF) return 2;
  if (byte >= 0xE0 && byte <= 0xEF) return 3;
  if (byte >= 0xF0 && byte <= 0xF4 && encoding == Encoding::kUtf8mb4) return 4;
  return 0;
}

// Overlong forms, surrogates and what is above U+10FFFF show in the second byte.
bool SecondFits(char first, char second) {
  const std::uint8_t byte = Byte(second);
  switch (Byte(first)) {
    case 0xE0:
      return byte >= 0xA0;
    case 0xED:
      return byte <= 0x9F;
    case 0xF0:
      return byte >= 0x90;
    case 0xF4:
      return byte <= 0x8F;
    default:
      return true;
  }
}

}  // namespace

FileReader::FileReader(const FileFormat& format, std::size_t fields)
    : format_(format), fields_(fields), lines_to_skip_(format.skip_lines) {
  StartRow();
  if (lines_to_skip_ > 0) place_ = Place::kSkip;
  special_[Byte(format.field_end.front())] = true;
  special_[Byte(format.line_end.front())] = true;
  if (format.enclosed) special_[Byte(*format.enclosed)] = true;
  if (format.escape) special_[Byte(*format.escape)] = true;
  if (format.encoding != Encoding::kBytes) {
    std::fill(special_.begin() + 0x80, special_.end(), true);
  }
}

tl::expected<void, FileError> FileReader::Read(std::string_view bytes, bool last, FileRows& rows) {
  rows_ = &rows;
  if (!tail_.empty() && !error_) {
    // What was undecided, with as much as decides it.
    const std::size_t before = tail_.size();
    const std::string_view more = bytes.substr(0, kLookahead);
    const bool all = more.size() == bytes.size();
    tail_.append(more);
    ReadWindow(tail_, last && all, all ? tail_.size() : before);
    if (all || error_) {
      tail_.erase(0, at_);
    } else {
      bytes.remove_prefix(at_ - before);
      tail_.clear();
    }
    if (all) bytes = {};
  }
  if (tail_.empty() && !error_) {
    ReadWindow(bytes, last, bytes.size());
    tail_.assign(bytes.substr(at_));
  }
  rows_ = nullptr;
  if (error_) return tl::unexpected(*error_);
  return {};
}

// Steps that begin before `limit`.
void FileReader::ReadWindow(std::string_view window, bool last, std::size_t limit) {
  window_ = window;
  last_ = last;
  at_ = 0;
  while (!error_) {
    if (place_ == Place::kEnd) {
      at_ = window_.size();
      return;
    }
    if (AtWindowEnd(at_) && last_) {
      AtEnd();
    } else if (at_ >= limit || !Step()) {
      return;
    }
  }
}

// False: more bytes are needed to know.
bool FileReader::Step() {
  switch (place_) {
    case Place::kSkip:
    case Place::kRest:
      return StepSkipped();
    case Place::kSeek:
      return StepSeek();
    case Place::kFieldStart:
      return StepFieldStart();
    case Place::kPlain:
    case Place::kEnclosed:
      return StepField();
    case Place::kEnd:
      break;
  }
  return false;
}

void FileReader::AtEnd() {
  switch (place_) {
    case Place::kSkip:
    case Place::kSeek:
    case Place::kEnd:
      break;
    case Place::kFieldStart:
      if (field_ > 0) EndRow(false);
      break;
    case Place::kPlain:
      EndField(false);
      EndRow(false);
      break;
    case Place::kEnclosed:
      return Fail(FileError::kUnclosed);
    case Place::kRest:
      // The servers do not warn of a cut last line without an end.
      EndRow(false);
      break;
  }
  place_ = Place::kEnd;
}

bool FileReader::StepSkipped() {
  const char c = window_[at_];
  if (IsSequence(c)) {
    cut_ = true;
    return StepSequence(false);
  }
  if (IsEscape(c)) {
    if (AtWindowEnd(at_ + 1) && !last_) return false;
    cut_ = true;
    ++at_;
    if (!AtWindowEnd(at_) && !IsSequence(window_[at_])) ++at_;
    return true;
  }
  const Match match = Matches(format_.line_end, at_);
  if (match == Match::kUnknown) return false;
  if (match == Match::kNo) {
    cut_ = true;
    ++at_;
    return true;
  }
  at_ += format_.line_end.size();
  if (place_ == Place::kRest) {
    EndRow(cut_);
  } else if (--lines_to_skip_ == 0) {
    StartRow();
  }
  return true;
}

bool FileReader::StepSeek() {
  if (IsSequence(window_[at_])) return StepSequence(false);
  const Match match = Matches(format_.line_start, at_);
  if (match == Match::kUnknown) return false;
  at_ += match == Match::kYes ? format_.line_start.size() : 1;
  if (match == Match::kYes) place_ = Place::kFieldStart;
  return true;
}

bool FileReader::StepFieldStart() {
  length_ = 0;
  found_null_ = false;
  place_ = Place::kPlain;
  if (format_.enclosed == window_[at_]) {
    place_ = Place::kEnclosed;
    ++at_;
  }
  return true;
}

bool FileReader::StepField() {
  std::size_t end = at_;
  while (end < window_.size() && !special_[Byte(window_[end])]) ++end;
  if (end > at_) {
    Emit(window_.substr(at_, end - at_));
    at_ = end;
    return true;
  }
  const char c = window_[at_];
  if (IsSequence(c)) return StepSequence(true);
  if (IsEscape(c)) return StepEscape();
  return place_ == Place::kEnclosed ? StepQuote() : StepDelimiter();
}

bool FileReader::StepEscape() {
  const char escape = window_[at_];
  if (AtWindowEnd(at_ + 1)) {
    if (!last_) return false;
    // The end of the file: it stands for itself, and closes nothing.
    Emit(window_.substr(at_, 1));
    ++at_;
    return true;
  }
  const char c = window_[at_ + 1];
  // A quote that escapes does so for itself alone.
  if (format_.enclosed == escape && c != escape) {
    return place_ == Place::kEnclosed ? StepQuote() : StepDelimiter();
  }
  if (IsSequence(c)) {
    ++at_;
    return true;
  }
  found_null_ = found_null_ || c == 'N';
  const char meant = Unescape(c);
  Emit({&meant, 1});
  at_ += 2;
  return true;
}

// In an enclosed field, at any special byte but an escape.
bool FileReader::StepQuote() {
  const char c = window_[at_];
  if (format_.enclosed == c) {
    const std::size_t next = at_ + 1;
    if (AtWindowEnd(next)) {
      if (!last_) return false;
      at_ = next;
      EndField(true);
      if (!error_) EndRow(false);
      return true;
    }
    if (window_[next] == c) {
      Emit({&c, 1});
      at_ += 2;
      return true;
    }
    const Match line = Matches(format_.line_end, next);
    if (line == Match::kUnknown) return false;
    const Match field = Matches(format_.field_end, next);
    if (line == Match::kNo && field == Match::kUnknown) return false;
    if (line == Match::kYes || field == Match::kYes) {
      const bool ends_row = line == Match::kYes;
      at_ = next + (ends_row ? format_.line_end : format_.field_end).size();
      EndField(true);
      if (ends_row && !error_) EndRow(false);
      return true;
    }
  }
  Emit({&c, 1});
  ++at_;
  return true;
}

// In a field that is not enclosed, likewise.
bool FileReader::StepDelimiter() {
  const Match line = Matches(format_.line_end, at_);
  if (line == Match::kUnknown) return false;
  if (line == Match::kYes) {
    at_ += format_.line_end.size();
    EndField(false);
    if (!error_) EndRow(false);
    return true;
  }
  const Match field = Matches(format_.field_end, at_);
  if (field == Match::kUnknown) return false;
  if (field == Match::kYes) {
    at_ += format_.field_end.size();
    EndField(false);
    return true;
  }
  Emit(window_.substr(at_, 1));
  ++at_;
  return true;
}

// A character beyond ASCII. The servers do not agree about half ones: some of the
// bytes behind may count as theirs, even a delimiter.
bool FileReader::StepSequence(bool emits) {
  const char first = window_[at_];
  const std::size_t length = SequenceLength(format_.encoding, first);
  bool valid = length > 0;
  for (std::size_t i = 1; i < length && valid; ++i) {
    if (AtWindowEnd(at_ + i)) {
      if (!last_) return false;
      valid = false;
      break;
    }
    const char next = window_[at_ + i];
    valid = Continues(next) && (i > 1 || SecondFits(first, next));
  }
  if (!valid) {
    Fail(FileError::kNotUtf8);
    return true;
  }
  if (emits) Emit(window_.substr(at_, length));
  at_ += length;
  return true;
}

FileReader::Match FileReader::Matches(const std::string& delimiter, std::size_t at) const {
  const std::string_view here = window_.substr(at, delimiter.size());
  if (here != std::string_view(delimiter).substr(0, here.size())) return Match::kNo;
  if (here.size() == delimiter.size()) return Match::kYes;
  return last_ ? Match::kNo : Match::kUnknown;
}

bool FileReader::IsSequence(char c) const {
  return Byte(c) >= 0x80 && format_.encoding != Encoding::kBytes;
}

void FileReader::Emit(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size() && length_ + i < beginning_.size(); ++i) {
    beginning_[length_ + i] = bytes[i];
  }
  length_ += bytes.size();
  if (!rows_->OnBytes(bytes)) Fail(FileError::kStopped);
}

void FileReader::EndField(bool enclosed) {
  const std::string_view beginning(beginning_.data(), beginning_.size());
  const bool word =
      !enclosed && format_.enclosed && length_ == beginning.size() && beginning == "NULL";
  const bool is_null = word || (found_null_ && length_ == 1);
  ++field_;
  cut_ = false;
  place_ = field_ == fields_ ? Place::kRest : Place::kFieldStart;
  if (!rows_->OnField(is_null)) Fail(FileError::kStopped);
}

void FileReader::EndRow(bool cut) {
  if (error_) return;
  StartRow();
  if (!rows_->OnRow(cut)) Fail(FileError::kStopped);
}

void FileReader::StartRow() {
  field_ = 0;
  place_ = format_.line_start.empty() ? Place::kFieldStart : Place::kSeek;
}

void FileReader::Fail(FileError error) {
  if (!error_) error_ = error;
}

}  // namespace sealgate::load
