// What -z accepts and refuses.
#include <gtest/gtest.h>

#include "packet/stats/report.h"

namespace trama::stats {
namespace {

TEST(Reports, AreFoundByTheirNames) {
  for (const auto* text : {"conv,tcp",
                           "conv,ip,tcp.port == 80",
                           "endpoints,udp",
                           "hosts,ip",
                           "io,phs",
                           "io,phs,tcp",
                           "io,stat,1",
                           "io,stat,0",
                           "io,stat,0.25,tcp,udp",
                           "io,stat,1,SUM(frame.len)frame.len",
                           "io,stat,1,COUNT(ip.src)",
                           "io,stat,.5",
                           "expert",
                           "expert,warn",
                           "expert,note,tcp",
                           "expert,tcp",
                           "flow,tcp,standard",
                           "flow,any,network,udp",
                           "follow,tcp,ascii,0",
                           "follow,udp,hex,12",
                           "follow,tcp,raw,0,2-3",
                           "follow,tcp,yaml,0",
                           "follow,udp,ebcdic,10.0.0.1:1,10.0.0.2:2"})
    EXPECT_TRUE(make_report(text)) << text;
}

TEST(Reports, RefuseWhatMakesNoSense) {
  for (const auto* text : {"",
                           "conv",
                           "conv,tpc",
                           "conv,tcp,tcp.prot == 1",
                           "io,stat",
                           "io,stat,",
                           "io,stat,x",
                           "io,stat,-1",
                           "io,stat,1,SUM(ip.src)",
                           "io,stat,1,SUM(frame.len",
                           "io,stat,1,AVG(nosuch)",
                           "follow,tcp",
                           "follow,tcp,ascii",
                           "follow,tcp,loud,0",
                           "follow,tcp,ascii,x",
                           "follow,tcp,ascii,0,1,2",
                           "follow,tcp,ascii,10.0.0.1:1",
                           "io,phsx",
                           "expert,loud",
                           "flow,tcp",
                           "flow,tcp,loud",
                           "flow,icmp,standard"}) {
    const auto report = make_report(text);
    ASSERT_FALSE(report) << text;
    EXPECT_EQ(report.error().exit, Exit::bad_input) << text;
  }
  EXPECT_NE(make_report("conv,tpc").error().sentence.find("conv,tcp"), std::string::npos);
}

}  // namespace
}  // namespace trama::stats
