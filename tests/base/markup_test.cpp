#include "base/markup.h"

#include <gtest/gtest.h>

namespace trama {
namespace {

TEST(Markup, OnlyWhatMarksUpIsEscaped) {
  EXPECT_EQ(escaped("a<b> & \"c\" 'd' é"), "a&lt;b&gt; &amp; &quot;c&quot; 'd' é");
  EXPECT_EQ(escaped(""), "");
}

}  // namespace
}  // namespace trama
