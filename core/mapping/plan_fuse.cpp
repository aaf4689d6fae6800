#include "core/mapping/plan_fuse.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/mapping/conversion_recipe.h"

namespace hansa::mapping::program {
namespace {

class Fusing {
public:
    Fusing(SourceProgram& source, TargetProgram& target) : source_(source), target_(target) {}

    void run() {
        writers();
        readers_in_source();
        readers_in_target();
        std::map<Key, WriteRow*> takers;
        for (const auto& row : target_.rows) {
            if (!row->tuple) continue;
            for (const Place& place : row->places) takers[key(place)] = row.get();
        }
        for (ReadRow& row : source_.rows) {
            if (row.op.conversion == nullptr && !row.tuple) continue;
            const auto taker = takers.find(key(row.puts[0].place));
            if (taker != takers.end()) fuse(row, *taker->second);
        }
    }

private:
    using Key = std::pair<Id, Id>;
    static Key key(const Place& place) { return {place.group, place.number}; }
    void writes(const Place& place) {
        if (place.number != nothing) ++writers_[key(place)];
    }
    void reads(const Place& place) {
        if (place.number != nothing) ++readers_[key(place)];
    }

    void writers() {
        for (const ReadRow& row : source_.rows) {
            for (const Put& put : row.puts) {
                writes(put.place);
                writes(put.scheme);
                writes(put.key);
            }
        }
        for (const auto& position : source_.positions) writes(position.place);
        for (const ReadDerive& derive : source_.derives) writes(derive.place);
    }

    void expression(const ReadExpression& e) {
        reads(e.pivot);
        for (const ReadExpression& part : e.parts) expression(part);
    }

    void leaves(const std::vector<LeafStep>& steps) {
        for (const LeafStep& step : steps) expression(step.expression);
    }

    void readers_in_source() {
        for (const ReadChain& chain : source_.chains) {
            for (const ReadExpression& condition : chain.conditions) expression(condition);
            for (const auto& one : chain.leaves) leaves(one);
        }
        for (const ReadDerive& derive : source_.derives) expression(derive.expression);
        for (const ReadCheck& check : source_.checks) {
            expression(check.left);
            expression(check.right);
        }
        for (const auto& pass : source_.leaves) {
            for (const auto& group : pass) leaves(group);
        }
        leaves(source_.outer_leaves);
    }

    void guard(const Guard& one) {
        reads(one.place);
        reads(one.value);
    }

    void guards(const Guards& all) {
        for (const Guard& one : all.all) guard(one);
        for (const auto& together : all.never) {
            for (const Guard& one : together) guard(one);
        }
    }

    void source(const TargetSource& from) {
        for (const Way& way : from.ways) {
            reads(way.place);
            reads(way.sibling_key);
            guards(way.guards);
        }
    }

    void expression(const OutExpression& e) {
        source(e.pivot);
        for (const OutExpression& part : e.parts) expression(part);
    }

    void own(const Standing& places) {
        for (const Place& place : places.here) asked_for_list_[key(place)] = true;
        for (const Inside& one : places.inside) asked_for_list_[key(one.place)] = true;
    }

    void readers_in_target() {
        for (const auto& row : target_.rows) {
            for (const TargetSource& from : row->sources) source(from);
            for (const Agreement& one : row->agreements) {
                if (one.key) reads(*one.key);
            }
        }
        for (const KeyPlace& one : target_.keys) {
            reads(one.place);
            guard(one.guard);
        }
        for (const WriteLoop& loop : target_.loops) {
            guards(loop.guards);
            own(loop.own);
        }
        for (const WriteSelect& select : target_.selects) guards(select.guards);
        for (const WriteMember& member : target_.members) {
            guards(member.guards);
            own(member.own);
        }
        for (const WritePosition& position : target_.positions) source(position.source);
        for (const WriteDerive& derive : target_.derives) {
            source(derive.source);
            expression(derive.expression);
        }
        for (const WriteChain& chain : target_.chains) {
            for (const OutExpression& condition : chain.conditions) expression(condition);
            for (const auto& places : chain.says) {
                for (const OutExpression& place : places) expression(place);
            }
        }
        for (const WriteComputed& computed : target_.computed) expression(computed.expression);
        for (const WriteCheck& check : target_.checks) {
            expression(check.left);
            expression(check.right);
        }
        for (const OutNode* node : target_.nodes) {
            const auto filled = [&](const Filling& one) { expression(one.expression); };
            node->filling.each(filled);
            for (const OutAttribute& one : node->attributes) one.filling.each(filled);
        }
    }

    /// May a value of the conversion stand in a list of its authority?
    static bool has_list(const Conversion& conversion) {
        return conversion.recipe().kind == ConversionRecipe::Kind::code;
    }

    bool is_private(const Put& put, const Conversion& conversion) const {
        const auto count = [&](const std::map<Key, std::size_t>& all) {
            const auto found = all.find(key(put.place));
            return found == all.end() ? std::size_t{0} : found->second;
        };
        return put.simple() && count(writers_) == 1 && count(readers_) == 1 &&
               !(asked_for_list_.contains(key(put.place)) && has_list(conversion));
    }

    /// All parts, to the same row and in the same order, or none.
    void fuse(ReadRow& row, WriteRow& taker) const {
        if (row.parts.size() != taker.parts.size() || row.puts.size() != taker.places.size()) return;
        for (const ReadPart& part : row.parts) {
            const Put& put = row.puts[part.right];
            if (part.gives != 1 || put.place != taker.places[part.right] || !is_private(put, *part.conversion)) return;
        }
        for (ReadPart& part : row.parts) {
            const ReadPart* writes = nullptr;
            for (const ReadPart& other : taker.parts) {
                if (other.right == part.right) writes = &other;
            }
            if (writes == nullptr) return;
            const Put& put = row.puts[part.right];
            auto gate = std::make_shared<PivotGate>();
            gate->fit = put.fit;
            gate->attribute = put.attribute;
            auto made = FusedConversion::of(part.fast, writes->fast, std::move(gate));
            if (made && made.single()) part.fused = std::make_shared<const FusedConversion>(std::move(made));
        }
        if (row.op.conversion != nullptr) row.op.fused = row.parts[0].fused.get();
        row.fused = std::all_of(row.parts.begin(), row.parts.end(), [](const ReadPart& part) { return part.fused; });
        taker.leaves.clear();
        for (const Place& place : taker.places) taker.leaves.push_back(leaf_of(place));
        taker.op.leaf = taker.leaves.front();
    }

    /// The bit of the only leaf that feeds a place; nothing: there are several, or it stands elsewhere.
    Id leaf_of(const Place& place) const {
        Id found = nothing;
        std::size_t count = 0;
        const auto look = [&](const std::vector<LeafStep>& steps, Id first, bool here) {
            for (Id i = 0; i < steps.size(); ++i) {
                const auto& fed = steps[i].fed_places;
                if (std::find(fed.begin(), fed.end(), place) == fed.end()) continue;
                ++count;
                const bool alone =
                    here && steps[i].quick && fed.size() == 1 && steps[i].beside.empty() && first != nothing;
                if (alone && steps[i].slot.group == place.group) found = first * 64 + i;
            }
        };
        for (std::size_t pass = 0; pass < passes; ++pass) {
            for (Id group = 0; group < source_.groups.size(); ++group)
                look(source_.leaves[pass][group], source_.triggers[group].leaves[pass], group == place.group);
        }
        for (const ReadChain& chain : source_.chains) {
            for (const auto& leaves : chain.leaves) look(leaves, nothing, false);
        }
        return count == 1 ? found : nothing;
    }

    SourceProgram& source_;
    TargetProgram& target_;
    std::map<Key, std::size_t> writers_, readers_;
    std::map<Key, bool> asked_for_list_;
};

}  // namespace

void fuse(SourceProgram& source, TargetProgram& target) {
    Fusing(source, target).run();
}

}  // namespace hansa::mapping::program
