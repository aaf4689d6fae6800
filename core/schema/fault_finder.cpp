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

/// An element by what its tag says.
struct Named {
    std::string local, ns;
    bool has_type = false;  ///< xsi:type stands in it
    std::uint64_t offset = 0;
};

/// An element that is open. Its strings keep their room for the next one.
struct Open {
    enum class Mode : std::uint8_t { model, text, anything, skipped };
    Named tag;
    Mode mode = Mode::skipped;
    Index element = no_index;
    std::uint32_t type = no_index;
    std::uint32_t state = 0, count = 0;
    std::uint64_t members = 0;
    bool is_nil = false, has_words = false;
    std::string text;
    bool has_wordy_child = false;
    Named wordy_child;  ///< the child that ended last, when it holds words

    void begin(const xml::Token& token) {
        tag.local.assign(token.local);
        tag.ns.assign(token.ns);
        tag.has_type = std::ranges::any_of(token.attributes, [](const xml::AttributeToken& found) {
            return found.ns == xsi_namespace && found.local == "type";
        });
        tag.offset = token.offset;
        mode = Mode::skipped;
        element = type = no_index;
        state = count = 0;
        members = 0;
        is_nil = has_words = has_wordy_child = false;
        text.clear();
    }
};

/// The elements that are open, the root first.
class Chain {
public:
    bool empty() const { return size_ == 0; }
    std::size_t size() const { return size_; }
    Open& operator[](std::size_t i) { return all_[i]; }
    const Open& operator[](std::size_t i) const { return all_[i]; }
    Open& back() { return all_[size_ - 1]; }
    void push(const xml::Token& token) {
        if (size_ == all_.size()) all_.emplace_back();
        all_[size_++].begin(token);
    }
    /// What it was is good until the next push.
    Open& pop() { return all_[--size_]; }

private:
    std::vector<Open> all_;
    std::size_t size_ = 0;
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
            found.chain.push_back(open_[i].tag.offset);
            found.names.push_back(open_[i].tag.local);
        }
        best_ = std::move(found);
    }
    void note_top(Code code, std::string detail, std::string attribute = {}) {
        note(code, std::move(detail), open_.size() - 1, open_.back().tag.offset, std::move(attribute));
    }
    void note_root() {
        best_ = Candidate{
            codes::identity, "a reference has no target", root_.offset, {root_.offset}, {root_.local}, {}, false,
            no_index};
    }

    // --- tokens ---

    void start(const xml::Token& token) {
        const std::size_t depth = open_.size();
        open_.push(token);
        if (depth == 0) root_ = open_.back().tag;
        if (best_) return;
        const Open::Mode around = depth != 0 ? open_[depth - 1].mode : Open::Mode::model;
        if (around == Open::Mode::skipped) return;
        const SymbolIndex symbol = symbol_of(token, depth);
        if (depth == 0) {
            const Index element = grammar_.global(symbol);
            if (element == no_index)
                return note_top(codes::root_unknown, "no root element '" + std::string(token.local) + "' is declared");
            return begin(element, token);
        }
        if (around == Open::Mode::anything) return begin_lax(symbol, token);
        if (around == Open::Mode::text) return unexpected(token);
        Open& above = open_[depth - 1];
        if (above.is_nil)
            return note(codes::nil, "'" + above.tag.local + "' is nil and must be empty", depth - 1, above.tag.offset);
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

    /// Mostly it is what stands next in the model around it.
    SymbolIndex symbol_of(const xml::Token& token, std::size_t depth) const {
        const NamespaceIndex ns = grammar_.namespace_of(token.ns);
        if (depth != 0 && open_[depth - 1].mode == Open::Mode::model) {
            const ModelState& state = grammar_.states()[open_[depth - 1].state];
            const SymbolIndex next = state.edge_count == 0 ? no_index : grammar_.edges()[state.first_edge].symbol;
            if (next != no_index && grammar_.symbols()[next].ns == ns && grammar_.symbols()[next].local == token.local)
                return next;
        }
        return grammar_.symbol_of(ns, token.local);
    }

    /// As the judge looks for it: what stands in the wrong place has its name's declaration all the same. `around`:
    /// that of the element around it.
    const ElementDecl* declaration_of(const Named& tag, bool is_root, const ElementDecl* around) const {
        if (tag.has_type) return nullptr;
        const Grammar& grammar = grammar_.grammar();
        if (is_root) return grammar.global(tag.local, tag.ns);
        if (around == nullptr) return nullptr;
        const Child* const known = grammar.child(*around, tag.local, tag.ns);
        if (known != nullptr) return known->element;
        return admits_globals(grammar, *around) ? grammar.global(tag.local, tag.ns) : nullptr;
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
            return note_top(codes::abstract, "in '" + top.tag.local + "'");
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
                note_top(wrong->code, "'" + open_.back().tag.local + "': " + wrong->detail, name);
            }
        }
        if (complex == nullptr) return;
        for (std::size_t i = 0; i < complex->attributes.size(); ++i) {
            if ((type->required & ~seen) >> i & 1) {
                const std::string& name = complex->attributes[i].name.local;
                note_top(codes::attribute_missing,
                         "attribute '" + name + "' of '" + open_.back().tag.local + "' is missing", name);
            }
        }
    }

    void not_allowed(const std::string& name) {
        note_top(codes::attribute_unexpected,
                 "attribute '" + name + "' of '" + open_.back().tag.local + "' is not allowed", name);
    }

    void nil(const ElementDecl& declaration, std::string_view value) {
        const std::string_view plain = value.substr(std::min(value.find_first_not_of(' '), value.size()));
        if (!declaration.nillable) return note_top(codes::nil, "in '" + open_.back().tag.local + "'");
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
        if (!token.white_space && is_taken_for_childs(top)) {
            // The judge stands behind the text and takes it for the child's.
            const Named& child = top.wordy_child;
            if (best_ && best_->offset <= child.offset) return;
            note(codes::text_unexpected, "'" + child.local + "' may not hold text", open_.size() - 1, child.offset);
            best_->chain.push_back(child.offset);
            best_->names.push_back(child.local);
        } else if (!token.white_space) {
            note(codes::text_unexpected, "'" + top.tag.local + "' may not hold text", open_.size() - 1, top.tag.offset);
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
        note(codes::text_unexpected, "'" + open_.back().tag.local + "' may not hold text", open_.size() - 1,
             open_.back().tag.offset);
    }

    /// Where white space is too much, the judge names the element around.
    void blank_in_empty() {
        const std::size_t depth = open_.size() < 2 ? 0 : open_.size() - 2;
        note(codes::text_unexpected, "'" + open_[depth].tag.local + "' may not hold text", depth,
             open_[depth].tag.offset);
    }

    bool takes_text(const Open& open) const { return grammar_.types()[open.type].content == Content::mixed; }

    // --- ends ---

    void end(const xml::Token& token) {
        if (!best_) check_end(token);
        Open& ended = open_.pop();
        if (open_.empty()) return;
        Open& around = open_.back();
        around.has_wordy_child = ended.has_words;
        if (ended.has_words) std::swap(around.wordy_child, ended.tag);
    }

    /// Words stand behind a child with words that its declaration does not allow, or that nobody declares.
    bool is_taken_for_childs(const Open& top) const {
        if (!top.has_wordy_child) return false;
        const ElementDecl* found = nullptr;
        for (std::size_t i = 0; i < open_.size(); ++i) found = declaration_of(open_[i].tag, i == 0, found);
        found = declaration_of(top.wordy_child, false, found);
        if (found == nullptr) return true;
        const Content content = grammar_.grammar().content(*found);
        return content == Content::elements || content == Content::empty;
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
            note(codes::element_missing, "an element is missing in '" + top.tag.local + "'", open_.size() - 1,
                 token.empty_tag ? top.tag.offset : token.offset, {}, true);
        }
    }

    void check_value_of(Open& top) {
        const ElementDecl& declaration = tables_.elements[top.element];
        if (top.is_nil) {
            if (!top.text.empty()) note_top(codes::nil, "'" + top.tag.local + "' is nil and must be empty");
            return;
        }
        const Index type = grammar_.elements()[top.element].text;
        if (type == no_index || (top.text.empty() && declaration.constraint != ValueConstraint::none)) return;
        if (auto wrong = wrong_value(type, top.text, declaration.constraint, declaration.value, false)) {
            note_top(wrong->code, "'" + top.tag.local + "': " + wrong->detail);
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
        bool is_past = false;  // the last element of the chain has ended
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
                if (depth >= alive) continue;
                is_past = is_past || alive == chain.size();
                alive = depth;
                if (is_past && is_decided(total, alive)) break;
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

    /// Nothing that follows says another number: of the elements that are open the first `alive` are of the chain.
    static bool is_decided(const std::vector<std::uint32_t>& total, std::size_t alive) {
        for (std::size_t i = 1; i < total.size(); ++i) {
            if (total[i] == 1 && i <= alive) return false;
        }
        return true;
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
    Chain open_;
    Named root_;
    std::uint64_t behind_ = 0;  ///< the last token
    std::optional<Candidate> best_;
    std::unordered_set<std::string> identifiers_, references_;
};

}  // namespace

Error find_fault(const CompiledGrammar& grammar, const xml::Utf8Document& document, const xml::Limits& limits) {
    return Walk(grammar, document, limits).run();
}

}  // namespace hansa::schema
