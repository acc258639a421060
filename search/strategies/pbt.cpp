#include "search/strategies/pbt.h"

#include <algorithm>
#include <climits>
#include <cmath>
#include <set>

#include "core/error.h"
#include "core/rng.h"
#include "core/text.h"
#include "search/options.h"
#include "search/trial_book.h"

namespace vernier::search {
namespace {

constexpr std::uint32_t perturbation_stream = 48;
constexpr int attempts = 100;  // to find settings that are new and allowed

struct PbtOptions {
  int population = 20, interval = 1;
  double quantile = 0.25, resample = 0.25;
};

class Pbt final : public TrialBook {
 public:
  Pbt(StrategyContext context, const PbtOptions& options, std::set<std::string> kept)
      : TrialBook(std::move(context)),
        options_(options),
        kept_(std::move(kept)),
        seed_(context.seed) {}

 private:
  int decision_after(int, int step) const override {
    const int next = (step / options_.interval + 1) * options_.interval;
    return next < max_steps() ? next : INT_MAX;
  }

  /// It goes on at once where ask() would resume it next.
  Verdict decide(int number, const Trial&) override {
    also_ = number;
    const bool next = !clone() && !drop() && promotion(false) == number;
    also_ = 0;
    return next ? Verdict::proceed : Verdict::pause;
  }

  bool waits(const Trial& trial) const override {
    return !trial.decisions.empty() && trial.decisions.back().step == observation(trial).steps;
  }

  void joined(int number, const Trial& trial) override {
    keys_.insert(observation(trial).config.key());
    if (!trial.clone_of) {
      if (fresh_ == options_.population) members_.clear(), fresh_ = 0;
      ++fresh_;
    }
    members_.push_back(number);
  }

  bool complete() const { return fresh_ == options_.population || all_started(); }
  bool living(int number) const { return trial(number).phase != Phase::finished; }

  bool wants_new() const override {
    return fresh_ < options_.population ||
           std::none_of(members_.begin(), members_.end(), [&](int n) { return living(n); });
  }

  /// The last step that everybody has come to; INT_MAX: nobody is left.
  int common_step() const {
    int step = INT_MAX;
    for (const int number : members_)
      if (living(number)) step = std::min(step, trial(number).last_step());
    return step;
  }

  static bool came(const Trial& known, int step) {
    return std::any_of(known.decisions.begin(), known.decisions.end(),
                       [&](const Report& report) { return report.step == step; });
  }

  /// The step at which the population meets now; 0: it does not. Copies made there may already train: they are no part of it.
  int meeting() const {
    const int step = common_step();
    if (step == INT_MAX || !complete()) return 0;
    for (const int number : members_) {
      const Trial& known = trial(number);
      const bool runs = known.phase == Phase::running && number != also_;
      const bool left = living(number) && (runs || known.last_step() > step);
      if (left && came(known, step)) return 0;
    }
    return step;
  }

  /// All that came to the meeting, the best first.
  std::vector<int> ranking(int step) const {
    std::vector<std::pair<double, int>> values;
    for (const int number : members_)
      for (const Report& report : trial(number).decisions)
        if (report.step == step) values.emplace_back(comparable(report.value), number);
    std::sort(values.begin(), values.end());
    std::vector<int> numbers;
    for (const auto& [value, number] : values) numbers.push_back(number);
    return numbers;
  }

  bool waiting(int number) const {
    const Trial& known = trial(number);
    return number == also_ || (known.phase == Phase::paused && !known.wanted);
  }

  std::optional<Clone> clone() override {
    const int step = meeting();
    losers_.clear();
    if (step == 0) return std::nullopt;
    const std::vector<int> ranked = ranking(step);
    const auto quota =
        static_cast<std::size_t>(static_cast<double>(ranked.size()) * options_.quantile);
    std::size_t made = 0;
    for (const int number : members_) made += trial(number).clone_of && trial(number).born == step;
    losers_.assign(ranked.end() - static_cast<std::ptrdiff_t>(std::min(made, quota)), ranked.end());
    if (made >= quota || all_started() || !space()) return std::nullopt;
    const int loser = ranked[ranked.size() - 1 - made];
    std::vector<int> winners;
    for (std::size_t i = 0; i < quota; ++i)
      if (waiting(ranked[i])) winners.push_back(ranked[i]);
    if (winners.empty() || !living(loser)) return std::nullopt;
    Rng rng({seed_, Stream::sampler, perturbation_stream},
            static_cast<std::uint32_t>(history().trials.back().number + 1));
    const int parent = winners[rng.below(winners.size())];
    auto config = perturbed(observation(trial(parent)).config, rng);
    if (!config) return std::nullopt;
    losers_.push_back(loser);
    return Clone{parent, std::move(*config)};
  }

  std::optional<int> drop() override {
    for (const int number : losers_)
      if (waiting(number)) return number;
    return std::nullopt;
  }

  std::optional<int> promotion(bool) override {
    const int step = common_step();
    if (step == 0 || !complete()) return std::nullopt;
    for (const int number : members_)
      if (waiting(number) && trial(number).last_step() == step) return number;
    return std::nullopt;
  }

  std::optional<Config> perturbed(const Config& parent, Rng& rng) const {
    const Space& space = *this->space();
    const std::vector<double> from = space.to_unit(space.canonical(parent));
    for (int attempt = 0; attempt < attempts; ++attempt) {
      std::vector<double> unit = from;
      for (std::size_t i = 0; i < space.size(); ++i) {
        const double fresh = space.axis(i).from_uniform(rng.uniform()), chance = rng.uniform(),
                     side = rng.uniform();
        if (std::isnan(unit[i])) {
          unit[i] = fresh;
        } else if (!kept_.contains(space.parameters()[i].name)) {
          unit[i] = chance < options_.resample ? fresh : moved(space, i, unit[i], side < 0.5);
        }
      }
      Config config = space.from_unit(unit);
      if (!keys_.contains(config.key()) && space.satisfies(config)) return config;
    }
    return std::nullopt;
  }

  static double moved(const Space& space, std::size_t i, double unit, bool up) {
    const Parameter& parameter = space.parameters()[i];
    const Axis& axis = space.axis(i);
    if (axis.continuous()) {
      const double value = as_number(axis.at(unit)) * (up ? 1.2 : 0.8);
      return *axis.unit(std::clamp(value, parameter.low, parameter.high));
    }
    const bool ordered = parameter.kind == Kind::int_ || parameter.kind == Kind::float_ ||
                         parameter.kind == Kind::ordinal;
    if (!ordered) return unit;
    const auto index = *axis.index(axis.at(unit));
    double by = 1;
    if (parameter.kind != Kind::ordinal) {
      const double step = parameter.step.value_or(1);
      by = std::max(1.0, std::round(0.2 * std::fabs(as_number(axis.value(index))) / step));
    }
    const double to =
        std::clamp(static_cast<double>(index) + (up ? by : -by), 0.0, axis.count() - 1);
    return *axis.unit(axis.value(static_cast<std::int64_t>(to)));
  }

  PbtOptions options_;
  std::set<std::string> kept_;
  std::uint64_t seed_;
  std::vector<int> members_;  // of the population that trains now, copies included
  int fresh_ = 0;             // of them, those that are no copies
  std::vector<int> losers_;   // of the meeting, whose copies are made
  std::set<std::string> keys_;
  int also_ = 0;  // a running trial that is judged as if it waited
};

}  // namespace

std::unique_ptr<Strategy> make_pbt(StrategyContext context) {
  Options options("strategy pbt", context.options);
  PbtOptions read;
  read.population = options.integer("population", 20, 2, 100000);
  read.interval = options.integer("interval", std::max(1, context.max_steps / 10), 1, 1000000000);
  read.quantile = options.number("quantile", 0.25, 0, 0.5);
  read.resample = options.number("resample", 0.25, 0, 1);
  std::set<std::string> kept(context.inherited.begin(), context.inherited.end());
  for (const std::string& name : options.texts("keep")) {
    if (context.space) {
      std::vector<std::string> names;
      for (const Parameter& p : context.space->parameters()) names.push_back(p.name);
      if (std::find(names.begin(), names.end(), name) == names.end())
        fail<UsageError>("[strategy pbt.keep] unknown parameter '{}'{}", printable(name),
                         hint(name, names));
    }
    kept.insert(name);
  }
  options.finish();
  return std::make_unique<Pbt>(std::move(context), read, std::move(kept));
}

}  // namespace vernier::search
