#include "cli/options.h"

#include <fmt/ostream.h>

#include <boost/program_options.hpp>
#include <limits>
#include <sstream>
#include <utility>

#include "core/error.h"
#include "core/text.h"

namespace vernier::cli {
namespace po = boost::program_options;

struct Options::Parser {
  po::options_description visible{"options"}, all;
  po::positional_options_description positions;
  po::variables_map given;
};

Options::Options(std::string usage, std::string summary)
    : usage_(std::move(usage)),
      summary_(std::move(summary)),
      command_(usage_.substr(0, usage_.find(' '))),
      parser_(std::make_unique<Parser>()) {
  parser_->visible.add_options()("help,h", "show this text");
}

Options::~Options() = default;

Options& Options::flag(const std::string& name, const std::string& help) {
  parser_->visible.add_options()(name.c_str(), po::bool_switch(), help.c_str());
  return *this;
}

Options& Options::value(const std::string& name, const std::string& placeholder,
                        const std::string& help) {
  parser_->visible.add_options()(name.c_str(), po::value<std::string>()->value_name(placeholder),
                                 help.c_str());
  return *this;
}

Options& Options::values(const std::string& name, const std::string& placeholder,
                         const std::string& help) {
  parser_->visible.add_options()(
      name.c_str(), po::value<std::vector<std::string>>()->value_name(placeholder), help.c_str());
  return *this;
}

Options& Options::argument(const std::string& name, int least, int most) {
  arguments_.push_back({name, least, most});
  parser_->all.add_options()(name.c_str(), po::value<std::vector<std::string>>());
  parser_->positions.add(name.c_str(), most);
  return *this;
}

Options& Options::database() {
  return value("db", "FILE", "the experiment database (default vernier.db)");
}
Options& Options::json() { return flag("json", "machine-readable output"); }

bool Options::parse(const Invocation& invocation) {
  parser_->all.add(parser_->visible);
  try {
    const int style =
        po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(invocation.args)
                  .options(parser_->all)
                  .positional(parser_->positions)
                  .style(style)
                  .run(),
              parser_->given);
    po::notify(parser_->given);
  } catch (const po::unknown_option& error) {
    const std::string name = error.get_option_name();
    std::vector<std::string> names;
    for (const auto& option : parser_->visible.options())
      names.push_back("--" + option->long_name());
    fail<UsageError>("[{}] unknown option '{}'{}", command_, printable(name), hint(name, names));
  } catch (const po::too_many_positional_options_error&) {
    fail<UsageError>("[{}] too many arguments; expected: vernier {}", command_, usage_);
  } catch (const po::error& error) {
    fail<UsageError>("[{}] {}; expected: vernier {}", command_, printable(error.what()), usage_);
  }
  if (parser_->given.count("help")) {
    std::ostringstream text;
    text << parser_->visible;
    fmt::print(invocation.out, "usage: vernier {}\n\n{}\n\n{}", usage_, summary_, text.str());
    return false;
  }
  for (const Argument& argument : arguments_) {
    const auto count = static_cast<int>(list(argument.name).size());
    if (count < argument.least)
      fail<UsageError>("[{}] {} is missing; expected: vernier {}", command_, argument.name, usage_);
  }
  return true;
}

bool Options::has(const std::string& name) const {
  const auto found = parser_->given.find(name);
  if (found == parser_->given.end()) return false;
  const bool* on = boost::any_cast<bool>(&found->second.value());
  return on == nullptr || *on;
}

std::optional<std::string> Options::text(const std::string& name) const {
  const auto found = parser_->given.find(name);
  if (found == parser_->given.end()) return std::nullopt;
  if (const auto* many = boost::any_cast<std::vector<std::string>>(&found->second.value()))
    return many->front();
  return found->second.as<std::string>();
}

std::string Options::text(const std::string& name, const std::string& otherwise) const {
  return text(name).value_or(otherwise);
}

std::vector<std::string> Options::list(const std::string& name) const {
  const auto found = parser_->given.find(name);
  return found == parser_->given.end() ? std::vector<std::string>{}
                                       : found->second.as<std::vector<std::string>>();
}

std::optional<long long> Options::integer(const std::string& name, long long least,
                                          long long most) const {
  const auto given = text(name);
  if (!given) return std::nullopt;
  const auto number = parse_int(*given);
  if (!number || *number < least || *number > most) {
    const bool bounded = most != std::numeric_limits<long long>::max();
    fail<UsageError>(
        "[{}] --{} '{}'; expected a whole number {}", command_, name, printable(*given),
        bounded ? fmt::format("from {} to {}", least, most) : fmt::format(">= {}", least));
  }
  return number;
}

std::optional<double> Options::positive(const std::string& name) const {
  const auto given = text(name);
  if (!given) return std::nullopt;
  const auto number = parse_double(*given);
  if (!number || !(*number > 0))
    fail<UsageError>("[{}] --{} '{}'; expected a number > 0", command_, name, printable(*given));
  return number;
}

}  // namespace vernier::cli
