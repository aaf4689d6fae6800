// A plan's reading half, cut down for who asks for a few places.
#include "core/mapping/plan_asked.h"

#include <algorithm>

#include "core/mapping/plan_source.h"

namespace hansa::mapping::program {
namespace {

/// What is of use, found from what is asked for backwards: rows, what their expressions ask for, choices around them.
class Use {
public:
    Use(SourceProgram& program, const std::set<PlaceKey>& places) : program_(program), places_(places) {
        rows_.resize(program.rows.size());
        derives_.resize(program.derives.size());
        chains_.resize(program.chains.size());
        groups_.resize(program.groups.size());
    }

    void group(Id group) {
        for (; group != nothing && !groups_[group]; group = program_.groups[group].parent) groups_[group] = true;
    }
    void cases(const std::vector<InCase>& cases) {
        for (const InCase& one : cases) {
            const auto chain = std::ranges::find_if(program_.chains, [&](const ReadChain& other) {
                return other.group == one.group && other.number == one.chain;
            });
            if (chain != program_.chains.end()) this->chain(static_cast<Id>(chain - program_.chains.begin()));
        }
    }

    void find() {
        if (program_.date_row != nothing) slots_of(program_.rows[program_.date_row]);
        for (const SourceProgram::SameGroup& one : program_.same_groups) slot(one.slot);
        for (std::size_t before = 0; before != places_.size() + found_;) {
            before = places_.size() + found_;
            for (Id i = 0; i < program_.rows.size(); ++i) {
                if (!rows_[i] && feeds(program_.rows[i])) row(i);
            }
            for (Id i = 0; i < program_.derives.size(); ++i) {
                if (!derives_[i] && asked(program_.derives[i].place)) derive(i);
            }
            for (const auto& pass : program_.order) {
                for (const auto& steps : pass) walks(steps);
            }
        }
    }

    /// Only what is of use stays.
    void keep() {
        for (auto& pass : program_.order) {
            for (auto& steps : pass) keep(steps);
        }
        for (ReadChain& chain : program_.chains) {
            for (auto& steps : chain.steps) keep(steps);
            for (auto& leaves : chain.leaves) leaves.clear();
        }
        for (auto& pass : program_.leaves) {
            for (auto& leaves : pass) leaves.clear();
        }
        program_.outer_leaves.clear();
        for (Id i = 0; i < program_.rows.size(); ++i) {
            if (!rows_[i] && i != program_.date_row) program_.rows[i] = {};
        }
    }

    bool has_group(Id group) const { return groups_[group]; }
    bool has_slot(Id group, Id number) const { return slots_.contains({group, number}); }

private:
    bool asked(const Place& place) const { return places_.contains(key_of(place)); }
    bool feeds(const ReadRow& row) const {
        return std::ranges::any_of(row.puts, [&](const Put& put) {
            return asked(put.place) || (put.scheme.number != nothing && asked(put.scheme)) ||
                   (put.key.number != nothing && asked(put.key));
        });
    }

    void slot(const Slot& slot) {
        if (slot.number == nothing || slot.group == nothing) return;
        slots_.insert({slot.group, slot.number});
        group(slot.group);
    }
    void slots_of(const ReadRow& row) {
        for (const SourceTerm& term : row.terms) {
            if (!term.term->constant) slot(term.slot);
        }
    }
    void row(Id number) {
        const ReadRow& row = program_.rows[number];
        rows_[number] = true;
        ++found_;
        group(row.group);
        slots_of(row);
        cases(row.cases);
        for (const Put& put : row.puts) {
            if (put.sibling) slot(*put.sibling);
            for (const Id loop : put.loops) group(loop);
        }
    }
    void derive(Id number) {
        derives_[number] = true;
        ++found_;
        group(program_.derives[number].group);
        cases(program_.derives[number].cases);
        expression(program_.derives[number].expression);
    }
    void chain(Id number) {
        if (chains_[number]) return;
        const ReadChain& chain = program_.chains[number];
        chains_[number] = true;
        ++found_;
        group(chain.group);
        cases(chain.cases);
        for (const ReadExpression& one : chain.conditions) expression(one);
        // What no case takes makes the message decline.
        for (const auto& slots : chain.slots) {
            for (const Slot& one : slots) slot(one);
        }
        for (const auto& lists : chain.lists) {
            for (const Id list : lists) group(list);
        }
    }
    void expression(const ReadExpression& e) {
        slot(e.national.slot);
        for (const Id loop : e.national.loops) group(loop);
        if (e.pivot.number != nothing) places_.insert(key_of(e.pivot));
        for (const Place& place : e.there.here) places_.insert(key_of(place));
        for (const Inside& one : e.there.inside) {
            for (const Id loop : one.loops) group(loop);
            if (one.place.number != nothing) places_.insert(key_of(one.place));
            cases(one.cases);
        }
        for (const ReadExpression& part : e.parts) expression(part);
    }
    /// A walk over members that are of use is, in its case.
    void walks(const std::vector<ReadStep>& steps) {
        for (const ReadStep& step : steps) {
            const bool used =
                (step.kind == ReadStep::Kind::loop && groups_[step.number]) || step.kind == ReadStep::Kind::same_group;
            if (used) cases(step.cases);
            if (step.kind != ReadStep::Kind::choose) continue;
            for (const auto& inner : program_.chains[step.number].steps) walks(inner);
        }
    }
    bool is_used(const ReadStep& step) const {
        switch (step.kind) {
            case ReadStep::Kind::row:
                return rows_[step.number];
            case ReadStep::Kind::position:
                return asked(program_.positions[step.number].place);
            case ReadStep::Kind::choose:
                return chains_[step.number];
            case ReadStep::Kind::derive:
                return derives_[step.number];
            case ReadStep::Kind::loop:
                return groups_[step.number];
            case ReadStep::Kind::same_group:
                return true;
            case ReadStep::Kind::check:
            case ReadStep::Kind::value_stands:
                break;
        }
        return false;
    }
    void keep(std::vector<ReadStep>& steps) const {
        std::erase_if(steps, [&](const ReadStep& step) { return !is_used(step); });
    }

    SourceProgram& program_;
    std::set<PlaceKey> places_;
    std::vector<bool> rows_, derives_, chains_, groups_;
    std::set<std::pair<Id, Id>> slots_;
    std::size_t found_ = 0;
};

/// Whose frame a place of the document belongs to; nothing: that hangs on a selection.
Id group_at(const SourceProgram& program, const schema::PathTable& paths, schema::PathIndex path) {
    for (schema::PathIndex at = paths[path].parent; at != schema::no_path; at = paths[at].parent) {
        const Step& step = program.steps[0][at];
        if (step.kind == Step::Kind::select) return nothing;
        if (step.kind == Step::Kind::member) return step.value;
        if (at == program.document) return 0;
    }
    return nothing;
}

}  // namespace

void cut_down(SourceProgram& program, const schema::PathTable& paths, const std::set<PlaceKey>& places,
              const std::vector<Id>& groups, const std::vector<InCase>& cases) {
    Use use(program, places);
    for (const Id group : groups) use.group(group);
    use.cases(cases);
    use.find();
    use.keep();
    Steps& steps = program.steps[0];
    std::vector<char> wanted(paths.size(), 0);
    for (schema::PathIndex path = static_cast<schema::PathIndex>(paths.size()); path-- > 0;) {
        Step& step = steps[path];
        const Id group = path == program.document ? nothing : group_at(program, paths, path);
        bool needed = wanted[path] != 0 || group == nothing;
        switch (step.kind) {
            case Step::Kind::slot:
            case Step::Kind::whole:
                needed = needed || use.has_slot(group, step.value);
                break;
            case Step::Kind::rest:
                // What is left over is told by nobody here.
                if (group == nothing) break;
                if (step.slot != nothing && use.has_slot(group, step.slot))
                    step = {.kind = Step::Kind::slot, .attribute = step.attribute, .value = step.slot};
                else
                    step = {.kind = Step::Kind::pass, .attribute = step.attribute};
                needed = needed || step.kind == Step::Kind::slot;
                break;
            case Step::Kind::noted:
                needed = needed || use.has_slot(group, step.slot);
                break;
            case Step::Kind::member:
                needed = needed || use.has_group(step.value);
                break;
            case Step::Kind::select:
            case Step::Kind::decline:
                needed = true;
                break;
            default:
                break;
        }
        if (!needed) {
            step = {.kind = Step::Kind::skip, .attribute = step.attribute};
        } else if (paths[path].parent != schema::no_path) {
            wanted[paths[path].parent] = 1;
        }
    }
    for (Id group = 0; group < program.groups.size(); ++group) program.triggers[group] = triggers_of(program, group);
}

}  // namespace hansa::mapping::program
