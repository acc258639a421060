#include "search/sampler.h"

#include <array>

#include "core/error.h"
#include "core/text.h"
#include "search/samplers/auto.h"
#include "search/samplers/cmaes.h"
#include "search/samplers/gp.h"
#include "search/samplers/grid.h"
#include "search/samplers/nsga2.h"
#include "search/samplers/random.h"
#include "search/samplers/sobol.h"
#include "search/samplers/tpe.h"
#include "search/warm_start.h"

namespace vernier::search {
namespace {

struct Entry {
  SamplerInfo info;
  std::unique_ptr<Sampler> (*make)(const SamplerContext&);
};

const std::vector<Entry>& table() {
  static const std::vector<Entry> entries = {
#define SAMPLER(name, summary, ...) {{#name, summary, {__VA_ARGS__}}, make_##name},
#include "search/samplers.def"
#undef SAMPLER
  };
  return entries;
}

}  // namespace

std::span<const SamplerInfo> samplers() {
  static const std::vector<SamplerInfo> infos = [] {
    std::vector<SamplerInfo> list;
    for (const Entry& entry : table()) list.push_back(entry.info);
    return list;
  }();
  return infos;
}

std::unique_ptr<Sampler> make_sampler(const std::string& name, const SamplerContext& context) {
  std::vector<std::string> names;
  for (const Entry& entry : table()) {
    if (entry.info.name == name)
      return context.earlier.empty() ? entry.make(context)
                                     : warm_started(name, entry.make, context);
    names.push_back(entry.info.name);
  }
  fail<UsageError>("[search] unknown sampler '{}'{}", name, hint(name, names));
}

}  // namespace vernier::search
