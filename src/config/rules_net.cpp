#include <arpa/inet.h>

#include <algorithm>

#include "rules.hpp"
#include "spillway/base/text.hpp"

namespace spillway::config {
namespace {

bool is_ipv4(const std::string& text) {
  in_addr address{};
  return inet_pton(AF_INET, text.c_str(), &address) == 1;
}

bool is_ipv6(const std::string& text) {
  in6_addr address{};
  return inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

// The one way of writing an IPv6 address (RFC 5952), so that equal addresses compare equal.
std::string normal_ipv6(const std::string& text) {
  in6_addr address{};
  char buffer[INET6_ADDRSTRLEN] = {};
  inet_pton(AF_INET6, text.c_str(), &address);
  return inet_ntop(AF_INET6, &address, buffer, sizeof buffer);
}

// A name of RFC 1123 2.1; `_` too, which container networks use.
bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  const bool numeric = host.find_first_not_of("0123456789.") == std::string_view::npos;
  if (numeric) return is_ipv4(std::string(host));
  while (true) {
    const std::string_view label = host.substr(0, host.find('.'));
    const bool good =
        !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
        std::all_of(label.begin(), label.end(), [](char c) {
          return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        });
    if (!good) return false;
    if (label.size() == host.size()) return true;
    host.remove_prefix(label.size() + 1);
  }
}

struct HostPort {
  std::string_view host;  // without brackets
  std::string_view port;  // empty = none given
  bool bracketed = false;
};

// `host`, `host:port`, `[v6]`, `[v6]:port`.
std::optional<HostPort> split(std::string_view text) {
  HostPort out;
  std::size_t after = 0;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    out.host = text.substr(1, end - 1);
    out.bracketed = true;
    after = end + 1;
  } else {
    after = std::min(text.find(':'), text.size());
    out.host = text.substr(0, after);
  }
  if (after == text.size()) return out;
  if (text[after] != ':' || after + 1 == text.size()) return std::nullopt;
  out.port = text.substr(after + 1);
  return out;
}

constexpr std::string_view address_form = "host:port, such as 0.0.0.0:8443, 127.0.0.1:0 or [::]:8443";

std::optional<Address> parse_address(std::string_view text) {
  const auto parts = split(text);
  if (!parts) return std::nullopt;
  const auto port = parse_number<std::uint16_t>(parts->port);
  if (!port) return std::nullopt;
  std::string host = lower(parts->host);
  if (parts->bracketed) {
    if (!is_ipv6(host)) return std::nullopt;
    return Address{normal_ipv6(host), *port};
  }
  if (host == "localhost") host = "127.0.0.1";
  if (!is_ipv4(host)) return std::nullopt;
  return Address{host, *port};
}

constexpr std::string_view path_form = "/ followed by visible ASCII characters; no ?, #, //, . or .. segment";

// What a request's path may look like after the checks every path goes through, so that the prefix can match at all.
bool is_path(std::string_view path) {
  if (!path.starts_with('/')) return false;
  if (!std::all_of(path.begin(), path.end(),
                   [](char c) { return c > 0x20 && c < 0x7F && c != '?' && c != '#' && c != '\\'; })) {
    return false;
  }
  path.remove_prefix(1);
  while (!path.empty()) {
    const std::string_view segment = path.substr(0, path.find('/'));
    if (segment.empty() || segment == "." || segment == "..") return false;
    path.remove_prefix(std::min(path.size(), segment.size() + 1));
  }
  return true;
}

std::string_view without_trailing_slash(std::string_view path) {
  if (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

// Why `text` is no URL of a backend, or nothing and `url` is filled in.
std::string_view parse_url(std::string_view text, BackendUrl& url) {
  const std::size_t scheme_end = text.find("://");
  const std::string scheme = lower(text.substr(0, scheme_end == std::string_view::npos ? 0 : scheme_end));
  if (scheme != "https" && scheme != "http") return "does not begin with https:// or http://";
  url.tls = scheme == "https";
  url.port = url.tls ? 443 : 80;
  std::string_view rest = text.substr(scheme_end + 3);
  if (rest.find('?') != std::string_view::npos) return "has a query";
  if (rest.find('#') != std::string_view::npos) return "has a fragment";
  const std::string_view authority = rest.substr(0, rest.find('/'));
  rest.remove_prefix(authority.size());
  if (authority.find('@') != std::string_view::npos) return "has a user name (give credentials in auth)";
  const auto parts = split(authority);
  if (!parts) return "has no usable host";
  url.host = lower(parts->host);
  if (parts->bracketed ? !is_ipv6(url.host) : !is_host_name(url.host)) return "has no usable host";
  if (parts->bracketed) url.host = normal_ipv6(url.host);
  if (!parts->port.empty()) {
    const auto port = parse_number<std::uint16_t>(parts->port);
    if (!port || *port == 0) return "has no usable port";
    url.port = *port;
  }
  if (!rest.empty() && !is_path(rest)) return "has no usable path";
  url.path_prefix = without_trailing_slash(rest);
  return {};
}

}  // namespace

std::optional<BackendUrl> parse_url(std::string_view text) {
  BackendUrl url;
  if (!parse_url(text, url).empty()) return std::nullopt;
  return url;
}

Rule<Address> address() {
  Rule<Address> rule;
  rule.type = "host:port";
  rule.read = [](Reader& reader, const Place& place, Address& out) {
    const auto text = reader.scalar(place, address_form);
    if (!text) return false;
    const auto address = parse_address(*text);
    if (!address) {
      reader.mismatch(place, text->empty() ? "is empty" : "is not an address", address_form);
      return false;
    }
    out = *address;
    return true;
  };
  rule.text = [](const Address& value) { return value.text(); };
  return rule;
}

Rule<BackendUrl> backend_url() {
  Rule<BackendUrl> rule;
  rule.type = "URL";
  rule.read = [](Reader& reader, const Place& place, BackendUrl& out) {
    const auto text = reader.scalar(place, "URL, such as https://contoso.openai.azure.com");
    if (!text) return false;
    const std::string_view wrong = text->empty() ? "is empty" : parse_url(*text, out);
    if (wrong.empty()) return true;
    // Not quoted: a URL is where passwords and keys end up by mistake.
    reader.problem(place, "the URL " + std::string(wrong) + " (write https://HOST, with :PORT and /PREFIX if needed)");
    return false;
  };
  rule.text = [](const BackendUrl& value) { return value.authority(); };
  return rule;
}

Rule<std::string> host_name() {
  Rule<std::string> rule;
  rule.type = "host name";
  rule.read = [](Reader& reader, const Place& place, std::string& out) {
    const auto text = reader.scalar(place, "host name");
    if (!text) return false;
    if (!is_host_name(*text)) {
      reader.mismatch(place, text->empty() ? "is empty" : "is not a host name", "such as contoso.openai.azure.com");
      return false;
    }
    out = lower(*text);
    return true;
  };
  rule.text = [](const std::string& value) { return value; };
  return rule;
}

Rule<std::string> path_prefix() {
  Rule<std::string> rule;
  rule.type = "path";
  rule.read = [](Reader& reader, const Place& place, std::string& out) {
    const auto text = reader.scalar(place, "path, such as /openai");
    if (!text) return false;
    if (!is_path(*text)) {
      reader.mismatch(place, text->empty() ? "is empty" : "is not a usable path", path_form);
      return false;
    }
    out = without_trailing_slash(*text);
    return true;
  };
  rule.text = [](const std::string& value) { return value; };
  return rule;
}

}  // namespace spillway::config
