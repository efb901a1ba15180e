// A file in a fuzzed format into a protected column and one that is not. Oracle:
// splitting it makes no difference to what is said of it; what is sent reads as rows
// of the same values, the protected ones sealed; and a load that fails ends with the
// row that fails it.
#include <memory>

#include "crypto/column_cipher.h"
#include "proxy/rewrite/rewriter.h"
#include "tests/fuzz/load/format_of.h"
#include "tests/proxy/load/read_rows.h"
#include "tests/proxy/rewrite/world.h"

namespace {

using namespace sealgate;

struct Sent {
  std::string bytes;
  std::string error;
  std::uint16_t code = 0;
};

Sent Seal(rewrite::Rewriter& rewriter, const std::shared_ptr<const rewrite::Plan>& plan,
          const rewrite::SessionFacts& facts, std::string_view file, std::size_t piece) {
  rewrite::FileSealer sealer(plan, facts, 1 << 20);
  Sent sent;
  for (bool last = false; !last;) {
    const std::string_view part = file.substr(0, piece);
    file.remove_prefix(part.size());
    last = file.empty();
    const auto done = rewriter.SealFile(sealer, part, last, sent.bytes);
    if (done) continue;
    sent.code = done.error().code;
    sent.error = done.error().message;
    break;
  }
  return sent;
}

std::string Opened(const crypto::ColumnCipher& cipher, const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  std::string opened;
  load::Require(crypto::Open(cipher, bytes, opened).has_value());
  return opened;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static rewrite::World world;
  static rewrite::Rewriter rewriter(world.random(), world.metrics(), {});
  static const rewrite::SessionFacts facts = world.Facts("app");
  static const auto planned =
      rewriter
          .Query(world.snapshot(), facts,
                 "LOAD DATA LOCAL INFILE 'f' INTO TABLE customers CHARACTER SET binary "
                 "(name, tax_id)")
          .plan;
  if (size < load::kFormatBytes) return 0;
  auto with_format = std::make_shared<rewrite::FileLoad>(*planned->file_load);
  with_format->format = load::FormatOf(data);
  with_format->format.encoding = load::Encoding::kBytes;
  auto plan = std::make_shared<rewrite::Plan>(*planned);
  plan->file_load = with_format;
  const std::string_view file(reinterpret_cast<const char*>(data) + load::kFormatBytes,
                              size - load::kFormatBytes);
  const Sent whole = Seal(rewriter, plan, facts, file, file.size() + 1);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}}) {
    load::Require(Seal(rewriter, plan, facts, file, piece).error == whole.error);
  }
  const auto sent = load::Read({}, 3, whole.bytes, whole.bytes.size() + 1);
  const auto read = load::Read(with_format->format, 2, file, file.size() + 1, false);
  const bool failed = whole.code != 0;
  load::Require(!sent.error && sent.rows.size() >= (failed ? 1 : 0));
  if (failed) {
    load::Require(sent.rows.back().fields.size() == 3 && sent.rows.back().fields[2] == "x");
  } else {
    load::Require(!read.error && sent.rows.size() == read.rows.size());
  }
  for (std::size_t i = 0; i + (failed ? 1 : 0) < sent.rows.size(); ++i) {
    const load::ReadRow& from = read.rows[i];
    const load::ReadRow& to = sent.rows[i];
    load::Require(to.cut == from.cut &&
                  to.fields.size() == from.fields.size() + (from.cut ? 1 : 0));
    load::Require(to.fields[0] == from.fields[0] && from.fields.size() == 2);
    if (!from.fields[1]) {
      load::Require(to.fields[1] == "");
    } else {
      std::string opened = Opened(*plan->targets[0].cipher, *to.fields[1]);
      // Spaces beyond the column's length are cut.
      const std::string& value = *from.fields[1];
      load::Require(value.substr(0, opened.size()) == opened &&
                    value.find_first_not_of(' ', opened.size()) == std::string::npos);
    }
  }
  return 0;
}
