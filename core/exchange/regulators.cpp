// The stage copies: fields of what was sent, for the regulators that the sender's configuration names.
//
// A route may name the roles that get copies of what takes it; a document that several routes take gives copies to the
// roles of each. An answer takes no route: that of what it answers speaks for it.
//
// Which regulator gets which fields of which documents is a table of the authority (core/disclosure/regulator_table.h). A
// copy is one line of JSON: the rows that it rests on, and the named fields of each document:
//
//     {"role":"tax","rows":["xx.tax.exports"],"documents":[{"kind":"declaration","fields":[{"path":"ID","value":"1"}]}]}
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/base/ids.h"
#include "core/disclosure/regulator_table.h"
#include "core/exchange/codes.h"
#include "core/exchange/passage.h"
#include "core/rules/check.h"

namespace hansa::exchange {
namespace {

using disclosure::RegulatorRow;
using Rows = std::vector<const RegulatorRow*>;

using Roles = std::set<std::string, std::less<>>;

/// Routes that speak for the document.
Result<std::vector<const Route*>> routes_for(const Passage& passage, std::size_t document) {
    std::vector<const Route*> out = routes_of(passage, document);
    const bool answers = document < passage.questions.size() && passage.questions[document];
    if (!answers) return out;
    const auto deliveries = passage.journal.deliveries_of(passage.questions[document]->sent.id);
    if (!deliveries) return deliveries.error();
    for (const journal::Delivery& delivery : *deliveries) {
        const auto route = std::ranges::find(passage.with.directory->routes, delivery.route, &Route::name);
        if (route != passage.with.directory->routes.end()) out.push_back(&*route);
    }
    return out;
}

/// Roles that have an agency and get copies of the document.
Result<Roles> roles_of(const Passage& passage, std::size_t document) {
    const Regulators& asked = passage.sender->regulators;
    Roles all, out;
    for (const auto& [role, agency] : asked.agency_of) all.insert(role);
    const Roles& by_default = asked.by_route ? out : all;
    const auto routes = routes_for(passage, document);
    if (!routes) return routes.error();
    if (routes->empty()) return by_default;
    for (const Route* route : *routes) {
        if (!route->regulators) {
            if (!asked.by_route) return all;
            continue;
        }
        for (const std::string& role : *route->regulators) {
            if (all.contains(role)) out.insert(role);
        }
    }
    return out;
}

/// Rows of the document by role.
std::map<std::string, Rows> rows_of(const Passage& passage, const pivot::Document& document, const Roles& roles, std::string_view today) {
    const Regulators& asked = passage.sender->regulators;
    std::map<std::string, Rows> out;
    for (const RegulatorRow* row : passage.with.regulators->rows_for(document, {asked.tables, passage.format->id, today, asked.uncertain})) {
        if (roles.contains(row->role)) out[row->role].push_back(row);
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
    std::vector<Roles> roles;
    for (std::size_t i = 0; i < passage.facts.size(); ++i) {
        auto one = roles_of(passage, i);
        if (!one) return one.error();
        roles.push_back(*std::move(one));
    }
    if (std::ranges::all_of(roles, &Roles::empty)) return {};
    // Rows ask for any field: the fast way's few facts are not enough.
    if (const auto made = need_documents(passage); !made) return made;
    const std::string today = format_iso(passage.received);
    std::map<std::pair<std::string, std::string>, Share> shares;
    for (std::size_t i = 0; i < passage.documents.size(); ++i) {
        for (auto& [role, rows] : rows_of(passage, passage.documents[i], roles[i], rules::day_of(today))) {
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
