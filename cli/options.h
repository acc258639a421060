// The options of one command, on Boost.Program_options: usage text, positional arguments, errors with the nearest name.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"

namespace vernier::cli {

class Options {
 public:
  /// `usage` as in "run STUDY.yaml [options]".
  Options(std::string usage, std::string summary);
  ~Options();

  /// A switch: false unless given.
  Options& flag(const std::string& name, const std::string& help);
  /// An option with a text value.
  Options& value(const std::string& name, const std::string& placeholder, const std::string& help);
  /// A value that may be given several times.
  Options& values(const std::string& name, const std::string& placeholder, const std::string& help);
  /// Positional arguments in order; `most` < 0: any number (the last one only).
  Options& argument(const std::string& name, int least, int most);
  /// --db FILE, default ./vernier.db
  Options& database();
  Options& json();

  /// False: --help was printed. Throws UsageError naming the command, the option and the nearest one.
  bool parse(const Invocation& invocation);

  bool has(const std::string& name) const;
  std::optional<std::string> text(const std::string& name) const;
  std::string text(const std::string& name, const std::string& otherwise) const;
  std::vector<std::string> list(const std::string& name) const;
  /// Whole numbers in [least, most]; throws UsageError.
  std::optional<long long> integer(const std::string& name, long long least, long long most) const;
  /// Numbers > 0; throws UsageError.
  std::optional<double> positive(const std::string& name) const;

 private:
  struct Parser;  // Boost's classes, which are slow to compile
  struct Argument {
    std::string name;
    int least, most;
  };
  std::string usage_, summary_, command_;
  std::vector<Argument> arguments_;
  std::unique_ptr<Parser> parser_;
};

}  // namespace vernier::cli
