// plugin.toml: who the plugin speaks for, its formats and its signature profiles.
//
// Strict: an unknown key, a wrong type or a word that means nothing is an error with its line and the
// nearest known one. All faults of a file are found at once.
//
//     plugin    = "xx"                       # the folder's name
//     version   = "0.1.0"
//     uncertain = ["..."]                    # what the sources did not settle; hansa formats shows it
//
//     [authority]
//     id      = "xx"                         # default: the plugin's name
//     name    = "Customs of ..."
//     country = "XX"                         # ISO 3166-1 alpha-2, or a union's own letters
//
//     [[format]]
//     id          = "xx.declaration"
//     title       = "..."
//     edition     = "2024"
//     root        = "{urn:example}Declaration"    # or "Declaration": no namespace
//     inner       = "{urn:example}Order/Line"     # path below the root that tells where the root does not; optional
//     mark        = "Head/Type=TR"                # one whose text begins so, where no name tells; optional, not beside inner
//     syntax      = "xml" | "edifact" | "flat" | "json"     # default xml; the others are read by core/syntax
//     syntax-tables = ["syntax/xx.syntax"]        # for the others: how elements are spelt, read one behind the other
//     schema      = "xx/declaration.xsd"          # below schemas/; declares the root
//     official    = true                          # an official schema exists (ours is proved equal)
//     mapping     = "mappings/declaration.map"    # none: `kind` must be said, and the format is not translated
//     kind        = "declaration"                 # optional with a mapping, and then it must agree
//     certainty   = "official schema and samples" | "official schema" | "facts only"
//     direction   = "in" | "out" | "both"         # default both
//     signature   = "asice.rsa-sha256"            # default profile: [[signature]] below, or the core's
//     signatures  = ["xx.rsa"]                    # other profiles that a sender may use; optional
//     answer      = "xx.response"                 # format that answers it; optional
//
//     [[format]]                                  # a profile of another plugin's format: what is not here is the base's
//     id          = "xx.goods-declaration"
//     base        = "yy.goods-declaration"        # schema, syntax, mapping, frame and kind are its own; no profile itself
//     title       = "..."
//     edition     = "..."                         # optional, as are direction, signature, signatures, answer
//     certainty   = "facts only"                  # of what the profile says
//     mark        = "{urn:a}Head/{urn:b}Land=XX"  # tells it from the base, in the first element of the first name; optional
//     codes       = ["unit"]                      # codes/unit.codes of this plugin stands in place of the base's list of the name
//     [format.settings]                           # optional; over those of the base's table, under those of an agency
//     settings    = "xx"                          # a variant of the base's table
//
//     [[format]]                                  # another edition of a format: a profile with a schema of its own
//     base        = "xx.declaration"              # its rows are read and written with this schema: the names agree, other things need not
//     schema      = "xx/declaration-2019.xsd"
//     official    = true                          # of this schema
//     since       = "2019-07-01"                  # first day on which messages are of this edition; optional
//     until       = "2024-01-01"                  # first day on which they are no more; optional
//
//     [format.frame]                              # of a format of kind envelope: envelope::FrameRules; optional
//     open                 = "Header"             # holds blocks that the schema does not name
//     forbidden            = ["{urn:x}From"]      # blocks of it that must not come
//     id-prefix            = "urn:uuid:"          # made ids are UUIDs behind it
//     conversation         = true                 # answers name message and conversation
//     repeated-by-document = true                 # what is sent again has a new id
//     sealed               = false                # its signatures cover what is in it
//     [format.frame.signals]                      # action, or action and format
//     prefix               = "P.MSG."             # an action of it that is none of these is refused
//     received             = ["P.MSG.RCV"]
//     accepted             = ["P.MSG.PRS", "xx.processing-receipt"]
//     refused              = ["P.MSG.ERR", "xx.validation-error"]
//     failed               = ["fault", "xx.fault"]
//
//     [[signature]]                          # fields of trust::Profile
//     name             = "xx.enveloped"            # begins with the plugin's name, as format ids do
//     form             = "enveloped" | "asice" | "within"
//     holder           = "{urn:x}Signed/Data/Content"     # of form within: root, data, content
//     holder-instance  = "Instance"                        # attribute of the content that names the document
//     receipt          = "{urn:y}Receipt"                  # element in the Object of a third party's signature
//     signature-method = "http://..."
//     digest-method    = "http://..."
//     canonicalization = "http://..."
//     transforms       = ["http://..."]
//     accepts          = ["http://..."]                    # other methods that a verifier takes
//     place            = "child-of-root" | "document-root" | "anywhere"     # default child-of-root
//     followers        = ["ExtendMessage"]
//     any-child        = false
//     prefix           = "ds"
//     key-name-serial  = false
//     key-name-digits  = 0
//     x509-certificate = true
//     whole-chain      = false
//     algorithms       = {"http://authority/own#sm2-sm3" = "sm2-sm3"}
//     unavailable      = {"urn:x:own-curve" = "own curve"}    # known, and not computed here
//     weak-allowed     = ["rsa-sha1", "sha1"]
//     sm2-user-id      = "..."
//     sm2-raw          = true
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/envelope/frame.h"
#include "core/mapping/translate.h"
#include "core/pivot/document.h"
#include "core/schema/tree.h"
#include "core/trust/profile.h"

namespace hansa::plugin {

/// One [[format]]. Files are names as written; `place` is the row's own in plugin.toml.
struct FormatRow {
    std::string id, title, edition;
    std::string base;  ///< id of the format that it is a profile of; empty: none
    std::string root_ns, root_local;
    std::string inner;                ///< as written; of a format with a mark: the mark
    std::vector<schema::Name> steps;  ///< of `inner`; a name without {namespace} has the root's
    std::vector<schema::Name> mark;   ///< path of `mark`, as `steps`
    std::string mark_begins;          ///< what its text begins with
    std::string syntax = "xml";
    std::vector<std::string> syntax_tables;  ///< none for "xml"
    std::string schema;
    bool official = false;
    std::string mapping;  ///< empty: none
    std::optional<pivot::Kind> kind;
    std::string certainty;
    std::string direction = "both";
    std::string signature;
    std::vector<std::string> signatures;  ///< that a sender may use, the default first
    std::string answer;
    envelope::FrameRules frame;
    std::vector<std::string> codes;  ///< of a profile: names of the lists that it replaces
    mapping::Settings settings;      ///< of a profile
    bool own_schema = false;         ///< of a profile: another edition of its base
    std::string since, until;        ///< of an edition: days YYYY-MM-DD, the second no more; empty: no bound
    std::vector<schema::Name> base_steps;  ///< of a profile: by which its base is told
    Place place, base_place, codes_place;
};

struct Descriptor {
    std::string name, version;
    std::string authority, authority_name, country;
    std::vector<std::string> uncertain;
    std::vector<FormatRow> formats;
    std::vector<trust::Profile> profiles;
};

/// Reads plugin.toml. `file` is what errors call it. Every fault goes to `faults`; the result is the
/// first one.
///
/// Errors: base.toml-syntax, -key-unknown, -key-missing, -value-wrong; plugin.profile-unknown,
///         -answer-unknown, -duplicate-format, -duplicate-profile, -path-outside; trust.profile-invalid
Result<Descriptor> parse_descriptor(std::string_view text, std::string_view file, Diagnostics& faults);

/// Names with '/' between them; one without {namespace} has `ns`. Empty: a fault.
std::vector<schema::Name> read_steps(std::string_view text, std::string_view ns);

/// Is it a relative path with '/' that stays where it starts?
bool stays_inside(std::string_view path);

}  // namespace hansa::plugin
