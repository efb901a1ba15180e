#include "proxy/rewrite/file_sealer.h"

#include <gtest/gtest.h>

#include "proxy/rewrite/rewriter.h"
#include "tests/proxy/load/read_rows.h"
#include "tests/proxy/rewrite/world.h"

namespace sealgate::rewrite {
namespace {

class FileSealerTest : public testing::Test {
 protected:
  void Plan(const std::string& tail, std::size_t max_value = 1 << 20) {
    const SessionFacts facts = world_.Facts("app");
    const Decision decision = rewriter_.Query(
        world_.snapshot(), facts, "LOAD DATA LOCAL INFILE 'f' INTO TABLE customers " + tail);
    ASSERT_TRUE(decision.statement) << decision.statement.error().message;
    ASSERT_NE(decision.plan->file_load, nullptr);
    fields_ = decision.plan->file_load->fields.size();
    plan_ = decision.plan;
    sealer_ = std::make_unique<FileSealer>(plan_, facts, max_value);
  }

  // The rows as the server would read them, sealed values as marks.
  std::string Seal(std::string_view file, std::size_t piece) {
    out_.clear();
    while (!file.empty()) {
      const std::string_view part = file.substr(0, piece);
      file.remove_prefix(part.size());
      if (!Write(part, false)) return error_;
    }
    return Write({}, true) ? Rows() : error_;
  }

  bool Write(std::string_view bytes, bool last) {
    const auto done = rewriter_.SealFile(*sealer_, bytes, last, out_);
    if (!done) {
      error_ = std::to_string(done.error().code) + " " + done.error().sqlstate + " " +
               done.error().message;
    }
    return done.has_value();
  }

  std::string Rows() const {
    std::string text;
    const auto file = load::Read(load::WrittenFormat(), fields_ + 1, out_, out_.size() + 1);
    for (const load::ReadRow& row : file.rows) {
      for (std::size_t i = 0; i < row.fields.size(); ++i) {
        const bool sealed = i < fields_ && plan_->file_load->fields[i].has_value();
        std::string value = row.fields[i].value_or("<null>");
        if (sealed && !value.empty()) value = world_.WithMarks("X'" + value + "'");
        text += (i > 0 ? "|" : "") + value;
      }
      text += row.cut ? "+;" : ";";
    }
    return text;
  }

  World world_;
  Rewriter rewriter_{world_.random(), world_.metrics(), {}};
  std::shared_ptr<const rewrite::Plan> plan_;
  std::unique_ptr<FileSealer> sealer_;
  std::size_t fields_ = 0;
  std::string out_;
  std::string error_;
};

constexpr const char* kCsv =
    "CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' ENCLOSED BY '\"' (id, email, name, tax_id)";

TEST_F(FileSealerTest, SealsItsFieldsHoweverTheFileIsSplit) {
  const std::string file =
      "1,\"bob,\"\"x\"\"\",Bob,DE1\n2,NULL,NULL,\\N\n3,,\"NULL\",a\\\tb\n4,e,f,g,h\n5,e,,t";
  for (const std::size_t piece : {1000u, 1u, 2u, 3u, 5u, 17u}) {
    Plan(kCsv);
    EXPECT_EQ(Seal(file, piece),
              "1|<email:bob,\"x\">|Bob|<tax:DE1>;2||<null>|;3|<email:>|NULL|<tax:a\\x09b>;"
              "4|<email:e>|f|<tax:g>|+;5|<email:e>||<tax:t>;");
  }
}

TEST_F(FileSealerTest, ShortRowsMayLackPlainFields) {
  Plan("CHARACTER SET utf8mb4 (id, tax_id, name)");
  EXPECT_EQ(Seal("1\ta\n2\tb\tc\n", 3), "1|<tax:a>;2|<tax:b>|c;");
}

TEST_F(FileSealerTest, ConvertsFromTheFileSCharacterSet) {
  Plan("CHARACTER SET latin1 (id, tax_id)");
  EXPECT_EQ(Seal("1\t\xE9\n", 100), "1|<tax:\\xc3\\xa9>;");
}

struct Failure {
  std::string file;
  std::string error;
  std::string sent;
};

TEST_F(FileSealerTest, FailsTheLoad) {
  const std::string big(300, 'x');
  for (const Failure& test : std::vector<Failure>{
           {"1\ta\t1\n2\tb\tx\n3\tc\t3\n",
            "1366 HY000 sealgate: column shop.customers.age: the value is not an integer (in row 2 "
            "of the file)",
            "2\tb\t\tx\n"},
           {"1\tb\n",
            "1261 01000 sealgate: the row has no field for column shop.customers.age (in row 1 of "
            "the file)",
            "1\tb\t\tx\n"},
           {"1\tb\xC3\t1\n",
            "1300 HY000 sealgate: the file has bytes that are not valid in its character set; say "
            "CHARACTER SET binary if they are not meant to be (in row 1 of the file)",
            "1\t\t\tx\n"}}) {
    SCOPED_TRACE(test.file);
    for (const std::size_t piece : {1000u, 1u}) {
      Plan("CHARACTER SET utf8mb4 (id, name, age)");
      EXPECT_EQ(Seal(test.file, piece), test.error);
      const std::string end = out_.substr(out_.size() - std::min(out_.size(), test.sent.size()));
      EXPECT_EQ(end, test.sent);
      // Nothing comes after it.
      const std::string before = out_;
      EXPECT_FALSE(Write("4\tb\t1\n", true));
      EXPECT_EQ(out_, before);
    }
  }
}

TEST_F(FileSealerTest, KeepsNoMoreThanAValueMayHave) {
  Plan("CHARACTER SET utf8mb4 (id, phone)", 100);
  const std::string piece(60, 'x');
  EXPECT_TRUE(Write("1\t" + piece, false));
  EXPECT_FALSE(Write(piece, false));
  EXPECT_EQ(
      error_,
      "1406 22001 sealgate: column shop.customers.phone: the value is too long for the column "
      "(in row 1 of the file)");
  EXPECT_LE(sealer_->memory(), 1024u);
}

TEST_F(FileSealerTest, UnclosedFieldsAreNoValues) {
  Plan(kCsv);
  EXPECT_EQ(
      Seal("1,\"bob", 100),
      "1235 42000 sealgate: the file ends inside of an enclosed field (in row 1 of the file)");
}

}  // namespace
}  // namespace sealgate::rewrite
