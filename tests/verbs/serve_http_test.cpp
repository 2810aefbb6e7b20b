// `trama serve --root`: curl, Python's client, and bytes by hand.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "kit/serving.h"

namespace trama::tests {
namespace {

constexpr std::size_t all = 100'000'000;

std::string pattern(std::size_t size) {
  std::string data(size, '\0');
  for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<char>('a' + i * 7 % 26);
  return data;
}

struct Site {
  Site() {
    std::filesystem::create_directories(folder.path("root/sub/deep"));
    std::filesystem::create_directories(folder.path("root/with"));
    std::ofstream{folder.path("root/a.txt")} << "hello\n";
    std::ofstream{folder.path("root/empty")} << "";
    std::ofstream{folder.path("root/olá b.html")} << "<p>";
    std::ofstream{folder.path("root/with/index.html")} << "<h1>index";
    std::ofstream{folder.path("root/.hidden")} << "hidden";
    std::ofstream{folder.path("secret")} << "secret";
    std::ofstream{folder.path("root/big"), std::ios::binary} << data;
    std::filesystem::create_symlink("../secret", folder.path("root/link"));
    mkfifo(folder.path("root/fifo").c_str(), 0600);
  }
  [[nodiscard]] std::string root() const { return folder.path("root"); }
  Folder folder;
  std::string data = pattern(5'000'000);
};

// What comes for these bytes, until the server closes.
std::string ask(unsigned short port, std::string_view request) {
  const Fd socket = client("127.0.0.1", port);
  put(socket, request);
  shutdown(socket.get(), SHUT_WR);
  return take(socket, all);
}

std::string get(unsigned short port, const std::string& target, const std::string& fields = {}) {
  return ask(port, "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n");
}

Ended curl(std::vector<std::string> words) {
  words.insert(words.begin(), {"curl", "-sS", "--max-time", "20", "--noproxy", "*"});
  return run(words);
}

TEST(ServeHttp, GivesFilesTypesAndLengths) {
  const Site site;
  Server server{
      {"--root", site.root(), "tcp", "0"}
  };
  const auto port = server.port("tcp");
  const auto text = get(port, "/a.txt");
  EXPECT_TRUE(text.starts_with("HTTP/1.1 200 OK\r\n")) << text;
  EXPECT_NE(text.find("\r\nContent-Type: text/plain; charset=utf-8\r\n"), std::string::npos);
  EXPECT_NE(text.find("\r\nContent-Length: 6\r\n"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\r\n\r\nhello\n")) << text;
  server.wait_for("GET /a.txt  200, 6 bytes");
  EXPECT_TRUE(get(port, "/ol%C3%A1%20b.html").ends_with("\r\n\r\n<p>"));
  EXPECT_TRUE(get(port, "/empty").ends_with("Content-Length: 0\r\nConnection: keep-alive\r\n\r\n"));
  EXPECT_TRUE(get(port, "/with/").ends_with("<h1>index"));
  EXPECT_NE(get(port, "/with").find("301 Moved Permanently\r\n"), std::string::npos);
  EXPECT_NE(get(port, "//sub").find("\r\nLocation: /sub/\r\n"), std::string::npos);
  const auto page = get(port, "/");
  EXPECT_NE(page.find("<a href=\"./ol%C3%A1%20b.html\">olá b.html</a>"), std::string::npos) << page;
  EXPECT_EQ(page.find("hidden"), std::string::npos);
}

TEST(ServeHttp, RefusesWhatItDoesNotGive) {
  const Site site;
  Server server{
      {"--root", site.root(), "tcp", "0"}
  };
  const auto port = server.port("tcp");
  const auto status = [&](const std::string& request) { return ask(port, request).substr(9, 3); };
  const auto of = [&](const std::string& target) { return get(port, target).substr(9, 3); };
  EXPECT_EQ(of("/nothing"), "404");
  EXPECT_EQ(of("/a.txt/"), "404");
  EXPECT_EQ(of("/a.txt/b"), "404");
  EXPECT_EQ(of("/.hidden"), "404");
  EXPECT_EQ(of("/../secret"), "404");
  EXPECT_EQ(of("/sub/..%2f..%2fsecret"), "404");
  EXPECT_EQ(of("/%2e%2e/secret"), "404");
  EXPECT_EQ(of("/link"), "403");
  EXPECT_EQ(of("/fifo"), "403");
  EXPECT_EQ(of("/%zz"), "400");
  EXPECT_EQ(of("/" + std::string(5000, 'n')), "404");
  EXPECT_EQ(status("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"), "405");
  EXPECT_EQ(status("GET / HTTP/1.1\r\n\r\n"), "400");
  EXPECT_EQ(status("GET / HTTP/2.0\r\n\r\n"), "505");
  EXPECT_EQ(status("\x16\x03\x01\x02"), "400");
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: x\r\na: " + std::string(20'000, 'x') + "\r\n\r\n"),
            "431");
  EXPECT_EQ(status("GET /" + std::string(9000, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n"), "414");
  EXPECT_NE(ask(port, "PUT / HTTP/1.1\r\nHost: x\r\n\r\n").find("\r\nAllow: GET, HEAD\r\n"),
            std::string::npos);
}

TEST(ServeHttp, PipelinedRequestsAreAnsweredInOrder) {
  const Site site;
  Server server{
      {"--root", site.root(), "tcp", "0"}
  };
  const auto port = server.port("tcp");
  const std::string one = "GET /a.txt HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string big = "GET /big HTTP/1.1\r\nHost: x\r\nRange: bytes=0-2999999\r\n\r\n";
  const std::string head = "HEAD /big HTTP/1.1\r\nHost: x\r\n\r\n";
  const auto text = ask(port, one + big + head + "\r\n" + one);
  std::size_t at = 0;
  for (const auto* part : {"200 OK", "\r\n\r\nhello\n", "206 Partial",
                           "\r\nContent-Length: 5000000", "200 OK", "\r\n\r\nhello\n"}) {
    at = text.find(part, at);
    ASSERT_NE(at, std::string::npos) << part;
  }
  const auto body = text.find("\r\n\r\n", text.find("206 Partial")) + 4;
  EXPECT_EQ(text.substr(body, 3'000'000), site.data.substr(0, 3'000'000));
  EXPECT_TRUE(text.substr(body + 3'000'000).starts_with("HTTP/1.1 200 OK"));
  // A thousand of them in one go, of which the client reads nothing until all are sent.
  std::string many;
  for (int i = 0; i < 1000; ++i) many += one;
  const auto answers = ask(port, many);
  std::size_t count = 0;
  for (auto next = answers.find("\r\n\r\nhello\n"); next != answers.npos;
       next = answers.find("\r\n\r\nhello\n", next + 1))
    ++count;
  EXPECT_EQ(count, 1000U);
}

TEST(ServeHttp, CurlGetsRangesHeadsAndResumes) {
  for (const bool tls : {false, true}) {
    const Site site;
    std::vector<std::string> words{"--root", site.root(), "--log", site.folder.path("log"),
                                   "tcp",    "0"};
    if (tls) words.insert(words.begin(), "--tls");
    Server server{words};
    const auto base =
        std::string{tls ? "https" : "http"} + "://127.0.0.1:" + std::to_string(server.port("tcp"));
    EXPECT_EQ(curl({"-k", base + "/big"}).out, site.data);
    EXPECT_EQ(curl({"-k", "-r", "10-19", base + "/big"}).out, site.data.substr(10, 10));
    EXPECT_EQ(curl({"-k", "-r", "-5", base + "/big"}).out, site.data.substr(site.data.size() - 5));
    EXPECT_EQ(
        curl({"-k", "-o", "/dev/null", "-w", "%{http_code}", "-r", "5000000-", base + "/big"}).out,
        "416");
    EXPECT_NE(curl({"-k", "-I", base + "/big"}).out.find("Content-Length: 5000000"),
              std::string::npos);
    const auto part = site.folder.path("part");
    std::ofstream{part, std::ios::binary} << site.data.substr(0, 1'234'567);
    EXPECT_EQ(curl({"-k", "-C", "-", "-o", part, base + "/big"}).status, 0);
    EXPECT_EQ(read_file(part), site.data);
    // Two URLs on one connection.
    const auto two = curl({"-k", "-w", "%{num_connects}\n", base + "/a.txt", base + "/a.txt"});
    EXPECT_EQ(two.out, "hello\n1\nhello\n0\n") << two.err;
    const auto date =
        curl({"-k", "-o", "/dev/null", "-w", "%{http_code}", "-z", "1 Jan 2100", base + "/a.txt"});
    EXPECT_EQ(date.out, "304");
  }
}

TEST(ServeHttp, PythonsClientKeepsItsConnection) {
  const Site site;
  Server server{
      {"--root", site.root(), "tcp", "0"}
  };
  const Ended ended = run(
      {"python3", "-c",
       "import http.client, sys\n"
       "c = http.client.HTTPConnection('127.0.0.1', int(sys.argv[1]))\n"
       "for method, path in (('GET', '/a.txt'), ('HEAD', '/big'), ('GET', '/none'), ('GET', "
       "'/a.txt')):\n"
       "    c.request(method, path); r = c.getresponse(); print(r.status, len(r.read()), "
       "r.will_close)\n"
       "    socket = c.sock\n"
       "c.request('POST', '/', b'x' * 10000); r = c.getresponse(); print(r.status, r.will_close)\n",
       std::to_string(server.port("tcp"))});
  EXPECT_EQ(ended.out, "200 6 False\n200 0 False\n404 14 False\n200 6 False\n405 True\n")
      << ended.err;
  server.wait_for("#1 tcp");
  server.signal(SIGINT);
  EXPECT_NE(server.wait().out.find("\n1 connection,"), std::string::npos);
}

TEST(ServeHttp, AHeadThatDripsIsGivenTenSeconds) {
  const Site site;
  Server server{
      {"--root", site.root(), "tcp", "0"}
  };
  const Fd socket = client("127.0.0.1", server.port("tcp"));
  put(socket, "GET / HT");
  const auto before = std::chrono::steady_clock::now();
  pollfd ready{socket.get(), POLLIN, 0};
  while (poll(&ready, 1, 500) == 0) send(socket.get(), "x", 1, MSG_NOSIGNAL);
  EXPECT_TRUE(take(socket, all).starts_with("HTTP/1.1 408 Request Timeout\r\n"));
  EXPECT_LT(std::chrono::steady_clock::now() - before, 15s);
}

TEST(ServeHttp, AReaderThatStopsCostsLittleAndAFileThatShrinksIsNoLie) {
  const Site site;
  Server server{
      {"--root", site.root(), "--quiet", "tcp", "0"}
  };
  const auto port = server.port("tcp");
  const long before = resident_kib(server.pid());
  std::vector<Fd> stopped;
  for (int i = 0; i < 50; ++i) {
    stopped.push_back(client("127.0.0.1", port));
    for (int k = 0; k < 20; ++k) put(stopped.back(), "GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  EXPECT_TRUE(get(port, "/a.txt").ends_with("hello\n"));
  EXPECT_TRUE(sanitized || resident_kib(server.pid()) < before + 8192);
  std::filesystem::resize_file(site.folder.path("root/big"), 100);
  const auto text = take(stopped[0], all);
  EXPECT_LT(text.size(), 5'000'000U);  // cut off: nobody takes that for the whole
  EXPECT_NE(text.find("Content-Length: 5000000"), std::string::npos);
}

TEST(ServeHttp, TheAccessLogHasALineForEachRequest) {
  const Site site;
  for (const bool json : {false, true}) {
    const auto log = site.folder.path(json ? "json" : "text");
    std::vector<std::string> words{"--root", site.root(), "--access-log", log, "tcp", "0"};
    if (json) words.insert(words.begin(), "--json");
    Server server{words};
    const auto port = port_in(server.wait_for("127.0.0.1"));
    get(port, "/a.txt\"\x1b[31m");
    get(port, "/a.txt");
    server.signal(SIGINT);
    server.wait();
    const auto text = read_file(log);
    EXPECT_NE(text.find(json ? R"("method":"GET","target":"/a.txt","status":200,"bytes":6})"
                             : " \"GET /a.txt\" status=200 bytes=6\n"),
              std::string::npos)
        << text;
    EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
    EXPECT_NE(text.find(json ? R"("status":400)" : "status=400"), std::string::npos) << text;
  }
}

TEST(ServeHttp, SigtermSendsTheFileToItsEnd) {
  const Site site;
  Server server{
      {"--root", site.root(), "--quiet", "tcp", "0"}
  };
  const Fd socket = client("127.0.0.1", server.port("tcp"));
  put(socket, "GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
  take(socket, 10);
  server.signal(SIGTERM);
  server.wait_for("ending: 1 connection");
  EXPECT_TRUE(take(socket, all).ends_with(site.data));
  EXPECT_EQ(server.wait().status, 0);
}

TEST(ServeHttp, ThePageSpeaksPortugueseAndUsageIsChecked) {
  const Site site;
  Server server{
      {"--lang", "pt_BR", "--json", "--root", site.root(), "tcp", "0"}
  };
  EXPECT_NE(get(port_in(server.wait_for("127.0.0.1")), "/").find("<h1>Índice de /</h1>"),
            std::string::npos);
  EXPECT_EQ(run(trama({"serve", "--mode", "http"})).status, 2);
  EXPECT_EQ(run(trama({"serve", "--root", site.folder.path("secret")})).status, 2);
  EXPECT_EQ(run(trama({"serve", "--root", site.root(), "udp", "0"})).status, 2);
}

}  // namespace
}  // namespace trama::tests
