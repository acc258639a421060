// What a database knows of a study's search trials, for the strategy's replay and the loop's start.
#pragma once
#include <map>
#include <vector>

#include "search/strategy.h"
#include "store/store.h"

namespace vernier::experiments {

/// The strategy counts search trials 1, 2, ...; the database's numbers also go to repeats. Both grow together.
class Numbering {
 public:
  void add(int id, int number) {
    numbers_[id] = number;
    ids_[number] = id;
  }
  int number(int id) const { return numbers_.at(id); }
  int id(int number) const { return ids_.at(number); }

 private:
  std::map<int, int> numbers_, ids_;
};

struct Past {
  std::vector<search::PastTrial> trials;    // by id, for Strategy::replay
  std::vector<store::TrialRecord> records;  // search trials, by number
  Numbering numbering;
  int last_number = 0;  // of any kind
};

/// `maximize`: of each objective. What samplers fitted for trials up to number `amended` is forgotten (another space).
Past read_past(const store::Store& store, store::StudyId study, const std::vector<bool>& maximize,
               int amended);

struct Spec;
Past read_past(const store::Store& store, store::StudyId study, const Spec& spec);

}  // namespace vernier::experiments
