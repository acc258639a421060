// Time is a dependency: decisions use monotonic seconds, wall time is only shown.
#pragma once

namespace vernier {

class Clock {
 public:
  virtual ~Clock() = default;
  /// Seconds from an arbitrary start; never goes back.
  virtual double monotonic() const = 0;
  /// Unix time in seconds.
  virtual double wall() const = 0;
};

class SystemClock final : public Clock {
 public:
  double monotonic() const override;
  double wall() const override;
};

}  // namespace vernier
