#include "core/schema/fault_finder.h"

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <vector>

#include "core/schema/codes.h"
#include "core/schema/content_model.h"
#include "core/schema/lexical.h"
#include "core/schema/pattern.h"
#include "core/schema/tree.h"
#include "core/xml/fast_scanner.h"
#include "core/xml/line_index.h"

namespace hansa::schema {

namespace {

constexpr std::string_view xsi_namespace = "http://www.w3.org/2001/XMLSchema-instance";

/// An element that is open.
struct Open {
    enum class Mode : std::uint8_t { model, text, anything, skipped };
    Mode mode = Mode::skipped;
    std::string local;
    std::uint64_t offset = 0;
    Index element = no_index;
    std::uint32_t type = no_index;
    std::uint32_t state = 0, count = 0;
    std::uint64_t members = 0;
    bool has_children = false, is_nil = false;
    const ElementDecl* named = nullptr;  ///< the declaration that the judge finds by name, fitting or not
    bool has_words = false;
    std::string text;
    /// The child that ended last, when it holds words that its declaration does not allow or nobody declares it.
    std::string wordy_child;
    std::uint64_t wordy_offset = 0;
};

/// A fault that may be the first one.
struct Candidate {
    Code code;
    std::string detail;
    std::uint64_t offset = 0;          ///< by which the first one is chosen
    std::vector<std::uint64_t> chain;  ///< starts of the elements that lead to it, the root's first
    std::vector<std::string> names;
    std::string attribute;
    bool missing = false;      ///< the last element of the chain lacks something
    Index element = no_index;  ///< that element's declaration
};

class Walk {
public:
    Walk(const CompiledGrammar& grammar, const xml::Utf8Document& document, const xml::Limits& limits)
        : grammar_(grammar), tables_(grammar.grammar().tables()), document_(document), limits_(limits) {}

    Error run() {
        xml::FastScanner scanner = fresh();
        for (;;) {
            const auto kind = scanner.next();
            if (!kind) return kind.error();
            if (*kind == xml::TokenKind::end_of_document) break;
            const xml::Token& token = scanner.token();
            sections(token);
            if (*kind == xml::TokenKind::start_element) start(token);
            if (*kind == xml::TokenKind::end_element) end(token);
            if (*kind == xml::TokenKind::text) text(token);
            behind_ = token.end;
        }
        for (const std::string& reference : references_) {
            if (!best_ && !identifiers_.contains(reference)) note_root();
        }
        if (!best_) return {codes::invalid, "the compiled reader refuses the document"};
        return located();
    }

private:
    xml::FastScanner fresh() const {
        return xml::FastScanner(
            document_.text(), limits_,
            document_.converted() ? xml::DeclaredEncoding::converted : xml::DeclaredEncoding::binding);
    }

    // --- candidates ---

    /// A fault of the open element number `depth` (the last one: its own), unless one before it is known.
    void note(Code code, std::string detail, std::size_t depth, std::uint64_t offset, std::string attribute = {},
              bool missing = false) {
        if (best_ && best_->offset <= offset) return;
        Candidate found{code, std::move(detail), offset, {}, {}, std::move(attribute), missing, open_[depth].element};
        for (std::size_t i = 0; i <= depth; ++i) {
            found.chain.push_back(open_[i].offset);
            found.names.push_back(open_[i].local);
        }
        best_ = std::move(found);
    }
    void note_top(Code code, std::string detail, std::string attribute = {}) {
        note(code, std::move(detail), open_.size() - 1, open_.back().offset, std::move(attribute));
    }
    void note_root() {
        best_ = Candidate{
            codes::identity, "a reference has no target", root_.offset, {root_.offset}, {root_.local}, {}, false,
            no_index};
    }

    // --- tokens ---

    void start(const xml::Token& token) {
        Open made;
        made.local = std::string(token.local);
        made.offset = token.offset;
        made.named = named(token);
        if (open_.empty()) root_ = made;
        const bool judged = !best_;
        Open* const parent = open_.empty() ? nullptr : &open_.back();
        if (parent != nullptr) parent->has_children = true;
        const Open::Mode around = parent != nullptr ? parent->mode : Open::Mode::model;
        const std::size_t depth = open_.size();
        open_.push_back(std::move(made));
        if (!judged) return;
        const SymbolIndex symbol = grammar_.symbol_of(grammar_.namespace_of(token.ns), token.local);
        if (depth == 0) {
            const Index element = grammar_.global(symbol);
            if (element == no_index)
                return note_top(codes::root_unknown, "no root element '" + std::string(token.local) + "' is declared");
            return begin(element, token);
        }
        if (around == Open::Mode::skipped) return;
        if (around == Open::Mode::anything) return begin_lax(symbol, token);
        if (around == Open::Mode::text) return unexpected(token);
        Open& above = open_[depth - 1];
        if (above.is_nil)
            return note(codes::nil, "'" + above.local + "' is nil and must be empty", depth - 1, above.offset);
        const ModelEdge* const edge = edge_for(above, symbol, token.ns);
        if (edge == nullptr) return unexpected(token);
        if (edge->symbol != no_index) return begin(edge->target, token);
        const Wildcard& wildcard = tables_.wildcards[edge->target];
        if (wildcard.process == Wildcard::Process::skip) return;
        if (wildcard.process == Wildcard::Process::lax) return begin_lax(symbol, token);
        if (grammar_.global(symbol) == no_index) {
            return note_top(codes::element_undeclared, "'" + std::string(token.local) + "' is not declared");
        }
        begin(grammar_.global(symbol), token);
    }

    /// As the judge looks for it: what stands in the wrong place has its name's declaration all the same.
    const ElementDecl* named(const xml::Token& token) const {
        const auto has_type = [](const xml::AttributeToken& found) {
            return found.ns == xsi_namespace && found.local == "type";
        };
        if (std::any_of(token.attributes.begin(), token.attributes.end(), has_type)) return nullptr;
        const Grammar& grammar = grammar_.grammar();
        if (open_.empty()) return grammar.global(token.local, token.ns);
        if (open_.back().named == nullptr) return nullptr;
        const Child* const known = grammar.child(*open_.back().named, token.local, token.ns);
        if (known != nullptr) return known->element;
        return admits_globals(grammar, *open_.back().named) ? grammar.global(token.local, token.ns) : nullptr;
    }

    void unexpected(const xml::Token& token) {
        note_top(codes::element_unexpected, "'" + std::string(token.local) + "' may not stand here");
    }

    void begin_lax(SymbolIndex symbol, const xml::Token& token) {
        if (grammar_.global(symbol) != no_index) begin(grammar_.global(symbol), token);
    }

    void begin(Index number, const xml::Token& token) {
        Open& top = open_.back();
        const ElementDecl& declaration = tables_.elements[number];
        const CompiledElement& element = grammar_.elements()[number];
        top.element = number;
        top.type = element.type;
        const CompiledType* const type = element.type == no_index ? nullptr : &grammar_.types()[element.type];
        if (declaration.is_abstract || (type != nullptr && type->is_abstract)) {
            return note_top(codes::abstract, "in '" + top.local + "'");
        }
        top.mode = type == nullptr || type->content == Content::simple ? Open::Mode::text
                   : type->anything                                    ? Open::Mode::anything
                                                                       : Open::Mode::model;
        top.state = element.start;
        attributes(token, declaration, type);
    }

    const ModelEdge* edge_for(Open& parent, SymbolIndex symbol, std::string_view ns) {
        const ModelState& state = grammar_.states()[parent.state];
        const bool is_all = grammar_.types()[parent.type].is_all;
        for (std::uint32_t i = 0; i < state.edge_count; ++i) {
            const ModelEdge& edge = grammar_.edges()[state.first_edge + i];
            const bool fits =
                edge.symbol != no_index ? edge.symbol == symbol : tables_.wildcards[edge.target].admits(ns);
            if (!fits) continue;
            if (is_all) {
                if ((parent.members >> i & 1) != 0) continue;
                parent.members |= std::uint64_t{1} << i;
                return &edge;
            }
            if (state.counts && (edge.again ? parent.count >= state.max : parent.count < state.min)) continue;
            parent.count = edge.again ? parent.count + 1 : 1;
            parent.state = edge.next;
            return &edge;
        }
        return nullptr;
    }

    // --- attributes: first what is there, in its order, then what is not ---

    void attributes(const xml::Token& token, const ElementDecl& declaration, const CompiledType* type) {
        const ComplexType* const complex =
            type != nullptr && !type->anything ? &tables_.complex_types[type->complex] : nullptr;
        std::uint64_t seen = 0;
        for (const xml::AttributeToken& found : token.attributes) {
            const std::string name(found.local);
            if (found.ns == xsi_namespace) {
                if (found.local == "nil")
                    nil(declaration, found.value);
                else if (found.local != "type" && found.local != "schemaLocation" &&
                         found.local != "noNamespaceSchemaLocation")
                    not_allowed(name);
                continue;
            }
            if (type != nullptr && type->anything) continue;
            std::size_t number = 0;
            const std::size_t count = complex == nullptr ? 0 : complex->attributes.size();
            while (number < count && (complex->attributes[number].name.local != found.local ||
                                      complex->attributes[number].name.ns != found.ns))
                ++number;
            if (number == count) {
                const bool admitted = complex != nullptr && complex->attribute_wildcard != no_index &&
                                      tables_.wildcards[complex->attribute_wildcard].admits(found.ns);
                if (!admitted) not_allowed(name);
                continue;
            }
            seen |= std::uint64_t{1} << number;
            const AttributeUse& use = complex->attributes[number];
            if (auto wrong = wrong_value(use.type, found.value, use.constraint, use.value, true)) {
                note_top(wrong->code, "'" + open_.back().local + "': " + wrong->detail, name);
            }
        }
        if (complex == nullptr) return;
        for (std::size_t i = 0; i < complex->attributes.size(); ++i) {
            if ((type->required & ~seen) >> i & 1) {
                const std::string& name = complex->attributes[i].name.local;
                note_top(codes::attribute_missing,
                         "attribute '" + name + "' of '" + open_.back().local + "' is missing", name);
            }
        }
    }

    void not_allowed(const std::string& name) {
        note_top(codes::attribute_unexpected, "attribute '" + name + "' of '" + open_.back().local + "' is not allowed",
                 name);
    }

    void nil(const ElementDecl& declaration, std::string_view value) {
        const std::string_view plain = value.substr(std::min(value.find_first_not_of(' '), value.size()));
        if (!declaration.nillable) return note_top(codes::nil, "in '" + open_.back().local + "'");
        open_.back().is_nil = plain.starts_with("true") || plain.starts_with('1');
    }

    // --- texts ---

    void text(const xml::Token& token) {
        if (open_.empty()) return;
        Open& top = open_.back();
        if (!token.white_space) top.has_words = true;
        if (top.mode == Open::Mode::text || (top.mode == Open::Mode::model && takes_text(top))) {
            if (!best_) top.text += token.text;
            return;
        }
        if (top.mode != Open::Mode::model) return;
        const bool is_empty = grammar_.types()[top.type].content == Content::empty;
        if (!token.white_space && !top.wordy_child.empty()) {
            // The judge stands behind the text and takes it for the child's.
            if (best_ && best_->offset <= top.wordy_offset) return;
            note(codes::text_unexpected, "'" + top.wordy_child + "' may not hold text", open_.size() - 1,
                 top.wordy_offset);
            best_->chain.push_back(top.wordy_offset);
            best_->names.push_back(top.wordy_child);
        } else if (!token.white_space) {
            note(codes::text_unexpected, "'" + top.local + "' may not hold text", open_.size() - 1, top.offset);
        } else if (is_empty) {
            blank_in_empty();
        }
    }

    /// A CDATA section may not stand where only elements may, not even an empty one, which is no token.
    void sections(const xml::Token& token) {
        if (open_.empty() || open_.back().mode != Open::Mode::model || takes_text(open_.back())) return;
        const std::uint64_t end = token.kind == xml::TokenKind::text ? token.end : token.offset;
        if (end <= behind_ ||
            document_.text().substr(behind_, end - behind_).find("<![CDATA[") == std::string_view::npos)
            return;
        if (token.kind == xml::TokenKind::text && !token.white_space) return;
        if (grammar_.types()[open_.back().type].content == Content::empty) return blank_in_empty();
        note(codes::text_unexpected, "'" + open_.back().local + "' may not hold text", open_.size() - 1,
             open_.back().offset);
    }

    /// Where white space is too much, the judge names the element around.
    void blank_in_empty() {
        const std::size_t depth = open_.size() < 2 ? 0 : open_.size() - 2;
        note(codes::text_unexpected, "'" + open_[depth].local + "' may not hold text", depth, open_[depth].offset);
    }

    bool takes_text(const Open& open) const { return grammar_.types()[open.type].content == Content::mixed; }

    // --- ends ---

    void end(const xml::Token& token) {
        if (!best_) check_end(token);
        const Open ended = std::move(open_.back());
        open_.pop_back();
        if (open_.empty()) return;
        open_.back().wordy_child = ended.has_words && !may_hold_words(ended) ? ended.local : std::string();
        open_.back().wordy_offset = ended.offset;
    }

    bool may_hold_words(const Open& open) const {
        if (open.named == nullptr) return false;
        const Content content = grammar_.grammar().content(*open.named);
        return content != Content::elements && content != Content::empty;
    }

    void check_end(const xml::Token& token) {
        Open& top = open_.back();
        if (top.mode == Open::Mode::text) return check_value_of(top);
        if (top.mode != Open::Mode::model || top.is_nil) return;
        const CompiledType& type = grammar_.types()[top.type];
        const ModelState& state = grammar_.states()[top.state];
        const bool complete = type.is_all ? (type.all_required & ~top.members) == 0
                                          : state.accepts && !(state.counts && top.count < state.min);
        if (!complete) {
            note(codes::element_missing, "an element is missing in '" + top.local + "'", open_.size() - 1,
                 token.empty_tag ? top.offset : token.offset, {}, true);
        }
    }

    void check_value_of(Open& top) {
        const ElementDecl& declaration = tables_.elements[top.element];
        if (top.is_nil) {
            if (!top.text.empty()) note_top(codes::nil, "'" + top.local + "' is nil and must be empty");
            return;
        }
        const Index type = grammar_.elements()[top.element].text;
        if (type == no_index || (top.text.empty() && declaration.constraint != ValueConstraint::none)) return;
        if (auto wrong = wrong_value(type, top.text, declaration.constraint, declaration.value, false)) {
            note_top(wrong->code, "'" + top.local + "': " + wrong->detail);
        }
    }

    std::optional<Error> wrong_value(Index number, std::string_view text, ValueConstraint constraint,
                                     const std::string& bound, bool of_attribute) {
        const SimpleType& type = tables_.simple_types[number];
        const TypeProgram& program = grammar_.programs()[number];
        if (constraint == ValueConstraint::fixed) {
            const std::string a = Grammar::normalised(type, text);
            const std::string b = Grammar::normalised(type, bound);
            const bool by_value = !of_attribute && compare_values(type.built_in, a, b) == std::strong_ordering::equal;
            if (a != b && !by_value) return Error{codes::fixed, "the value is fixed"};
        }
        if (!grammar_.programs().accepts(program, text, count_characters(text))) {
            const auto checked = grammar_.grammar().check_value(type, text);
            if (!checked) return checked.error();
        }
        if (!program.is_id && !program.is_idref) return std::nullopt;
        const std::string value = Grammar::normalised(type, text);
        if (program.is_id && !identifiers_.insert(value).second)
            return Error{codes::identity, "the identifier stands twice"};
        for (std::size_t at = 0; program.is_idref && at < value.size();) {
            const std::size_t end = std::min(value.find(' ', at), value.size());
            references_.insert(value.substr(at, end - at));
            at = end + 1;
        }
        return std::nullopt;
    }

    // --- where ---

    /// Steps have a number where several of one name stand side by side, which the document's rest decides.
    Error located() {
        const std::vector<std::uint64_t>& chain = best_->chain;
        std::vector<std::uint32_t> number(chain.size(), 0), total(chain.size(), 0);
        std::vector<Element> children;
        xml::FastScanner scanner = fresh();
        std::size_t alive = 0;  // elements of the chain that are open
        std::size_t depth = 0;
        for (;;) {
            const auto kind = scanner.next();
            if (!kind) return kind.error();
            if (*kind == xml::TokenKind::end_of_document) break;
            const xml::Token& token = scanner.token();
            if (*kind == xml::TokenKind::start_element) {
                if (depth < chain.size() && depth == alive) {
                    if (token.local == best_->names[depth]) {
                        ++total[depth];
                        if (token.offset <= chain[depth]) number[depth] = total[depth];
                    }
                    if (token.offset == chain[depth]) ++alive;
                } else if (best_->missing && depth == chain.size() && alive == depth) {
                    children.emplace_back();
                    children.back().name = {std::string(token.ns), std::string(token.local)};
                }
                ++depth;
            } else if (*kind == xml::TokenKind::end_element) {
                --depth;
                alive = std::min(alive, depth);
            }
        }
        Error error{best_->code, best_->detail, xml::LineIndex(document_.text()).place(best_->offset)};
        for (std::size_t i = 0; i < chain.size(); ++i) {
            error.place.path += "/" + best_->names[i];
            if (total[i] > 1) error.place.path += "[" + std::to_string(number[i]) + "]";
        }
        if (!best_->attribute.empty()) error.place.path += "/@" + best_->attribute;
        if (best_->missing) add_expected(error, children);
        return error;
    }

    void add_expected(Error& error, const std::vector<Element>& children) const {
        if (best_->element == no_index) return;
        const auto misfit = first_misfit(grammar_.grammar(), tables_.elements[best_->element], children);
        if (!misfit || !misfit->missing || misfit->expected.empty()) return;
        error.place.path += "/" + misfit->expected;
        error.detail = "'" + misfit->expected + "' is missing in '" + best_->names.back() + "'";
    }

    const CompiledGrammar& grammar_;
    const GrammarTables& tables_;
    const xml::Utf8Document& document_;
    const xml::Limits& limits_;
    std::vector<Open> open_;
    Open root_;
    std::uint64_t behind_ = 0;  ///< the last token
    std::optional<Candidate> best_;
    std::unordered_set<std::string> identifiers_, references_;
};

}  // namespace

Error find_fault(const CompiledGrammar& grammar, const xml::Utf8Document& document, const xml::Limits& limits) {
    return Walk(grammar, document, limits).run();
}

}  // namespace hansa::schema
