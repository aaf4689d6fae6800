// The stage copies: fields of what was sent, for the regulators that the sender's configuration names.
//
// Which regulator gets which fields of which documents is a table of the authority (core/disclosure/regulator_table.h). A
// copy is one line of JSON: the rows that it rests on, and the named fields of each document:
//
//     {"role":"tax","rows":["xx.tax.exports"],"documents":[{"kind":"declaration","fields":[{"path":"ID","value":"1"}]}]}
#include <fmt/format.h>

#include <map>

#include "core/base/ids.h"
#include "core/disclosure/regulator_table.h"
#include "core/exchange/codes.h"
#include "core/exchange/passage.h"
#include "core/rules/check.h"

namespace hansa::exchange {
namespace {

using disclosure::RegulatorRow;
using Rows = std::vector<const RegulatorRow*>;

/// Rows of the document by role, for roles that have an agency.
std::map<std::string, Rows> rows_of(const Passage& passage, const pivot::Document& document, std::string_view today) {
    const Regulators& asked = passage.sender->regulators;
    std::map<std::string, Rows> out;
    for (const RegulatorRow* row : passage.with.regulators->rows_for(document, {asked.tables, passage.format->id, today, asked.uncertain})) {
        if (asked.agency_of.contains(row->role)) out[row->role].push_back(row);
    }
    return out;
}

/// Words of tables: no character of them needs an escape.
std::string listed(const Rows& rows, std::string_view quote, std::string_view between) {
    std::string out;
    for (const RegulatorRow* row : rows) out += fmt::format("{}{}{}{}", out.empty() ? "" : between, quote, row->id, quote);
    return out;
}

Result<std::string> signed_copy(const Passage& passage, const std::string& bytes, const std::string& id) {
    const std::string& name = passage.sender->regulators.signature;
    if (name.empty()) return bytes;
    const trust::Profile* profile = passage.with.registry->profile(name);
    const trust::Signer* signer = passage.with.keys->signer(name);
    if (profile == nullptr || signer == nullptr) return Error{codes::no_signer, fmt::format("'{}'", name)};
    trust::SignOptions options;
    options.document_name = id + ".json";
    options.media_type = "application/json";
    options.signing_time = passage.received;
    return trust::sign(bytes, *profile, *signer, options);
}

/// Documents that the same rows give to the same role go together.
struct Share {
    Rows rows;
    std::vector<std::size_t> documents;
    std::string projections;
};

Result<void> add_copy(Passage& passage, const std::string& role, const Share& share) {
    const Agency* receiver = passage.with.directory->agency(passage.sender->regulators.agency_of.at(role));
    if (receiver == nullptr) return Error{codes::no_route, fmt::format("the {} regulator of '{}' is not there", role, passage.sender->id)};
    RegulatorCopy out;
    out.id = message_id();
    out.receiver = receiver;
    out.role = role;
    out.rows = listed(share.rows, "", " ");
    out.documents = share.documents;
    const std::string bytes = fmt::format(R"({{"role":"{}","rows":[{}],"documents":[{}]}})", role, listed(share.rows, "\"", ","), share.projections);
    auto done = signed_copy(passage, bytes, out.id);
    if (!done) return done.error();
    out.bytes = *std::move(done);
    passage.copies.push_back(std::move(out));
    return {};
}

}  // namespace

Result<void> copy_to_regulators(Passage& passage) {
    if (passage.with.regulators == nullptr || passage.sender->regulators.agency_of.empty() || passage.submission.test) return {};
    // Rows ask for any field: the fast way's few facts are not enough.
    if (const auto made = need_documents(passage); !made) return made;
    const std::string today = format_iso(passage.received);
    std::map<std::pair<std::string, std::string>, Share> shares;
    for (std::size_t i = 0; i < passage.documents.size(); ++i) {
        for (auto& [role, rows] : rows_of(passage, passage.documents[i], rules::day_of(today))) {
            const disclosure::Projection found = disclosure::project(passage.documents[i], disclosure::fields_of(rows));
            if (found.lines.empty()) continue;
            Share& share = shares[{role, listed(rows, "", " ")}];
            share.rows = rows;
            share.documents.push_back(i);
            share.projections += (share.projections.empty() ? "" : ",") + found.json();
        }
    }
    for (const auto& [key, share] : shares) {
        if (const auto added = add_copy(passage, key.first, share); !added) return added;
    }
    return {};
}

}  // namespace hansa::exchange
