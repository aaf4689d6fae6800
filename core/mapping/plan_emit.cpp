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

bool Machine::alive(const OutNode& node, Id block) {
    if (node.kept) return true;
    OutText* texts = texts_.data() + blocks_[block].texts;
    if (node.text.number != nothing && texts[node.text.number].stands()) return true;
    if (node.flag.number != nothing && texts[node.flag.number].stands()) return true;
    for (const OutAttribute& one : node.attributes) {
        if (one.text.number != nothing && texts[one.text.number].stands()) return true;
    }
    for (const auto& child : node.children) {
        if (child->key || child->dead) continue;
        if (child->pad_to != 0) {
            if (texts[child->pad_after.number].count > 0) return true;
            continue;
        }
        if (child->loop == nothing) {
            if (alive(*child, block)) return true;
            continue;
        }
        const List& list = block_lists_[blocks_[block].lists + to_.bodies[child->loop].list];
        for (Id at = list.first; at != nothing; at = blocks_[at].next) {
            if (alive(*child, at)) return true;
        }
    }
    return false;
}

/// Name spaces in the order in which names first need them decide the prefixes.
void Machine::need(Id name_space, bool attribute) {
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
const Machine::Spelling& Machine::spell() {
    for (std::size_t i = 0; i < spellings_.size(); ++i) {
        const Spelling& known = spellings_[i];
        if (known.seen == seen_ && known.of_attributes == seen_attributes_ && known.without == seen_without_) {
            spelling_ = i;
            return known;
        }
    }
    Spelling made{.seen = seen_, .of_attributes = seen_attributes_, .without = seen_without_};
    made.prefixes.resize(to_.name_spaces.size());
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
    for (const OutNode* node : to_.nodes) {
        const std::string& prefix = made.prefixes[node->name_space];
        const std::string name = prefix.empty() ? node->name.local : prefix + ":" + node->name.local;
        made.opening.push_back("<" + name);
        made.bare.push_back("<" + name + ">");
        made.closing.push_back("</" + name + ">");
    }
    spellings_.push_back(std::move(made));
    spelling_ = spellings_.size() - 1;
    return spellings_.back();
}

/// `forced`: the element stands whatever is in it. `own`: its text, where no row gives one.
bool Machine::emit(const OutNode& node, Id block, bool forced, const std::string_view* own) {
    if (node.pad_to != 0) {
        // Unused slots stand empty behind the members.
        const OutText& used = texts_[blocks_[block].texts + node.pad_after.number];
        if (used.count == 0) return false;
        if (node.fills) decline("an unused slot in which something is demanded");
        for (std::uint32_t i = used.count; i < node.pad_to; ++i) {
            need(node.name_space, false);
            out_ += spellings_[spelling_].opening[node.number];
            out_ += '>';
            out_ += spellings_[spelling_].closing[node.number];
        }
        return used.count < node.pad_to;
    }
    const bool standing = forced || node.kept || own != nullptr ||
                          (node.flag.number != nothing && texts_[blocks_[block].texts + node.flag.number].stands());
    if (!standing && node.fills && !alive(node, block)) return false;
    const OutText* text = node.text.number == nothing ? nullptr : &texts_[blocks_[block].texts + node.text.number];
    const bool has_text = own != nullptr || node.constant || (text && text->stands());
    if (!has_text && !standing && !node.fills && node.children.empty() && node.attributes.empty()) return false;
    const bool only_text = own == nullptr && !node.constant && text && text->stands() && node.children.empty() &&
                           node.attributes.empty() && &node != to_.root.get();
    if (only_text && text->more_count == 0 && !text->text.empty()) {
        // Most elements: a name around a text.
        need(node.name_space, false);
        const Spelling& spelling = spellings_[spelling_];
        out_ += spelling.bare[node.number];
        xml::append_escaped_text(out_, text->text);
        out_ += spelling.closing[node.number];
        return true;
    }
    const std::size_t before = out_.size(), needs = seen_.size();
    const std::uint64_t mask = seen_mask_, of_attributes = seen_attributes_;
    const bool without = seen_without_;
    if (node.repeats) {
        // Its place among its likes, for what is filled in it.
        std::uint32_t ordinal = 1;
        if (!counts_.empty()) ordinal = counts_.back() + 1;
        path_.emplace_back(&node, ordinal);
    } else {
        path_.emplace_back(&node, 0);
    }
    need(node.name_space, false);
    out_ += spellings_[spelling_].opening[node.number];
    if (&node == to_.root.get()) out_ += spellings_[spelling_].declarations;
    const std::size_t name_end = out_.size();
    emit_attributes(node, block, standing || node.fills);
    const bool attributes = out_.size() != name_end;
    out_ += '>';
    const std::size_t inside = out_.size();
    if (own)
        xml::append_escaped_text(out_, *own);
    else if (node.constant)
        xml::append_escaped_text(out_, *node.constant);
    else if (has_text)
        xml::append_escaped_text(out_, text->text);
    if (!node.children.empty()) emit_children(node, block, standing || node.fills);
    path_.pop_back();
    const bool is_leaf = node.children.empty() && node.shape && node.shape->type != nullptr;
    if (out_.size() == inside) {
        if (!standing && !attributes && !has_text && !node.fills) {
            out_.resize(before);
            seen_.resize(needs);
            seen_mask_ = mask;
            seen_attributes_ = of_attributes;
            seen_without_ = without;
            return false;
        }
        if (is_leaf && !node.empty_fits) decline("an element that may not be empty");
    }
    out_ += spellings_[spelling_].closing[node.number];
    if (text && own == nullptr && text->more_count != 0) {
        for (std::uint32_t i = 0; i < text->more_count; ++i) {
            if (!node.attributes.empty()) decline("a list of texts with attributes");
            out_ += spellings_[spelling_].opening[node.number];
            out_ += '>';
            xml::append_escaped_text(out_, more_texts_[text->more + i].text);
            out_ += spellings_[spelling_].closing[node.number];
        }
    }
    return true;
}

void Machine::emit_attributes(const OutNode& node, Id block, bool standing) {
    for (const OutAttribute& one : node.attributes) {
        std::string_view value;
        std::string made;
        const std::uint32_t texts = blocks_[block].texts;
        if (one.text.number != nothing && texts_[texts + one.text.number].stands()) {
            value = texts_[texts + one.text.number].text;
        } else if (one.constant &&
                   (one.always || (one.with.number != nothing && texts_[texts + one.with.number].stands()))) {
            if (one.always && !standing) decline("a key of an element that may not stand");
            value = *one.constant;
        } else if (standing && one.filling.kind != Filling::Kind::none) {
            const AttributeShape* known = node.shape->attribute(one.name.local);
            const bool failed =
                one.text.number != nothing && texts_[texts + one.text.number].state == OutText::State::failed;
            made = fill_text(one.filling, known ? known->type : nullptr, failed);
            value = keep(made);
            if (one.text.number != nothing) {
                texts_[texts + one.text.number].text = value;
                texts_[texts + one.text.number].state = OutText::State::filled;
            }
            filled(node, one.name.local, one.filling, value);
        } else {
            continue;
        }
        const Id ns = static_cast<Id>(std::find(to_.name_spaces.begin(), to_.name_spaces.end(), one.name.ns) -
                                      to_.name_spaces.begin());
        need(ns, true);
        out_ += ' ';
        if (ns != 0) {
            out_ += spellings_[spelling_].prefixes[ns];
            out_ += ':';
        }
        out_ += one.name.local;
        out_ += "=\"";
        xml::append_escaped_attribute(out_, value);
        out_ += '"';
    }
}

std::size_t Machine::emit_children(const OutNode& node, Id block, bool standing) {
    const std::size_t first = counts_.size();
    // Counts of names lie on one stack: a child's are above its parent's.
    const std::size_t names = names_.size();
    if (node.counts) names_.resize(names + node.names.size());
    std::size_t all = 0;
    std::uint32_t among = 0;
    Id kind = nothing;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
        const OutNode& child = *node.children[i];
        if (child.dead) continue;
        if (&child == to_.document && inner_count_ != 0) {
            out_ += inner_;
            all += inner_count_;
            if (node.counts) names_[names + node.kinds[i]] += static_cast<std::uint32_t>(inner_count_);
            continue;
        }
        if (node.kinds[i] != kind) among = 0;
        kind = node.kinds[i];
        std::uint32_t here = 0;
        const auto one = [&](Id at) {
            counts_.push_back(among);
            if (emit(child, at, false)) {
                std::uint32_t more = 1;
                if (child.text.number != nothing) more += texts_[blocks_[at].texts + child.text.number].more_count;
                if (child.pad_to != 0) more = child.pad_to - texts_[blocks_[at].texts + child.pad_after.number].count;
                here += more;
                among += more;
            }
            counts_.pop_back();
        };
        if (child.loop == nothing) {
            one(block);
        } else {
            const List& list = block_lists_[blocks_[block].lists + to_.bodies[child.loop].list];
            const Id before = block_of_[child.loop];
            for (Id at = list.first; at != nothing; at = blocks_[at].next) {
                block_of_[child.loop] = at;
                one(at);
            }
            block_of_[child.loop] = before;
        }
        if (here == 0 && standing && child.filling.kind != Filling::Kind::none) {
            const bool peers =
                std::any_of(child.filling.peers.begin(), child.filling.peers.end(), [&](const OutNode* peer) {
                    if (peer->pad_to != 0) return false;
                    if (peer->loop == nothing) return alive(*peer, block);
                    return block_lists_[blocks_[block].lists + to_.bodies[peer->loop].list].count != 0;
                });
            if (!peers) {
                counts_.push_back(among);
                fill_child(child, block);
                counts_.pop_back();
                ++here;
                ++among;
            }
        }
        all += here;
        if (node.counts) names_[names + node.kinds[i]] += here;
    }
    counts_.resize(first);
    if (node.counts) {
        if (all != 0 || standing) {
            bool good = true;
            if (node.bounds.empty()) {
                good = fits(node.type->particle, node.names, std::span(names_).subspan(names));
            } else {
                for (std::size_t i = 0; i < node.bounds.size(); ++i) {
                    const std::uint32_t count = names_[names + i];
                    good = good && count >= node.bounds[i].least && count <= node.bounds[i].most;
                }
            }
            if (!good) decline("a content that the target's schema refuses");
        }
        names_.resize(names);
    }
    return all;
}

void Machine::fill_child(const OutNode& child, Id block) {
    const Filling& filling = child.filling;
    if (filling.kind == Filling::Kind::group) {
        emit(child, block, true);
        return;
    }
    const bool failed = child.text.number != nothing &&
                        texts_[blocks_[block].texts + child.text.number].state == OutText::State::failed;
    const schema::SimpleType* type = child.shape->type;
    const std::string_view value = keep(fill_text(filling, type, failed));
    path_.emplace_back(&child, child.repeats ? counts_.back() + 1 : 0);
    filled(child, {}, filling, value);
    path_.pop_back();
    if (child.text.number != nothing) {
        OutText& at = texts_[blocks_[block].texts + child.text.number];
        at.text = value;
        at.state = OutText::State::filled;
    }
    emit(child, block, true, &value);
}

std::string Machine::fill_text(const Filling& filling, const schema::SimpleType* type, bool failed) {
    if (failed && !filling.after_failure) decline("a demanded element whose row fails");
    std::string text;
    switch (filling.kind) {
        case Filling::Kind::text:
            return filling.text;
        case Filling::Kind::empty:
            return {};
        case Filling::Kind::uuid5:
            text = uuid5(uuid_name_space,
                         target_context_.message_digest + "/" + std::to_string(document_count_) + "/" + filling.term);
            break;
        case Filling::Kind::position: {
            std::uint32_t ordinal = 1;
            for (const auto& [node, place] : path_) {
                if (node == filling.scope && place != 0) ordinal = place;
            }
            text = std::to_string(ordinal);
            break;
        }
        case Filling::Kind::received: {
            if (target_context_.received.empty()) decline("no time of receipt");
            const std::vector<PivotValue> now{{target_context_.received, {}, 0}};
            const std::vector<Target> targets{filling.target};
            const Result<FromPivot> made = filling.row->conversions.front().from_pivot(now, target_->context, targets);
            if (!made || made->values.empty()) decline("no time of receipt");
            text = made->values.front().text;
            break;
        }
        case Filling::Kind::expression: {
            const auto rule = evaluate(filling.expression);
            if (!rule) decline("a default that gives nothing");
            text = *rule;
            break;
        }
        case Filling::Kind::none:
        case Filling::Kind::group:
        case Filling::Kind::decline:
            decline("a demanded element that nothing feeds");
    }
    if (type && !target_model_.grammar->check_value(*type, text)) decline("a default that its type refuses");
    return text;
}

void Machine::filled(const OutNode& node, std::string_view attribute, const Filling& filling, std::string_view text) {
    if (filling.site == nothing) return;
    const Site& site = to_.sites[filling.site];
    Note note{.kind = LossKind::defaulted,
              .reason = &site.reason,
              .row = &site.row,
              .value = text,
              .node = &node,
              .attribute = attribute};
    note.ordinals = static_cast<std::uint32_t>(ordinals_.size());
    for (const auto& [at, place] : path_) {
        if (place != 0) ordinals_.push_back(place);
    }
    note.ordinal_count = static_cast<std::uint32_t>(ordinals_.size()) - note.ordinals;
    (node.body == 1 ? tails_ : notes_).push_back(note);
}

// ---- content models ----

/// How many names of the particle stand, and whether any does.
bool Machine::used(schema::Index index, std::span<const schema::Name> names, std::span<const std::uint32_t> counts,
                   std::uint32_t& kinds) const {
    const schema::GrammarTables& tables = target_model_.grammar->tables();
    const schema::Particle& particle = tables.particles[index];
    if (particle.kind == schema::Particle::Kind::element) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (names[i] == tables.elements[particle.term].name && counts[i] != 0) {
                ++kinds;
                return true;
            }
        }
        return false;
    }
    if (particle.kind == schema::Particle::Kind::any) return false;
    bool any = false;
    for (schema::Index i = 0; i < particle.count; ++i) any = used(particle.first + i, names, counts, kinds) || any;
    return any;
}

bool Machine::fits(schema::Index index, std::span<const schema::Name> names,
                   std::span<const std::uint32_t> counts) const {
    const schema::GrammarTables& tables = target_model_.grammar->tables();
    const schema::Particle& particle = tables.particles[index];
    const auto within = [](std::uint32_t count, const schema::Particle& one) {
        return count >= one.min && (one.max == schema::unbounded || count <= one.max);
    };
    switch (particle.kind) {
        case schema::Particle::Kind::element: {
            std::uint32_t count = 0;
            for (std::size_t i = 0; i < names.size(); ++i) {
                if (names[i] == tables.elements[particle.term].name) count = counts[i];
            }
            return within(count, particle);
        }
        case schema::Particle::Kind::any: {
            // What no element of any model names stands at the wildcard.
            std::uint32_t count = 0;
            for (std::size_t i = 0; i < names.size(); ++i) {
                if (tables.wildcards[particle.term].admits(names[i].ns) && names[i] == to_.document->name)
                    count += counts[i];
            }
            return within(count, particle);
        }
        case schema::Particle::Kind::sequence:
        case schema::Particle::Kind::all:
        case schema::Particle::Kind::choice:
            break;
    }
    std::uint32_t kinds = 0;
    const bool any = used(index, names, counts, kinds);
    if (particle.max != 1 && kinds > 1) return false;  // groups that repeat: their order is the tree's
    if (particle.kind == schema::Particle::Kind::choice) {
        bool emptiable = false;
        std::uint32_t branches = 0;
        bool good = true;
        for (schema::Index i = 0; i < particle.count; ++i) {
            std::uint32_t here = 0;
            const bool stands = used(particle.first + i, names, counts, here);
            const bool fit = fits(particle.first + i, names, counts);
            if (stands) {
                ++branches;
                good = good && (fit || particle.max == schema::unbounded);
            } else {
                emptiable = emptiable || fit;
            }
        }
        if (branches > 1) return false;
        if (branches == 1) return good;
        return particle.min == 0 || emptiable;
    }
    if (!any && particle.min == 0) {
        bool wild = false;
        for (schema::Index i = 0; i < particle.count; ++i)
            wild = wild || tables.particles[particle.first + i].kind == schema::Particle::Kind::any;
        if (!wild) return true;
    }
    for (schema::Index i = 0; i < particle.count; ++i) {
        if (!fits(particle.first + i, names, counts)) return false;
    }
    return true;
}

// ---- a message ----

void Machine::emit_message() {
    const std::size_t begin = out_.size(), notes = notes_.size(), tails = tails_.size();
    for (int attempt = 0;; ++attempt) {
        out_.resize(begin);
        notes_.resize(notes);
        tails_.resize(tails);
        seen_.clear();
        seen_mask_ = seen_attributes_ = 0;
        seen_without_ = false;
        counts_.clear();
        names_.clear();
        path_.clear();
        for (OutText& text : texts_) {
            if (text.state == OutText::State::filled) text.state = OutText::State::absent;
        }
        if (spellings_.empty()) {
            // Any spelling will do for finding out what is needed.
            need(to_.root->name_space, false);
            spell();
            continue;
        }
        out_ += declaration;
        emit(*to_.root, to_.root->body == 0 ? block_of_[0] : block_of_[1], true);
        const Spelling& used = spellings_[spelling_];
        if (used.seen == seen_ && used.of_attributes == seen_attributes_ && used.without == seen_without_) break;
        if (inner_count_ != 0 || attempt > 3) decline("name spaces that do not settle");
        spell();
    }
    messages_.emplace_back(begin, out_.size());
}

/// Documents of a message that holds several wait in their own buffer.
void Machine::emit_inner() {
    if (spellings_.empty()) {
        seen_.clear();
        need(to_.root->name_space, false);
        spell();
    }
    names_.clear();
    counts_.assign(1, static_cast<std::uint32_t>(inner_count_));
    path_.clear();
    for (const OutNode* at = to_.document->parent; at; at = at->parent)
        path_.insert(path_.begin(), {at, at->repeats ? 1U : 0U});
    out_.swap(inner_);
    emit(*to_.document, block_of_[0], true);
    out_.swap(inner_);
    ++inner_count_;
}

void Machine::flush() {
    if (inner_count_ == 0) return;
    emit_message();
    inner_.clear();
    inner_count_ = 0;
    document_notes_.back().second = tails_.size();
}

}  // namespace hansa::mapping::program
