#include "engine/cpu/bench.h"

#include <fmt/ostream.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <ostream>

#include "cli/commands/bench_gpu.h"
#include "cli/commands/bench_store.h"
#include "cli/options.h"
#include "cli/terminal/table.h"
#include "core/error.h"
#include "core/stats.h"
#include "core/text.h"
#include "engine/math/precision.h"

namespace vernier::cli {
namespace {

// This thread, and the children it starts, on one core: the first it may use.
class Pinned {
 public:
  Pinned() {
    sched_getaffinity(0, sizeof before_, &before_);
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (!CPU_ISSET(cpu, &before_)) continue;
      cpu_set_t one;
      CPU_ZERO(&one);
      CPU_SET(cpu, &one);
      sched_setaffinity(0, sizeof one, &one);
      core_ = cpu;
      return;
    }
  }
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;
  ~Pinned() { sched_setaffinity(0, sizeof before_, &before_); }
  int core() const { return core_; }

 private:
  cpu_set_t before_{};
  int core_ = 0;
};

// Runs a peer and takes {"net":...,"mode":...,"ms_median":...} lines from its output: the best mode of each net, in microseconds.
std::map<std::string, std::pair<double, std::string>> run_peer(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  if (!pipe) fail<Error>("[bench] cannot run '{}'", printable(command));
  std::string output;
  std::array<char, 4096> buffer;
  while (const std::size_t n = fread(buffer.data(), 1, buffer.size(), pipe.get()))
    output.append(buffer.data(), n);
  std::map<std::string, std::pair<double, std::string>> best;
  for (const std::string& line : split(output, '\n')) {
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object() || !json.contains("net") || !json.contains("ms_median") ||
        !json["ms_median"].is_number())
      continue;
    const double us = json["ms_median"].get<double>() * 1000;
    auto& entry = best[json["net"].get<std::string>()];
    if (entry.first == 0 || us < entry.first) entry = {us, json.value("mode", "")};
  }
  if (best.empty())
    fail<Error>("[bench] the peer printed no line {{\"net\":...,\"ms_median\":...}}; it was: {}",
                printable(command));
  return best;
}

struct Row {
  std::vector<double> us, share, peak, peer_us;
  double flops = 0;
  std::string peer_mode;
};

Json row_json(const std::string& net, int batch, const Row& row) {
  Json json{{"net", net},
            {"batch", batch},
            {"update_us", median(row.us)},
            {"flops", row.flops},
            {"gflops", row.flops / median(row.us) / 1e3},
            {"peak_gflops", median(row.peak)},
            {"share_of_peak", median(row.share)}};
  if (!row.peer_us.empty()) {
    json["peer_us"] = median(row.peer_us);
    json["peer_mode"] = row.peer_mode;
    json["ratio"] = median(row.peer_us) / median(row.us);
  }
  return json;
}

int print_scaling(const Invocation& invocation, double seconds, bool json) {
  const engine::cpu::ScalingBench scaling = engine::cpu::two_core_scaling(seconds);
  if (json) {
    fmt::print(
        invocation.out, "{}\n",
        Json{{"trials", scaling.trials}, {"products", scaling.products}, {"ratio", scaling.ratio}}
            .dump());
  } else {
    fmt::print(invocation.out,
               "two trials on two cores over one: {:.3f}\ntwo loops of matrix products over one: "
               "{:.3f}\nratio: {:.3f}\n",
               scaling.trials, scaling.products, scaling.ratio);
  }
  return 0;
}

}  // namespace

int bench(const Invocation& invocation) {
  Options options("bench [options]",
                  "Times training updates on one core against the peak of matrix products measured "
                  "in turns with them.\n"
                  "  vernier bench --net mlp --peer 'python3 torch_step.py --net mlp --threads 1 "
                  "--mode eager compile'");
  options
      .value("net", "NAME",
             "mlp (784-256-256-10), logistic, lenet5 (28 x 28), resnet20, wrn-16-1, wrn-16-4, "
             "resnet18 (32 x 32 x 3), or all (default)")
      .value("batch", "N", "examples an update (default 128)");
  options.value("seconds", "S", "a measurement (default 3)")
      .value("rounds", "N", "in turns with the peer (default 3)");
  options.value("peer", "COMMAND",
                "a program that prints {\"net\":...,\"ms_median\":...}, run on the same core in "
                "turns with ours");
  options
      .flag("store",
            "the database instead: writing, size, filters, and what a one-step trial costs")
      .value("trials", "N", "with --store: trials written (default 100000)");
  options.value("gpu", "N", "on a GPU instead, many trials at once")
      .value("lanes", "LIST", "with --gpu: trials at once (default 1,8,64)")
      .value("precision", "NAME", "with --gpu: fp32 (default), tf32 or bf16");
  options.flag("scaling", "two trials on two cores against two loops of matrix products").json();
  if (!options.parse(invocation)) return 0;
  if (options.has("store")) {
    StoreBench settings;
    settings.trials =
        static_cast<int>(options.integer("trials", 1'000, 10'000'000).value_or(100'000));
    settings.peer = options.text("peer");
    settings.json = options.has("json");
    return bench_store(invocation, settings);
  }
  const double seconds = options.positive("seconds").value_or(3);
  if (options.has("scaling")) return print_scaling(invocation, seconds, options.has("json"));

  const std::string net = options.text("net", "all");
  const std::vector<std::string> nets = engine::cpu::bench_models();
  if (net != "all" && std::find(nets.begin(), nets.end(), net) == nets.end()) {
    fail<UsageError>("[bench] --net '{}'{}", printable(net), hint(net, nets));
  }
  if (const auto gpu = options.integer("gpu", 0, 1024)) {
    GpuBench settings;
    settings.gpu = static_cast<int>(*gpu);
    settings.nets = net == "all" ? std::vector<std::string>{"mlp", "logistic"} : std::vector{net};
    for (const std::string& text : split(options.text("lanes", "1,8,64"), ',')) {
      const auto count = parse_int(text);
      if (!count || *count < 1 || *count > 4096)
        fail<UsageError>("[bench] --lanes '{}'; expected numbers of 1 to 4096, as 1,8,64",
                         printable(text));
      settings.lanes.push_back(static_cast<int>(*count));
    }
    settings.batch = static_cast<int>(options.integer("batch", 1, 20'000).value_or(128));
    settings.precision = options.text("precision", settings.precision);
    if (!engine::precision_from_name(settings.precision))
      fail<UsageError>("[bench] --precision '{}'; expected fp32, tf32 or bf16",
                       printable(settings.precision));
    settings.seconds = seconds;
    settings.json = options.has("json");
    return bench_gpu(invocation, settings);
  }
  const std::vector<std::string> chosen = net == "all" ? nets : std::vector<std::string>{net};
  const int batch = static_cast<int>(options.integer("batch", 1, 1'000'000).value_or(128));
  const auto peer = options.text("peer");
  const int rounds = static_cast<int>(options.integer("rounds", 1, 1000).value_or(peer ? 3 : 1));
  std::map<std::string, Row> rows;
  const Pinned pinned;
  for (int round = 0; round < rounds; ++round) {
    for (const std::string& name : chosen) {
      const engine::cpu::StepBench figures = engine::cpu::bench_step(name, batch, seconds);
      Row& row = rows[name];
      row.us.push_back(figures.update_us_median);
      row.share.push_back(figures.share);
      row.peak.push_back(figures.peak_gflops);
      row.flops = figures.flops;
    }
    if (!peer) continue;
    for (const auto& [name, figures] : run_peer(*peer)) {
      if (const auto row = rows.find(name); row != rows.end()) {
        row->second.peer_us.push_back(figures.first);
        row->second.peer_mode = figures.second;
      }
    }
  }
  Json list = Json::array();
  store::Table table{{"net", "batch", "us/update", "GFLOP/s", "peak GFLOP/s", "share of peak"}, {}};
  if (peer) table.columns.insert(table.columns.end(), {"peer us/update", "peer mode", "peer/ours"});
  for (const std::string& name : chosen) {
    const Row& row = rows[name];
    list.push_back(row_json(name, batch, row));
    auto& cells = table.rows.emplace_back();
    cells = {name,
             std::int64_t{batch},
             median(row.us),
             row.flops / median(row.us) / 1e3,
             median(row.peak),
             median(row.share)};
    if (!peer) continue;
    if (row.peer_us.empty()) {
      cells.insert(cells.end(), 3, Value());
    } else {
      cells.insert(cells.end(),
                   {median(row.peer_us), row.peer_mode, median(row.peer_us) / median(row.us)});
    }
  }
  if (options.has("json")) {
    fmt::print(invocation.out, "{}\n", Json{{"core", pinned.core()}, {"bench", list}}.dump());
  } else {
    print_table(invocation.out, table, terminal_of(1), 4);
  }
  return 0;
}

}  // namespace vernier::cli
