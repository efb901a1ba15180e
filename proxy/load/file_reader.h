// The bytes of a file, as they come, to rows of fields, exactly as the servers
// read them: the same boundaries, escapes and NULLs. Where the two servers read
// a malformed file differently, or add its quotes to the value, it is an error.
//
// Pure. Nothing is kept but the few bytes that decide what comes next; how the
// file is split makes no difference. Thread rule: one thread at a time.
//
//   field begins   with `enclosed`: enclosed, else not
//   escape, x      0 n t r b Z: NUL, newline, tab, return, backspace, 0x1A; else x
//   not enclosed   ends at `line_end` or `field_end`
//   enclosed       ends at `enclosed` before `line_end`, `field_end` or the end of
//                  the file; two of it are one; any other one is itself
//   NULL           \N alone; the word NULL, not enclosed, where fields may be
//   row            ends at `line_end`; what is left of it behind the last field is
//                  skipped, escapes but no quotes in it
//   skipped lines  the same; a row begins behind the next `line_start`
#ifndef SEALGATE_PROXY_LOAD_FILE_READER_H_
#define SEALGATE_PROXY_LOAD_FILE_READER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "proxy/load/file_format.h"

namespace sealgate::load {

enum class FileError : std::uint8_t {
  kStopped,   // FileRows said so
  kNotUtf8,   // a sequence that is not valid in the file's encoding
  kUnclosed,  // the file ends inside of an enclosed field
};

/// What a file says, in its order. False ends the reading. Views are valid during
/// the call.
class FileRows {
 public:
  virtual ~FileRows() = default;
  /// A piece of the field under way, never empty.
  virtual bool OnBytes(std::string_view bytes) = 0;
  /// The field under way ends; it may have had no bytes. Of a NULL they say nothing.
  virtual bool OnField(bool is_null) = 0;
  /// The row ends, after one field at least. `cut`: it had more than its fields.
  virtual bool OnRow(bool cut) = 0;
};

class FileReader {
 public:
  /// `format` outlives the reader. `fields` of a row: 1 at least.
  FileReader(const FileFormat& format, std::size_t fields);

  /// All of `bytes`; `last`: the file ends with them. After an error every call
  /// returns it.
  tl::expected<void, FileError> Read(std::string_view bytes, bool last, FileRows& rows);

 private:
  enum class Place : std::uint8_t { kSkip, kSeek, kFieldStart, kPlain, kEnclosed, kRest, kEnd };
  enum class Match : std::uint8_t { kNo, kYes, kUnknown };

  void ReadWindow(std::string_view window, bool last, std::size_t limit);
  bool Step();
  void AtEnd();
  bool StepSkipped();
  bool StepSeek();
  bool StepFieldStart();
  bool StepField();
  bool StepEscape();
  bool StepQuote();
  bool StepDelimiter();
  bool StepSequence(bool emits);
  Match Matches(const std::string& delimiter, std::size_t at) const;
  bool AtWindowEnd(std::size_t at) const { return at == window_.size(); }
  bool IsEscape(char c) const { return format_.escape == c; }
  bool IsSequence(char c) const;
  void Emit(std::string_view bytes);
  void EndField(bool enclosed);
  void EndRow(bool cut);
  void StartRow();
  void Fail(FileError error);

  const FileFormat& format_;
  const std::size_t fields_;
  std::array<bool, 256> special_{};  // what a field's run of plain bytes ends at
  Place place_;
  std::uint64_t lines_to_skip_;
  std::size_t field_ = 0;   // of the row
  std::size_t length_ = 0;  // of the field
  std::array<char, 4> beginning_{};
  bool found_null_ = false;
  bool cut_ = false;
  std::string tail_;  // undecided bytes of the last call
  std::optional<FileError> error_;

  // During Read().
  FileRows* rows_ = nullptr;
  std::string_view window_;
  bool last_ = false;
  std::size_t at_ = 0;
};

}  // namespace sealgate::load

#endif  // SEALGATE_PROXY_LOAD_FILE_READER_H_
