// Test functions of floats alone.
#pragma once
#include "search/problems/problem.h"

namespace vernier::search {

Problem branin2();      // three equal minima, 0.397887
Problem hartmann3();    // -3.86278
Problem hartmann6();    // -3.32237, six local minima
Problem rosenbrock4();  // a curved valley, 0 at (1, 1, 1, 1)
Problem ackley5();      // many local minima around a funnel, 0 at the origin
Problem levy4();        // 0 at (1, 1, 1, 1)

}  // namespace vernier::search
