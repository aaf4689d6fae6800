// A plan in a form that a person can read.
#include "core/mapping/plan.h"
#include "core/mapping/plan_machine.h"

namespace hansa::mapping {
namespace {

using program::Filling;
using program::Id;
using program::nothing;
using program::OutNode;
using program::Place;
using program::Program;

class Explaining {
public:
    explicit Explaining(const Program& made) : made_(made) {
        for (const auto& row : made.target.rows) {
            for (std::size_t i = 0; i < row->terms.size(); ++i) {
                const program::Text text = row->terms[i].text;
                if (text.number != nothing) fed_[{text.body, text.number}].emplace_back(row.get(), i);
            }
        }
        for (const auto& one : made.target.computed) computed_[{one.text.body, one.text.number}] = one.row;
        for (const program::ReadRow& row : made.source.rows) {
            for (const program::Put& put : row.puts) readers_[{put.place.group, put.place.number}].push_back(&row);
        }
    }

    std::string run() {
        text_ = made_.source_mapping->format() + " to " + made_.target_mapping->format() + "\n\n";
        node(*made_.target.root, 0);
        text_ += "\nlost, or kept for their own authority:\n";
        for (std::size_t pass = 0; pass < program::passes; ++pass) {
            for (const auto& group : made_.source.leaves[pass]) losses(group);
        }
        losses(made_.source.outer_leaves);
        for (const program::ReadChain& chain : made_.source.chains) {
            for (const auto& leaves : chain.leaves) losses(leaves);
        }
        if (!made_.source.not_modelled.empty()) text_ += "\nleft to the reference way:\n";
        for (const std::string& one : made_.source.not_modelled) text_ += "  " + one + "\n";
        return std::move(text_);
    }

private:
    void line(std::size_t depth, const std::string& what) { text_ += std::string(2 * depth, ' ') + what + "\n"; }

    static std::string terms_of(const Row& row) {
        std::string all;
        for (const NationalTerm& term : row.left) {
            all += all.empty() ? "" : ", ";
            all += term.constant ? "\"" + term.value + "\"" : term.path.text;
        }
        return all;
    }

    /// The source's rows that feed a row of the target.
    std::string sources_of(const program::WriteRow& row) const {
        std::string all;
        std::set<const program::ReadRow*> seen;
        for (const program::TargetSource& source : row.sources) {
            for (const program::Way& way : source.ways) {
                if (way.constant)
                    all += (all.empty() ? "" : ", ") + std::string("\"") +
                           qualified(way.constant->list, way.constant->text) + "\"";
                const auto found = readers_.find({way.place.group, way.place.number});
                if (found == readers_.end()) continue;
                for (const program::ReadRow* one : found->second) {
                    if (!seen.insert(one).second) continue;
                    all += (all.empty() ? "" : ", ") + terms_of(*one->row);
                    if (!one->row->conversion_text.empty()) all += " (" + one->row->conversion_text + ")";
                    all += " " + one->row->place;
                }
            }
        }
        return all.empty() ? "what the rules derive" : all;
    }

    std::string feeding(const program::Text& text) const {
        std::string all;
        const auto rows = fed_.find({text.body, text.number});
        if (rows != fed_.end()) {
            for (const auto& [row, term] : rows->second) {
                all += " <- " + sources_of(*row);
                if (!row->row->conversion_text.empty()) all += " (" + row->row->conversion_text + ")";
                all += " " + row->row->place;
            }
        }
        const auto rule = computed_.find({text.body, text.number});
        if (rule != computed_.end()) all += " = a rule, " + rule->second->place;
        return all;
    }

    static std::string filling(const Filling& filling) {
        switch (filling.kind) {
            case Filling::Kind::text:
                return ", else \"" + filling.text + "\"";
            case Filling::Kind::uuid5:
                return ", else a UUID of the message's digest";
            case Filling::Kind::position:
                return ", else its place";
            case Filling::Kind::received:
                return ", else the time of receipt";
            case Filling::Kind::expression:
                return ", else what a rule gives";
            case Filling::Kind::empty:
                return ", else empty";
            case Filling::Kind::decline:
                return ", demanded";
            case Filling::Kind::group:
            case Filling::Kind::none:
                break;
        }
        return {};
    }

    void node(const OutNode& at, std::size_t depth) {
        std::string what = at.name.local;
        if (at.loop != nothing && at.loop != 0) what += " for each member of " + group_name(at.loop);
        if (at.pad_to != 0) what += " unused, up to " + std::to_string(at.pad_to);
        if (at.constant) what += " \"" + *at.constant + "\"";
        if (at.text.number != nothing) what += feeding(at.text);
        what += filling(at.filling);
        line(depth, what);
        for (const program::OutAttribute& one : at.attributes) {
            std::string attribute = "@" + one.name.local;
            if (one.constant) attribute += " \"" + *one.constant + "\"";
            if (one.text.number != nothing) attribute += feeding(one.text);
            line(depth + 1, attribute + filling(one.filling));
        }
        for (const auto& child : at.children) node(*child, depth + 1);
    }

    std::string group_name(Id body) const {
        const Id group = made_.target.bodies[body].group;
        const schema::PathIndex path = made_.source.groups[group].path;
        return path == schema::no_path ? std::string("the document") : made_.paths->path_of(path);
    }

    void losses(const std::vector<program::LeafStep>& leaves) {
        for (const program::LeafStep& leaf : leaves) {
            using Kind = program::LeafStep::Kind;
            if (leaf.kind == Kind::loop || leaf.kind == Kind::chain || leaf.kind == Kind::list || leaf.site == nothing)
                continue;
            const program::Site& site = made_.source.sites[leaf.site];
            if (leaf.kind == Kind::mapped) {
                bool taken = false;
                for (const program::Put& put : leaf.fed) taken = taken || is_taken(put.place);
                if (taken) continue;
            }
            line(1, terms_of(*leaf.table_row) + ": " + std::string(loss_kind_name(site.kind)) + ", " + site.reason +
                        " " + site.row);
        }
    }

    bool is_taken(const Place& place) const {
        const auto takes = [&](const program::TargetSource& source) {
            for (const program::Way& way : source.ways) {
                if (way.place == place) return true;
            }
            return false;
        };
        for (const auto& row : made_.target.rows) {
            for (const program::TargetSource& source : row->sources) {
                if (takes(source)) return true;
            }
        }
        for (const program::WriteDerive& one : made_.target.derives) {
            if (takes(one.source)) return true;
        }
        for (const program::WritePosition& one : made_.target.positions) {
            if (takes(one.source)) return true;
        }
        for (const program::KeyPlace& key : made_.target.keys) {
            if (key.place == place) return true;
        }
        return false;
    }

    const Program& made_;
    std::string text_;
    std::map<std::pair<Id, Id>, std::vector<std::pair<const program::WriteRow*, std::size_t>>> fed_;
    std::map<std::pair<Id, Id>, const Row*> computed_;
    std::map<std::pair<Id, Id>, std::vector<const program::ReadRow*>> readers_;
};

}  // namespace

std::string Plan::explain() const {
    return Explaining(*program_).run();
}

}  // namespace hansa::mapping
