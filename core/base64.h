// Base64 (RFC 4648, section 4, with padding).
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace vernier {

std::string base64(std::span<const unsigned char> bytes);
/// The bytes again; nullopt for a text that is none.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace vernier
