// A study that looks like a real search: width, depth, learning rate, batch size, conditional dropout and activation of a
// network on pictures; noisy curves; diverged, failed and stopped trials. The same seed gives the same study.
#pragma once
#include <string>

#include "store/store.h"

namespace vernier::reports::example {

struct Recipe {
  std::string name = "mnist-mlp";
  std::string sampler = "gp";  // random: everywhere; gp: later trials near the best
  std::string strategy = "median";
  std::uint64_t seed = 1;
  int trials = 200;
  int steps = 50;
};

store::StudyId add_search(store::Store& store, const Recipe& recipe);

/// Every kind of artifact on one trial: a confusion matrix, worst examples, filters, a decision map and a fitted curve over three steps,
/// histograms over ten, a picture, a log, and one that is damaged.
void add_artifacts(store::Store& store, store::StudyId study, int number);

/// Accuracy against latency, and an activation's claim over 6 widths.
store::StudyId add_two_objectives(store::Store& store, const std::string& name, int trials = 80);

/// Names and texts that attack HTML, scripts, spreadsheets and terminals.
store::StudyId add_hostile(store::Store& store);

/// 500 of them: markup, scripts, quotes, URLs, formulas, templates, terminals, Unicode, each in 20 surroundings.
std::vector<std::string> hostile_strings();

/// A study whose every user-given text is one of them: name, note, parameters, choices, metrics, claim; trials' notes, tags, reasons, devices;
/// artifacts' names, kinds, classes, labels, log.
store::StudyId add_all_hostile(store::Store& store, const std::string& name);

/// A study with its parameters and no trial.
store::StudyId add_empty(store::Store& store, const std::string& name);

}  // namespace vernier::reports::example
