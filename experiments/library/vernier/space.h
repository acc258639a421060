// A space that is known beforehand. Without one, trials find it as they ask (trial.h).
#pragma once
#include <vernier/value.h>

#include <memory>
#include <string>
#include <vector>

namespace vernier {

/// Parameters in order. Every method that adds one throws UsageError for an empty or non-finite range, a scale or step that the range does not allow,
/// repeated choices, a name that is there already or no name; `when` is a condition over parameters before it ("layers >= 2",
/// "model = \"svm\""): where it does not hold, trials lack the parameter. Copies are independent. Not thread-safe.
class VERNIER_EXPORT Space {
 public:
  Space();
  Space(const Space& other);
  Space(Space&&) noexcept;
  Space& operator=(Space other) noexcept;
  ~Space();

  /// low <= value <= high, uniform on `scale`.
  Space& add_float(const std::string& name, double low, double high, Scale scale = Scale::linear,
                   const std::string& when = "");
  /// low, low + step, ... <= high.
  Space& add_stepped(const std::string& name, double low, double high, double step,
                     const std::string& when = "");
  /// low <= value <= high; with step: low, low + step, ...
  Space& add_int(const std::string& name, std::int64_t low, std::int64_t high,
                 Scale scale = Scale::linear, std::int64_t step = 1, const std::string& when = "");
  /// Bools, whole numbers, numbers, texts.
  Space& add_categorical(const std::string& name, std::vector<Value> choices,
                         const std::string& when = "");
  /// What every configuration keeps: "width * depth <= 4096". Names are checked when the study is opened.
  Space& add_constraint(const std::string& expression);

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace vernier
