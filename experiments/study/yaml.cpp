#include "experiments/study/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <charconv>
#include <map>
#include <optional>
#include <sstream>
#include <vector>

#include "core/error.h"
#include "core/text.h"

namespace vernier::experiments {
namespace {

constexpr std::size_t most_bytes = 1 << 20;
constexpr std::size_t most_levels = 64;
constexpr std::size_t most_values = 100000;

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

bool looks_numeric(const std::string& text) {
  if (text.find_first_of("0123456789") == std::string::npos) return false;
  return text.find_first_not_of("0123456789+-.eE") == std::string::npos;
}

std::optional<Json> integer(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const char* end = text.data() + text.size();
  std::int64_t value = 0;
  if (auto [at, error] = std::from_chars(text.data(), end, value);
      error == std::errc() && at == end)
    return Json(value);
  std::uint64_t wide = 0;
  if (auto [at, error] = std::from_chars(text.data(), end, wide); error == std::errc() && at == end)
    return Json(wide);
  return std::nullopt;
}

std::size_t size_of(const Json& json) {
  std::size_t size = 1;
  if (json.is_structured())
    for (const Json& entry : json) size += size_of(entry);
  return size;
}

class Builder final : public YAML::EventHandler {
 public:
  explicit Builder(std::string name) : name_(std::move(name)) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(Json(nullptr), mark, anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end())
      fail_at(mark, "an alias to a value that is not complete; expected one before it");
    count_ += size_of(known->second);
    add(known->second, mark, 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_tag(mark, tag);
    if (!frames_.empty() && frames_.back().json.is_object() && !frames_.back().key)
      return take_key(value, mark);
    add(tag == "!" ? Json(value) : plain(value, mark), mark, anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Json::array(), mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Json::object(), mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

  Document take() { return std::move(document_); }

 private:
  struct Frame {
    Json json;
    std::string path;
    YAML::Mark mark;
    YAML::anchor_t anchor = 0;
    std::optional<std::string> key;
  };

  std::string at(const YAML::Mark& mark) const {
    return fmt::format("{}:{}:{}", name_, mark.line + 1, mark.column + 1);
  }
  [[noreturn]] void fail_at(const YAML::Mark& mark, const std::string& text) const {
    throw UsageError(at(mark) + ": " + text);
  }
  void check_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (!tag.empty() && tag != "?" && tag != "!")
      fail_at(mark, fmt::format("tag '{}'; expected a value without a tag", printable(tag)));
  }

  std::string path_of_next() const {
    if (frames_.empty()) return {};
    const Frame& frame = frames_.back();
    const std::string last = frame.key ? *frame.key : std::to_string(frame.json.size());
    return frame.path.empty() ? last : frame.path + "." + last;
  }

  void take_key(const std::string& key, const YAML::Mark& mark) {
    Frame& frame = frames_.back();
    if (frame.json.contains(key))
      fail_at(mark, fmt::format("[{}] is there twice; expected every key once", printable(key)));
    frame.key = key;
    document_.places.set(path_of_next(), {at(mark), at(mark)});
  }

  Json plain(const std::string& text, const YAML::Mark& mark) const {
    if (text.empty() || text == "~" || lower(text) == "null") return nullptr;
    const std::string word = lower(text);
    if (word == "true" || word == "false") return word == "true";
    if (word == "yes" || word == "no" || word == "on" || word == "off")
      fail_at(mark,
              fmt::format("[{}] found {}, which YAML versions read differently; expected true "
                          "or false, or the word in quotes",
                          printable(path_of_next()), text));
    if (word == ".nan" || word == ".inf" || word == "+.inf" || word == "-.inf")
      fail_at(mark, fmt::format("[{}] found {}; expected a finite number",
                                printable(path_of_next()), text));
    if (!looks_numeric(text)) return text;
    if (auto whole = integer(text)) return *whole;
    std::string_view number = text;
    if (number.starts_with('+')) number.remove_prefix(1);
    if (const auto real = parse_double(number)) return *real;
    return text;
  }

  void open(Json empty, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    check_tag(mark, tag);
    if (frames_.size() >= most_levels)
      fail_at(mark, fmt::format("more than {} levels; expected fewer", most_levels));
    if (!frames_.empty() && frames_.back().json.is_object() && !frames_.back().key)
      fail_at(mark, "a list or section as a key; expected a name");
    frames_.push_back({std::move(empty), path_of_next(), mark, anchor, std::nullopt});
  }

  void close() {
    Frame done = std::move(frames_.back());
    frames_.pop_back();
    add(std::move(done.json), done.mark, done.anchor);
  }

  void add(Json value, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (++count_ > most_values)
      fail_at(mark, fmt::format("more than {} values; expected fewer", most_values));
    if (anchor != 0) anchors_[anchor] = value;
    if (frames_.empty()) {
      document_.json = std::move(value);
      return;
    }
    Frame& frame = frames_.back();
    if (frame.json.is_array()) {
      document_.places.set(path_of_next(), {at(mark), at(mark)});
      frame.json.push_back(std::move(value));
    } else {
      if (!frame.key) fail_at(mark, "no name before the colon; expected a key");
      document_.places.set_value(path_of_next(), at(mark));
      frame.json[*frame.key] = std::move(value);
      frame.key.reset();
    }
  }

  std::string name_;
  std::vector<Frame> frames_;
  std::map<YAML::anchor_t, Json> anchors_;
  std::size_t count_ = 0;
  Document document_;
};

void refuse_foreign_bytes(const std::string& text, const std::string& name) {
  if (text.size() > most_bytes)
    fail<UsageError>("{}: {} bytes; expected a study file of at most 1 MB", name, text.size());
  int line = 1;
  std::istringstream lines(text);
  for (std::string row; std::getline(lines, row); ++line) {
    bool good = row.find('\0') == std::string::npos;
    try {
      (void)Json(row).dump();
    } catch (const Json::exception&) {
      good = false;
    }
    if (!good)
      fail<UsageError>("{}:{}:1: bytes that are not UTF-8 text; expected a YAML file", name, line);
  }
}

}  // namespace

Document read_yaml(const std::string& text, const std::string& name) {
  refuse_foreign_bytes(text, name);
  std::istringstream stream(text);
  Builder builder(name);
  try {
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    Document document = builder.take();
    Builder more(name);
    if (parser.HandleNextDocument(more))
      fail<UsageError>("{}: a second document; expected one", name);
    return document;
  } catch (const YAML::Exception& error) {
    if (error.mark.is_null()) fail<UsageError>("{}: {}; expected YAML", name, printable(error.msg));
    fail<UsageError>("{}:{}:{}: {}; expected YAML", name, error.mark.line + 1,
                     error.mark.column + 1, printable(error.msg));
  }
}

}  // namespace vernier::experiments
