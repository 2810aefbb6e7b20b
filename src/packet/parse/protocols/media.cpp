// Bodies by their media type (RFC 6838): lines of text, forms, and what is only named.
#include "packet/parse/protocols/media.h"

#include <algorithm>
#include <cstring>

#include "packet/parse/lines.h"
#include "wire/registry.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: tables of fields

constexpr auto form_fields = std::to_array<Field>({
    {"urlencoded-form.key",   0, Show::text, N_("name of an item of a form")     },
    {"urlencoded-form.value", 0, Show::text, N_("what was filled in for an item")},
});
constexpr auto media_fields = std::to_array<Field>({
    {"media.type", 0, Show::bytes, N_("bytes of a body of another kind")},
});

constexpr std::string_view text_types[] = {
    "text/plain",    "text/html",       "text/css",
    "text/richtext", "text/javascript", "application/x-javascript",
    "text/enriched", "text/parameters", "application/x-ns-proxy-autoconfig"};

// Kinds that tshark reads and that are only named here.
struct Foreign {
  std::string_view type, word;
};
constexpr Foreign foreign_types[] = {
    {"message/http",                  "message-http"},
    {"application/ocsp-",             "ocsp"        },
    {"application/pkix-crl",          "x509af"      },
    {"application/grpc",              "grpc"        },
    {"application/cbor",              "cbor"        },
    {"application/dns-message",       "dns"         },
    {"application/timestamp-",        "pkixtsp"     },
    {"application/vnd.ms-sync.wbxml", "wbxml"       },
    {"application/vnd.wap.wmlc",      "wbxml"       },
    {"application/ipp",               "ipp"         },
    {"video/mp2t",                    "mp2t"        },
    {"application/ms-tnef",           "tnef"        },
};

bool read_lines(Message& message) {
  message.enter(data_text_lines.header);
  return true;
}

bool read_other(Message& message) {
  message.enter(media.header);
  message.put_bytes(in(media_fields, "media.type"), 0, message.captured);
  return true;
}

bool read_nameless(Message& message) {
  message.enter(data);
  message.put_bytes(in(data_found, "data.data"), 0, message.captured);
  message.put_found(in(data_found, "data.len"), message.length);
  return true;
}

const Parser nameless{.header = data, .read = read_nameless};

// "%41" and "+" stand for "A" and a blank.
std::string_view clear_text(Message& message, std::string_view coded) {
  if (coded.find_first_of("%+") == coded.npos) return coded;
  u8* clear = message.keep(coded.size());
  std::size_t size = 0;
  const auto digit = [](char c) {
    const auto value = std::string_view{"0123456789abcdefABCDEF"}.find(c);
    return value == std::string_view::npos ? 16U
                                           : static_cast<unsigned>(value < 16 ? value : value - 6);
  };
  for (std::size_t i = 0; i < coded.size(); ++i) {
    if (coded[i] == '%' && i + 2 < coded.size() + 0U && digit(coded[i + 1]) < 16 &&
        digit(coded[i + 2]) < 16) {
      clear[size++] = static_cast<u8>(digit(coded[i + 1]) << 4 | digit(coded[i + 2]));
      i += 2;
    } else {
      clear[size++] = coded[i] == '+' ? u8{' '} : static_cast<u8>(coded[i]);
    }
  }
  return {reinterpret_cast<const char*>(clear), size};
}

bool read_form(Message& message) {
  message.enter(urlencoded_form.header);
  if (!message.rows()) return true;
  auto left = message.text(0, message.captured);
  u32 at = 0;
  while (!left.empty()) {
    const auto item = left.substr(0, left.find('&'));
    const auto key = item.substr(0, item.find('='));
    const auto value = item.substr(std::min(key.size() + 1, item.size()));
    message.put_text(in(form_fields, "urlencoded-form.key"), at, static_cast<u32>(key.size()),
                     clear_text(message, key));
    message.put_text(in(form_fields, "urlencoded-form.value"),
                     at + static_cast<u32>(item.size() - value.size()),
                     static_cast<u32>(value.size()), clear_text(message, value));
    const auto step = std::min(item.size() + 1, left.size());
    left.remove_prefix(step);
    at += static_cast<u32>(step);
  }
  return true;
}

// The type without its parameters, in lower case.
std::string_view base_type(std::string_view text, std::array<char, 80>& room) {
  const auto size = std::min({text.find_first_of("; \t"), text.size(), room.size()});
  std::transform(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size), room.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return {room.data(), size};
}

bool is_json(std::string_view type) {
  return type == "application/json" || type == "application/problem+json" ||
         type == "application/jsonrequest" || type == "application/json-rpc";
}

bool is_xml(std::string_view type) {
  return type != "application/xhtml+xml" &&
         (type == "text/xml" || type == "application/xml" || type.ends_with("+xml") ||
          type == "text/vnd.wap.wml" || type == "application/xml-dtd");
}

bool read_xml(Message& message) {
  message.enter(xml.header);
  return true;
}

}  // namespace

void read_media(Message& message, std::string_view content_type, const u8* bytes, u32 count) {
  std::array<char, 80> room;
  const auto type = base_type(content_type, room);
  const bool form = type == "application/x-www-form-urlencoded";
  const bool text =
      std::find(std::begin(text_types), std::end(text_types), type) != std::end(text_types);
  auto& info = message.info();
  if (type == "application/octet-stream") {
    message.carry(nameless, bytes, count);
    return;
  }
  if (is_json(type)) {
    message.protocol("HTTP/JSON");
    info += ", JavaScript Object Notation (";
    info.append(type) += ')';
    message.carry(json, bytes, count);
    return;
  }
  if (is_xml(type)) {
    message.protocol("HTTP/XML");
    message.carry(xml, bytes, count);
    return;
  }
  if (type.starts_with("multipart/")) {
    message.carry(mime_multipart, bytes, count, nullptr, content_type);
    return;
  }
  if (type == "message/rfc822") {
    message.protocol("HTTP/IMF");
    info.clear();
    message.carry(imf, bytes, count);
    return;
  }
  for (const Foreign& foreign : foreign_types)
    if (type.starts_with(foreign.type)) return message.path(foreign.word);
  if (!form && !text)
    for (const Parser* picture : {&image_gif, &image_jfif, &png})
      if (message.carry(*picture, bytes, count)) return;
  if (type.empty()) {
    message.carry(nameless, bytes, count);
    return;
  }
  info += " (";
  info.append(type) += ')';
  message.carry(form ? urlencoded_form : text ? data_text_lines : media, bytes, count);
}

const Parser data_text_lines{
    .header = {.word = "data-text-lines", .name = "Line-based text data", .layer = 7, .fields = {}},
    .read = read_lines
};
const Parser xml{
    .header = {.word = "xml", .name = "eXtensible Markup Language", .layer = 7, .fields = {}},
    .read = read_xml
};
const Parser media{
    .header =
        {.word = "media", .name = "Media Type", .layer = 7, .fields = {}, .found = media_fields},
    .read = read_other
};
const Parser urlencoded_form{
    .header = {.word = "urlencoded-form",
               .name = "HTML Form URL Encoded",
               .layer = 7,
               .fields = {},
               .found = form_fields},
    .read = read_form
};

}  // namespace trama::parse
