// Where bytes go: a writer pushes pieces, a sink keeps, hashes or sends them.
#pragma once

#include <string>
#include <string_view>

namespace hansa {

/// Takes pieces in order. A piece is valid only during the call. Not thread-safe.
class Sink {
public:
    virtual ~Sink() = default;
    virtual void write(std::string_view piece) = 0;
};

/// Keeps all in one string.
class StringSink final : public Sink {
public:
    void write(std::string_view piece) override { text_ += piece; }
    const std::string& text() const { return text_; }
    std::string take() { return std::move(text_); }

private:
    std::string text_;
};

}  // namespace hansa
