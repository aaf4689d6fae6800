// The compiled reader beside the reference: verdict, first fault, and what was read.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/schema/compiled_reader.h"
#include "core/schema/validator.h"

namespace hansa::test {

/// Both readers of one grammar. One thread.
class ReaderPair {
public:
    ReaderPair(std::shared_ptr<const schema::CompiledGrammar> compiled, const schema::Validator& judge,
               xml::lanes::Level level = xml::lanes::best_level())
        : compiled_(std::move(compiled)), judge_(judge), reader_(compiled_, level) {
        reader_.keep_canonical_patches(true);
    }

    /// Empty: they agree. Else what each says.
    std::string compare(std::string_view bytes);

    bool last_was_valid() const { return valid_; }
    bool last_was_undecided() const { return undecided_; }
    /// Why the compiled reader refused the last document; nothing: it did not.
    const std::optional<Error>& last_refusal() const { return refusal_; }
    schema::ReadCounts counts() const { return reader_.counts(); }
    /// The last document's canonical form was compared too.
    bool last_was_canonical() const { return reader_.canonical_patches().has_value(); }

private:
    std::shared_ptr<const schema::CompiledGrammar> compiled_;
    const schema::Validator& judge_;
    schema::FastReader reader_;
    bool valid_ = false, undecided_ = false;
    std::optional<Error> refusal_;
};

/// A deviation of Xerces-C, which takes a point without a digit (".", "-.") for a decimal: did the compiled reader
/// refuse an element or attribute for that?
bool is_point_alone(const Error& ours, std::string_view bytes);
/// Another one: it takes a second 60 at any time, which the W3C's suite does not (time016).
bool is_second_sixty(const Error& ours, std::string_view bytes);

/// The tape as a tree, and where it differs from the tree reader's; empty: nowhere.
std::string tape_difference(const schema::FastReader& reader, const schema::PathTable& paths,
                            const schema::Element& tree);

}  // namespace hansa::test
