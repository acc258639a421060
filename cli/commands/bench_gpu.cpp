#include "cli/commands/bench_gpu.h"

#include <fmt/ostream.h>

#include "cli/terminal/table.h"
#include "core/error.h"
#include "core/json.h"
#include "engine/cuda/bench.h"
#include "engine/cuda/load.h"

namespace vernier::cli {

int bench_gpu(const Invocation& invocation, const GpuBench& settings) {
  const auto gpus = engine::cuda::module_gpus();
  if (settings.gpu >= static_cast<int>(gpus.size())) {
    const std::string why = engine::inspect_cuda().why;
    fail<DeviceError>("[bench] no GPU {}; {}", settings.gpu,
                      gpus.empty() && !why.empty()
                          ? why
                          : fmt::format("expected one of the {} there are", gpus.size()));
  }
  engine::cuda::Gpu& gpu = *gpus[static_cast<std::size_t>(settings.gpu)];
  Json list = Json::array();
  store::Table table{{"net", "batch", "lanes", "us/update", "trial updates/s", "GFLOP/s"}, {}};
  for (const std::string& net : settings.nets) {
    for (const int lanes : settings.lanes) {
      const auto figures = engine::cuda::bench_lanes(gpu, net, settings.batch, lanes,
                                                     settings.precision, settings.seconds);
      const double us = figures.update_us_median;
      const double rate = lanes / us * 1e6, gflops = figures.flops * lanes / us / 1e3;
      list.push_back({{"net", net},
                      {"batch", settings.batch},
                      {"lanes", lanes},
                      {"update_us", us},
                      {"update_us_min", figures.update_us_min},
                      {"trial_updates_per_second", rate},
                      {"gflops", gflops}});
      table.rows.push_back(
          {net, std::int64_t{settings.batch}, std::int64_t{lanes}, us, rate, gflops});
    }
  }
  if (settings.json) {
    fmt::print(
        invocation.out, "{}\n",
        Json{{"gpu", gpu.info().kind}, {"precision", settings.precision}, {"bench", list}}.dump());
  } else {
    print_table(invocation.out, table, terminal_of(1), 4);
  }
  return 0;
}

}  // namespace vernier::cli
