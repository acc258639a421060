// What a claim of a study may name: its parameters with their values, other settings, metrics; and expressions over them.
#pragma once
#include <string>
#include <vector>

#include "experiments/study/reader.h"
#include "experiments/study/spec.h"

namespace vernier::experiments {

class ClaimNames {
 public:
  explicit ClaimNames(const Spec& spec);

  /// Arms over studies: other studies may have what this one has not.
  bool over_studies = false;

  const std::vector<std::string>& parameters() const { return parameters_; }
  bool is_parameter(const std::string& name) const;

  // Each reads one value of the file and refuses it with its place.
  /// A parameter; over studies any setting.
  std::string parameter(const Reader& reader) const;
  /// A value of `parameter`, as text.
  std::string value(const Reader& reader, const std::string& parameter) const;
  /// The name of a metric. A program may report what it likes.
  std::string metric(const Reader& reader) const;
  /// A kind of pictures that the study records.
  std::string picture(const Reader& reader) const;
  /// An expression over settings, and over what a trial results in where `results`.
  std::string expression(const Reader& reader, bool results) const;

 private:
  /// "val_acc.cat" too, which data and layers decide; beside train.record what any recording calls its own.
  bool is_metric(const std::string& name) const;
  std::vector<std::string> settings() const;

  const Spec& spec_;
  std::vector<std::string> parameters_, metrics_, recorded_;
};

}  // namespace vernier::experiments
