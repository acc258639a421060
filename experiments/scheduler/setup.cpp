#include "experiments/scheduler/setup.h"

#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdlib>

#include "core/error.h"
#include "core/text.h"
#include "experiments/scheduler/cohort_executor.h"
#include "experiments/scheduler/command_executor.h"
#include "experiments/scheduler/engine_executor.h"
#include "experiments/scheduler/isolated_executor.h"
#include "experiments/scheduler/transfer.h"
#include "experiments/study/device_names.h"
#include "experiments/study/require.h"

namespace vernier::experiments {

namespace {

/// Settings that a training may go on with after they have changed; all others decide what its state is or what it has seen.
bool may_change(const std::string& name) {
  constexpr const char* names[] = {
      "train.lr",  "train.momentum",     "train.beta1",     "train.beta2",
      "train.eps", "train.weight_decay", "train.clip_norm", "train.label_smoothing"};
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

}  // namespace

std::unique_ptr<search::Strategy> make_strategy(const Spec& spec, const search::Space& space,
                                                const std::vector<search::EarlierStudy>& earlier) {
  search::SamplerContext sampler;
  sampler.space = &space;
  sampler.seed = spec.seed;
  sampler.budget = spec.trials;
  sampler.objectives = static_cast<int>(spec.metrics.size());
  sampler.limits = static_cast<int>(spec.require.size());
  sampler.options = spec.sampler_options;
  sampler.earlier = earlier;
  search::StrategyContext context;
  context.sampler = search::make_sampler(spec.sampler, sampler);
  context.space = &space;
  context.trials = spec.trials;
  context.max_steps = spec.max_steps();
  context.enqueue = spec.enqueue;
  context.options = spec.strategy_options;
  context.seed = spec.seed;
  context.maximize = spec.metrics.front().maximize;
  if (!spec.command) {
    for (const search::Parameter& parameter : spec.parameters)
      if (!may_change(parameter.name)) context.inherited.push_back(parameter.name);
  }
  return search::make_strategy(spec.strategy, std::move(context));
}

Setup::Setup(Spec spec, const RunOptions& options, const Log& log)
    : spec_(std::move(spec)),
      space_(spec_.space()),
      engine_(std::make_unique<engine::Engine>(
          engine::Engine::Options{.data_dirs = options.data_dirs, .log = log})) {
  with_place(spec_.places, "sampler", [&] {
    (void)make_strategy();
    check_cost(options);
  });
  if (spec_.command) {
    check_program();
    return;
  }
  // Data and shapes: what the first configurations need is what all need.
  with_place(spec_.places, "data", [&] {
    settle_metric();
    const auto devices = chosen_devices(*engine_, spec_.resources);
    const bool gpu = devices.front().gpu;
    const Feasibility feasibility(spec_, *engine_, devices.front());
    const auto configs = samples(3);
    std::vector<Config> fitting;
    std::string misfit;
    for (const Config& config : configs) {
      const engine::Estimate& known = feasibility.estimate(config);
      const bool fits = gpu ? known.feasible : known.fits;
      if (fits) fitting.push_back(config);
      if (!fits && misfit.empty())
        misfit = gpu && known.fits ? "[resources.devices] " + known.why : known.why;
    }
    if (fitting.empty() && !misfit.empty()) throw UsageError(misfit);
    check_recordings(fitting);
    if (!fitting.empty()) check_start(fitting.front(), engine_->devices().front(), options, log);
  });
}

Setup::~Setup() = default;

// Classes are judged by val_acc, numbers by val_loss, unless the study says otherwise.
void Setup::settle_metric() {
  const auto first = samples(1);
  const engine::TrialSettings settings =
      spec_.settings(first.empty() ? Config() : first.front(), 1);
  const std::vector<std::string> names = engine_->metric_names(settings);
  const auto known = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (!spec_.metric_given && !known(spec_.metrics.front().name)) {
    MetricSpec loss;
    loss.name = "val_loss";
    loss.maximize = false;
    spec_.set_metric(loss);
  }
  for (const std::string& limit : spec_.require) {
    expr::Node node = expr::parse(limit);
    std::vector<std::string> all = fact_names;
    all.insert(all.end(), names.begin(), names.end());
    try {
      expr::bind(node, all);
    } catch (const UsageError&) {
      fail<UsageError>("{}[require] '{}' names what is not measured with this data; expected {}",
                       spec_.places.value("require"), printable(limit), join(all, ", "));
    }
  }
  for (const MetricSpec& metric : spec_.metrics) {
    if (!known(metric.name)) {
      fail<UsageError>("[metric] '{}' is not measured with this data{}", printable(metric.name),
                       hint(metric.name, names));
    }
  }
}

void Setup::check_cost(const RunOptions& options) const {
  const std::string per = spec_.sampler_options.value("per", "trial");
  if (per == "second" && options.deterministic)
    fail<UsageError>("[sampler.per] second with --deterministic; expected flop, or trial");
  if (per == "flop" && spec_.command)
    fail<UsageError>("[sampler.per] flop for a program; expected second, or trial");
}

// What is recorded has an effect on one of them at least: a search may choose between networks, or between data.
void Setup::check_recordings(const std::vector<Config>& configs) const {
  std::string misfit;
  for (const Config& config : configs) {
    misfit = engine_->record_misfit(spec_.settings(config, 1));
    if (misfit.empty()) return;
  }
  if (!misfit.empty()) throw UsageError(misfit);
}

// The trial that others start with is there, and its weights fit.
void Setup::check_start(const Config& config, const engine::DeviceInfo& device,
                        const RunOptions& options, const Log& log) const {
  const engine::TrialSettings settings = spec_.settings(config, 1);
  const std::string& from = settings.train.from;
  if (from.empty()) return;
  const auto later = [&] {
    log(Level::warning,
        fmt::format("[train.from] {} is not in {} yet; expected there when the study runs",
                    printable(from), options.db.string()));
  };
  if (options.start_later && !std::filesystem::exists(options.db)) return later();
  std::optional<engine::Checkpoint> start;
  try {
    start = start_weights(store::Store::open(options.db, store::Mode::read), from);
  } catch (const NotFoundError&) {
    if (!options.start_later) throw;
    return later();
  }
  engine_->make_cohort(settings, device)->admit(settings, &*start);
}

void Setup::check_program() const {
  if (spec_.command->argv.empty())
    fail<UsageError>(
        "{}[objective.function] study '{}' is of a function; only the program that has the "
        "function can run it "
        "(experiments/library, python)",
        spec_.places.value("objective.function"), spec_.study);
  const std::string& program = spec_.command->argv.front();
  std::vector<std::filesystem::path> places;
  if (program.find('/') != std::string::npos) {
    places.push_back(std::filesystem::path(spec_.command->dir) / program);
  } else if (const char* path = std::getenv("PATH")) {
    for (const std::string& folder : split(path, ':'))
      places.push_back(std::filesystem::path(folder) / program);
  }
  for (const auto& place : places) {
    if (access(place.c_str(), X_OK) == 0 && !std::filesystem::is_directory(place)) return;
  }
  fail<UsageError>(
      "{}[objective.command] no program '{}'; expected one in PATH, or a path from the study "
      "file's folder",
      spec_.places.value("objective.command"), printable(program));
}

std::vector<Config> Setup::samples(int n) const {
  search::SamplerContext context;
  context.space = &space_;
  context.seed = spec_.seed;
  const auto sampler = search::make_sampler("random", context);
  search::History history;
  for (int k = 1; k <= n; ++k) {
    const auto proposal = sampler->propose(history);
    if (!proposal) break;
    search::Observation seen;
    seen.number = k;
    seen.config = proposal->config;
    history.trials.push_back(seen);
  }
  std::vector<Config> configs;
  for (const search::Observation& seen : history.trials) configs.push_back(seen.config);
  return configs;
}

int Setup::lanes() const {
  if (!spec_.command) {
    const std::size_t gpus = chosen_gpus(*engine_, spec_.resources).size();
    const int chosen = static_cast<int>(chosen_devices(*engine_, spec_.resources).size());
    if (gpus == 0) return chosen;
    const bool cores = device_names(spec_.resources.devices)->cpu;
    return lanes_of_gpu(spec_.resources, gpus) * static_cast<int>(gpus) +
           (cores ? chosen - static_cast<int>(gpus) : 0);
  }
  if (spec_.resources.jobs > 0) return spec_.resources.jobs;
  return static_cast<int>(std::max<std::size_t>(1, engine_->devices().size()));
}

std::unique_ptr<Executor> Setup::make_executor(const RunOptions& options,
                                               const Clock& clock) const {
  // A failed GPU is lost to its process.
  const bool isolate = !spec_.command &&
                       (spec_.resources.isolate || !chosen_gpus(*engine_, spec_.resources).empty());
  if (isolate) {
    IsolatedExecutor::Options isolated;
    isolated.data_dirs = options.data_dirs;
    return std::make_unique<IsolatedExecutor>(spec_, *engine_, isolated, clock);
  }
  if (!spec_.command) return std::make_unique<EngineExecutor>(spec_, *engine_);
  CommandExecutor::Options command;
  command.trials_dir = options.db.string() + ".d/trials/" + spec_.study;
  command.jobs = lanes();
  command.max_steps = spec_.max_steps();
  command.stop_at_decisions = search::pauses(spec_.strategy) && spec_.command->resumable;
  return std::make_unique<CommandExecutor>(spec_, command, clock);
}

}  // namespace vernier::experiments
