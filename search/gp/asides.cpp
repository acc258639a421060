#include "search/gp/asides.h"

namespace vernier::search::gp {

Asides::Asides(const Embedding& embedding, std::uint64_t seed, int objectives, int count) {
  const int size = embedding.dimensions() + 2;
  length_ = fit_length(size * objectives);
  each_ = fit_length(size);
  total_ = length_ + count * each_;
  for (int k = 0; k < count; ++k)
    models_.push_back(
        {Rows(embedding), Surrogate(embedding, seed + static_cast<std::uint64_t>(k) + 1, 1,
                                    {length_ + k * each_, total_})});
}

void Asides::update(std::size_t which, const History& history, const Results& results) {
  Aside& aside = models_[which];
  aside.known = false;
  if (results.count < 2) return;
  aside.rows.update(history, results);
  aside.known =
      aside.rows.successes() >= 2 && aside.surrogate.update(history, aside.rows, results.count, 0);
}

const Model* Asides::model(std::size_t which) const {
  return models_[which].known ? &models_[which].surrogate.model() : nullptr;
}

std::vector<double> Asides::fits_after(const std::vector<double>& objectives) const {
  if (models_.empty()) return objectives;
  std::vector<double> out = objectives;
  bool any = !objectives.empty();
  out.resize(static_cast<std::size_t>(length_), -1.0);
  for (const Aside& aside : models_) {
    std::vector<double> fit = aside.known ? aside.surrogate.new_fit() : std::vector<double>();
    any |= !fit.empty();
    fit.resize(static_cast<std::size_t>(each_), -1.0);
    out.insert(out.end(), fit.begin(), fit.end());
  }
  return any ? out : std::vector<double>();
}

}  // namespace vernier::search::gp
