// Rows as they leave for the server: one fixed format that carries every byte,
// whatever the client's was. Its clauses are kRowFormat. A sealed value is hex, so
// that the file's character set does not matter to it; NULL among them is an empty
// field, because nothing sealed is empty. Behind the statement's fields the server
// is told of one more, which rows lack, but for
//
//   a row with too many fields   empty, and one more field behind it
//   a load that is to fail       "x" (see rewrite/planner/load.cc)
//
// Pure. Everything is appended to `out`, the next bytes of the file.
#ifndef SEALGATE_PROXY_LOAD_ROW_WRITER_H_
#define SEALGATE_PROXY_LOAD_ROW_WRITER_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace sealgate::load {

inline constexpr std::string_view kRowFormat =
    "FIELDS TERMINATED BY X'09' ENCLOSED BY '' ESCAPED BY X'5C' LINES STARTING BY '' TERMINATED "
    "BY X'0A'";

class RowWriter {
 public:
  /// A piece of a field that is not sealed.
  void Bytes(std::string_view bytes, std::string& out);
  /// It ends; of a NULL at most four bytes have come.
  void EndBytes(bool is_null, std::string& out);
  /// A sealed field; "" for NULL.
  void Sealed(std::string_view value, std::string& out);
  void EndRow(bool cut, std::string& out);
  /// Instead of what is left of the row of `fields` under way.
  void EndWithFailure(std::size_t fields, std::string& out);

 private:
  void BeginField(std::string& out);
  void Escape(std::string_view bytes, std::string& out);

  std::size_t fields_ = 0;  // of the row under way, begun
  bool in_field_ = false;
  std::string held_;  // the beginning of a field that may still be NULL
};

}  // namespace sealgate::load

#endif  // SEALGATE_PROXY_LOAD_ROW_WRITER_H_
