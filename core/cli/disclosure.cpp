// hansa consent, hansa disclose.
#include <CLI/CLI.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/base/digest.h"
#include "core/base/time.h"
#include "core/cli/codes.h"
#include "core/cli/command.h"
#include "core/cli/document_reading.h"
#include "core/disclosure/codes.h"
#include "core/disclosure/regulator_table.h"
#include "core/disclosure/store.h"
#include "core/trust/certificates.h"

namespace hansa::cli {
namespace {

using Json = nlohmann::ordered_json;
using disclosure::Consent;
using disclosure::KeptConsent;
using disclosure::Opened;
using disclosure::Withdrawal;

std::string iso(std::int64_t ms) { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(ms / 1000))); }

Result<std::int64_t> moment(const std::string& text) {
    const auto found = parse_iso(text);
    if (!found) return Error{codes::usage, fmt::format("'{}' is no day or moment such as 2026-11-26 or 2026-11-26T08:00:00Z", text)};
    return milliseconds_since_epoch(*found);
}

struct NewOptions {
    std::string reference, place, identity, scheme, recipient, purpose, kind = "declaration", from, to, out;
    std::vector<std::string> fields;
};

int write_new(Surroundings& with, const NewOptions& options) {
    const auto kind = pivot::kind_from_name(options.kind);
    if (!kind) return fail(with, kind.error());
    const auto from = moment(options.from), to = moment(options.to);
    if (!from || !to) return fail(with, from ? to.error() : from.error());
    if (const auto good = disclosure::check_subject_place(*kind, options.place); !good) return fail(with, good.error());
    Diagnostics faults;
    auto fields = disclosure::FieldSet::of(*kind, options.fields, faults);
    if (!fields) {
        print_faults(with, faults, {});
        return answer_is_no;
    }
    return output(options.out, disclosure::write_consent({options.reference, {options.place, options.scheme, options.identity},
                                                          {options.recipient, options.purpose, *std::move(fields), *from, *to}}));
}

/// The consent of a file, with a good signature. Faults are printed; `code` is raised.
std::optional<Opened> read_consent(Surroundings& with, const std::string& file, const trust::TrustStore& trust, int& code) {
    const auto bytes = input(file);
    if (!bytes) {
        code = std::max(code, fail(with, bytes.error()));
        return std::nullopt;
    }
    Diagnostics faults;
    auto found = disclosure::open_consent(with.registry(), *bytes, {.trust = &trust}, faults);
    if (found) return *std::move(found);
    code = std::max<int>(code, answer_is_no);
    if (faults.empty()) fail(with, found.error(), file);
    print_faults(with, faults, file);
    return std::nullopt;
}

Json terms_json(const disclosure::Terms& terms) {
    return {{"recipient", terms.recipient}, {"purpose", terms.purpose}, {"kind", pivot::kind_name(terms.fields.kind())}, {"fields", terms.fields.paths()},
            {"from", iso(terms.from_ms)}, {"to", iso(terms.to_ms)}};
}

void print_terms(const disclosure::Terms& terms) {
    std::cout << fmt::format("    to {} for {}, {} to {}\n", terms.recipient, terms.purpose, iso(terms.from_ms), iso(terms.to_ms));
    for (const std::string& path : terms.fields.paths()) std::cout << fmt::format("    {} {}\n", pivot::kind_name(terms.fields.kind()), path);
}

struct ShowOptions {
    std::vector<std::string> files;
    std::string trust;
    bool json = false;
};

/// The identity is not shown: who may read the file can read it there.
int show(Surroundings& with, const ShowOptions& options) {
    const auto trust = trust::TrustStore::load(options.trust);
    if (!trust) return fail(with, trust.error());
    int code = all_well;
    Json all = Json::array();
    for (const std::string& file : options.files) {
        const auto found = read_consent(with, file, *trust, code);
        if (!found) continue;
        const auto* consent = std::get_if<Consent>(&found->document);
        const std::string& reference = consent != nullptr ? consent->reference : std::get<Withdrawal>(found->document).reference;
        Json out = {{"file", file}, {"document", consent != nullptr ? "consent" : "withdrawal"}, {"reference", reference}, {"signer", found->verification.signer.subject}};
        if (consent != nullptr) out["terms"] = terms_json(consent->terms);
        if (!options.json) std::cout << fmt::format("{}: {} {}, signed by {}\n", file, consent != nullptr ? "consent" : "withdrawal of", reference, found->verification.signer.subject);
        if (!options.json && consent != nullptr) print_terms(consent->terms);
        all.push_back(std::move(out));
    }
    if (options.json) std::cout << all.dump(2) << '\n';
    return code;
}

struct ListOptions {
    std::string store;
    bool json = false;
};

int list(Surroundings& with, const ListOptions& options) {
    if (!std::filesystem::exists(options.store)) return fail(with, Error{codes::usage, fmt::format("there is no store '{}'", options.store)});
    const auto store = disclosure::Store::open(options.store);
    if (!store) return fail(with, store.error());
    const auto rows = (*store)->verify();
    if (!rows) return fail(with, rows.error()), answer_is_no;
    const auto consents = (*store)->consents({});
    const auto evidence = (*store)->evidence({.count_max = 1'000});
    if (!consents || !evidence) return fail(with, consents ? evidence.error() : consents.error());
    Json out = {{"rows", *rows}, {"consents", Json::array()}, {"disclosures", Json::array()}};
    for (const KeptConsent& one : *consents) {
        if (!options.json) {
            std::cout << fmt::format("{} {} of {}{}\n", one.id, one.reference, one.agency, one.withdrawn_ms ? ", withdrawn " + iso(*one.withdrawn_ms) : "");
            print_terms(one.terms);
        }
        Json row = {{"id", one.id}, {"reference", one.reference}, {"agency", one.agency}, {"terms", terms_json(one.terms)}};
        if (one.withdrawn_ms) row["withdrawn"] = iso(*one.withdrawn_ms);
        out["consents"].push_back(std::move(row));
    }
    for (const disclosure::Evidence& one : *evidence) {
        if (!options.json) std::cout << fmt::format("{} {} {} asked under {} for {}: {}\n", one.number, iso(one.at_ms), one.recipient, one.consent, one.purpose, one.code.empty() ? "disclosed" : one.code);
        out["disclosures"].push_back({{"number", one.number}, {"at", iso(one.at_ms)}, {"recipient", one.recipient}, {"consent", one.consent}, {"purpose", one.purpose},
                                      {"reference", one.reference}, {"digest", one.digest}, {"code", one.code}});
    }
    if (options.json) std::cout << out.dump(2) << '\n';
    return all_well;
}

struct DiscloseOptions {
    std::vector<std::string> files;
    std::string consent, trust, recipient, purpose, at, format;
    bool text = false;
};

/// What the gateway would let out of these files. Nothing is recorded: nothing leaves.
int disclose(Surroundings& with, const DiscloseOptions& options) {
    const auto trust = trust::TrustStore::load(options.trust);
    if (!trust) return fail(with, trust.error());
    int code = all_well;
    const auto found = read_consent(with, options.consent, *trust, code);
    if (!found) return code;
    const auto* consent = std::get_if<Consent>(&found->document);
    if (consent == nullptr) return fail(with, Error{disclosure::codes::malformed, "a withdrawal lets nothing out"}, options.consent), answer_is_no;
    const auto at = options.at.empty() ? Result<std::int64_t>(milliseconds_since_epoch(now_utc())) : moment(options.at);
    if (!at) return fail(with, at.error());
    if (const auto good = disclosure::judge(consent->terms, false, {options.recipient, options.purpose, *at}); !good) return fail(with, good.error(), options.consent), answer_is_no;
    const auto& subject = consent->subject;
    const auto is_subject = [&](std::string_view scheme, std::string_view identity) {
        return equal_in_constant_time(scheme, subject.scheme) && equal_in_constant_time(identity, subject.identity);
    };
    for (const std::string& file : options.files) {
        for (const ReadDocument& read : read_documents(with, file, options.format, code)) {
            for (std::size_t i = 0; i < read.reading.documents.size(); ++i) {
                const pivot::Document& document = read.reading.documents[i];
                const std::string shown = read.reading.documents.size() == 1 ? read.name : fmt::format("{}!{}", read.name, i + 1);
                Result<void> good = disclosure::check_subject(document, subject.place, is_subject);
                if (document.kind != consent->terms.fields.kind()) good = Error{disclosure::codes::document_unknown, fmt::format("the consent is for a {}", pivot::kind_name(consent->terms.fields.kind()))};
                if (!good) {
                    code = std::max<int>(code, answer_is_no);
                    fail(with, good.error(), shown);
                    continue;
                }
                const disclosure::Projection out = disclosure::project(document, consent->terms.fields);
                std::cout << (options.text ? out.text() : out.json() + "\n");
            }
        }
    }
    return code;
}

struct RegulatorOptions {
    std::string file;
    std::string format;
    std::vector<std::string> sets;
    bool uncertain = false, rows = false, json = false;
};

int list_rows(const disclosure::RegulatorBook& book, bool json) {
    Json all = Json::array();
    for (const disclosure::RegulatorTable& table : book.tables()) {
        for (const disclosure::RegulatorRow& row : table.rows) {
            if (!json) std::cout << fmt::format("{} for {}{}: {}\n    source: {}\n", row.id, row.role, row.uncertain ? ", uncertain" : "", row.text, row.source);
            all.push_back({{"row", row.id}, {"table", table.set}, {"role", row.role}, {"certainty", row.uncertain ? "uncertain" : "settled"}, {"text", row.text}, {"source", row.source},
                           {"kind", pivot::kind_name(row.fields.kind())}, {"days", row.days.text()}, {"fields", row.fields.paths()}});
        }
    }
    if (json) std::cout << all.dump(2) << '\n';
    return all_well;
}

/// Which regulators would get what of a file.
int regulators(Surroundings& with, const RegulatorOptions& options) {
    Diagnostics faults;
    const auto book = disclosure::RegulatorBook::load(with.registry(), faults);
    print_faults(with, faults, {});
    if (!faults.empty()) return answer_is_no;
    if (options.file.empty()) return list_rows(*book, options.json);
    int code = all_well;
    const std::string today = format_iso(now_utc());
    Json all = Json::array();
    for (const ReadDocument& read : read_documents(with, options.file, options.format, code)) {
        const std::vector<std::string> sets = options.sets.empty() ? std::vector<std::string>{read.format->plugin} : options.sets;
        for (const pivot::Document& document : read.reading.documents) {
            for (const disclosure::RegulatorRow* row : book->rows_for(document, {sets, read.format->id, rules::day_of(today), options.uncertain})) {
                const disclosure::Projection out = disclosure::project(document, row->fields);
                if (!options.json) std::cout << fmt::format("# {} for {}: {}\n{}", row->id, row->role, row->source, out.text());
                all.push_back({{"row", row->id}, {"role", row->role}, {"source", row->source}, {"copy", Json::parse(out.json())}});
            }
        }
    }
    if (options.json) std::cout << all.dump(2) << '\n';
    return code;
}

void add_new(CLI::App& command, Surroundings& with, Chosen& chosen) {
    auto* made = command.add_subcommand("new", "Write a consent, to be signed with hansa sign");
    auto options = std::make_shared<NewOptions>();
    made->add_option("--reference", options->reference, "The subject's own name for this consent")->required();
    made->add_option("--place", options->place, "Where the subject's number stands in its documents")->required();
    made->add_option("--identity", options->identity, "The number")->required();
    made->add_option("--scheme", options->scheme, "schemeID of the number, where the documents name one");
    made->add_option("--recipient", options->recipient, "Id of the agency that may see the fields")->required();
    made->add_option("--purpose", options->purpose, "What for")->required();
    made->add_option("--kind", options->kind, "Kind of document (default: declaration)");
    made->add_option("--field", options->fields, "Path of a field in the pivot, without places; again for each")->required();
    made->add_option("--from", options->from, "Day or moment from which it holds")->required();
    made->add_option("--to", options->to, "... and from which it holds no more")->required();
    made->add_option("-o,--output", options->out, "Where to write (default: standard output)");
    made->footer("Example: hansa consent new --reference C-1 --place GoodsShipment/Buyer/ID --identity 7 --recipient bank --purpose payment-check\n"
                 "           --field InvoiceAmount --field InvoiceAmount/@currencyID --from 2026-11-01 --to 2027-11-01 -o consent.xml");
    made->callback([&with, &chosen, options] { chosen.run = [&with, options] { return write_new(with, *options); }; });
}

void add_withdraw(CLI::App& command, Surroundings&, Chosen& chosen) {
    auto* made = command.add_subcommand("withdraw", "Write the withdrawal of a consent, to be signed with hansa sign");
    auto options = std::make_shared<NewOptions>();
    made->add_option("--reference", options->reference, "The reference of the consent")->required();
    made->add_option("--place", options->place, "Where the subject's number stands in its documents, as in the consent")->required();
    made->add_option("--identity", options->identity, "The number")->required();
    made->add_option("--scheme", options->scheme, "schemeID of the number, as in the consent");
    made->add_option("-o,--output", options->out, "Where to write (default: standard output)");
    made->footer("Example: hansa consent withdraw --reference C-1 --place GoodsShipment/Buyer/ID --identity 7 -o withdrawal.xml");
    made->callback([&chosen, options] {
        chosen.run = [options] { return output(options->out, disclosure::write_withdrawal({options->reference, {options->place, options->scheme, options->identity}})); };
    });
}

}  // namespace

void add_consent(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("consent", "Consents to disclosures: write, withdraw, check, list");
    command->require_subcommand(1);
    add_new(*command, with, chosen);
    add_withdraw(*command, with, chosen);
    auto* shown = command->add_subcommand("show", "Check signed consents and withdrawals, and say what they let out");
    auto options = std::make_shared<ShowOptions>();
    shown->add_option("FILE", options->files, "Files; - is standard input")->required();
    shown->add_option("--trust", options->trust, "Folder with trusted certificates, PEM")->required();
    shown->add_flag("--json", options->json, "One JSON document");
    shown->footer("Exit code 1 when one is not good.\nExample: hansa consent show --trust keys/trust consent.xml");
    shown->callback([&with, &chosen, options] { chosen.run = [&with, options] { return show(with, *options); }; });
    auto* listed = command->add_subcommand("list", "Consents and evidence in a gateway's store, with every seal checked");
    auto store = std::make_shared<ListOptions>();
    listed->add_option("--store", store->store, "The gateway's disclosures.db")->required();
    listed->add_flag("--json", store->json, "One JSON document");
    listed->footer("Exit code 1 when a row is not what was written.\nExample: hansa consent list --store /var/lib/hansa/disclosures.db");
    listed->callback([&with, &chosen, store] { chosen.run = [&with, store] { return list(with, *store); }; });
    command->footer("Example: hansa consent show --trust keys/trust consent.xml");
}

void add_disclose(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("disclose", "The fields of a document that a consent lets out, or that regulators get");
    auto options = std::make_shared<DiscloseOptions>();
    auto copies = std::make_shared<RegulatorOptions>();
    command->add_option("FILE", options->files, "Documents; - is standard input");
    command->add_option("--consent", options->consent, "The signed consent");
    command->add_option("--trust", options->trust, "Folder with certificates that the consent's signature must chain to, PEM");
    command->add_option("--to", options->recipient, "Who asks");
    command->add_option("--purpose", options->purpose, "What for");
    command->add_option("--at", options->at, "When (default: now)");
    command->add_option("--format", options->format, "Take the file for this format instead of detecting it");
    command->add_flag("--text", options->text, "Lines of pivot text instead of JSON");
    auto* rows = command->add_flag("--regulators", copies->rows, "What tables of regulators give away of the file; without a file the tables' rows");
    command->add_option("--tables", copies->sets, "With --regulators: tables (default: that of the format's plugin)");
    command->add_flag("--uncertain", copies->uncertain, "With --regulators: rows that their sources do not settle, too");
    command->add_flag("--json", copies->json, "With --regulators: one JSON document");
    command->footer("Exit code 1 when nothing may leave.\n"
                    "Examples: hansa disclose --consent consent.xml --trust keys/trust --to bank --purpose payment-check list.xml\n"
                    "          hansa disclose --regulators list.xml");
    command->callback([&with, &chosen, options, copies, rows] {
        chosen.run = [&with, options, copies, by_table = rows->count() > 0] {
            if (by_table) {
                copies->format = options->format;
                if (options->files.size() > 1) return fail(with, Error{codes::usage, "--regulators takes one file"});
                if (!options->files.empty()) copies->file = options->files.front();
                return regulators(with, *copies);
            }
            if (options->files.empty() || options->consent.empty() || options->trust.empty() || options->recipient.empty() || options->purpose.empty())
                return fail(with, Error{codes::usage, "FILE, --consent, --trust, --to and --purpose are needed"});
            return disclose(with, *options);
        };
    });
}

}  // namespace hansa::cli
