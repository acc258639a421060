// TensorBoard's event files: records framed as TFRecord, each a protobuf message Event. Written by hand: a dozen fields need no library.
//
//   record    u64 length, u32 masked CRC-32C of it, the message, u32 masked CRC-32C of that (little-endian)
//   protobuf  each field: varint (number << 3 | type), then varint (0), 8 bytes (1), length and bytes (2), 4 bytes (5)
// Field numbers: tensorboard/compat/proto/{event,summary}.proto, google/protobuf/struct.proto, tensorboard/plugins/hparams/*.proto.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace vernier::store {

/// A protobuf message that is being written.
class Message {
 public:
  Message& integer(int field, std::int64_t value);
  Message& real(int field, double value);
  Message& real32(int field, float value);
  Message& bytes(int field, std::string_view value);
  Message& message(int field, const Message& value) { return bytes(field, value.text_); }
  /// The fields of another one, behind these.
  Message& append(const Message& more) {
    text_ += more.text_;
    return *this;
  }
  /// Packed doubles.
  template <class Numbers>
  Message& reals(int field, const Numbers& values) {
    std::string packed;
    for (const double value : values) put_double(packed, value);
    return bytes(field, packed);
  }
  const std::string& text() const { return text_; }

 private:
  static void put_double(std::string& into, double value);
  void tag(int field, int type);
  void varint(std::uint64_t value);
  std::string text_;
};

class EventFile {
 public:
  explicit EventFile(double wall);
  void scalar(double wall, std::int64_t step, const std::string& name, float value);
  /// `value`: a Summary.Value without its tag.
  void add(double wall, std::int64_t step, const std::string& name, const Message& value);
  const std::string& text() const { return text_; }

 private:
  void record(const Message& event);
  std::string text_;
};

}  // namespace vernier::store
