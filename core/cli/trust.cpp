// hansa sign, hansa verify, hansa keys.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "core/base/digest.h"
#include "core/base/file.h"
#include "core/cli/codes.h"
#include "core/cli/command.h"
#include "core/exchange/verification_report.h"
#include "core/trust/codes.h"
#include "core/trust/container.h"
#include "core/trust/keygen.h"
#include "core/trust/sign.h"
#include "core/trust/verify.h"

namespace hansa::cli {
namespace {

struct SignOptions {
    std::string file, profile, key, certificate, out;
};

int sign_file(Surroundings& with, const SignOptions& options) {
    if (options.key.starts_with("pkcs11:")) return fail(with, Error{codes::usage, "keys on a token (pkcs11:) are not supported by this version; give a PEM file"});
    const auto bytes = input(options.file);
    if (!bytes) return fail(with, bytes.error());
    std::string name = options.profile;
    if (name.empty()) {
        const auto format = with.registry().detect(*bytes);
        if (!format) return fail(with, format.error(), options.file);
        name = (*format)->signature;
    }
    const trust::Profile* profile = with.registry().profile(name);
    if (profile == nullptr) return fail(with, Error{codes::usage, fmt::format("no signature profile '{}'", name)});
    const auto signer = trust::Signer::load(options.key, options.certificate);
    if (!signer) return fail(with, signer.error());
    const auto done = trust::sign(*bytes, *profile, *signer);
    return done ? output(options.out, *done) : fail(with, done.error(), options.file);
}

struct VerifyOptions {
    std::vector<std::string> files;
    std::string trust, profile;
    bool json = false;
};

/// The signature is another profile's: says nothing about whether it is good.
bool is_of_another_profile(const trust::Verification& found) {
    return !found.errors.empty() && (found.errors.front().code == trust::codes::algorithm_refused ||
                                     found.errors.front().code == trust::codes::transform_refused ||
                                     found.errors.front().code == trust::codes::signature_place);
}

/// By the profile that the format allows, or by the standard policy; what is told is what its own profile says.
trust::Verification verify_bytes(Surroundings& with, const std::string& bytes, const std::string& profile_name, const trust::VerifyOptions& options) {
    std::vector<std::string> names;
    if (!profile_name.empty()) names = {profile_name};
    else if (!trust::is_container(bytes)) {
        const auto format = with.registry().detect(bytes);
        if (format) names = (*format)->signatures.empty() ? std::vector<std::string>{(*format)->signature} : (*format)->signatures;
    }
    trust::Verification best = trust::verify(bytes, trust::standard_policy(), options);
    for (const std::string& name : names) {
        const trust::Profile* profile = with.registry().profile(name);
        if (profile == nullptr || best.valid || profile->form == trust::Form::asice) continue;
        trust::Verification found = trust::verify(bytes, *profile, options);
        const bool only_way = profile->form == trust::Form::within && best.policy == trust::standard_policy().name;
        if (found.valid || only_way || is_of_another_profile(best)) best = std::move(found);
    }
    return best;
}

int verify_files(Surroundings& with, const VerifyOptions& options) {
    const auto store = trust::TrustStore::load(options.trust);
    if (!store) return fail(with, store.error());
    trust::VerifyOptions how;
    how.trust = &*store;
    int code = all_well;
    for (const std::string& name : options.files) {
        const auto bytes = input(name);
        if (!bytes) return fail(with, bytes.error());
        const trust::Verification found = verify_bytes(with, *bytes, options.profile, how);
        if (!found.valid) code = answer_is_no;
        if (options.json) {
            std::cout << exchange::verification_json(found) << '\n';
            continue;
        }
        for (const Error& error : found.errors) fail(with, error, name);
        for (const trust::Covered& covered : found.covered) {
            std::cout << fmt::format("{}: verified, covers {}{}, signed by {}\n", name, covered.path, covered.whole_document ? " (the whole document)" : "", found.signer.subject);
        }
    }
    return code;
}

struct KeyOptions {
    std::string folder, kind = "p256", name, authority;
    std::vector<std::string> hosts;
    bool tls = false;
};

trust::KeyKind kind_of(const std::string& name) {
    if (name == "rsa2048") return trust::KeyKind::rsa2048;
    if (name == "sm2") return trust::KeyKind::sm2;
    return name == "ed25519" ? trust::KeyKind::ed25519 : trust::KeyKind::p256;
}

/// NAME.key (mode 0600), NAME.crt and NAME.sha256; under an authority's key, or its own root.
int make_keys(Surroundings& with, const KeyOptions& options) {
    const std::filesystem::path base = std::filesystem::path(options.folder) / options.name;
    std::error_code trouble;
    std::filesystem::create_directories(options.folder, trouble);
    const auto key = trust::make_key(kind_of(options.kind));
    if (!key) return fail(with, key.error());
    trust::CertificateRequest request;
    request.common_name = options.name;
    request.organization = "Hansa";
    request.tls = options.tls;
    request.names = options.hosts;
    request.authority = options.authority.empty() && !options.tls;
    Result<std::string> certificate = Error{};
    if (options.authority.empty()) certificate = trust::self_signed(*key, request);
    else {
        const auto authority_key = read_file(options.authority + ".key");
        const auto authority_certificate = read_file(options.authority + ".crt");
        if (!authority_key) return fail(with, authority_key.error());
        if (!authority_certificate) return fail(with, authority_certificate.error());
        certificate = trust::issue(*authority_key, *authority_certificate, *key, request);
    }
    if (!certificate) return fail(with, certificate.error());
    const auto info = trust::describe_certificate(*certificate);
    if (!info) return fail(with, info.error());
    const auto written = trust::write_secret(base.string() + ".key", *key);
    if (!written) return fail(with, written.error());
    for (const auto& [ending, text] : {std::pair<std::string, std::string>{".crt", *certificate}, {".sha256", info->fingerprint + "\n"}}) {
        const int code = output(base.string() + ending, text);
        if (code != all_well) return code;
    }
    std::cerr << fmt::format("{}.key {}.crt {}.sha256\n", base.string(), base.string(), base.string());
    return all_well;
}

}  // namespace

void add_sign(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("sign", "Sign a document with its format's default profile, or another");
    auto options = std::make_shared<SignOptions>();
    command->add_option("FILE", options->file, "A file; - is standard input")->required();
    command->add_option("--profile", options->profile, "Signature profile (default: that of the format)");
    command->add_option("--key", options->key, "Private key, PEM")->required();
    command->add_option("--cert", options->certificate, "Certificate and its chain, PEM")->required();
    command->add_option("-o,--output", options->out, "Where to write (default: standard output)");
    command->footer("Example: hansa sign --key agency.key --cert agency.crt list.xml -o signed.xml");
    command->callback([&with, &chosen, options] { chosen.run = [&with, options] { return sign_file(with, *options); }; });
}

void add_verify(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("verify", "Verify a signature and its chain; says which element or file is covered");
    auto options = std::make_shared<VerifyOptions>();
    command->add_option("FILE", options->files, "Files; - is standard input")->required();
    command->add_option("--trust", options->trust, "Folder with trusted certificates, PEM")->required();
    command->add_option("--profile", options->profile, "Only by this profile");
    command->add_flag("--json", options->json, "One JSON document a file");
    command->footer("Exit code 1 when a signature is not good.\nExample: hansa verify --trust keys/trust message.asice");
    command->callback([&with, &chosen, options] { chosen.run = [&with, options] { return verify_files(with, *options); }; });
}

void add_keys(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("keys", "Make a key and a certificate, for trials and for agencies without an authority of their own");
    auto options = std::make_shared<KeyOptions>();
    command->add_option("NAME", options->name, "Common name, and the files' name")->required();
    command->add_option("--folder", options->folder, "Where to write NAME.key, NAME.crt, NAME.sha256")->required();
    command->add_option("--kind", options->kind, "p256 (default), rsa2048, sm2, ed25519")->check(CLI::IsMember({"p256", "rsa2048", "sm2", "ed25519"}));
    command->add_option("--authority", options->authority, "Path without ending of the authority's .key and .crt (default: the certificate is a root)");
    command->add_flag("--tls", options->tls, "For TLS servers and clients");
    command->add_option("--host", options->hosts, "Subject alternative names: DNS:name, IP:address");
    command->footer("Example: hansa keys union-root --folder keys; hansa keys minsk --folder keys --authority keys/union-root");
    command->callback([&with, &chosen, options] { chosen.run = [&with, options] { return make_keys(with, *options); }; });
}

}  // namespace hansa::cli
