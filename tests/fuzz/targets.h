// What is fuzzed: text and bytes from outside. A target returns; every error of ours is caught in it. What it must not do: crash, hang, read
// out of bounds, or (filters) mean one thing in SQL and another in core/expr.
#pragma once
#include <cstddef>
#include <cstdint>

namespace vernier::fuzz {

/// A filter expression with its clauses, over the trials of a small study.
void filter(const std::uint8_t* data, std::size_t size);
/// A study file.
void study(const std::uint8_t* data, std::size_t size);
/// A list of layers as JSON: checked, built for several inputs, its settings set and read.
void layers(const std::uint8_t* data, std::size_t size);
/// A database: bytes laid over a whole one, read by verify, listings, questions and recover.
void database(const std::uint8_t* data, std::size_t size);
/// The bytes of one client of the live page, through libmicrohttpd to the site and back.
void http(const std::uint8_t* data, std::size_t size);
/// A data file: the first byte chooses the parser (data.cpp), the rest is what it reads.
void data(const std::uint8_t* data, std::size_t size);
/// What `vernier import` reads: the first byte chooses (imports.cpp). What comes in must be whole.
void imports(const std::uint8_t* data, std::size_t size);

}  // namespace vernier::fuzz
