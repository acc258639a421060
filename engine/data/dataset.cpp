#include "engine/data/dataset.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "core/error.h"
#include "engine/data/class_choice.h"
#include "engine/data/label_noise.h"
#include "engine/data/move.h"
#include "engine/data/prepare.h"
#include "engine/data/source.h"
#include "engine/data/split.h"

namespace vernier::engine {
namespace {

void check_keys(const DataSettings& s, Source::Kind kind) {
  const auto refuse = [&](const char* key, const char* takers) {
    fail<UsageError>("[data.{}] data set '{}' does not take it; expected only with {}", key, s.set,
                     takers);
  };
  if (kind != Source::Kind::generator && s.n) refuse("n", "generated sets (spirals, moons, ...)");
  if (kind != Source::Kind::generator && s.noise)
    refuse("noise", "generated sets (spirals, moons, ...)");
  if (kind != Source::Kind::table && !s.file.empty()) refuse("file", "set: csv or npy");
  if (kind != Source::Kind::table && !s.target.empty()) refuse("target", "set: csv or npy");
  if ((kind == Source::Kind::generator || kind == Source::Kind::built_in) && !s.dir.empty())
    refuse("dir", "sets read from files");
  if (s.gap != 0 && s.set != "moons") refuse("gap", "set: moons");
  if (s.style != "plain" && s.set != "digits") refuse("style", "set: digits");
}

std::vector<int> all(int n) {
  std::vector<int> indices(static_cast<std::size_t>(n));
  std::iota(indices.begin(), indices.end(), 0);
  return indices;
}

struct Indices {
  std::vector<int> train, valid, test;
};

/// Takes `count` of `members`; [data.key] names the setting in errors.
std::vector<int> choose(const char* key, std::span<const int> members, const Examples& from,
                        int classes, int count, const DataSettings& s, Selection purpose) {
  const int there = static_cast<int>(members.size());
  if (count > there) {
    fail<UsageError>("[data.{}] {} examples of '{}' asked for; there are {}", key, count, s.set,
                     there);
  }
  if (count == there) return {members.begin(), members.end()};
  return select_stratified(members, from.labels, classes, count, s.split_seed, purpose);
}

/// Fold s.fold of what is left becomes the validation part.
void take_fold(std::vector<int>& rest, const RawData& raw, const DataSettings& s, Indices& parts) {
  if (static_cast<int>(rest.size()) < 2 * s.folds) {
    fail<UsageError>(
        "[data.folds] {} folds of the {} training examples of '{}'; expected 2 in each", s.folds,
        rest.size(), s.set);
  }
  const auto fold = fold_of_each(rest, raw.pool.labels, raw.classes, s.folds, s.split_seed);
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (fold[i] == s.fold) parts.valid.push_back(rest[i]);
  }
  rest = without(rest, parts.valid);
}

Indices divide(const RawData& raw, const DataSettings& s) {
  Indices parts;
  const int classes = raw.classes;
  const int sixth = std::max(1, (raw.pool.n + 3) / 6);
  std::vector<int> rest = all(raw.pool.n);
  const auto take = [&](const char* key, int count, Selection purpose) {
    if (count >= static_cast<int>(rest.size())) {
      fail<UsageError>(
          "[data.{}] {} of {} examples of '{}' asked for; expected fewer, so that some are left to "
          "train on",
          key, count, rest.size(), s.set);
    }
    std::vector<int> chosen = choose(key, rest, raw.pool, classes, count, s, purpose);
    rest = without(rest, chosen);
    return chosen;
  };
  if (raw.test) {
    parts.test = choose("test", all(raw.test->n), *raw.test, classes, s.test.value_or(raw.test->n),
                        s, Selection::test);
  } else {
    parts.test = take("test", s.test.value_or(sixth), Selection::test);
  }
  if (s.folds > 0) {
    take_fold(rest, raw, s, parts);
  } else if (raw.valid) {
    parts.valid = choose("valid", all(raw.valid->n), *raw.valid, classes,
                         s.valid.value_or(raw.valid->n), s, Selection::valid);
  } else {
    parts.valid =
        take("valid", s.valid.value_or(raw.valid_count.value_or(sixth)), Selection::valid);
  }
  const int left = static_cast<int>(rest.size());
  parts.train =
      choose("train", rest, raw.pool, classes, s.train.value_or(left), s, Selection::train);
  if (s.subset)
    parts.train = choose("subset", parts.train, raw.pool, classes, *s.subset, s, Selection::subset);
  return parts;
}

Part gather(const Examples& from, std::span<const int> indices, std::size_t features,
            std::size_t outputs) {
  Part part;
  part.n = static_cast<int>(indices.size());
  part.x.reserve(indices.size() * features);
  for (const int index : indices) {
    const std::size_t i = static_cast<std::size_t>(index);
    if (from.bytes.empty()) {
      part.x.insert(part.x.end(), from.numbers.begin() + static_cast<std::ptrdiff_t>(i * features),
                    from.numbers.begin() + static_cast<std::ptrdiff_t>((i + 1) * features));
    } else {
      part.x.insert(part.x.end(), from.bytes.begin() + static_cast<std::ptrdiff_t>(i * features),
                    from.bytes.begin() + static_cast<std::ptrdiff_t>((i + 1) * features));
    }
    if (from.targets.empty()) {
      part.labels.push_back(from.labels[i]);
    } else {
      part.targets.insert(part.targets.end(),
                          from.targets.begin() + static_cast<std::ptrdiff_t>(i * outputs),
                          from.targets.begin() + static_cast<std::ptrdiff_t>((i + 1) * outputs));
    }
  }
  return part;
}

/// Images of validation and test moved, pixels of all permuted, as asked for.
void move(Dataset& data, const DataSettings& s) {
  if (s.shift > 0) {
    if (data.shape.size() != 3) {
      fail<UsageError>("[data.shift] {} with '{}', whose examples are no images", s.shift, s.set);
    }
    shift_images(data.valid.x, data.shape, s.shift, s.split_seed, 0);
    shift_images(data.test.x, data.shape, s.shift, s.split_seed, 1);
  }
  if (s.permute) {
    for (Part* part : {&data.train, &data.valid, &data.test})
      permute_pixels(part->x, data.shape, s.split_seed);
  }
}

}  // namespace

std::size_t Dataset::bytes() const {
  std::size_t total = 0;
  for (const Part* part : {&train, &valid, &test}) {
    total += part->x.size() * sizeof(float) + part->labels.size() * sizeof(std::int32_t) +
             part->targets.size() * sizeof(float);
  }
  return total;
}

std::vector<std::string> Dataset::names_of_classes() const {
  std::vector<std::string> names = class_names;
  for (int c = static_cast<int>(names.size()); c < classes; ++c) names.push_back(std::to_string(c));
  return names;
}

Dataset load_dataset(const DataSettings& settings, std::span<const std::filesystem::path> dirs,
                     const Log& log) {
  const Source& source = find_source(settings.set);
  check_keys(settings, source.kind);
  RawData raw = source.load(settings, dirs);
  if (!settings.classes.empty()) keep_classes(raw, settings.classes, settings.set);
  if (settings.label_noise > 0 && raw.classes == 0) {
    fail<UsageError>("[data.label_noise] {} with '{}', whose target is a number; expected classes",
                     settings.label_noise, settings.set);
  }
  const Indices parts = divide(raw, settings);
  if (settings.label_noise > 0) {
    add_label_noise(raw.pool.labels, parts.train, raw.classes, settings.label_noise,
                    settings.split_seed);
  }

  Dataset data;
  data.name = settings.set;
  data.shape = raw.shape;
  data.features = raw.features();
  data.classes = raw.classes;
  data.outputs = raw.outputs;
  data.class_names = raw.class_names;
  data.from_bytes = !raw.pool.bytes.empty();
  const std::size_t features = static_cast<std::size_t>(data.features);
  const std::size_t outputs = static_cast<std::size_t>(data.outputs);
  data.train = gather(raw.pool, parts.train, features, outputs);
  const bool apart = raw.valid && settings.folds == 0;
  data.valid = gather(apart ? *raw.valid : raw.pool, parts.valid, features, outputs);
  data.test = gather(raw.test ? *raw.test : raw.pool, parts.test, features, outputs);
  raw = {};
  move(data, settings);

  data.preparation = fit_preparation(settings.normalize, data.train.x, data.shape);
  for (Part* part : {&data.train, &data.valid, &data.test}) data.preparation.apply(part->x);
  if (data.classes == 0 && source.kind == Source::Kind::table && settings.normalize != "none") {
    const std::vector<int> target_shape{data.outputs};
    const Preparation scaling = fit_preparation("standardize", data.train.targets, target_shape);
    for (Part* part : {&data.train, &data.valid, &data.test}) scaling.apply(part->targets);
    data.target_mean = scaling.offset[0];
    data.target_deviation = scaling.scale[0] > 0 ? 1 / scaling.scale[0] : 1;
  }
  if (log) {
    log(Level::info, fmt::format("{}: {} training, {} validation, {} test examples", data.name,
                                 data.train.n, data.valid.n, data.test.n));
  }
  return data;
}

}  // namespace vernier::engine
