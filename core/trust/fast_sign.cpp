#include "core/trust/fast_sign.h"

#include <algorithm>

#include "core/base/digest_lanes.h"
#include "core/trust/algorithm.h"
#include "core/trust/codes.h"
#include "core/trust/names.h"
#include "core/trust/signer.h"
#include "core/xml/exclusive_form.h"
#include "core/xml/fast_canonical.h"
#include "core/xml/scanner.h"
#include "core/xml/writer.h"

namespace hansa::trust {
namespace {

using xml::Canonicalization;

constexpr int rsa_bits_min = 2048;

std::string escaped(std::string_view value) {
    std::string out;
    xml::append_escaped_attribute(out, value);
    return out;
}

/// The parts of a Signature that are the same for every document.
struct Frame {
    std::string name_prefix;    ///< "ds:" or nothing
    std::string open;           ///< <ds:Signature xmlns:ds="...">
    std::string info_name;      ///< ds:SignedInfo
    std::string before_digest;  ///< all of SignedInfo behind its start tag, to the digest
    std::string behind_digest;  ///< from there to SignedInfo's end tag
    std::string before_value;   ///< <ds:SignatureValue>
    std::string behind_value;   ///< its end tag, KeyInfo, and the Signature's end tag
};

class FrameMaker {
public:
    FrameMaker(const Profile& profile, const Signer::State& signer) : profile_(profile), signer_(signer) {}

    Frame make() {
        Frame frame;
        const std::string& prefix = profile_.prefix;
        prefix_ = frame.name_prefix = prefix.empty() ? "" : prefix + ":";
        frame.open = "<" + prefix_ + "Signature xmlns" + (prefix.empty() ? "" : ":" + prefix) + "=\"" +
                     std::string(names::dsig) + "\">";
        frame.info_name = prefix_ + "SignedInfo";
        frame.before_digest = method("CanonicalizationMethod", profile_.canonicalization) +
                              method("SignatureMethod", profile_.signature_method) + "<" + prefix_ +
                              "Reference URI=\"\">" + transforms() + method("DigestMethod", profile_.digest_method) +
                              start("DigestValue");
        frame.behind_digest = end("DigestValue") + end("Reference") + end("SignedInfo");
        frame.before_value = start("SignatureValue");
        frame.behind_value = end("SignatureValue") + key_info() + end("Signature");
        return frame;
    }

private:
    std::string start(std::string_view local) const { return "<" + prefix_ + std::string(local) + ">"; }
    std::string end(std::string_view local) const { return "</" + prefix_ + std::string(local) + ">"; }
    std::string leaf(std::string_view local, const std::string& text) const { return start(local) + text + end(local); }
    std::string method(std::string_view local, const std::string& uri) const {
        return "<" + prefix_ + std::string(local) + " Algorithm=\"" + escaped(uri) + "\">" + end(local);
    }
    std::string transforms() const {
        std::string out = start("Transforms");
        for (const std::string& uri : profile_.transforms) out += method("Transform", uri);
        return out + end("Transforms");
    }
    std::string key_info() const {
        std::string out = start("KeyInfo");
        const auto& certificates = signer_.certificates;
        if (profile_.key_name_serial) {
            out += leaf("KeyName", serial_digits(*certificates.front(), profile_.key_name_digits_min));
        }
        if (profile_.x509_certificate) {
            out += start("X509Data");
            const std::size_t count = profile_.whole_chain ? certificates.size() : 1;
            for (std::size_t i = 0; i < count; ++i) out += leaf("X509Certificate", to_base64(to_der(*certificates[i])));
            out += end("X509Data");
        }
        return out + end("KeyInfo");
    }

    const Profile& profile_;
    const Signer::State& signer_;
    std::string prefix_;
};

/// What the declarations of a canonical document say about it.
struct Declarations {
    bool has_dsig = false;  ///< the namespace of signatures is declared somewhere
    bool is_clear = true;   ///< nothing was met that could not be read
};

/// Looks at every declaration without reading the rest: attributes are rare, '=' is what finds them.
class DeclarationSearch {
public:
    explicit DeclarationSearch(std::string_view canonical) : text_(canonical) {}

    Declarations find() {
        for (std::size_t at = text_.find('='); at != std::string_view::npos; at = text_.find('=', at + 1)) {
            if (at < tag_end_ || !is_declaration(at)) continue;
            read_tag(at);
            if (!found_.is_clear) break;
        }
        return found_;
    }

private:
    /// ` xmlns="` or ` xmlns:p="`; text that only looks so is a declaration too many, never one too few.
    bool is_declaration(std::size_t equals) const {
        if (equals + 1 >= text_.size() || text_[equals + 1] != '"') return false;
        const auto space = text_.find_last_of(" <>\"", equals);
        if (space == std::string_view::npos || text_[space] != ' ') return false;
        const std::string_view name = text_.substr(space + 1, equals - space - 1);
        return name == "xmlns" || name.starts_with("xmlns:");
    }

    /// All of the tag that holds the declaration, as canonical form writes it: one space, name, quoted value.
    void read_tag(std::size_t inside) {
        std::size_t at = text_.rfind('<', inside);
        found_.is_clear = false;
        if (at == std::string_view::npos || at < tag_end_) return;
        const std::size_t name_end = text_.find_first_of(" >", at);
        if (name_end == std::string_view::npos || name_end > inside) return;
        for (at = name_end; at < text_.size() && text_[at] == ' ';) {
            const std::size_t equals = text_.find('=', at);
            if (equals == std::string_view::npos || equals + 1 >= text_.size() || text_[equals + 1] != '"') return;
            const std::size_t close = text_.find('"', equals + 2);
            if (close == std::string_view::npos) return;
            const std::string_view name = text_.substr(at + 1, equals - at - 1);
            const bool declares = name == "xmlns" || name.starts_with("xmlns:");
            if (declares && text_.substr(equals + 2, close - equals - 2) == names::dsig) found_.has_dsig = true;
            at = close + 1;
        }
        if (at >= text_.size() || text_[at] != '>' || at < inside) return;
        tag_end_ = at;
        found_.is_clear = true;
    }

    std::string_view text_;
    std::size_t tag_end_ = 0;
    Declarations found_;
};

std::string_view local_part(std::string_view name) {
    const auto colon = name.find(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

/// Where the Signature goes. Nothing: the reference looks for it.
std::optional<std::size_t> place_of(const CanonicalDocument& document, const SignaturePlace& place) {
    if (document.insert_at) return document.insert_at;
    const std::string_view text = document.bytes.substr(0, document.canonical.to);
    const std::size_t root_end = text.rfind('<');
    if (root_end == std::string_view::npos || root_end <= document.canonical.from) return std::nullopt;
    if (text.substr(root_end, 2) != "</") return std::nullopt;
    if (place.followers.empty()) return root_end;
    const std::size_t last = text.rfind('<', root_end - 1);
    if (last == document.canonical.from) return root_end;  // no child at all
    if (last == std::string_view::npos || text[last + 1] != '/') return std::nullopt;
    const std::string_view name = text.substr(last + 2, text.find('>', last) - last - 2);
    if (std::ranges::find(place.followers, local_part(name)) == place.followers.end()) return root_end;
    const auto tags = xml::root_tags(document.bytes);
    if (!tags) return std::nullopt;
    std::size_t at = tags->end_tag;
    for (auto child = tags->last_children.rbegin(); child != tags->last_children.rend(); ++child) {
        if (std::ranges::find(place.followers, child->local) == place.followers.end()) break;
        at = child->offset;
    }
    return at;
}

/// One document on its way to its signature.
struct Draft {
    bool left = false;
    std::size_t insert_at = 0;
    xml::CanonicalPieces pieces;
    std::string digest;
};

}  // namespace

CanonicalDocument canonical_document(std::string_view bytes) {
    CanonicalDocument out{bytes, {0, bytes.size()}};
    if (bytes.starts_with("<?xml ")) out.canonical.from = bytes.find('<', std::min(bytes.find("?>"), bytes.size()));
    while (out.canonical.to > 0 && bytes[out.canonical.to - 1] != '>') --out.canonical.to;
    out.canonical.from = std::min(out.canonical.from, out.canonical.to);
    return out;
}

struct FastSigner::State {
    Profile profile;
    Signer signer;
    const Algorithm* digest_method;
    PreparedKey key;
    Frame frame;
    Canonicalization transform = Canonicalization::c14n10;    ///< of the document
    Canonicalization signed_info = Canonicalization::c14n10;  ///< of SignedInfo
    FastSignCounts counts;
    std::vector<std::unique_ptr<Draft>> drafts;
    xml::CanonicalScope scope;
    xml::CanonicalForm form;
    xml::CanonicalPieces info_start;

    Draft& draft(std::size_t index) {
        while (drafts.size() <= index) drafts.push_back(std::make_unique<Draft>());
        return *drafts[index];
    }

    void prepare(Draft& draft, const CanonicalDocument& document) {
        draft.left = true;
        draft.pieces.clear();
        draft.digest.clear();
        const std::string_view canonical =
            document.bytes.substr(document.canonical.from, document.canonical.to - document.canonical.from);
        if (profile.form != Form::enveloped || canonical.empty()) return;
        const auto place = place_of(document, profile.place);
        if (!place || *place < document.canonical.from || *place > document.canonical.to) return;
        draft.insert_at = *place;
        if (!cover(canonical, draft.pieces)) return;
        draft.left = false;
    }

    /// What is signed, as pieces. False: the reference does it; a Signature that stands there already is its matter.
    bool cover(std::string_view canonical, xml::CanonicalPieces& pieces) {
        if (transform != Canonicalization::exclusive) {
            const Declarations declared = DeclarationSearch(canonical).find();
            if (!declared.is_clear || declared.has_dsig) return false;
            pieces.slice(canonical);
            return true;
        }
        xml::NamespaceLook signatures{.uri = names::dsig};
        if (!xml::exclusive_form(canonical, pieces, &signatures)) {
            pieces.clear();
            const Declarations declared = DeclarationSearch(canonical).find();
            if (!declared.is_clear) return false;
            signatures.is_declared = declared.has_dsig;
            const auto done = xml::fast_canonical_form(
                canonical, {.method = transform, .limits = {.document_bytes_max = canonical.size()}}, pieces);
            if (!done || *done != xml::FastForm::done) return false;
            ++counts.scanned;
        }
        return !signatures.is_declared;
    }

    /// SignedInfo where it will stand: with the namespaces and xml:* attributes of the root in scope.
    std::optional<std::string> signed_octets(const CanonicalDocument& document, const std::string& digest) {
        const std::string_view root = document.bytes.substr(document.canonical.from);
        xml::Scanner scanner(root, {.document_bytes_max = root.size()});
        const auto kind = scanner.next();
        if (!kind || *kind != xml::TokenKind::start_element) return std::nullopt;
        scope.reset(root);
        scope.open(scanner.token());
        scope.declare(profile.prefix, names::dsig);
        scope.open({});
        const std::string tag = "<" + frame.info_name + ">";
        xml::Token info;
        info.kind = xml::TokenKind::start_element;
        info.end = tag.size();
        info.ns = names::dsig;
        info.local = "SignedInfo";
        info.prefix = profile.prefix;
        scope.open(info);
        info_start.clear();
        form.begin(tag, scope, signed_info, true, {}, info_start);
        form.token(info);
        const bool certain = form.finish() && !scope.is_doubtful();
        if (!certain) return std::nullopt;
        return info_start.text() + frame.before_digest + digest + frame.behind_digest;
    }

    /// Nothing: left to the reference.
    Result<std::optional<Insertion>> element(const Draft& draft, const CanonicalDocument& document) {
        const std::string digest = to_base64(draft.digest);
        const auto octets = draft.left ? std::nullopt : signed_octets(document, digest);
        if (!octets) {
            ++counts.left;
            return std::optional<Insertion>();
        }
        auto value = key.sign(*octets);
        if (!value) return value.error();
        ++counts.fast;
        Insertion out{draft.insert_at, frame.open};
        std::string& text = out.element;
        text.reserve(frame.open.size() + octets->size() + frame.behind_value.size() + value->size() * 2);
        text.append("<").append(frame.info_name).append(">");
        text.append(frame.before_digest).append(digest).append(frame.behind_digest);
        text.append(frame.before_value).append(to_base64(*value)).append(frame.behind_value);
        return std::optional(std::move(out));
    }

    Result<std::string> finish(const Draft& draft, const CanonicalDocument& document, const SignOptions& options) {
        auto made = element(draft, document);
        if (!made) return made.error();
        if (!*made) return trust::sign(document.bytes, profile, signer, options);
        std::string out;
        out.reserve(document.bytes.size() + (*made)->element.size());
        out.append(document.bytes.substr(0, (*made)->at)).append((*made)->element);
        return out.append(document.bytes.substr((*made)->at));
    }
};

FastSigner::FastSigner(std::unique_ptr<State> state) : state_(std::move(state)) {}
FastSigner::FastSigner(FastSigner&&) noexcept = default;
FastSigner& FastSigner::operator=(FastSigner&&) noexcept = default;
FastSigner::~FastSigner() = default;

Result<FastSigner> FastSigner::make(const Profile& profile, const Signer& signer) {
    if (auto good = check_profile(profile); !good) return good.error();
    if (profile.place.where != SignaturePlace::Where::child_of_root)
        return Error{codes::profile_invalid, profile.name + ": a signature can be made as a child of the root only"};
    const Algorithm* method = find_algorithm(profile.signature_method, profile.names);
    const Algorithm* digest = find_algorithm(profile.digest_method, profile.names);
    if (auto fit = check_key(*method, *signer.state().key, rsa_bits_min); !fit) return fit.error();
    auto key = PreparedKey::make(*method, *signer.state().key, {profile.sm2_user_id, profile.sm2_raw},
                                 PreparedKey::For::signing);
    if (!key) return key.error();
    auto state = std::make_unique<State>(State{profile, signer, digest, *std::move(key), {}});
    state->frame = FrameMaker(state->profile, signer.state()).make();
    state->signed_info = *xml::canonicalization_of(profile.canonicalization);
    if (profile.transforms.size() == 2) {
        state->transform = xml::without_comments(*xml::canonicalization_of(profile.transforms[1]));
    }
    return FastSigner(std::move(state));
}

Result<std::string> FastSigner::sign(const CanonicalDocument& document, const SignOptions& options) {
    return std::move(sign_all(std::span(&document, 1), options).front());
}

std::vector<Result<std::string>> FastSigner::sign_all(std::span<const CanonicalDocument> documents,
                                                      const SignOptions& options) {
    draft(documents);
    std::vector<Result<std::string>> out;
    for (std::size_t i = 0; i < documents.size(); ++i) {
        out.push_back(state_->finish(state_->draft(i), documents[i], options));
    }
    return out;
}

std::vector<std::optional<Insertion>> FastSigner::signatures(std::span<const CanonicalDocument> documents) {
    draft(documents);
    std::vector<std::optional<Insertion>> out;
    for (std::size_t i = 0; i < documents.size(); ++i) {
        auto made = state_->element(state_->draft(i), documents[i]);
        out.push_back(made ? *std::move(made) : std::nullopt);
    }
    return out;
}

/// What is digested of each document, and the digests, together where lanes help.
void FastSigner::draft(std::span<const CanonicalDocument> documents) {
    State& state = *state_;
    const std::string_view word = state.digest_method->word;
    const bool lanes_help = documents.size() > 1 && (word == "sm3" || word == "sha256");
    DigestLanes lanes(word == "sm3" ? DigestAlgorithm::sm3 : DigestAlgorithm::sha256);
    for (std::size_t i = 0; i < documents.size(); ++i) {
        Draft& one = state.draft(i);
        state.prepare(one, documents[i]);
        if (!one.left && lanes_help) lanes.add(one.pieces.pieces());
    }
    const std::vector<DigestValue> values = lanes.finish();
    std::size_t next = 0;
    for (std::size_t i = 0; i < documents.size(); ++i) {
        Draft& one = state.draft(i);
        if (one.left) continue;
        if (lanes_help) {
            one.digest = values[next++].view();
            continue;
        }
        auto value = digest_of(*state.digest_method, one.pieces.pieces());
        if (value)
            one.digest = *std::move(value);
        else
            one.left = true;
    }
}

const FastSignCounts& FastSigner::counts() const {
    return state_->counts;
}

}  // namespace hansa::trust
