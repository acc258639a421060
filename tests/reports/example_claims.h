// Studies with claims of every kind and every plot, as lectures have them; small grids whose values follow simple laws.
#pragma once
#include <string>
#include <vector>

#include "store/store.h"

namespace vernier::reports::example {

/// Adds them; their names, in order. Between them they have supported, contradicted and undecided claims, few seeds, none, and every plot.
std::vector<std::string> add_claims(store::Store& store);

/// A study that makes `claims` claims over one grid.
std::string add_many_claims(store::Store& store, int claims);

}  // namespace vernier::reports::example
