// XML Signature vectors: xmlsec's (134 rows), Santuario's (184 files), small implementations' (25 files).
//
// What is run is trust::verify with a policy of this runner alone: the Signature at any place, parts
// of documents, weak algorithms that are built in, and keys that the vectors bring, handed over as
// pinned keys. What the product refuses on principle stays refused and is counted as such: HMAC,
// DSA, MD5, GOST, XSLT, XPath, XPointer, external references, DOCTYPE, keys named in other ways
// than by a certificate. A verdict that differs from the expected one must stand in deviations.txt
// with its reason; the fast way (fast_verify.h) must report the same. Santuario's expected column is a reading of file names, so xmlsec1 (where it
// is installed) is asked about every row that we accept or reject.
#include <algorithm>
#include <iostream>
#include <sstream>

#include "core/base/digest.h"
#include "core/trust/algorithm.h"
#include "core/trust/verify.h"
#include "core/xml/canonical.h"
#include "tests/conformance/crosscheck/tools.h"
#include "tests/conformance/xmldsig/loose_keys.h"
#include "tests/support/corpus.h"
#include "tests/support/results.h"
#include "tests/support/verify_both.h"

namespace hansa::test {
namespace {
namespace fs = std::filesystem;

trust::Policy vector_policy() {
    trust::Policy policy = trust::standard_policy();
    policy.name = "vectors";
    policy.asice = false;
    policy.place = {.where = trust::SignaturePlace::Where::anywhere};
    policy.whole_document = false;
    policy.rsa_bits_min = 512;
    for (const trust::Algorithm& row : trust::algorithms()) {
        if (!row.weak) continue;
        policy.weak_allowed.emplace_back(row.word);
        auto& list = row.key == trust::KeyNeed::none ? policy.digest_methods : policy.signature_methods;
        list.emplace_back(row.uri);
    }
    return policy;
}

/// Refusals on principle; every other error says that the signature does not hold.
bool is_policy(std::string_view code) {
    static const std::set<std::string_view> codes{
        "trust.algorithm-refused", "trust.algorithm-weak", "trust.transform-refused",   "trust.reference-refused",
        "trust.key-missing",       "trust.signature-many", "trust.references-too-many", "xml.doctype-refused",
        "xml.encoding-refused",    "trust.key-weak",       "trust.signature-missing"};
    return codes.contains(code);
}

struct Case {
    std::string name;
    std::string suite;
    fs::path file;
    bool base64 = false;
    bool expect_valid = true;
    bool ask_witness = false;
    trust::VerifyOptions options;
    std::optional<trust::TrustStore> store;
    std::string skip;  ///< reason
};

/// "accepted", "rejected CODE" or "refused CODE", the last with the identifier if one is refused.
std::string verdict_of(const trust::Verification& found) {
    if (found.valid) return "accepted";
    for (const Error& error : found.errors) {
        const std::string identifier = error.detail.starts_with("http") ? " " + error.detail : "";
        if (is_policy(error.code.name())) return "refused " + std::string(error.code.name()) + identifier;
    }
    return "rejected " + std::string(found.errors.front().code.name());
}

// --- cases -------------------------------------------------------------------------------------

std::vector<std::string> words(const std::string& text) {
    std::vector<std::string> out;
    std::istringstream in(text);
    for (std::string word; in >> word;) out.push_back(word);
    return out;
}

std::string with(std::string text, const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

/// The DER of a certificate or list as PEM, since a trust folder holds PEM.
std::string as_pem(const fs::path& path, const std::string& label) {
    const std::string bytes = slurp(path);
    if (bytes.find("-----BEGIN") != std::string::npos) return bytes;
    std::string out = "-----BEGIN " + label + "-----\n";
    const std::string text = to_base64(bytes);
    for (std::size_t at = 0; at < text.size(); at += 64) out += text.substr(at, 64) + "\n";
    return out + "-----END " + label + "-----\n";
}

/// A moment as xmlsec1 writes it: 2009-01-01+10:00:00, UTC.
DateTime moment(const std::string& text) {
    return *parse_iso(text.substr(0, 10) + "T" + text.substr(11) + "Z");
}

/// Translates xmlsec1's parameters into options of ours.
class XmlsecParameters {
public:
    XmlsecParameters(const fs::path& top, const fs::path& folder) : top_(top), folder_(folder) {}

    void apply(const std::string& text, Case& one) {
        one.options.at = *parse_iso("2026-08-21T00:00:00Z");  // the day of the suite's commit
        const auto list = words(with(with(text, "$cert_format", "der"), "$pub_key_format", "der"));
        std::vector<std::string> trusted;
        bool key_values = true;
        for (std::size_t i = 0; i < list.size(); ++i) {
            const std::string& word = list[i];
            const auto next = [&] { return i + 1 < list.size() ? list[++i] : std::string(); };
            if (word == "--trusted-der" || word == "--untrusted-der")
                trusted.push_back(as_pem(path(next()), "CERTIFICATE"));
            else if (word == "--crl-der")
                trusted.push_back(as_pem(path(next()), "X509 CRL"));
            else if (word.starts_with("$pub_key_option") || word.starts_with("--pubkey-cert-der"))
                pin(path(next()), one);
            else if (word == "--verification-gmt-time")
                one.options.at = moment(next());
            else if (word == "--enabled-key-data")
                key_values = takes_key_values(next());
            else if (word == "--verify-keys")
                one.skip = "xmlsec1's --verify-keys checks a key file, which is not part of the message";
            else if (word == "--X509-skip-time-checks")
                one.skip = "the product cannot switch off time checks";
            else if (word.find("xmlenc") != std::string::npos || word == "--keys-file")
                one.skip = "encryption";
        }
        if (!trusted.empty()) one.store = take(trust::TrustStore::from_pem(trusted), one);
        if (text.find("--enabled-key-data") == std::string::npos && has_retrieval_method(one)) key_values = false;
        if (trusted.empty() && key_values) take_loose_keys(one);
    }

private:
    template <class T>
    static std::optional<T> take(Result<T> result, Case& one) {
        if (result) return *std::move(result);
        one.skip = "the trusted certificates cannot be read: " + result.error().text();
        return std::nullopt;
    }

    static bool takes_key_values(const std::string& list) {
        for (const char* kind : {"key-value", "der-encoded-key-value", "key-info-reference", "rsa"}) {
            if (list.find(kind) != std::string::npos) return true;
        }
        return false;
    }

    /// xmlsec1 follows it only when told so.
    static bool has_retrieval_method(const Case& one) {
        return slurp(one.file).find("RetrievalMethod") != std::string::npos;
    }

    static void take_loose_keys(Case& one) {
        for (std::string& key : keys_in_document(slurp(one.file))) one.options.pinned_keys.push_back(std::move(key));
    }

    fs::path path(std::string text) const {
        text = with(text, "$topfolder", top_.string());
        text = with(text, "$rsa_pub_key_suffix", "");
        return fs::path(text).is_absolute() ? fs::path(text) : folder_ / text;
    }

    static void pin(const fs::path& file, Case& one) {
        if (!fs::exists(file)) {
            one.skip = "the key file is not in the shared half";
            return;
        }
        const std::string key = key_of_file(file);
        if (!key.empty()) one.options.pinned_keys.push_back(key);
    }

    fs::path top_, folder_;
};

std::vector<Case> xmlsec_cases(const fs::path& corpus_folder, const fs::path& unpacked) {
    const fs::path top = unpacked / "xmlsec-tests";
    std::vector<Case> all;
    std::map<std::string, int> seen;
    for (auto& row : read_table(corpus_folder / "manifest-xmlsec-shared.tsv")) {
        const fs::path folder = top / row["folder"];
        Case one;
        const std::string file = (row["folder"].empty() ? "" : row["folder"] + "/") + row["file"];
        one.name = "xmlsec/" + file + "#" + std::to_string(++seen[file]);
        one.suite = "xmlsec";
        one.file = top / (file + ".xml");
        one.expect_valid = row["expected_verify"] == "success";
        if (fs::exists(one.file))
            XmlsecParameters(top, folder).apply(row["verify_params_xmlsec1"], one);
        else
            one.skip = "the file is not in the shared half";
        all.push_back(std::move(one));
    }
    return all;
}

std::vector<Case> santuario_cases(const fs::path& corpus_folder, const fs::path& unpacked) {
    std::vector<Case> all;
    for (auto& row : read_table(corpus_folder / "manifest-santuario-shared.tsv")) {
        Case one;
        one.name = "santuario/" + row["file"];
        one.suite = "santuario";
        one.file = unpacked / "santuario" / row["file"];
        one.expect_valid = row["expected_by_name"] != "fail";
        one.ask_witness = true;
        if (fs::exists(one.file))
            one.options.pinned_keys = keys_in_document(slurp(one.file));
        else
            one.skip = "the file is not in the shared half";
        all.push_back(std::move(one));
    }
    return all;
}

std::string document_of(const Case& one) {
    const std::string bytes = slurp(one.file);
    if (!one.base64) return bytes;
    auto decoded = from_base64(bytes);
    return decoded ? *decoded : bytes;
}

/// The key beside a file of xml-crypto: the .pem of like name, else the client's.
std::string key_beside(const fs::path& file) {
    const std::string stem = file.stem().string();
    const fs::path folder = file.parent_path();
    for (const std::string& name : {stem, stem.substr(0, stem.find("_lines")), std::string("client_public")}) {
        if (fs::exists(folder / (name + ".pem"))) return key_of_file(folder / (name + ".pem"));
    }
    return {};
}

std::vector<Case> implementation_cases(const fs::path& folder) {
    std::set<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        const auto ending = entry.path().extension();
        if (ending == ".base64" || ending == ".xml") files.insert(entry.path());
    }
    std::vector<Case> all;
    for (const fs::path& file : files) {
        Case one;
        one.name = "implementations/" + fs::relative(file, folder).string();
        one.suite = "implementations";
        one.file = file;
        one.base64 = file.extension() == ".base64";
        one.expect_valid = one.name.find("invalid") == std::string::npos;
        one.options.pinned_keys = keys_in_document(document_of(one));
        if (const std::string key = key_beside(file); !one.base64 && !key.empty())
            one.options.pinned_keys.push_back(key);
        all.push_back(std::move(one));
    }
    return all;
}

// --- running -----------------------------------------------------------------------------------

enum class Testimony { accepts, rejects, cannot };

class Witness {
public:
    Witness() : program_(find_program("xmlsec1")) {}
    bool present() const { return program_.has_value(); }

    /// What xmlsec1 says of a signature, given its first key. It prints OK or FAIL for what it could
    /// check, and ERROR for what it could not (a key or an algorithm that it does not know).
    Testimony ask(const Case& one) const {
        std::vector<std::string> command{*program_, "--verify", "--insecure"};
        if (!one.options.pinned_keys.empty()) {
            command.insert(command.end(),
                           {"--pubkey-pem", folder_.write("key.pem", one.options.pinned_keys.front()).string()});
        }
        command.push_back(one.file.string());
        const std::string said = "\n" + run(command, one.file.parent_path()).output;
        if (said.find("\nOK\n") != std::string::npos) return Testimony::accepts;
        return said.find("\nFAIL\n") != std::string::npos ? Testimony::rejects : Testimony::cannot;
    }
    std::string version() const {
        const std::string text = run({*program_, "--version"}, folder_.path()).output;
        return text.substr(0, text.find('\n'));
    }

private:
    std::optional<std::string> program_;
    Scratch folder_{"xmldsig-witness"};
};

class Suite {
public:
    explicit Suite(const fs::path& deviations) : deviations_(deviations) {}

    void judge(Case& one) {
        if (!one.skip.empty()) {
            std::cout << "skip " << one.name << ": " << one.skip << '\n';
            return result_.skip(one.skip);
        }
        if (one.store) one.options.trust = &*one.store;
        const auto start = std::chrono::steady_clock::now();
        trust::FastVerification fast;
        const std::string difference = test::difference(verifier_, document_of(one), policy_, one.options, fast);
        std::string verdict = verdict_of(fast.report);
        if (std::chrono::steady_clock::now() - start > case_time_max) verdict = "hang";
        if (!difference.empty()) verdict = "the two ways differ: " + difference;
        const std::string* listed = deviations_.expected(one.name);
        const bool good = listed != nullptr ? verdict == *listed : as_expected(one, verdict);
        const bool agreed = good && (listed != nullptr || witness_agrees(one, verdict));
        std::cout << (agreed ? (verdict.starts_with("refused") ? "refused " : "pass ") : "FAIL ") << one.name << ": "
                  << verdict << (listed != nullptr ? " (listed)" : "") << (good && !agreed ? " (xmlsec1 differs)" : "")
                  << '\n';
        count(one, verdict, agreed);
    }

    int end(bool whole) {
        const auto unused = whole ? deviations_.unused() : std::vector<std::string>();
        for (const std::string& name : unused)
            std::cout << "FAIL " << name << ": listed as a deviation, but no such case\n";
        result_.fail("", unused.size());
        if (!witness_.present()) {
            std::cout << "witness: skipped, no xmlsec1\n";
        } else {
            std::cout << "witness: " << witness_.version() << " answered for " << confirmed_
                      << " of Santuario's files, could not for " << silent_ << '\n';
        }
        for (const auto& [code, number] : refusals_) std::cout << "  refused " << number << " x " << code << '\n';
        const trust::FastVerifyCounts counts = verifier_.counts();
        std::cout << "fast way: accepted " << counts.fast << ", left to the reference:";
        for (std::size_t i = 1; i < trust::left_reasons; ++i) {
            std::cout << ' ' << name_of(static_cast<trust::LeftBecause>(i)) << ' ' << counts.left[i];
        }
        std::cout << '\n';
        result_.publish();
        return result_.failed() == 0 && result_.passed() > 0 ? 0 : 1;
    }

private:
    static bool as_expected(const Case& one, const std::string& verdict) {
        if (verdict.starts_with("refused")) return true;
        return one.expect_valid ? verdict == "accepted" : verdict.starts_with("rejected");
    }

    bool witness_agrees(const Case& one, const std::string& verdict) {
        if (!one.ask_witness || !witness_.present() || verdict.starts_with("refused")) return true;
        const Testimony said = witness_.ask(one);
        ++(said == Testimony::cannot ? silent_ : confirmed_);
        return said == Testimony::cannot || (said == Testimony::accepts) == (verdict == "accepted");
    }

    void count(const Case& one, const std::string& verdict, bool good) {
        if (!good) return result_.fail(one.suite);
        if (!verdict.starts_with("refused")) return result_.pass(one.suite);
        ++refusals_[verdict.substr(8)];
        result_.refuse(one.suite);
    }

    SuiteResult result_{"xmldsig"};
    trust::Policy policy_ = vector_policy();
    trust::FastVerifier verifier_{{.keep_octets = true}};
    Deviations deviations_;
    Witness witness_;
    std::uint64_t confirmed_ = 0, silent_ = 0;
    std::map<std::string, std::uint64_t> refusals_;
};

int run_suite(const RunnerOptions& options) {
    const Scratch scratch("xmldsig");
    const auto tar = find_program("tar");
    if (!tar) {
        std::cout << "skipped: no tar to open the vectors" << std::endl;
        return 77;
    }
    const fs::path folder = options.root / "xmldsig";
    for (const char* name : {"xmlsec-vectors-shared.tar.gz", "santuario-vectors-shared.tar.gz"}) {
        if (run({*tar, "xzf", (folder / name).string()}, scratch.path()).exit_code != 0) return 1;
    }
    Suite suite(source_dir() / "tests/conformance/xmldsig/deviations.txt");
    for (auto cases : {xmlsec_cases(folder, scratch.path()), santuario_cases(folder, scratch.path()),
                       implementation_cases(options.root / "xmldsig-implementations")}) {
        for (Case& one : cases) {
            if (options.wants(one.name)) suite.judge(one);
        }
    }
    return suite.end(options.only.empty());
}

}  // namespace
}  // namespace hansa::test

int main(int argc, char** argv) {
    const auto options = hansa::test::runner_options(argc, argv);
    hansa::test::limit_memory();
    return hansa::test::run_suite(options);
}
