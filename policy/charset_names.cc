#include "policy/charset_names.h"

#include <algorithm>
#include <iterator>

#include "policy/logical_type.h"

namespace sealgate::policy {
namespace {

constexpr std::string_view kSupersetsOfAscii[] = {
    "armscii8", "big5",   "cp1250", "cp1251",   "cp1256",  "cp1257",  "cp850",  "cp852",
    "cp866",    "cp932",  "dec8",   "euckr",    "eucjpms", "gb18030", "gb2312", "gbk",
    "geostd8",  "greek",  "hebrew", "hp8",      "keybcs2", "koi8r",   "koi8u",  "latin2",
    "latin5",   "latin7", "macce",  "macroman", "sjis",    "tis620",  "ujis",
};

constexpr std::string_view kOtherScripts[] = {"cp1251", "cp866",  "koi8r", "koi8u",
                                              "greek",  "hebrew", "tis620"};

constexpr std::string_view kTrailsMayBeSigns[] = {"big5", "cp932", "gb18030", "gbk", "sjis"};

template <std::size_t N>
bool Has(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

}  // namespace

bool ExtendsAscii(std::string_view charset) { return Has(kSupersetsOfAscii, charset); }

bool HasAscii(std::string_view charset) {
  return CharsetFromName(charset) || ExtendsAscii(charset) || charset == "ucs2" ||
         charset.starts_with("utf16") || charset == "utf32";
}

bool HasOtherScript(std::string_view charset) { return Has(kOtherScripts, charset); }

bool TrailsMayBeSigns(std::string_view charset) { return Has(kTrailsMayBeSigns, charset); }

}  // namespace sealgate::policy
