// All of the library.
#pragma once
#include <vernier/database.h>
#include <vernier/error.h>
#include <vernier/space.h>
#include <vernier/study.h>
#include <vernier/trial.h>
#include <vernier/value.h>
