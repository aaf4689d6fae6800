// The output tree of a plan as bytes: canonical form, demanded places filled, content models kept.
#include <algorithm>

#include "core/base/ids.h"
#include "core/mapping/plan_machine.h"
#include "core/schema/grammar.h"
#include "core/xml/writer.h"

namespace hansa::mapping::program {
namespace {

/// Name space (RFC 9562's for object identifiers, as bytes) of the identifiers made from a message's digest.
constexpr std::string_view uuid_name_space("\x6b\xa7\xb8\x12\x9d\xad\x11\xd1\x80\xb4\x00\xc0\x4f\xd4\x30\xc8", 16);
constexpr std::string_view xml_namespace = "http://www.w3.org/XML/1998/namespace";
constexpr std::string_view xsi_namespace = "http://www.w3.org/2001/XMLSchema-instance";
constexpr std::string_view declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

}  // namespace

/// Something stands in the element: so do those around it, as far as nobody has said so yet.
void Machine::raise(Id node, Id block) {
    for (;;) {
        const Raised& at = to_.raised[node];
        std::uint8_t& mark = marks_[blocks_[block].marks + at.mark];
        if (mark != 0) return;
        mark = 1;
        if (at.parent == nothing) return;
        if (at.loop) block = blocks_[block].parent;
        if (block == nothing) return;
        node = at.parent;
    }
}

bool Machine::alive(const OutNode& node, Id block) const {
    return marks_[blocks_[block].marks + node.mark] != 0;
}

/// Marks from the texts, where some of these were taken back.
void Machine::raise_again() {
    std::fill(marks_.begin(), marks_.end(), std::uint8_t{0});
    for (Id block = 0; block < blocks_.size(); ++block) {
        const Body& body = to_.bodies[blocks_[block].body];
        for (const Id node : body.kept) raise(node, block);
        for (Id number = 0; number < body.texts; ++number) {
            const OutText& text = texts_[blocks_[block].texts + number];
            const Id owner = body.owners[number];
            if (owner == nothing) continue;
            if (text.stands() || (to_.nodes[owner]->pad_to != 0 && text.count != 0)) raise(owner, block);
        }
    }
    if (list_.on && list_.emitted != 0) raise_list();
}

/// Name spaces in the order in which names first need them decide the prefixes.
void Machine::need_first(Id name_space, bool attribute) {
    if (name_space == 0) {
        if (!attribute) seen_without_ = true;
        return;
    }
    const std::uint64_t bit = std::uint64_t{1} << name_space;
    if (attribute) seen_attributes_ |= bit;
    if ((seen_mask_ & bit) != 0) return;
    seen_mask_ |= bit;
    if (to_.name_spaces[name_space] != xml_namespace) seen_.push_back(name_space);
}

/// As schema::write_tree chooses them.
const Spelling& Machine::spell() {
    for (std::size_t i = 0; i < spellings_.size(); ++i) {
        const Spelling& known = spellings_[i];
        if (known.seen == seen_ && known.of_attributes == seen_attributes_ && known.without == seen_without_) {
            spelling_ = i;
            return known;
        }
    }
    Spelling made{.seen = seen_, .of_attributes = seen_attributes_, .without = seen_without_};
    made.prefixes.resize(to_.name_spaces.size());
    for (std::size_t ns = 0; ns < to_.name_spaces.size(); ++ns) {
        if (to_.name_spaces[ns] == xml_namespace) made.prefixes[ns] = "xml";  // bound without a declaration
    }
    std::set<std::string> used;
    std::vector<std::pair<std::string, Id>> declared;
    std::size_t number = 0;
    for (const Id ns : seen_) {
        std::string prefix;
        bool fits = false;
        if (to_.name_spaces[ns] == xsi_namespace) {
            prefix = "xsi";
            fits = true;
        } else if (ns == to_.root->name_space) {
            fits = true;  // the default name space
        }
        const bool hidden = prefix.empty() && (seen_without_ || (seen_attributes_ >> ns & 1) != 0);
        if (!fits || hidden || used.contains(prefix)) {
            do prefix = "n" + std::to_string(++number);
            while (used.contains(prefix));
        }
        used.insert(prefix);
        made.prefixes[ns] = prefix;
        declared.emplace_back(prefix, ns);
    }
    std::sort(declared.begin(), declared.end());
    for (const auto& [prefix, ns] : declared) {
        made.declarations += prefix.empty() ? " xmlns=\"" : " xmlns:" + prefix + "=\"";
        xml::append_escaped_attribute(made.declarations, to_.name_spaces[ns]);
        made.declarations += '"';
    }
    made.attributes.resize(to_.attributes);
    for (const OutNode* node : to_.nodes) {
        const std::string& prefix = made.prefixes[node->name_space];
        const std::string name = prefix.empty() ? node->name.local : prefix + ":" + node->name.local;
        Spelling::Tag tag{.opening = made.pool.add("<" + name),
                          .bare = made.pool.add("<" + name + ">"),
                          .closing = made.pool.add("</" + name + ">")};
        made.tags.push_back(tag);
        for (const OutAttribute& one : node->attributes) {
            const std::string of = one.name_space == 0 ? std::string() : made.prefixes[one.name_space] + ":";
            made.attributes[one.number] = made.pool.add(" " + of + one.name.local + "=\"");
        }
    }
    spellings_.push_back(std::move(made));
    spelling_ = spellings_.size() - 1;
    return spellings_.back();
}

/// Unused slots stand empty behind the members.
std::uint32_t Machine::emit_unused(const OutNode& node, Id block) {
    const OutText& used = texts_[blocks_[block].texts + node.pad_after.number];
    if (used.count == 0) return 0;
    if (node.fills) decline("an unused slot in which something is demanded");
    std::uint32_t made = 0;
    for (std::uint32_t i = used.count; i < node.pad_to; ++i) {
        need(node.name_space, false);
        const Spelling& spelling = spellings_[spelling_];
        out_.literal(spelling.pool, spelling.tags[node.number].bare);
        out_.literal(spelling.pool, spelling.tags[node.number].closing);
        ++made;
    }
    return made;
}

/// `forced`: the element stands whatever is in it. `ordinal`: its place among its likes, for what is filled
/// in it. `own`: its text, where no row gives one. How many elements were written.
std::uint32_t Machine::emit(const OutNode& node, Id block, bool forced, std::uint32_t ordinal,
                            const std::string_view* own) {
    if (node.pad_to != 0) return emit_unused(node, block);
    const std::uint32_t texts = blocks_[block].texts;
    const bool standing = forced || node.kept || own != nullptr ||
                          (node.flag.number != nothing && texts_[texts + node.flag.number].stands());
    if (!standing && !node.constant && !alive(node, block)) return 0;
    const OutText* text = node.text.number == nothing ? nullptr : &texts_[texts + node.text.number];
    const bool has_text = own != nullptr || node.constant || (text && text->stands());
    const Operand own_from = rec_ != nullptr && own != nullptr ? rec_->filled : Operand();
    const std::size_t before = out_.size(), needs = seen_.size();
    const std::uint64_t mask = seen_mask_, of_attributes = seen_attributes_;
    const bool without = seen_without_;
    if (node.placed) path_.emplace_back(&node, node.repeats ? ordinal : 0);
    need(node.name_space, false);
    const Spelling& spelling = spellings_[spelling_];
    const Spelling::Tag& tag = spelling.tags[node.number];
    bool attributes = false;
    if (node.attributes.empty() && &node != to_.root.get()) {
        out_.literal(spelling.pool, tag.bare);
    } else {
        out_.literal(spelling.pool, tag.opening);
        if (&node == to_.root.get()) out_.append(spelling.declarations);
        const std::size_t name_end = out_.size();
        emit_attributes(node, block, standing || node.fills);
        attributes = out_.size() != name_end;
        out_.append('>');
    }
    const std::size_t inside = out_.size();
    if (own)
        out_.text(*own);
    else if (node.constant)
        out_.text(*node.constant);
    else if (has_text)
        out_.text(text->text);
    if (rec_ != nullptr && has_text && (own != nullptr || !node.constant))
        rec_->hole(inside, out_.size(), own ? own_from : origin(*text), false);
    if (!node.children.empty()) emit_children(node, block, standing || node.fills);
    if (node.placed) path_.pop_back();
    const bool is_leaf = node.children.empty() && node.shape && node.shape->type != nullptr;
    const bool holds_list = list_.on && list_.emitted != 0 && !list_.in_member && list_.hole == inside;
    if (out_.size() == inside && !holds_list) {
        if (!standing && !attributes && !has_text && !node.fills) {
            out_.shorten(before);
            if (rec_ != nullptr) rec_->shorten(before);
            seen_.resize(needs);
            seen_mask_ = mask;
            seen_attributes_ = of_attributes;
            seen_without_ = without;
            return 0;
        }
        if (is_leaf && !node.empty_fits) decline("an element that may not be empty");
    }
    out_.literal(spelling.pool, tag.closing);
    if (text == nullptr) return 1;
    if (own == nullptr && text->more_count != 0) {
        for (std::uint32_t i = 0; i < text->more_count; ++i) {
            if (!node.attributes.empty()) decline("a list of texts with attributes");
            emit_element(spelling.pool, tag, more_texts_[text->more + i]);
        }
    }
    return 1 + text->more_count;
}

void Machine::emit_attributes(const OutNode& node, Id block, bool standing) {
    const std::uint32_t texts = blocks_[block].texts;
    for (const OutAttribute& one : node.attributes) {
        std::string_view value;
        Operand from;
        if (one.text.number != nothing && texts_[texts + one.text.number].stands()) {
            value = texts_[texts + one.text.number].text;
            if (rec_ != nullptr) from = origin(texts_[texts + one.text.number]);
        } else if (one.constant &&
                   (one.always || (one.with.number != nothing && texts_[texts + one.with.number].stands()))) {
            if (one.always && !standing) decline("a key of an element that may not stand");
            value = *one.constant;
            if (rec_ != nullptr) from = rec_->fixed(value);
        } else if (standing && one.filling.kind != Filling::Kind::none) {
            const AttributeShape* known = node.shape->attribute(one.name.local);
            const bool failed =
                one.text.number != nothing && texts_[texts + one.text.number].state == OutText::State::failed;
            const Filling& filling = in_its_case(one.filling);
            value = keep(fill_text(filling, known ? known->type : nullptr, failed));
            if (one.text.number != nothing) fill_place(texts_[texts + one.text.number], value, node, block);
            filled(node, one.name.local, filling, value);
            if (rec_ != nullptr) from = rec_->filled;
        } else {
            continue;
        }
        need(one.name_space, true);
        const Spelling& spelling = spellings_[spelling_];
        out_.literal(spelling.pool, spelling.attributes[one.number]);
        const std::size_t begin = out_.size();
        out_.attribute(value);
        if (rec_ != nullptr) rec_->hole(begin, out_.size(), from, true);
        out_.append('"');
    }
}

void Machine::fill_place(OutText& at, std::string_view value, const OutNode& node, Id block) {
    at.text = value;
    at.state = OutText::State::filled;
    if (rec_ != nullptr) came(at, rec_->filled);
    raise(node.number, block);
}

/// <name>text</name>.
void Machine::emit_element(const Literals& pool, const Spelling::Tag& tag, const OutText& text) {
    const std::size_t begin = out_.size() + tag.bare.size;
    out_.element(pool, tag.bare, text.text, tag.closing);
    if (rec_ != nullptr) rec_->hole(begin, out_.size() - tag.closing.size, origin(text), false);
}

/// How many elements of a child were written.
std::uint32_t Machine::emit_child(const OutNode& child, Id block, std::uint32_t among) {
    if (child.loop == nothing) return emit(child, block, false, among + 1);
    if (is_list_body(child.loop)) return emit_hole(child, block, among);
    std::uint32_t here = 0;
    const List& list = block_lists_[blocks_[block].lists + to_.bodies[child.loop].list];
    const Id before = block_of_[child.loop];
    for (Id at = list.first; at != nothing; at = blocks_[at].next) {
        enter_block(child.loop, at);
        here += emit(child, at, false, among + here + 1);
    }
    enter_block(child.loop, before);
    // Its members have nothing to say and are left out, so that a demanded one is missing: the reference says which.
    if (here == 0 && list.count != 0 && child.shape != nullptr && child.shape->least > 0)
        decline("a demanded member without content");
    return here;
}

/// Does another element stand that makes the filling needless?
bool Machine::has_peer(const Filling& filling, Id block) const {
    return std::any_of(filling.peers.begin(), filling.peers.end(), [&](const OutNode* peer) {
        if (peer->pad_to != 0) return false;
        if (peer->loop == nothing) return alive(*peer, block);
        return block_lists_[blocks_[block].lists + to_.bodies[peer->loop].list].count != 0;
    });
}

void Machine::emit_children(const OutNode& node, Id block, bool standing) {
    // Counts of names lie on one stack: a child's are above its parent's.
    const std::size_t names = names_.size();
    if (node.counts) names_.resize(names + node.names.size());
    const std::uint32_t texts = blocks_[block].texts;
    std::uint32_t all = 0, among = 0;
    Id kind = nothing;
    const std::uint32_t marks = blocks_[block].marks;
    for (const OutChild& child : node.live) {
        std::uint32_t here = 0;
        if (child.kind != kind) among = 0;
        kind = child.kind;
        if (child.form == OutChild::Form::text) {
            // Most elements: a name around a text.
            const OutText& text = texts_[texts + child.text];
            if (text.stands()) {
                if (text.more_count == 0 && !text.text.empty()) {
                    need(child.name_space, false);
                    const Spelling& spelling = spellings_[spelling_];
                    const Spelling::Tag& tag = spelling.tags[child.number];
                    emit_element(spelling.pool, tag, text);
                    here = 1;
                } else {
                    here = emit(*child.node, block, false, among + 1);
                }
            }
        } else if (child.form == OutChild::Form::group) {
            if (marks_[marks + child.mark] != 0) here = emit(*child.node, block, false, among + 1);
        } else if (child.node == to_.document && inner_count_ != 0) {
            hole_ = out_.size();
            out_.append(inner_.view());
            all += static_cast<std::uint32_t>(inner_count_);
            if (node.counts) names_[names + kind] += static_cast<std::uint32_t>(inner_count_);
            continue;
        } else {
            here = emit_child(*child.node, block, among);
        }
        if (here == 0 && standing && child.filled && !has_peer(child.node->filling, block)) {
            fill_child(*child.node, block, among + 1);
            here = 1;
        }
        among += here;
        all += here;
        if (node.counts) names_[names + kind] += here;
    }
    if (!node.counts) return;
    if ((all != 0 || standing) && !content_fits(node, std::span(names_).subspan(names)))
        decline("a content that the target's schema refuses");
    names_.resize(names);
}

void Machine::fill_child(const OutNode& child, Id block, std::uint32_t ordinal) {
    if (child.filling.kind == Filling::Kind::group) {
        emit(child, block, true, ordinal);
        return;
    }
    const Filling& filling = in_its_case(child.filling);
    const bool failed = child.text.number != nothing &&
                        texts_[blocks_[block].texts + child.text.number].state == OutText::State::failed;
    const schema::SimpleType* type = child.shape->type;
    const std::string_view value = keep(fill_text(filling, type, failed));
    path_.emplace_back(&child, child.repeats ? ordinal : 0);
    filled(child, {}, filling, value);
    path_.pop_back();
    if (child.text.number != nothing) fill_place(texts_[blocks_[block].texts + child.text.number], value, child, block);
    emit(child, block, true, ordinal, &value);
}

/// Of the row that speaks of the place in the cases that were taken.
const Filling& Machine::in_its_case(const Filling& filling) {
    const auto is_taken = [&](const Filling& one) {
        return std::ranges::all_of(one.cases, [&](const auto& in) { return text(in.first).count == in.second; });
    };
    if (is_taken(filling)) return filling;
    const auto other = std::ranges::find_if(filling.others, is_taken);
    if (other == filling.others.end()) decline("a default of another case");
    return *other;
}

std::string Machine::fill_text(const Filling& filling, const schema::SimpleType* type, bool failed) {
    if (failed && !filling.after_failure) decline("a demanded element whose row fails");
    std::string text;
    switch (filling.kind) {
        case Filling::Kind::text:
            if (rec_ != nullptr) rec_->filled = rec_->fixed(filling.text);
            return filling.text;
        case Filling::Kind::empty:
            if (rec_ != nullptr) rec_->filled = rec_->fixed({});
            return {};
        case Filling::Kind::uuid5:
            text = made_id(filling);
            if (rec_ != nullptr) rec_->filled = rec_->make_by(CourseStep::Kind::uuid5, {}, &filling);
            break;
        case Filling::Kind::position: {
            std::uint32_t ordinal = 1;
            for (const auto& [node, place] : path_) {
                if (node == filling.scope && place != 0) ordinal = place;
            }
            text = std::to_string(ordinal);
            if (rec_ == nullptr) break;
            // The document's own place is another one for each.
            for (const OutNode* at = to_.document; at; at = at->parent) {
                if (at == filling.scope && at->repeats) rec_->give_up("the place of a document");
            }
            if (list_.on && filling.scope == program_->list.top)
                rec_->filled = rec_->place(place_written, text);
            else
                rec_->filled = rec_->fixed(text);
            break;
        }
        case Filling::Kind::received: {
            const auto now = time_of_receipt(filling);
            if (!now) decline("no time of receipt");
            text = *now;
            if (rec_ != nullptr) rec_->filled = rec_->make_by(CourseStep::Kind::received, {}, &filling);
            break;
        }
        case Filling::Kind::expression: {
            const auto rule = evaluate(filling.expression);
            if (!rule) decline("a default that gives nothing");
            text = *rule;
            if (rec_ != nullptr) rec_->filled = valued(bind(filling.expression), true, true);
            break;
        }
        case Filling::Kind::none:
        case Filling::Kind::group:
        case Filling::Kind::decline:
            decline("a demanded element that nothing feeds");
    }
    if (type && !target_model_.grammar->check_value(*type, text)) decline("a default that its type refuses");
    if (rec_ != nullptr && type) rec_->ask_type(rec_->filled, *type, true);
    return text;
}

/// An identifier made of the message's digest.
std::string Machine::made_id(const Filling& filling) const {
    return uuid5(uuid_name_space,
                 target_context_.message_digest + "/" + std::to_string(document_count_) + "/" + filling.term);
}

std::optional<std::string> Machine::time_of_receipt(const Filling& filling) const {
    if (target_context_.received.empty()) return std::nullopt;
    const std::vector<PivotValue> now{{target_context_.received, {}, 0}};
    const std::vector<Target> targets{filling.target};
    const Result<FromPivot> made = filling.row->conversions.front().from_pivot(now, target_->context, targets);
    if (!made || made->values.empty()) return std::nullopt;
    return made->values.front().text;
}

void Machine::filled(const OutNode& node, std::string_view attribute, const Filling& filling, std::string_view text) {
    if (filling.site == nothing) return;
    if (rec_ != nullptr) rec_->filled_notes[node.body == 1 ? 1 : 0].push_back(rec_->filled);
    const Site& site = to_.sites[filling.site];
    Note note;
    note.kind = LossKind::defaulted;
    note.reason = &site.reason;
    note.row = &site.row;
    note.value = text;
    rare_.push_back({.node = &node, .attribute = attribute, .below = {}});
    note.rare = static_cast<std::uint32_t>(rare_.size());
    note.ordinals = static_cast<std::uint32_t>(ordinals_.size());
    for (const auto& [at, place] : path_) {
        if (place != 0) ordinals_.push_back(place);
    }
    note.ordinal_count = static_cast<std::uint32_t>(ordinals_.size()) - note.ordinals;
    (node.body == 1 ? tails_ : notes_).push_back(note);
}

// ---- content models ----

bool Machine::content_fits(const OutNode& node, std::span<const std::uint32_t> counts) {
    if (node.bounds.empty()) return fits(node.model, 0, counts);
    for (std::size_t i = 0; i < node.bounds.size(); ++i) {
        if (counts[i] < node.bounds[i].least || counts[i] > node.bounds[i].most) return false;
    }
    return true;
}

/// How many names of the particle stand, and whether any does.
bool Machine::used(std::span<const ModelPart> model, Id index, std::span<const std::uint32_t> counts,
                   std::uint32_t& kinds) {
    const ModelPart& part = model[index];
    if (part.kind == schema::Particle::Kind::element) {
        const bool stands = part.name != nothing && counts[part.name] != 0;
        kinds += stands ? 1U : 0U;
        return stands;
    }
    if (part.kind == schema::Particle::Kind::any) return false;
    bool any = false;
    for (Id i = 0; i < part.count; ++i) any = used(model, part.first + i, counts, kinds) || any;
    return any;
}

bool Machine::fits(std::span<const ModelPart> model, Id index, std::span<const std::uint32_t> counts) {
    using Kind = schema::Particle::Kind;
    const ModelPart& part = model[index];
    if (part.kind == Kind::element || part.kind == Kind::any) {
        const std::uint32_t count = part.name == nothing ? 0 : counts[part.name];
        return count >= part.min && (part.max == schema::unbounded || count <= part.max);
    }
    std::uint32_t kinds = 0;
    const bool any = used(model, index, counts, kinds);
    if (part.max != 1 && kinds > 1) return false;  // groups that repeat: their order is the tree's
    if (part.kind == Kind::choice) {
        bool emptiable = false;
        std::uint32_t branches = 0;
        bool good = true;
        for (Id i = 0; i < part.count; ++i) {
            std::uint32_t here = 0;
            const bool stands = used(model, part.first + i, counts, here);
            const bool fit = fits(model, part.first + i, counts);
            if (stands) {
                ++branches;
                good = good && (fit || part.max == schema::unbounded);
            } else {
                emptiable = emptiable || fit;
            }
        }
        if (branches > 1) return false;
        if (branches == 1) return good;
        return part.min == 0 || emptiable;
    }
    if (!any && part.min == 0) {
        bool wild = false;
        for (Id i = 0; i < part.count; ++i) wild = wild || model[part.first + i].kind == Kind::any;
        if (!wild) return true;
    }
    for (Id i = 0; i < part.count; ++i) {
        if (!fits(model, part.first + i, counts)) return false;
    }
    return true;
}

// ---- a message ----

void Machine::emit_message() {
    const std::size_t begin = out_.size(), notes = notes_.size(), tails = tails_.size();
    for (int attempt = 0;; ++attempt) {
        out_.shorten(begin);
        notes_.resize(notes);
        tails_.resize(tails);
        seen_.clear();
        seen_mask_ = seen_attributes_ = 0;
        seen_without_ = false;
        names_.clear();
        path_.clear();
        if (rec_ != nullptr) rec_->restart();
        bool again = false;
        for (OutText& text : texts_) {
            if (text.state != OutText::State::filled) continue;
            text.state = OutText::State::absent;
            again = true;
        }
        if (again) raise_again();
        if (inner_count_ != 0 && to_.document->parent != nullptr) raise(to_.document->parent->number, block_of_[1]);
        if (spellings_.empty()) {
            // Any spelling will do for finding out what is needed.
            need(to_.root->name_space, false);
            spell();
            continue;
        }
        out_.append(declaration);
        emit(*to_.root, to_.root->body == 0 ? block_of_[0] : block_of_[1], true, 1);
        const Spelling& used = spellings_[spelling_];
        if (used.seen == seen_ && used.of_attributes == seen_attributes_ && used.without == seen_without_) break;
        if (inner_count_ != 0 || attempt > 3) decline("name spaces that do not settle");
        spell();
    }
    Message made{.begin = begin, .end = out_.size(), .documents = {document_count_, 1}};
    if (inner_count_ != 0) {
        made.documents = {document_count_ - inner_count_, inner_count_};
        made.hole = hole_ - begin;
    }
    messages_.push_back(made);
}

/// Documents of a message that holds several wait in their own buffer.
void Machine::emit_inner() {
    if (spellings_.empty()) {
        seen_.clear();
        need(to_.root->name_space, false);
        spell();
    }
    names_.clear();
    path_.clear();
    if (rec_ != nullptr) rec_->restart();
    for (const OutNode* at = to_.document->parent; at; at = at->parent)
        path_.insert(path_.begin(), {at, at->repeats ? 1U : 0U});
    const Swapped to_inner(out_, inner_);
    emit(*to_.document, block_of_[0], true, static_cast<std::uint32_t>(inner_count_) + 1);
    ++inner_count_;
}

void Machine::flush() {
    if (inner_count_ == 0) return;
    emit_message();
    inner_.clear();
    inner_count_ = 0;
    // Where the last document was told with a part before, its ledger goes on in this one.
    if (!done_.empty()) done_.back().tails = tails_.size();
}

}  // namespace hansa::mapping::program
