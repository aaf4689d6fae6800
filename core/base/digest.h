// Digests and the text forms of bytes, on OpenSSL.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/base/sink.h"

namespace hansa {

enum class DigestAlgorithm { sha1, sha256, sha384, sha512, sm3 };

/// A digest fed in pieces. Movable; one thread at a time.
class Digest final : public Sink {
public:
    explicit Digest(DigestAlgorithm algorithm);
    ~Digest() override;
    Digest(Digest&&) noexcept;
    Digest& operator=(Digest&&) noexcept;
    void write(std::string_view piece) override;
    /// The digest as bytes; ends it.
    std::string finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Digest of one piece, as bytes.
std::string digest(DigestAlgorithm algorithm, std::string_view bytes);

/// Lower-case hexadecimal.
std::string to_hex(std::string_view bytes);

/// SHA-256 in lower-case hexadecimal: how the journal and the evidence name bytes.
std::string sha256_hex(std::string_view bytes);

/// RFC 4648 base 64 with padding, one line.
std::string to_base64(std::string_view bytes);

/// White space between the characters is skipped (XML Schema's base64Binary allows it).
/// Errors: base.bad-identifier for any other foreign character or wrong padding.
Result<std::string> from_base64(std::string_view text);

/// Compares secrets without telling by its time where they differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace hansa
