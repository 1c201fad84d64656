#include "tree.hpp"

#include <openssl/crypto.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <map>
#include <optional>
#include <sstream>

namespace spillway::config {
namespace {

constexpr std::size_t max_depth = 64;
constexpr std::size_t max_values = 200'000;

// Ends the parse from inside an event, which is the only way to stop yaml-cpp.
struct Refused {
  Position position;
  std::string message;
};

Position at(const YAML::Mark& mark) {
  return {mark.line + 1, mark.column + 1};
}

// yaml-cpp's events, made into nodes. Events come before the parser descends, so refusing one bounds its recursion.
class Builder final : public YAML::EventHandler {
 public:
  std::shared_ptr<Node> root() { return std::move(root_); }
  bool started() const noexcept { return started_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (started_) throw Refused{at(mark), "a second document (a configuration is one document)"};
    started_ = true;
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Position position = at(mark);
    // The mark of a value that is not there is that of whatever comes next.
    if (!open_.empty()) position = open_.back().key ? open_.back().key->position : open_.back().node->position;
    add(std::make_shared<Node>(Node::Kind::null, position), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Refused{at(mark), "an alias of a value it stands in"};
    if (found->second->kind == Node::Kind::scalar && expects_key()) {
      throw Refused{at(mark), "an alias as a key (write the key out)"};
    }
    add(found->second, 0);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_tag(mark, tag);
    auto node = std::make_shared<Node>(Node::Kind::scalar, at(mark));
    node->text = value;
    add(node, anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    enter(Node::Kind::list, mark, tag, anchor);
  }
  void OnSequenceEnd() override { leave(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    enter(Node::Kind::map, mark, tag, anchor);
  }
  void OnMapEnd() override { leave(); }

 private:
  struct Open {
    std::shared_ptr<Node> node;
    YAML::anchor_t anchor = 0;
    std::shared_ptr<Node> key;  // read, its value not yet
  };

  bool expects_key() const { return !open_.empty() && open_.back().node->kind == Node::Kind::map && !open_.back().key; }

  static void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!" || tag.starts_with("tag:yaml.org,2002:")) return;
    throw Refused{at(mark), "a YAML tag (tags are not used here; quote a value that begins with !)"};
  }

  void enter(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    check_tag(mark, tag);
    if (open_.size() == max_depth) throw Refused{at(mark), "nested too deeply (at most 64 levels)"};
    if (expects_key()) throw Refused{at(mark), "a list or map as a key (a key is a word)"};
    open_.push_back({std::make_shared<Node>(kind, at(mark)), anchor, nullptr});
  }

  void leave() {
    const Open done = std::move(open_.back());
    open_.pop_back();
    add(done.node, done.anchor);
  }

  void add(std::shared_ptr<Node> node, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = node;
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    parent.node->weight += node->weight;
    if (parent.node->weight > max_values)
      throw Refused{node->position, "too many values (at most 200000, aliases included)"};
    if (parent.node->kind == Node::Kind::list) {
      parent.node->items.push_back(std::move(node));
    } else if (!parent.key) {
      if (node->kind != Node::Kind::scalar) throw Refused{node->position, "a key that is not a word"};
      parent.key = std::move(node);
    } else {
      parent.node->entries.push_back({std::move(parent.key), std::move(node)});
      parent.key = nullptr;
    }
  }

  std::vector<Open> open_;
  std::map<YAML::anchor_t, std::shared_ptr<Node>> anchors_;
  std::shared_ptr<Node> root_;
  bool started_ = false;
};

// yaml-cpp ends its input silently at some control characters, so they are refused before it sees them.
std::optional<Problem> control_character(std::string_view yaml) {
  Position position{1, 1};
  for (const char c : yaml) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F) {
      return Problem{position.line, position.column, {}, "a control character (the file must be text in UTF-8)"};
    }
    if (c == '\n') {
      ++position.line;
      position.column = 1;
    } else {
      ++position.column;
    }
  }
  return std::nullopt;
}

std::string_view line_of(std::string_view yaml, int line) {
  for (int i = 1; i < line && !yaml.empty(); ++i) {
    const std::size_t end = yaml.find('\n');
    yaml.remove_prefix(end == std::string_view::npos ? yaml.size() : end + 1);
  }
  return yaml.substr(0, yaml.find('\n'));
}

// yaml-cpp's own words can end in a piece of the file; only the fixed part is passed on.
std::string syntax_message(const std::string& message, std::string_view line) {
  std::string text = "not valid YAML: " + message.substr(0, message.find(':'));
  if (line.find("${") != std::string_view::npos)
    text += " (put quotes around a value with ${...}, in [] and {} above all)";
  return text;
}

}  // namespace

Node::~Node() {
  OPENSSL_cleanse(text.data(), text.size());
  OPENSSL_cleanse(literal.data(), literal.size());
}

const Entry* Node::find(std::string_view key) const noexcept {
  for (const Entry& entry : entries) {
    if (entry.key->text == key) return &entry;
  }
  return nullptr;
}

std::variant<std::shared_ptr<Node>, Problem> parse_tree(std::string_view yaml) {
  if (yaml.size() > max_file_size) return Problem{0, 0, {}, "the file is too large (at most 4MiB)"};
  if (auto problem = control_character(yaml)) return *problem;
  Builder builder;
  try {
    std::istringstream stream{std::string(yaml)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Refused& refused) {
    return Problem{refused.position.line, refused.position.column, {}, refused.message};
  } catch (const YAML::Exception& error) {
    if (error.mark.is_null()) return Problem{0, 0, {}, syntax_message(error.msg, {})};
    const Position position = at(error.mark);
    return Problem{position.line, position.column, {}, syntax_message(error.msg, line_of(yaml, position.line))};
  }
  std::shared_ptr<Node> root = builder.root();
  if (!root || root->kind == Node::Kind::null) {
    return Problem{0, 0, {}, "the file is empty (a configuration needs at least listeners, backends and pools)"};
  }
  return root;
}

}  // namespace spillway::config
