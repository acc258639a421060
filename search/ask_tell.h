// The ask/tell protocol for any program (`vernier ask-tell`): JSON lines in, JSON lines out. cli/README.md has an example.
#pragma once
#include <iosfwd>
#include <string>

namespace vernier::search {

struct AskTellOptions {
  std::string sampler, strategy;  // non-empty: beat the header's
};

/// Serves one conversation until `in` ends. What a trial came to at an epoch is the best value it has reported until then, as a study's
/// `reduce: best` has it: curves are noisy, and what overfits was better before. A malformed line is answered by {"error": "..."} and the conversation goes on.
void ask_tell(std::istream& in, std::ostream& out, const AskTellOptions& options);

}  // namespace vernier::search
