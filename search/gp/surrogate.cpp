#include "search/gp/surrogate.h"

#include <cmath>

#include "core/rng.h"
#include "core/stats.h"
#include "search/gp/fit.h"
#include "search/sobol_sequence.h"

namespace vernier::search::gp {
namespace {

constexpr std::uint32_t start_stream = 16;
constexpr int multi_start_every = 5, more_starts = 3;
constexpr int first_evaluations = 60, warm_evaluations = 40;

/// (unknown, draws)
Matrix fixed_normals(std::uint64_t seed, Eigen::Index unknown, int draws) {
  if (unknown == 0 || draws == 0) return {};
  const ScrambledSobol sobol(static_cast<std::size_t>(unknown), seed);
  Matrix out(unknown, draws);
  for (int s = 0; s < draws; ++s) {
    const std::vector<double> point = sobol.point(static_cast<std::uint32_t>(s));
    for (Eigen::Index i = 0; i < unknown; ++i)
      out(i, s) = normal_quantile(point[static_cast<std::size_t>(i)]);
  }
  return out;
}

}  // namespace

Surrogate::Surrogate(const Embedding& embedding, std::uint64_t seed, int objectives, FitPlace place)
    : embedding_(&embedding),
      seed_(seed),
      objectives_(objectives),
      size_(embedding.dimensions() + 2),
      place_(place),
      models_(static_cast<std::size_t>(objectives), Model(embedding.owner())) {}

bool Surrogate::update(const History& history, const Rows& rows, int results, int draws) {
  new_fit_.clear();
  std::optional<FitRecord> record = last_fit(history, size_ * objectives_, place_);
  if (!record || fit_is_due(record->results, results)) {
    record = fit(record, rows, results);
    new_fit_ = encode(*record);
  }
  theta_ = record->theta;
  const Matrix normals = fixed_normals(seed_, rows.unknown(), draws);
  for (int k = 0; k < objectives_; ++k)
    if (!models_[static_cast<std::size_t>(k)].update(theta_.segment(k * size_, size_), record->rows,
                                                     rows.x(), rows.y().col(k), rows.known(),
                                                     normals, rows.doubt()))
      return false;
  return true;
}

FitRecord Surrogate::fit(const std::optional<FitRecord>& last, const Rows& rows,
                         int results) const {
  FitRecord record;
  record.ordinal = last ? last->ordinal + 1 : 0;
  record.rows = static_cast<int>(rows.x().rows());
  record.results = results;
  record.theta.resize(size_ * objectives_);
  const int d = embedding_->dimensions();
  Rng rng({seed_, Stream::sampler, start_stream}, static_cast<std::uint32_t>(record.ordinal));
  for (int k = 0; k < objectives_; ++k) {
    std::vector<Vector> starts = {last ? Vector(last->theta.segment(k * size_, size_))
                                       : default_theta(d)};
    if (record.ordinal % multi_start_every == 0) {
      for (int i = 0; i < more_starts; ++i) {
        starts.push_back(default_theta(d));
        if (last && i == 0) continue;
        for (int j = 0; j < d; ++j) starts.back()[j] += rng.normal();
        starts.back()[d + 1] += 2 * rng.normal();
      }
    }
    record.theta.segment(k * size_, size_) =
        fit_map(rows.fit_data(k), starts, last ? warm_evaluations : first_evaluations);
  }
  return record;
}

std::vector<double> Surrogate::lengthscales() const {
  std::vector<double> out;
  for (int i = 0; i < embedding_->dimensions(); ++i) {
    double sum = 0;
    for (int k = 0; k < objectives_; ++k) sum += theta_[k * size_ + i];
    out.push_back(std::exp(sum / objectives_));
  }
  return out;
}

}  // namespace vernier::search::gp
