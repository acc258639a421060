// Completion scripts, made from the commands and their own help: what is listed is what works.
#include <fmt/ostream.h>

#include <algorithm>
#include <ostream>
#include <sstream>

#include "cli/options.h"
#include "core/error.h"
#include "core/text.h"

namespace vernier::cli {
namespace {

/// "--db", "-o", ... as the command's help lists them.
std::vector<std::string> options_of(const Command& command) {
  std::ostringstream help, none;
  command.run({{"--help"}, help, none});
  std::vector<std::string> names;
  for (const std::string& line : split(help.str(), '\n')) {
    if (!line.starts_with("  -")) continue;
    for (const std::string& word : split(line.substr(2, 40), ' ')) {
      std::string name = word;
      while (!name.empty() && (name.front() == '[' || name.front() == '(')) name.erase(0, 1);
      name.erase(std::find_if(name.begin(), name.end(),
                              [](char c) {
                                return c != '-' && !std::isalnum(static_cast<unsigned char>(c));
                              }),
                 name.end());
      if (name.size() >= 2 && name.front() == '-' && name != "--") names.push_back(name);
    }
  }
  return names;
}

/// The commands whose first argument is a study or a trial.
std::vector<std::string> takers() {
  std::vector<std::string> names;
  for (const Command& command : commands()) {
    std::ostringstream help, none;
    command.run({{"--help"}, help, none});
    const std::string usage = split(help.str(), '\n').front();
    const auto after = usage.find(command.name) + command.name.size();
    const std::string first = usage.substr(std::min(usage.size(), after + 1), 6);
    if (first.starts_with("STUDY") || first.starts_with("[STUDY")) {
      if (!usage.substr(after).starts_with(" STUDY.yaml")) names.push_back(command.name);
    }
  }
  return names;
}

std::string quoted(std::string text) {
  for (std::size_t at = 0; (at = text.find('\'', at)) != text.npos; at += 4)
    text.replace(at, 1, "'\\''");
  return "'" + text + "'";
}

// Studies come from the database in use: the first column of `vernier ls`.
void print_bash(std::ostream& out) {
  fmt::print(out, R"sh(# bash completion for vernier: source <(vernier completion bash)
_vernier_studies() {{
  local db=vernier.db i
  for ((i = 1; i < COMP_CWORD; ++i)); do [ "${{COMP_WORDS[i]}}" = --db ] && db=${{COMP_WORDS[i + 1]}}; done
  [ -f "$db" ] && vernier ls --db "$db" 2>/dev/null | awk 'NR > 1 {{ print $1 }}'
}}
_vernier() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} command=${{COMP_WORDS[1]}} options
  COMPREPLY=()
  if [ "$COMP_CWORD" = 1 ]; then
    COMPREPLY=($(compgen -W '--help)sh");
  for (const Command& command : commands()) fmt::print(out, " {}", command.name);
  fmt::print(out, R"sh(' -- "$word"))
    return
  fi
  case "$command" in
)sh");
  for (const Command& command : commands())
    fmt::print(out, "    {}) options='{}' ;;\n", command.name, join(options_of(command), " "));
  fmt::print(out, R"sh(  esac
  if [[ "$word" == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
    return
  fi
  case "$command" in
    completion) COMPREPLY=($(compgen -W 'bash zsh fish' -- "$word")) ;;
    {}) COMPREPLY=($(compgen -W "$(_vernier_studies)" -- "$word")) ;;
  esac
  COMPREPLY+=($(compgen -f -- "$word"))
}}
complete -o filenames -F _vernier vernier
)sh",
             join(takers(), "|"));
}

void print_zsh(std::ostream& out) {
  fmt::print(out, R"sh(#compdef vernier
# zsh completion for vernier: vernier completion zsh > "${{fpath[1]}}/_vernier"
_vernier() {{
  local -a names
  if (( CURRENT == 2 )); then
    names=(
)sh");
  for (const Command& command : commands())
    fmt::print(out, "      {}\n", quoted(command.name + ":" + command.summary));
  fmt::print(out, R"sh(    )
    _describe command names
    return
  fi
  case $words[2] in
)sh");
  for (const Command& command : commands())
    fmt::print(out, "    {}) names=({}) ;;\n", command.name, join(options_of(command), " "));
  fmt::print(out, R"sh(  esac
  if [[ $words[CURRENT] == -* ]]; then
    compadd -- $names
    return
  fi
  case $words[2] in
    completion) compadd bash zsh fish ;;
    {}) [[ -f vernier.db ]] && compadd -- ${{(f)"$(vernier ls 2>/dev/null | awk 'NR > 1 {{ print $1 }}')"}} ;;
  esac
  _files
}}
if [ "$funcstack[1]" = _vernier ]; then _vernier "$@"; else compdef _vernier vernier; fi
)sh",
             join(takers(), "|"));
}

void print_fish(std::ostream& out) {
  fmt::print(
      out,
      R"sh(# fish completion for vernier: vernier completion fish > ~/.config/fish/completions/vernier.fish
function __vernier_studies
  test -f vernier.db; and vernier ls 2>/dev/null | awk 'NR > 1 {{ print $1 }}'
end
)sh");
  for (const Command& command : commands()) {
    fmt::print(out, "complete -c vernier -n __fish_use_subcommand -f -a {} -d {}\n", command.name,
               quoted(command.summary));
    for (const std::string& option : options_of(command)) {
      const bool word = option.starts_with("--");
      fmt::print(out, "complete -c vernier -n '__fish_seen_subcommand_from {}' -{} {}\n",
                 command.name, word ? 'l' : 's', option.substr(word ? 2 : 1));
    }
  }
  fmt::print(out,
             "complete -c vernier -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh "
             "fish'\n"
             "complete -c vernier -n '__fish_seen_subcommand_from {}' -a '(__vernier_studies)'\n",
             join(takers(), " "));
}

}  // namespace

int completion(const Invocation& invocation) {
  Options options("completion bash|zsh|fish",
                  "Prints a completion script: source <(vernier completion bash).");
  if (!options.argument("SHELL", 1, 1).parse(invocation)) return 0;
  const std::string shell = *options.text("SHELL");
  const std::vector<std::string> known{"bash", "zsh", "fish"};
  if (shell == "bash") {
    print_bash(invocation.out);
  } else if (shell == "zsh") {
    print_zsh(invocation.out);
  } else if (shell == "fish") {
    print_fish(invocation.out);
  } else {
    fail<UsageError>("[completion] unknown shell '{}'{}", printable(shell), hint(shell, known));
  }
  return 0;
}

}  // namespace vernier::cli
