// One trial, as the objective sees it while it runs, and as it is remembered.
#pragma once
#include <vernier/error.h>
#include <vernier/value.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace vernier {

enum class State {
  waiting,  // enqueued
  running,
  paused,  // by a strategy: continued when it is promoted
  completed,
  stopped,   // by a strategy or by itself
  failed,    // the objective threw
  diverged,  // its value is no finite number
  infeasible,
  interrupted,  // left unfinished; optimize() begins with these
};
VERNIER_EXPORT std::string to_text(State state);

/// A trial of the database. Values as the objective gave them (not flipped); wall times are Unix seconds.
struct TrialInfo {
  int number = 0;  // 1, 2, ... in the order of asking
  State state = State::waiting;
  Params params;
  std::optional<double> value;  // of the first objective; of a stopped trial the best it reported
  std::vector<double> values;   // all of them, where the study has several
  int steps = 0;                // the last one reported
  double seconds = 0;
  std::optional<double> started, ended;
  std::string reason;  // of failed and stopped ones
  std::map<std::string, std::string> attributes;
};

namespace detail {
class Search;
}

/// A handle; copies are the same trial. One trial belongs to one thread at a time, different ones may be used at once.
///
/// A suggestion is remembered under its name: asked again, it is the same. The range decides what the name means, once and for all
/// trials of the study: another type, scale or step is a UsageError, a wider range widens the space, a narrower one gets a value within it
/// (drawn at random where the sampler's lies outside).
/// How the sampler learns a space that nobody declared:
/// - A name that no trial has asked for before gets the centre of its range in the study's first trial, later a random value (a function
///   of seed, trial and name). From the next trial on the sampler proposes it.
/// - A name that some trials ask for and others do not is conditional. The nearest parameter before it whose values tell these trials apart
///   (choices, whole numbers above or below a bound) becomes its condition, so that the sampler sees it as inactive elsewhere and learns nothing
///   false; a trial that contradicts it makes the library look again. Where one does not explain it, two may: a choice, and what holds beside it.
/// - Where nothing explains it, the objective does not depend on it in the trials that did not ask: they count with a random value of it.
/// In a study with a Space every suggestion must name one of its parameters, active in this trial, with its own range.
class VERNIER_EXPORT Trial {
 public:
  int number() const { return number_; }

  double suggest_float(const std::string& name, double low, double high,
                       Scale scale = Scale::linear);
  /// low, low + step, ... <= high.
  double suggest_float(const std::string& name, double low, double high, double step);
  std::int64_t suggest_int(const std::string& name, std::int64_t low, std::int64_t high,
                           Scale scale = Scale::linear);
  std::int64_t suggest_int(const std::string& name, std::int64_t low, std::int64_t high,
                           std::int64_t step);
  bool suggest_bool(const std::string& name);
  /// One of `choices`; further choices may be added in later trials.
  Value suggest_value(const std::string& name, const std::vector<Value>& choices);
  std::string suggest_categorical(const std::string& name, const std::vector<std::string>& choices);
  /// The same for numbers.
  template <class T>
  requires std::is_arithmetic_v<T> T suggest_categorical(const std::string& name,
                                                         const std::vector<T>& choices) {
    using Stored =
        std::conditional_t<std::is_same_v<T, bool>, bool,
                           std::conditional_t<std::is_floating_point_v<T>, double, std::int64_t>>;
    std::vector<Value> values;
    for (const T choice : choices) values.emplace_back(static_cast<Stored>(choice));
    return static_cast<T>(std::get<Stored>(suggest_value(name, values)));
  }

  /// The objective (of studies with one) at a step 0, 1, 2, ..., and other metrics of that step for the curves. Durable when it returns. Steps
  /// that the trial has reported already, before it was interrupted or paused, are passed over. NaN and infinities are recorded as such and are the
  /// worst there is.
  void report(int step, double value, const Metrics& others = {});
  /// Whether the strategy wants the trial to end after what was reported last. An objective that returns then ends it as stopped, or paused under asha,
  /// hyperband and successive_halving: such a trial may be asked for again, with the same number and settings, and last_step() where it was.
  bool should_stop();
  /// The last step reported; nullopt: none. At the begin of an objective: where to go on, if it keeps a state of its own.
  std::optional<int> last_step() const;

  /// Any text, kept with the trial when it ends.
  void set_attribute(const std::string& name, const std::string& text);
  /// What has been suggested so far (with a Space: all of it).
  Params params() const;

 private:
  friend class Study;
  friend class detail::Search;
  Trial(std::shared_ptr<detail::Search> search, int number)
      : search_(std::move(search)), number_(number) {}
  std::shared_ptr<detail::Search> search_;
  int number_;
};

}  // namespace vernier
