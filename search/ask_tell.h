// The ask/tell protocol for any program (`vernier ask-tell`): JSON lines in, JSON lines out. cli/README.md has an example.
#pragma once
#include <iosfwd>
#include <string>

namespace vernier::search {

struct AskTellOptions {
  std::string sampler, strategy;  // non-empty: beat the header's
};

/// Serves one conversation until `in` ends. A malformed line is answered by {"error": "..."} and the conversation goes on.
void ask_tell(std::istream& in, std::ostream& out, const AskTellOptions& options);

}  // namespace vernier::search
