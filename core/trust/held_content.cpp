#include "core/trust/held_content.h"

#include <algorithm>
#include <array>

#include "core/trust/codes.h"
#include "core/trust/names.h"
#include "core/trust/signature_check.h"
#include "core/trust/tree.h"
#include "core/xml/element_slice.h"

namespace hansa::trust {
namespace {

bool is_signature(const xmlNode* node) {
    return tree::is(node, names::dsig, "Signature");
}

/// The parts of a holder, each at its place.
struct Parts {
    const xmlNode* data = nullptr;
    std::vector<const xmlNode*> signatures;
    const xmlNode* content = nullptr;
    const xmlNode* receipt = nullptr;  ///< the third party's ds:Signature
};

Error misplaced(const xmlNode* node, std::string_view what) {
    return {codes::signature_place, std::string(what) + (node == nullptr ? "" : ": " + tree::path(node))};
}

Result<Parts> parts_of(const xmlNode* root, const Holder& holder, std::size_t signatures_max) {
    if (!tree::is(root, holder.ns, holder.root)) return Error{codes::form_refused, "the root is not " + holder.root};
    Parts out;
    out.data = tree::first(root);
    if (!tree::is(out.data, holder.ns, holder.data)) return misplaced(out.data, holder.data + " does not stand first");
    if (const xmlNode* behind = tree::next(out.data)) {
        if (holder.receipt.empty() || !is_signature(behind)) return misplaced(behind, "behind " + holder.data);
        if (const xmlNode* more = tree::next(behind)) return misplaced(more, "behind the receipt");
        out.receipt = behind;
    }
    const xmlNode* at = tree::first(out.data);
    for (; is_signature(at); at = tree::next(at)) {
        if (out.signatures.size() == signatures_max)
            return Error{codes::signature_many, "more than " + std::to_string(signatures_max)};
        out.signatures.push_back(at);
    }
    if (out.signatures.empty()) return Error{codes::signature_missing, "none before " + holder.content};
    if (!tree::is(at, holder.ns, holder.content))
        return misplaced(at, holder.content + " does not follow the signatures");
    if (const xmlNode* more = tree::next(at)) return misplaced(more, "behind " + holder.content);
    out.content = at;
    return out;
}

class HolderCheck {
public:
    HolderCheck(const xml::ReferenceDocument& document, const Policy& policy, const VerifyOptions& options,
                Verification& report)
        : document_(document), policy_(policy), options_(options), report_(report) {}

    void run() {
        auto parts = parts_of(document_.root(), policy_.holder, options_.limits.signatures_max);
        if (!parts) return add(parts.error());
        parts_ = *std::move(parts);
        for (std::size_t i = 0; i < parts_.signatures.size(); ++i) check_signature(i);
        if (parts_.receipt != nullptr && report_.errors.empty()) check_receipt();
        if (report_.errors.empty()) take_documents();
    }

private:
    void add(const Error& error) { report_.errors.push_back(error); }

    /// Faults say which signature they are of, where there are several.
    void add_all(const Verification& part, const std::string& of) {
        for (Error error : part.errors) {
            error.detail = of + error.detail;
            add(error);
        }
    }

    std::string which(std::size_t i) const {
        const std::size_t count = parts_.signatures.size();
        return count == 1 ? "" : "signature " + std::to_string(i + 1) + " of " + std::to_string(count) + ": ";
    }

    void check_signature(std::size_t i) {
        Verification own;
        Judged judged = judge_signature({document_, policy_, options_}, *parts_.signatures[i], own);
        const auto held = std::ranges::find(judged.held, parts_.content, &Held::apex);
        if (held == judged.held.end() && own.errors.empty())
            own.errors.push_back(
                {codes::not_covered, "no reference to the " + policy_.holder.content + " that stands here"});
        add_all(own, which(i));
        report_.signers.push_back(own.signer);
        ids_.push_back(judged.signature_id);
        if (i != 0 || held == judged.held.end()) return;
        report_.covered.push_back(std::move(held->covered));
        report_.signature_method = own.signature_method;
        report_.digest_methods = own.digest_methods;
        report_.signer = own.signer;
        report_.chain = own.chain;
    }

    /// Out of the octets, never out of the bytes.
    void take_documents() {
        const std::array<xml::PathStep, 1> content{xml::PathStep{policy_.holder.ns, policy_.holder.content}};
        const std::string& octets = report_.covered.front().octets;
        const auto found = xml::children_at(octets, content);
        if (!found) return add(found.error());
        for (const xml::ElementSlice& one : found->slices) report_.documents.push_back(one.document(octets));
        if (report_.documents.empty()) add({codes::not_covered, policy_.holder.content + " is empty"});
    }

    // --- receipt -------------------------------------------------------------------------------

    const xmlNode* receipt_element() const {
        const xmlNode* found = nullptr;
        for (const xmlNode* at = tree::first(parts_.receipt); at != nullptr; at = tree::next(at)) {
            if (!tree::is(at, names::dsig, "Object")) continue;
            for (const xmlNode* one = tree::first(at); one != nullptr; one = tree::next(one)) {
                if (!tree::is(one, policy_.holder.receipt_ns, policy_.holder.receipt)) continue;
                if (found != nullptr) return nullptr;
                found = one;
            }
        }
        return found;
    }

    std::string text_of(const xmlNode* receipt, std::string_view local) const {
        const xmlNode* found = tree::child(receipt, policy_.holder.receipt_ns, local);
        return found == nullptr ? std::string() : tree::text(found).value_or("");
    }

    void check_receipt() {
        const xmlNode* receipt = receipt_element();
        if (receipt == nullptr)
            return add({codes::receipt_malformed, "one " + policy_.holder.receipt + " must stand in its Objects"});
        Verification own;
        const Judged judged = judge_signature({document_, policy_, options_}, *parts_.receipt, own);
        const bool covered = std::ranges::any_of(
            judged.held, [&](const Held& held) { return held.apex == receipt || held.apex == receipt->parent; });
        if (!covered && own.errors.empty())
            own.errors.push_back({codes::receipt_malformed, "its signature does not cover it"});
        if (!own.errors.empty()) return add_all(own, "the receipt: ");
        Receipt out{text_of(receipt, "ReceiptId"), text_of(receipt, "DocId"), own.signer};
        const std::string instance = policy_.holder.instance.empty()
                                         ? ""
                                         : tree::attribute(parts_.content, policy_.holder.instance).value_or("");
        if (out.document.empty() || out.document != instance)
            return add(
                {codes::receipt_differs, "it is about '" + out.document + "', the document is '" + instance + "'"});
        check_reports(tree::child(receipt, policy_.holder.receipt_ns, "Report"));
        report_.receipt = std::move(out);
    }

    /// Every signature found good, none found wrong, and nothing about what does not stand here.
    void check_reports(const xmlNode* report) {
        std::vector<bool> good(ids_.size(), false);
        for (const xmlNode* at = report == nullptr ? nullptr : tree::first(report); at != nullptr;
             at = tree::next(at)) {
            const std::string_view local = tree::view(at->name);
            if (local == "Error")
                return add({codes::receipt_negative, text_of(at, "ReasonCode") + " " + text_of(at, "ReasonText")});
            if (local != "Success") return add({codes::receipt_malformed, "a report of '" + std::string(local) + "'"});
            std::string about = tree::attribute(at, "Reference").value_or("");
            if (about.starts_with('#')) about.erase(0, 1);
            if (about.empty()) {
                good.assign(good.size(), true);
                continue;
            }
            const auto found = std::ranges::find(ids_, about);
            if (found == ids_.end())
                return add({codes::receipt_differs, "no signature here has the Id '" + about + "'"});
            good[static_cast<std::size_t>(found - ids_.begin())] = true;
        }
        const auto silent = std::ranges::find(good, false);
        if (silent != good.end())
            add({codes::receipt_differs,
                 "it says nothing about signature " + std::to_string(silent - good.begin() + 1)});
    }

    const xml::ReferenceDocument& document_;
    const Policy& policy_;
    const VerifyOptions& options_;
    Verification& report_;
    Parts parts_;
    std::vector<std::string> ids_;  ///< of the signatures
};

}  // namespace

void verify_holder(const xml::ReferenceDocument& document, const Policy& policy, const VerifyOptions& options,
                   Verification& report) {
    HolderCheck(document, policy, options, report).run();
}

}  // namespace hansa::trust
