#include "search/problems/problem.h"

#include "core/error.h"
#include "core/text.h"
#include "search/problems/mixed.h"
#include "search/problems/smooth.h"

namespace vernier::search {

std::span<const Problem> problems() {
  static const std::vector<Problem> all = {branin2(), hartmann3(), hartmann6(), rosenbrock4(),
                                           ackley5(), levy4(),     mixed()};
  return all;
}

const Problem& problem(const std::string& name) {
  std::vector<std::string> names;
  for (const Problem& known : problems()) {
    if (known.name == name) return known;
    names.push_back(known.name);
  }
  fail<UsageError>("[search] unknown problem '{}'{}", name, hint(name, names));
}

}  // namespace vernier::search
