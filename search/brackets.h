// Successive halving in brackets: what successive_halving, hyperband and bohb share.
#pragma once
#include "search/rungs.h"
#include "search/trial_book.h"

namespace vernier::search {

/// `trials` configurations that meet at the rungs `first`, `first` + 1, ... of the strategy: of n that came to one, the best floor(n / eta)
/// go on to the next.
struct Bracket {
  int trials = 1;
  std::size_t first = 0;
};

/// Trials fill the brackets of `cycle` in order, again and again. A rung is decided when all trials that go to it have come or are lost: the best
/// go on from where they paused, the others are dropped. While one bracket waits for its last results, the next one starts: lanes are
/// never idle. When no trial is left to start, the last bracket is decided with what it has, and at least one goes on.
/// A trial that would be resumed at the moment it reports proceeds, which is the same without the pause.
class Brackets final : public TrialBook {
 public:
  Brackets(StrategyContext context, const std::vector<int>& steps, int eta,
           std::vector<Bracket> cycle);

 private:
  struct Group {  // one bracket under way
    Bracket plan;
    std::vector<int> members;
    bool over = false;  // all have come, and finished
  };

  int decision_after(int number, int step) const override;
  Verdict decide(int number, const Trial& trial) override;
  void joined(int number, const Trial& trial) override;
  void remembered(int number, const Trial& trial) override;
  void ended(int number, const Trial& trial) override;
  bool waits(const Trial& trial) const override;
  std::optional<int> drop() override;
  std::optional<int> promotion(bool last_call) override;
  const History& view() override;

  std::size_t group_of(int number) const { return groups_of_.at(number); }
  /// The rung at which its bracket meets first.
  std::size_t first_of(int number) const { return groups_[group_of(number)].plan.first; }
  void enter(int number, const Report& report);
  struct Decision {  // who goes on from a rung to which all have come, the best first
    std::size_t rung = 0;
    std::vector<int> chosen;
  };
  /// From the first rung on, as far as they can be made.
  std::vector<Decision> decisions(const Group& group, bool last_call) const;
  /// The first to go on among those that wait and `also` (0: nobody else).
  std::optional<int> next_of(const Group& group, int also, bool last_call) const;
  void note_over();

  int eta_;
  Rungs rungs_;
  std::vector<Bracket> cycle_;
  std::vector<Group> groups_;
  std::size_t open_ = 0;  // groups before this one are over
  std::map<int, std::size_t> groups_of_;
  History view_;
};

}  // namespace vernier::search
