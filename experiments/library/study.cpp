#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>

#include "core/error.h"
#include "experiments/library/search.h"
#include "experiments/library/space_impl.h"
#include "search/pareto.h"

namespace vernier {

using detail::Search;

double Trial::suggest_float(const std::string& name, double low, double high, Scale scale) {
  return std::get<double>(
      search_->suggest(number_, detail::float_parameter(name, low, high, scale)));
}

double Trial::suggest_float(const std::string& name, double low, double high, double step) {
  return std::get<double>(
      search_->suggest(number_, detail::stepped_parameter(name, low, high, step)));
}

std::int64_t Trial::suggest_int(const std::string& name, std::int64_t low, std::int64_t high,
                                Scale scale) {
  return std::get<std::int64_t>(
      search_->suggest(number_, detail::int_parameter(name, low, high, scale, 1)));
}

std::int64_t Trial::suggest_int(const std::string& name, std::int64_t low, std::int64_t high,
                                std::int64_t step) {
  return std::get<std::int64_t>(
      search_->suggest(number_, detail::int_parameter(name, low, high, Scale::linear, step)));
}

bool Trial::suggest_bool(const std::string& name) {
  return std::get<bool>(search_->suggest(number_, detail::bool_parameter(name)));
}

Value Trial::suggest_value(const std::string& name, const std::vector<Value>& choices) {
  return search_->suggest(number_, detail::categorical_parameter(name, choices));
}

std::string Trial::suggest_categorical(const std::string& name,
                                       const std::vector<std::string>& choices) {
  return std::get<std::string>(suggest_value(name, {choices.begin(), choices.end()}));
}

void Trial::report(int step, double value, const Metrics& others) {
  search_->report(number_, step, value, others);
}
bool Trial::should_stop() { return search_->should_stop(number_); }
std::optional<int> Trial::last_step() const { return search_->last_step(number_); }
void Trial::set_attribute(const std::string& name, const std::string& text) {
  search_->set_attribute(number_, name, text);
}
Params Trial::params() const { return search_->params(number_); }

Study::Study(const StudyOptions& options) : search_(Search::of(options)) {}

std::optional<Trial> Study::try_ask() {
  const Search::Next next = search_->next();
  if (next.kind == Search::Next::Kind::finished)
    throw SpaceExhausted("[ask] nothing is left to try: " + next.why);
  if (next.kind == Search::Next::Kind::wait) return std::nullopt;
  return Trial(search_, next.number);
}

Trial Study::ask() {
  if (auto trial = try_ask()) return *trial;
  fail("[ask] the strategy waits for what running trials come to; expected them to be told first");
}

std::optional<Trial> Study::continue_interrupted() {
  if (const auto number = search_->continue_interrupted()) return Trial(search_, *number);
  return std::nullopt;
}

void Study::tell(int number, double value) { search_->tell(number, std::vector<double>{value}); }
void Study::tell(int number, const std::vector<double>& values) { search_->tell(number, values); }
void Study::tell(int number, State state, const std::string& reason) {
  search_->tell(number, state, reason);
}
void Study::enqueue(const Params& params) { search_->enqueue(params); }
int Study::add(const Params& params, const std::vector<double>& values, const Space& ranges,
               State state) {
  return search_->add(params, values, ranges, state);
}
void Study::stop() { search_->stop_run(false); }

namespace {

/// One optimize(): workers that take trials until there are none, or somebody stops.
class Workers {
 public:
  using Run = std::function<std::vector<double>(Trial&)>;
  Workers(Study& study, Search& search, const Run& objective, const OptimizeOptions& options)
      : study_(study), search_(search), objective_(objective), options_(options) {
    if (options.seconds)
      end_ = std::chrono::steady_clock::now() + std::chrono::duration<double>(*options.seconds);
  }

  void run() {
    working_ = options_.threads;
    std::vector<std::thread> others;
    for (int k = 1; k < options_.threads; ++k) others.emplace_back([&] { work(); });
    work();
    guarded([&] { await_others(); });
    for (std::thread& other : others) other.join();
  }

  bool finished() const { return finished_; }
  std::exception_ptr error() const { return error_; }

 private:
  void work() {
    guarded([&] {
      while (auto trial = next()) {
        train(*trial);
        if (options_.after) options_.after(trial->number());
        const std::lock_guard guard(mutex_);
        --busy_;
      }
    });
    const std::lock_guard guard(mutex_);
    --working_;
    ended_.notify_all();
  }

  void guarded(const std::function<void()>& body) noexcept {
    try {
      body();
    } catch (const Interrupted&) {
      search_.stop_run(true);
      keep();
    } catch (...) {
      keep();
    }
  }

  void keep() {
    const std::lock_guard guard(mutex_);
    if (!error_) error_ = std::current_exception();
    stopped_ = true;
  }

  void await_others() {
    std::unique_lock lock(mutex_);
    while (working_ > 0) {
      ended_.wait_for(lock, std::chrono::milliseconds(50));
      lock.unlock();
      idle();
      lock.lock();
    }
  }

  void idle() {
    if (options_.idle && std::this_thread::get_id() == caller_) options_.idle();
  }

  std::optional<Trial> next() {
    for (;;) {
      {
        const std::lock_guard guard(mutex_);
        if (end_ && std::chrono::steady_clock::now() >= *end_) stopped_ = true;
        if (search_.run_is_stopped()) stopped_ = true;
        if (stopped_ || finished_) return std::nullopt;
        if (auto trial = study_.continue_interrupted()) return count(trial);
        try {
          if (auto trial = study_.try_ask()) return count(trial);
          stopped_ = busy_ == 0;  // it waits for trials that were asked for elsewhere
        } catch (const SpaceExhausted&) {
          // Others may still pause trials that are promoted then.
          finished_ = busy_ == 0;
        }
        if (stopped_ || finished_) return std::nullopt;
      }
      search_.wait(0.05);
      idle();
    }
  }

  std::optional<Trial> count(std::optional<Trial>& trial) {
    ++busy_;
    return trial;
  }

  void train(Trial& trial) {
    const int number = trial.number();
    std::vector<double> values;
    try {
      values = objective_(trial);
    } catch (const TrialStopped&) {
      if (!trial.should_stop()) return study_.tell(number, State::stopped, "stopped by itself");
      values.resize(study_.directions().size());  // the strategy knows how it ends
    } catch (const UsageError& error) {
      study_.tell(number, State::failed, error.what());
      throw;
    } catch (const StoreError&) {
      throw;
    } catch (const std::exception& error) {
      return study_.tell(number, State::failed, error.what());
    } catch (...) {
      study_.tell(number, State::interrupted, "interrupted");
      throw;
    }
    try {
      study_.tell(number, values);
    } catch (const UsageError& error) {  // another number of values than objectives
      study_.tell(number, State::failed, error.what());
      throw;
    }
  }

  Study& study_;
  Search& search_;
  const Run& objective_;
  const OptimizeOptions& options_;
  const std::thread::id caller_ = std::this_thread::get_id();
  std::optional<std::chrono::time_point<std::chrono::steady_clock, std::chrono::duration<double>>>
      end_;
  std::mutex mutex_;
  bool stopped_ = false, finished_ = false;
  int busy_ = 0, working_ = 0;
  std::condition_variable ended_;
  std::exception_ptr error_;
};

}  // namespace

void Study::run(const Run& objective, int n, const OptimizeOptions& options) {
  if (options.threads < 1 || options.threads > 1024)
    fail<UsageError>("[optimize] {} threads; expected 1 to 1024", options.threads);
  search_->begin_run(n);
  Workers workers(*this, *search_, objective, options);
  workers.run();
  search_->end_run(workers.finished());
  if (const auto error = workers.error()) {
    try {
      std::rethrow_exception(error);
    } catch (const Interrupted&) {
      return;  // asked for by the objective
    }
  }
}

const std::string& Study::name() const { return search_->settings().name; }
std::string Study::database() const { return search_->file().string(); }

std::vector<Direction> Study::directions() const {
  std::vector<Direction> directions;
  for (const bool maximize : search_->settings().maximize())
    directions.push_back(maximize ? Direction::maximize : Direction::minimize);
  return directions;
}

int Study::planned() const { return search_->settings().trials; }
std::vector<TrialInfo> Study::trials() const { return search_->trials(); }
TrialInfo Study::trial(int number) const { return search_->trial(number); }

TrialInfo Study::best() const {
  const bool maximize = search_->settings().maximize().front();
  std::optional<TrialInfo> best;
  for (TrialInfo& trial : search_->trials()) {
    if (trial.state != State::completed || !trial.value) continue;
    const bool better =
        !best || (maximize ? *trial.value > *best->value : *trial.value < *best->value);
    if (better) best = std::move(trial);
  }
  if (!best) fail<NotFoundError>("[{}] no trial is completed yet", name());
  return *best;
}

std::vector<TrialInfo> Study::front() const {
  const std::vector<bool> maximize = search_->settings().maximize();
  std::vector<TrialInfo> completed, front;
  std::vector<std::vector<double>> points;
  for (TrialInfo& trial : search_->trials()) {
    if (trial.state != State::completed || trial.values.size() != maximize.size()) continue;
    std::vector<double>& point = points.emplace_back();
    for (std::size_t k = 0; k < maximize.size(); ++k)
      point.push_back(maximize[k] ? -trial.values[k] : trial.values[k]);
    completed.push_back(std::move(trial));
  }
  for (std::size_t i = 0; i < completed.size(); ++i) {
    const bool beaten = std::any_of(points.begin(), points.end(), [&](const auto& other) {
      return search::dominates(other, points[i]);
    });
    if (!beaten) front.push_back(std::move(completed[i]));
  }
  return front;
}

}  // namespace vernier
