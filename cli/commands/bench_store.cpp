#include "cli/commands/bench_store.h"

#include <fmt/ostream.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <memory>
#include <ostream>

#include "cli/terminal/table.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/rng.h"
#include "core/stats.h"
#include "core/text.h"
#include "experiments/scheduler/run.h"
#include "experiments/scheduler/simulated.h"
#include "search/space.h"
#include "store/query/query.h"

namespace vernier::cli {
namespace {

namespace fs = std::filesystem;

constexpr int batch = 1024;        // trials of one transaction
constexpr int hot_trials = 1'000;  // written step by step
constexpr int one_step_trials = 2'000;
constexpr int repetitions = 5;  // of a question; the median counts
constexpr std::array<const char*, 4> metrics{"train_loss", "val_loss", "train_acc", "val_acc"};

const std::vector<std::string> filters{
    "model.depth >= 2 and train.lr < 0.1",
    "val_acc > 0.9",
    "model.depth = 3 and best(val_acc) > 0.92 and last(val_loss) < 0.4",
    "activation = tanh or activation ~ 'elu'",
    "dropout > 0.3",
    "log(train.lr) * model.depth < -20",
    "model.width * model.depth <= 128 order by val_acc desc limit 10",
    "state = completed and steps >= 50 and seconds < 30",
    "tag = final",
    "note ~ 'odd'",
    "val_acc - train_acc > 0.02 and not model.depth in (1, 4)",
    "group by model.depth: mean(val_acc), median(val_loss), count",
    "order by val_acc desc limit 20",
    "order by train.lr limit 20"};

class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "vernier-bench-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) fail<Error>("[bench] cannot make {}", pattern);
    path = pattern;
  }
  Folder(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  fs::path path;
};

store::NewStudy study() {
  store::NewStudy made;
  made.name = "bench";
  made.spec = Json{{"study", "bench"}};
  made.sampler = "random";
  made.strategy = "full";
  made.params = {{"model.depth", "int", Json{{"low", 1}, {"high", 4}}},
                 {"model.width", "int", Json{{"low", 16}, {"high", 1024}}},
                 {"train.lr", "float", Json{{"low", 1e-5}, {"high", 1.0}}},
                 {"train.batch_size", "ordinal", Json{{"choices", {32, 64, 128}}}},
                 {"model.activation", "categorical", Json{{"choices", {"relu", "tanh", "gelu"}}}},
                 {"model.dropout", "float", Json{{"when", "depth >= 2"}}}};
  made.objectives = {{"val_acc", true}};
  return made;
}

store::NewTrial trial(int number, Rng& rng) {
  store::NewTrial made;
  made.number = number;
  made.seed = 42;
  const auto depth = static_cast<std::int64_t>(1 + rng.below(4));
  made.config.set("model.depth", depth);
  made.config.set("model.width", static_cast<std::int64_t>(16 + rng.below(1009)));
  made.config.set("train.lr", std::pow(10.0, -5 * rng.uniform()));
  made.config.set("train.batch_size", static_cast<std::int64_t>(32) << rng.below(3));
  made.config.set("model.activation",
                  std::string(std::array{"relu", "tanh", "gelu"}[rng.below(3)]));
  if (depth >= 2) made.config.set("model.dropout", 0.1 * static_cast<double>(rng.below(6)));
  return made;
}

/// Curves as an engine in single precision makes them.
std::vector<store::Series> curves(int steps, Rng& rng) {
  std::vector<store::Series> made;
  const double rate = 0.02 + 0.1 * rng.uniform();
  for (const char* name : metrics) {
    store::Series series;
    series.metric = name;
    const bool loss = std::string_view(name).ends_with("loss");
    for (int step = 1; step <= steps; ++step) {
      const double left = std::exp(-rate * step) + 0.02 * rng.uniform();
      series.steps.push_back(step);
      series.values.push_back(static_cast<float>(loss ? 0.1 + 2 * left : 0.97 - 0.8 * left));
    }
    made.push_back(std::move(series));
  }
  return made;
}

store::TrialEnd end_of(const std::vector<store::Series>& made) {
  store::TrialEnd end;
  const auto& accuracy = made.back().values;
  const auto best = std::max_element(accuracy.begin(), accuracy.end());
  end.value = *best;
  end.best_step = static_cast<int>(best - accuracy.begin()) + 1;
  end.weights_hash = "0123456789abcdef0123456789abcdef";
  end.facts = {{"parameters", 1e5}, {"flops", 1e8}, {"bytes", 1e6}};
  return end;
}

double seconds_of(const std::function<void()>& body) {
  const SystemClock clock;
  const double begin = clock.monotonic();
  body();
  return clock.monotonic() - begin;
}

/// Of this process: what a busy machine does not stretch, but the disk neither.
double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

struct Milliseconds {
  double wall, cpu;
};

Milliseconds median_ms(const std::function<void()>& body) {
  std::vector<double> wall, cpu;
  for (int i = 0; i < repetitions; ++i) {
    const double begin = cpu_seconds();
    wall.push_back(1e3 * seconds_of(body));
    cpu.push_back(1e3 * (cpu_seconds() - begin));
  }
  return {median(wall), median(cpu)};
}

struct Figures {
  store::Table table{{"figure", "value", "by CPU time", "unit", "limit"}, {}};
  Json json = Json::object();
  void add(const std::string& name, double value, const std::string& unit, const std::string& limit,
           Value cpu = {}) {
    table.rows.push_back({name, value, cpu, unit, limit});
    json[name] = {{"value", value}, {"cpu", to_json(cpu)}, {"unit", unit}, {"limit", limit}};
  }
};

void write_whole(const fs::path& db, const StoreBench& settings, Figures& figures) {
  double seconds = 0, cpu = 0;
  {
    store::Store store = store::Store::open(db, store::Mode::write);
    const auto id = store.create_study(study());
    Rng rng(RngKey{1});
    for (int first = 1; first <= settings.trials; first += batch) {
      std::vector<store::NewTrial> trials;
      std::vector<std::vector<store::Series>> all;
      for (int n = first; n < std::min(first + batch, settings.trials + 1); ++n) {
        trials.push_back(trial(n, rng));
        all.push_back(curves(settings.steps, rng));
      }
      const double begin = cpu_seconds();
      seconds += seconds_of([&] {
        store.transaction([&] {
          for (std::size_t i = 0; i < trials.size(); ++i) {
            const store::TrialRun run{"cpu0", "cpu-avx512", 1.7e9, 1.7e9 + 20, 20.0};
            store.add_finished(id, trials[i], run, all[i], end_of(all[i]));
          }
        });
      });
      cpu += cpu_seconds() - begin;
    }
    const std::vector<std::string> final{"final"};
    store.transaction([&] {
      for (int n = 1; n <= settings.trials; n += 1000) {
        store.set_tags(id, n, final, {});
        store.set_note(id, n, "odd");
      }
    });
    seconds += seconds_of([&] { const store::Store closing = std::move(store); });
  }
  const double points = static_cast<double>(settings.trials) * settings.steps * metrics.size();
  figures.add("whole trials written", points / seconds / 1e6, "million points/s", ">= 3",
              points / cpu / 1e6);
  figures.add("size of the file", static_cast<double>(fs::file_size(db)) / 1e6, "MB",
              settings.trials == 100'000 && settings.steps == 100 ? "<= 300" : "");
}

/// As a search writes: a transaction for what came from eight lanes, then the end of each trial.
void write_steps(const fs::path& db, const StoreBench& settings, Figures& figures) {
  store::Store store = store::Store::open(db, store::Mode::write);
  const auto id = store.create_study(study());
  Rng rng(RngKey{2});
  double stepping = 0, sealing = 0, sealing_cpu = 0;
  constexpr int lanes = 8;
  for (int first = 1; first <= hot_trials; first += lanes) {
    std::vector<std::vector<store::Series>> all;
    store.transaction([&] {
      for (int n = first; n < first + lanes; ++n) {
        store.add_trial(id, trial(n, rng));
        store.set_running(id, n, "cpu0", "cpu-avx512");
        all.push_back(curves(settings.steps, rng));
      }
    });
    for (int step = 1; step <= settings.steps; ++step) {
      std::vector<store::StepRow> rows(lanes);
      for (std::size_t i = 0; i < lanes; ++i) {
        rows[i].step = step;
        for (const auto& series : all[i])
          rows[i].results.emplace_back(series.metric,
                                       series.values[static_cast<std::size_t>(step - 1)]);
        rows[i].timings = {{"seconds", 0.25}};
      }
      stepping += seconds_of([&] {
        store.transaction([&] {
          for (int i = 0; i < lanes; ++i)
            store.add_step(id, first + i, rows[static_cast<std::size_t>(i)], 0.5);
        });
      });
    }
    const double begin = cpu_seconds();
    sealing += seconds_of([&] {
      store.transaction([&] {
        for (int i = 0; i < lanes; ++i)
          store.finish_trial(id, first + i, end_of(all[static_cast<std::size_t>(i)]));
      });
    });
    sealing_cpu += cpu_seconds() - begin;
  }
  const double steps = static_cast<double>(hot_trials) * settings.steps;
  figures.add("steps of 8 lanes, a commit each", steps / stepping, "steps/s", "");
  figures.add("trials sealed", steps * metrics.size() / sealing / 1e6, "million points/s", "",
              steps * metrics.size() / sealing_cpu / 1e6);
}

/// Counts the rows it is handed.
class Counter : public store::RowSink {
 public:
  void columns(const std::vector<std::string>&) override {}
  void row(std::span<const Value>) override { ++rows; }
  std::size_t rows = 0;
};

/// A filter: from opening the file to the last of its rows handed over, with all their columns.
void ask(const fs::path& db, Figures& figures) {
  double slowest = 0, slowest_cpu = 0;
  for (const std::string& filter : filters) {
    const auto ms = median_ms([&] {
      Counter counter;
      store::query(db, filter, {"bench", 0}, counter);
    });
    figures.add("filter: " + filter, ms.wall, "ms", "<= 50", ms.cpu);
    slowest = std::max(slowest, ms.wall);
    slowest_cpu = std::max(slowest_cpu, ms.cpu);
  }
  figures.add("slowest filter", slowest, "ms", "<= 50", slowest_cpu);
  store::Table best;
  const auto top = median_ms([&] { best = store::top(db, "bench", 20, "", ""); });
  figures.add("best 20", top.wall, "ms", "<= 1", top.cpu);
  const store::Store store = store::Store::open(db, store::Mode::read);
  const auto id = store.study("bench").id;
  const auto curves_ms = median_ms([&] {
    for (const auto& row : best.rows) store.curve(id, static_cast<int>(as_number(row[0])));
  });
  figures.add("20 curves", curves_ms.wall, "ms", "<= 10", curves_ms.cpu);
}

/// The whole loop on a device that takes no time: what a trial costs beside its training.
void one_step(const fs::path& db, int steps, Figures& figures) {
  experiments::Spec spec;
  spec.study = "one step";
  spec.metrics.front() = {"loss", false, "best"};
  spec.sampler = "random";
  spec.trials = one_step_trials / steps;
  search::Parameter x;
  x.name = "x";
  x.low = 0;
  x.high = 1;
  spec.parameters = {x};
  const search::Space space = spec.space();
  experiments::SimulatedObjective objective;
  objective.steps = steps;
  objective.bytes = [](const Config&) { return std::size_t{1}; };
  objective.step = [](const Config& config, int step) {
    return experiments::SimulatedStep{1, {{"loss", as_number(*config.find("x")) / step}}};
  };
  store::Store store = store::Store::open(db, store::Mode::write);
  store::NewStudy made;
  made.name = spec.study;
  made.trials = spec.trials;
  made.params = {{"x", "float", Json::object()}};
  made.objectives = {{"loss", false}};
  const auto id = store.create_study(made);
  experiments::VirtualClock clock;
  experiments::SimulatedDevice device{"sim0", "sim"};
  device.memory = 1;
  experiments::SimulatedExecutor executor(objective, {device}, clock);
  search::SamplerContext sampler;
  sampler.space = &space;
  search::StrategyContext context;
  context.sampler = search::make_sampler("random", sampler);
  context.space = &space;
  context.trials = spec.trials;
  context.max_steps = steps;
  const auto strategy = search::make_strategy("full", std::move(context));
  const auto before = store.commits();
  const double begin = cpu_seconds();
  experiments::Summary summary;
  const double seconds = seconds_of([&] {
    summary = experiments::run(*strategy, executor, store, id, spec, clock, {}, nullptr);
  });
  const double cpu = cpu_seconds() - begin;
  if (summary.completed != spec.trials)
    fail<Error>("[bench] {} trials completed", summary.completed);
  const auto after = store.commits();
  const double commits = static_cast<double>(after.count - before.count) / spec.trials;
  const double beside = seconds - (after.seconds - before.seconds);
  if (steps == 1) {
    figures.add("a one-step trial", 1e6 * seconds / spec.trials, "us", "");
    figures.add("its commits", commits, "commits", "<= 2");
    figures.add("beside its commits", 1e6 * beside / spec.trials, "us", "<= 150",
                1e6 * cpu / spec.trials);
  } else {
    figures.add(fmt::format("commits of a step, in trials of {}", steps), commits / steps,
                "commits", "<= 1");
    figures.add("beside the commits, of a step", 1e6 * beside / spec.trials / steps, "us", "");
  }
}

void run_peer(const std::string& command, Figures& figures) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string output;
  std::array<char, 4096> buffer;
  while (pipe) {
    const std::size_t n = fread(buffer.data(), 1, buffer.size(), pipe.get());
    if (n == 0) break;
    output.append(buffer.data(), n);
  }
  for (const std::string& line : split(output, '\n')) {
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object() || !json.contains("us_per_trial") || !json["us_per_trial"].is_number())
      continue;
    figures.add("a one-step trial of the peer", json["us_per_trial"].get<double>(), "us", "");
    return;
  }
  fail<Error>("[bench] the peer printed no line {{\"us_per_trial\":...}}; it was: {}",
              printable(command));
}

}  // namespace

int bench_store(const Invocation& invocation, const StoreBench& settings) {
  const Folder folder;
  Figures figures;
  write_whole(folder.path / "whole.db", settings, figures);
  ask(folder.path / "whole.db", figures);
  write_steps(folder.path / "steps.db", settings, figures);
  for (const int steps : {1, 10})
    one_step(folder.path / fmt::format("loop{}.db", steps), steps, figures);
  if (settings.peer) run_peer(*settings.peer, figures);
  if (settings.json) {
    fmt::print(
        invocation.out, "{}\n",
        Json{{"trials", settings.trials}, {"steps", settings.steps}, {"figures", figures.json}}
            .dump());
  } else {
    print_table(invocation.out, figures.table, terminal_of(1));
  }
  return 0;
}

}  // namespace vernier::cli
