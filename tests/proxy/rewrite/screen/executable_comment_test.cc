#include "proxy/rewrite/screen/executable_comment.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace sealgate::rewrite {
namespace {

policy::Catalog MySql() {
  policy::Catalog catalog;
  catalog.server_version = "8.4.10";
  return catalog;
}

policy::Catalog MariaDb() {
  policy::Catalog catalog;
  catalog.server_version = "10.11.6-MariaDB";
  catalog.is_mariadb = true;
  return catalog;
}

std::string Opened(const policy::Catalog& server, std::string_view text) {
  std::string out;
  OpenExecutableComments(server, {}, text, out);
  return out;
}

// The blanks in the names that the servers give expressions are those of the text.
TEST(ExecutableCommentTest, OnlyTheMarksGo) {
  for (const auto& server : {MySql(), MariaDb()}) {
    EXPECT_EQ(Opened(server, "SELECT a /*!40000 + */ 1"), "SELECT a  +  1");
    EXPECT_EQ(Opened(server, "SELECT a /*!999999 b */ + 1"), "SELECT a  + 1");
    EXPECT_EQ(Opened(server, "/*!40000 SELECT 1 */"), " SELECT 1 ");
    EXPECT_EQ(Opened(server, "SELECT 1 /*!*//*!999999 a */ , 2"), "SELECT 1  , 2");
    EXPECT_EQ(Opened(server, "SELECT '/*!40000 a */' /* b */"), "SELECT '/*!40000 a */' /* b */");
    EXPECT_EQ(Opened(server, ""), "");
  }
}

TEST(ExecutableCommentTest, WhatItSeparatedStaysSeparate) {
  const policy::Catalog server = MySql();
  EXPECT_EQ(Opened(server, "SELECT/*!999999 a*/1"), "SELECT 1");
  EXPECT_EQ(Opened(server, "SELECT COUNT/*!40000 */(*)"), "SELECT COUNT (*)");
  EXPECT_EQ(Opened(server, "SELECT 'a'/*!40000'b'*/"), "SELECT 'a' 'b' ");
  EXPECT_EQ(Opened(server, "SELECT x/*!40000*/'41'"), "SELECT x '41'");
}

// So that names of expressions are the servers': MySQL has a blank where the comment ends.
TEST(ExecutableCommentTest, SignsStandTogether) {
  const std::string_view texts[][3] = {
      {"SELECT n/*!<>5*/, -/*!-1*/", "SELECT n<>5, --1", "SELECT n<>5 , --1 "},
      {"SELECT (1)/*!+2 */, 1/*!999999 a*/+1", "SELECT (1)+2 , 1+1", "SELECT (1)+2 , 1+1"},
      {"SELECT COUNT(/*!*/*/*!*/)", "SELECT COUNT(*)", "SELECT COUNT( * )"},
      {"SELECT t./*!a*/, t/*!.a*/, 5/*!DIV 2*/", "SELECT t. a, t .a, 5 DIV 2",
       "SELECT t. a , t .a , 5 DIV 2 "},
      {"SELECT -/*!- 1*/, n/*!<>5*/", "SELECT - - 1 , n <>5", "SELECT - - 1 , n <>5 "},
  };
  for (const auto& [text, mariadb, mysql] : texts) {
    EXPECT_EQ(Opened(MariaDb(), text), mariadb);
    EXPECT_EQ(Opened(MySql(), text), mysql);
  }
}

TEST(ExecutableCommentTest, WhatWouldBecomeOtherTokensStays) {
  std::string out;
  std::vector<RemovedText> removed;
  for (const char* text : {"SELECT 5--/*!40000 2*/\n FROM t", "SELECT 1 /*!40000 + /* a */ 1 */",
                           "SELECT 1 /*!40000 -- a */ + 1", "SELECT a /*! + b/*/2 -- */ */",
                           "SELECT /*!999999 a/*/2", "SELECT 1 /*!40000 'a */ b'"}) {
    EXPECT_FALSE(OpenExecutableComments(MySql(), {}, text, out, &removed)) << text;
    EXPECT_EQ(out, text);
    EXPECT_TRUE(removed.empty()) << text;
  }
}

TEST(ExecutableCommentTest, ToldWhetherAllRun) {
  std::string out;
  EXPECT_TRUE(OpenExecutableComments(MySql(), {}, "SELECT /*!40000 1 */", out));
  EXPECT_FALSE(OpenExecutableComments(MySql(), {}, "SELECT 1 /*!999999 , 2 */", out));
  EXPECT_FALSE(OpenExecutableComments(MySql(), {}, "SELECT 1 /*M! , 2 */", out));
  EXPECT_TRUE(OpenExecutableComments(MariaDb(), {}, "SELECT 1 /*M! , 2 */", out));
}

TEST(ExecutableCommentTest, PlacesAreThoseOfTheText) {
  for (const std::string_view text :
       {"/*!40000 a*/b /*!999999 c */ d/*!40000e*//*!40000*/f", "a", "/*!40000*/",
        "a/*!999999 b*//*!999999 b*/ c /*!40000 d */"}) {
    std::string out;
    std::vector<RemovedText> removed;
    OpenExecutableComments(MySql(), {}, text, out, &removed);
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (out[i] == ' ') continue;
      EXPECT_EQ(text[PlaceInText(removed, i)], out[i]) << text << " " << i;
    }
    EXPECT_EQ(PlaceInText(removed, out.size()), text.size());
  }
}

}  // namespace
}  // namespace sealgate::rewrite
