// A text put together from pieces: stays a view of the input while there is one piece. Inside of
// the scanner.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hansa::xml {

/// Pieces go to `scratch` behind what is there already, so that several runs can share it; views of
/// runs in it are made when it no longer grows.
class TextRun {
public:
    explicit TextRun(std::string& scratch) : scratch_(&scratch), begin_(scratch.size()) {}

    /// A piece of the input.
    void add(std::string_view piece) {
        if (piece.empty()) return;
        if (!copied_ && view_.empty()) {
            view_ = piece;
            return;
        }
        if (!copied_ && view_.data() + view_.size() == piece.data()) {
            view_ = {view_.data(), view_.size() + piece.size()};
            return;
        }
        copy();
        scratch_->append(piece);
    }
    /// A piece that the input does not hold.
    void add_made(std::string_view piece) {
        copy();
        scratch_->append(piece);
    }

    std::size_t size() const { return copied_ ? scratch_->size() - begin_ : view_.size(); }
    bool copied() const { return copied_; }
    /// For a copied run good until the scratch grows; call when all runs that share it are complete.
    std::string_view view() const {
        return copied_ ? std::string_view(*scratch_).substr(begin_, end_ - begin_) : view_;
    }
    /// Ends the run: what follows in the scratch belongs to another one.
    void close() { end_ = scratch_->size(); }

private:
    void copy() {
        if (copied_) return;
        copied_ = true;
        scratch_->append(view_);
    }

    std::string* scratch_;
    std::size_t begin_;
    std::size_t end_ = std::string::npos;  ///< to the end of the scratch, until close()
    std::string_view view_;
    bool copied_ = false;
};

}  // namespace hansa::xml
