#include <algorithm>

#include "core/error.h"
#include "core/expr/expr.h"
#include "core/expr/lexer.h"
#include "core/text.h"

namespace vernier::expr {
namespace {

bool is_short_for(std::string_view name, std::string_view full) {
  return full.size() > name.size() && full.ends_with(name) &&
         full[full.size() - name.size() - 1] == '.';
}

class Binder {
 public:
  Binder(const Node& root, std::span<const std::string> known)
      : text_(to_text(root)), known_(known) {}

  /// `word`: an unknown name here is a text.
  void visit(Node& node, bool word) const {
    if (node.op == Op::name) {
      resolve(node, word);
      return;
    }
    for (Node& arg : node.args) visit(arg, names_beside(node, arg));
  }

 private:
  std::vector<std::string> meanings(const std::string& name) const {
    std::vector<std::string> found;
    for (const std::string& full : known_) {
      if (full == name) return {name};
      const bool again = std::find(found.begin(), found.end(), full) != found.end();
      if (is_short_for(name, full) && !again) found.push_back(full);
    }
    return found;
  }

  bool is_known_name(const Node& node) const {
    return node.op == Op::name && !meanings(node.text).empty();
  }

  /// Whether `arg` is compared with a known name: with the other side, or with what is sought in a list.
  bool names_beside(const Node& node, const Node& arg) const {
    switch (node.op) {
      case Op::eq:
      case Op::ne:
      case Op::match:
        return is_known_name(node.args[&arg == &node.args[0] ? 1 : 0]);
      case Op::in:
        return &arg != &node.args[0] && is_known_name(node.args[0]);
      default:
        return false;
    }
  }

  void resolve(Node& node, bool word) const {
    std::vector<std::string> found = meanings(node.text);
    if (found.size() == 1) {
      node.text = std::move(found.front());
    } else if (found.size() > 1) {
      fail<UsageError>("{}'{}' is ambiguous; expected one of {}", error_prefix(text_, node.column),
                       printable(node.text), join(found, ", "));
    } else if (word) {
      node.op = Op::literal;
      node.value = std::exchange(node.text, {});
    } else {
      fail<UsageError>("{}unknown name '{}'{}", error_prefix(text_, node.column),
                       printable(node.text), hint(node.text, candidates()));
    }
  }

  /// Short forms too, so that 'dept' finds 'depth' of model.depth.
  std::vector<std::string> candidates() const {
    std::vector<std::string> names(known_.begin(), known_.end());
    for (const std::string& full : known_) {
      const std::string last = full.substr(full.rfind('.') + 1);
      if (last != full && meanings(last).size() == 1) names.push_back(last);
    }
    return names;
  }

  std::string text_;
  std::span<const std::string> known_;
};

void collect(const Node& node, std::vector<std::string>& found) {
  if (node.op == Op::name && std::find(found.begin(), found.end(), node.text) == found.end()) {
    found.push_back(node.text);
  }
  for (const Node& arg : node.args) collect(arg, found);
}

}  // namespace

void bind(Node& node, std::span<const std::string> known) {
  Binder(node, known).visit(node, false);
}

void name_calls(Node& node, std::span<const std::string_view> functions) {
  for (Node& arg : node.args) name_calls(arg, functions);
  const bool named = node.op == Op::call && node.args.size() == 1 && node.args[0].op == Op::name &&
                     std::find(functions.begin(), functions.end(), node.text) != functions.end();
  if (!named) return;
  node.op = Op::name;
  node.text = fmt::format("{}({})", node.text, node.args[0].text);
  node.args.clear();
}

std::vector<std::string> names(const Node& node) {
  std::vector<std::string> found;
  collect(node, found);
  return found;
}

}  // namespace vernier::expr
