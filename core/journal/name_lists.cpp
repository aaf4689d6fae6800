#include "core/journal/name_lists.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/digest_lanes.h"
#include "core/journal/seal.h"

namespace hansa::journal {
namespace {

using Json = nlohmann::json;

constexpr std::size_t value_mark_bytes = 6;

void quote(std::string& out, std::string_view text) {
    constexpr std::string_view plain_end = "\"\\";
    const bool plain = std::ranges::none_of(text, [&](char c) {
        return static_cast<unsigned char>(c) < 0x20 || plain_end.find(c) != std::string_view::npos;
    });
    if (!plain) {
        out += Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
        return;
    }
    out += '"';
    out += text;
    out += '"';
}

/// The fields of an entry that has `texts` texts and then, perhaps, a yes or no.
bool is_entry(const Json& entry, std::size_t texts, bool flag) {
    if (!entry.is_array() || entry.size() != texts + (flag ? 1 : 0)) return false;
    for (std::size_t i = 0; i < texts; ++i) {
        if (!entry[i].is_string()) return false;
    }
    return !flag || entry[texts].is_boolean();
}

/// Where the text begins that ends with the quote at `closing`. In a text a quote has a backslash before it.
std::size_t opening_quote(std::string_view list, std::size_t closing) {
    std::size_t at = closing;
    while (at != 0 && at != list.npos) {
        at = list.rfind('"', at - 1);
        if (at == list.npos) break;
        std::size_t slashes = 0;
        while (slashes < at && list[at - 1 - slashes] == '\\') ++slashes;
        if (slashes % 2 == 0) return at;
    }
    return list.npos;
}

/// The entry whose last text ends with the quote at `closing`, bracket included: three texts back. Empty: it is none.
std::string_view entry_before(std::string_view list, std::size_t closing) {
    std::size_t quote_at = closing;
    for (int text = 0; text < 3; ++text) {
        quote_at = opening_quote(list, quote_at);
        if (quote_at == list.npos || quote_at < 2) return {};
        if (text < 2) quote_at -= 2;  // over the comma to the quote that closes the text before
    }
    return list.substr(quote_at - 1, closing + 1 - (quote_at - 1));
}

std::vector<DigestValue> digests_of(const std::vector<std::string_view>& texts) {
    DigestLanes lanes(DigestAlgorithm::sha256);
    for (const std::string_view text : texts) lanes.add(text);
    return lanes.finish();
}

std::string value_mark_of(const DigestValue& digest) {
    return to_hex(digest.view().substr(0, value_mark_bytes));
}

std::int64_t key_mark_of(const DigestValue& digest) {
    std::uint64_t out = 0;
    for (const char byte : digest.view().substr(0, sizeof out)) out = out << 8 | static_cast<unsigned char>(byte);
    return static_cast<std::int64_t>(out);
}

}  // namespace

std::string quoted(std::string_view text) {
    std::string out;
    quote(out, text);
    return out;
}

std::string entry_begin(std::string_view agency, std::string_view kind, std::string_view text) {
    std::string out = "[";
    quote(out, agency);
    quote(out += ',', kind);
    quote(out += ',', text);
    return out;
}

std::string entry_begin(const Reference& r) {
    return entry_begin(r.agency, r.scheme, r.value);
}

std::string entry_begin(const BusinessKey& k) {
    return entry_begin(k.agency, k.family, k.key);
}

std::string_view entry_end(const Reference&) {
    return "]";
}

std::string_view entry_end(const BusinessKey& key) {
    return key.unique ? ",true]" : ",false]";
}

const std::string name_text_columns =
    "n.number, n.message, m.id, n.list, n.seal FROM names n JOIN message m ON m.number = n.message";

NameText name_text_in(const Row& row) {
    NameText out{row.number(0), row.number(1), row.text(2), row.text(3)};
    out.whole = seal_of_names(out.message_id, out.text) == row.view(4);
    return out;
}

bool read_names(const NameText& list, Names& out) {
    const Json read = Json::parse(list.text, nullptr, false);
    if (!read.is_object() || !read.contains("references") || !read.contains("business_keys")) return false;
    for (const Json& one : read["references"]) {
        if (!is_entry(one, 3, false)) return false;
        out.references.push_back({list.message_id, one[0], one[1], one[2]});
    }
    for (const Json& one : read["business_keys"]) {
        if (!is_entry(one, 3, true)) return false;
        out.business_keys.push_back({list.message_id, one[0], one[1], one[2], one[3]});
    }
    return true;
}

std::vector<Reference> references_with(const NameText& list, std::string_view value) {
    std::string wanted = ",";
    quote(wanted, value);
    wanted += ']';
    std::vector<Reference> out;
    const std::string_view text = list.text;
    for (std::size_t at = text.find(wanted); at != text.npos; at = text.find(wanted, at + wanted.size())) {
        const std::string entry(entry_before(text, at + wanted.size() - 2));
        const Json read = Json::parse(entry + ']', nullptr, false);
        if (is_entry(read, 3, false)) out.push_back({list.message_id, read[0], read[1], read[2]});
    }
    return out;
}

std::string seal_of_names(std::string_view message_id, std::string_view text) {
    return Seal("names").add(message_id).add(text).finish();
}

std::vector<std::string> value_marks(const std::vector<Reference>& references) {
    std::vector<std::string_view> values;
    for (const Reference& one : references) values.push_back(one.value);
    std::vector<std::string> out;
    for (const DigestValue& digest : digests_of(values)) out.push_back(value_mark_of(digest));
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

std::string value_mark(std::string_view value) {
    return value_mark_of(digests_of({value}).front());
}

std::vector<std::int64_t> key_marks(const std::vector<BusinessKey>& keys) {
    std::vector<std::string> texts;
    for (const BusinessKey& key : keys) texts.push_back(entry_begin(key));
    std::vector<std::int64_t> out;
    for (const DigestValue& digest : digests_of({texts.begin(), texts.end()})) out.push_back(key_mark_of(digest));
    return out;
}

Result<void> index_values(Connection& store, std::int64_t list, const std::vector<Reference>& references) {
    if (references.empty()) return {};
    const std::string marks = fmt::format("{}", fmt::join(value_marks(references), " "));
    return store.run("INSERT INTO name_index(rowid, marks) VALUES(?1, ?2)", {list, std::string_view(marks)});
}

Result<void> index_key(Connection& store, std::int64_t mark, std::int64_t message) {
    return store.run("INSERT OR IGNORE INTO business_key(mark, message) VALUES(?1, ?2)", {mark, message});
}

}  // namespace hansa::journal
