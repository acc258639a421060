#include "search/unit_rows.h"

#include "core/error.h"

namespace vernier::search {

void UnitRows::update(const History& history) {
  rows_.resize(history.trials.size());
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    Row& row = rows_[i];
    const Config& config = history.trials[i].config;
    const bool known = row.inside || !row.unit.empty() || row.config.size() > 0;
    if (known && row.config == config) continue;
    row.config = config;
    try {
      row.unit = space_->to_unit(space_->canonical(config));
      row.inside = true;
    } catch (const UsageError&) {  // from before the space changed
      row.unit.clear();
      row.inside = false;
    }
  }
}

}  // namespace vernier::search
