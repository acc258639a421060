#include "store/exports/event_file.h"

#include <bit>

#include "core/hash.h"

namespace vernier::store {
namespace {

template <class Number>
void put(std::string& into, Number value) {
  for (std::size_t i = 0; i < sizeof value; ++i) into += static_cast<char>(value >> (8 * i) & 0xFF);
}

/// tensorflow/core/lib/hash/crc32c.h: so that a sum over bytes that hold sums is not weak.
std::uint32_t masked_crc(std::string_view bytes) {
  const std::uint32_t crc = crc32c(bytes);
  return (crc >> 15 | crc << 17) + 0xa282ead8U;
}

}  // namespace

void Message::varint(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) text_ += static_cast<char>(value | 0x80);
  text_ += static_cast<char>(value);
}
void Message::tag(int field, int type) { varint(static_cast<std::uint64_t>(field << 3 | type)); }
void Message::put_double(std::string& into, double value) {
  put(into, std::bit_cast<std::uint64_t>(value));
}

Message& Message::integer(int field, std::int64_t value) {
  tag(field, 0);
  varint(static_cast<std::uint64_t>(value));
  return *this;
}
Message& Message::real(int field, double value) {
  tag(field, 1);
  put_double(text_, value);
  return *this;
}
Message& Message::real32(int field, float value) {
  tag(field, 5);
  put(text_, std::bit_cast<std::uint32_t>(value));
  return *this;
}
Message& Message::bytes(int field, std::string_view value) {
  tag(field, 2);
  varint(value.size());
  text_ += value;
  return *this;
}

EventFile::EventFile(double wall) { record(Message().real(1, wall).bytes(3, "brain.Event:2")); }

void EventFile::scalar(double wall, std::int64_t step, const std::string& name, float value) {
  add(wall, step, name, Message().real32(2, value));
}

void EventFile::add(double wall, std::int64_t step, const std::string& name, const Message& value) {
  const Message named = Message().bytes(1, name).append(value);
  record(Message().real(1, wall).integer(2, step).message(5, Message().message(1, named)));
}

void EventFile::record(const Message& event) {
  std::string length;
  put(length, static_cast<std::uint64_t>(event.text().size()));
  text_ += length;
  put(text_, masked_crc(length));
  text_ += event.text();
  put(text_, masked_crc(event.text()));
}

}  // namespace vernier::store
