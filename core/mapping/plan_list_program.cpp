// Which list of a document can be carried over member by member, and what the tables of a pair do over it.
#include <algorithm>
#include <functional>

#include "core/mapping/plan_list.h"

namespace hansa::mapping::program {
namespace {

using UseRead = std::function<void(const ReadExpression&)>;
using UseOut = std::function<void(const OutExpression&)>;

void each_part(const ReadExpression& e, const UseRead& use) {
    use(e);
    for (const ReadExpression& part : e.parts) each_part(part, use);
}

void each_part(const OutExpression& e, const UseOut& use) {
    use(e);
    for (const OutExpression& part : e.parts) each_part(part, use);
}

/// Does a path of the output lead over the body's members?
bool is_over(const OutExpression& e, Id body) {
    return std::ranges::any_of(e.ends, [&](const OutNode* end) {
        for (const OutNode* at = end; at && !e.way.empty() && at != e.way.front(); at = at->parent) {
            if (at->loop == body) return true;
        }
        return false;
    });
}

class Finding {
public:
    Finding(const SourceAndTarget& pair, Id group) : in_(pair.in), to_(pair.to), paths_(pair.paths) {
        found_.group = group;
        found_.path = in_.groups[group].path;
    }

    std::optional<ListProgram> run() {
        if (!stands_plainly() || !loops_once() || !is_first_of_its_name() || !rows() || !rules()) return std::nullopt;
        output();
        if (reads_what_is_late()) return std::nullopt;
        return std::move(found_);
    }

private:
    /// Its members stand in the document, one behind the other, and what is done with them does not depend on a case.
    bool stands_plainly() const {
        const Group& group = in_.groups[found_.group];
        if (group.parent != 0 || found_.path == schema::no_path || paths_[found_.path].most == 1) return false;
        const Step& step = in_.steps[0][found_.path];
        if (step.kind != Step::Kind::member || step.value != found_.group) return false;
        for (schema::PathIndex at = paths_[found_.path].parent; at != in_.document; at = paths_[at].parent) {
            if (at == schema::no_path || paths_[at].most != 1) return false;
            if (in_.steps[0][at].kind != Step::Kind::pass) return false;
        }
        for (std::size_t pass = 0; pass < passes; ++pass) {
            if (!in_.order[pass][found_.group].empty() && !walked_once(in_.order[pass][0])) return false;
            if (!in_.leaves[pass][found_.group].empty() && !told_once(in_.leaves[pass][0])) return false;
        }
        return true;
    }

    bool walked_once(const std::vector<ReadStep>& steps) const {
        return std::ranges::count_if(steps, [&](const ReadStep& step) {
                   return step.kind == ReadStep::Kind::loop && step.number == found_.group && step.cases.empty();
               }) == 1;
    }
    bool told_once(const std::vector<LeafStep>& steps) const {
        return std::ranges::count_if(steps, [&](const LeafStep& step) {
                   return step.kind == LeafStep::Kind::loop && step.group == found_.group && step.cases.empty();
               }) == 1;
    }

    /// One loop of the target takes them, and it stands in the document itself.
    bool loops_once() {
        for (Id number = 0; number < to_.loops.size(); ++number) {
            const WriteLoop& loop = to_.loops[number];
            if (loop.group != found_.group) continue;
            if (found_.loop != nothing || to_.bodies[loop.body].parent != 0) return false;
            found_.loop = number;
            found_.body = loop.body;
            found_.top = to_.bodies[loop.body].top;
        }
        if (found_.loop == nothing || found_.top == nullptr) return false;
        std::size_t times = 0;
        for (std::size_t turn = 0; turn < turns; ++turn)
            if (turn == to_.loops[found_.loop].turn) times += reached(to_.bodies[0].steps[turn], turn);
        return times == 1;
    }

    std::size_t reached(const WriteSteps& steps, std::size_t turn) const {
        std::size_t times = 0;
        for (const WriteStep& step : steps) {
            if (step.kind == WriteStep::Kind::loop && step.number == found_.loop) ++times;
            if (step.kind == WriteStep::Kind::member) times += reached(to_.members[step.number].steps[turn], turn);
            if (step.kind != WriteStep::Kind::choose) continue;
            for (const WriteChain::Case& one : to_.chains[step.number].cases) times += reached(one.steps[turn], turn);
        }
        return times;
    }

    /// Members are counted from the first: none of their name stands in front of them, nor in front of what is around.
    bool is_first_of_its_name() const {
        for (const OutNode* at = found_.top; at != to_.document && at->parent; at = at->parent) {
            if (at != found_.top && (at->loop != nothing || !at->repeats)) {
                if (at->loop != nothing) return false;
                continue;
            }
            for (const auto& other : at->parent->children) {
                if (other.get() == at) break;
                if (other->name == at->name && !other->dead) return false;
            }
        }
        return true;
    }

    /// A row of the document whose value every member gets has no other places.
    bool rows() {
        for (Id number = 0; number < in_.rows.size(); ++number) {
            const ReadRow& row = in_.rows[number];
            std::size_t over = 0;
            for (const Put& put : row.puts) over += put.kind == Put::Kind::every && found_.is_over(put.loops) ? 1U : 0U;
            if (over == 0) continue;
            if (over != row.puts.size() || row.group != 0) return false;
            found_.every.push_back(number);
        }
        for (const auto& leaves : in_.leaves) {
            for (const LeafStep& step : leaves[0]) {
                for (const Put& put : step.fed) {
                    if (found_.is_over(put.loops)) found_.fed.push_back(&put);
                }
            }
        }
        return std::ranges::none_of(in_.chains, [&](const ReadChain& chain) {
            return std::ranges::any_of(chain.leaves, [&](const std::vector<LeafStep>& steps) {
                return std::ranges::any_of(steps, [&](const LeafStep& step) {
                    return std::ranges::any_of(step.fed, [&](const Put& put) { return found_.is_over(put.loops); });
                });
            });
        });
    }

    bool rules() {
        std::size_t warning = 0;
        for (Id number = 0; number < in_.checks.size(); ++number) {
            const ReadCheck& check = in_.checks[number];
            if (check.row->warn && (check.group != 0 || found_.is_over(check.loops))) ++warning;
            if (check.group != 0) continue;
            if (!found_.is_over(check.loops)) {
                sums(check.left);
                sums(check.right);
                continue;
            }
            if (!check.cases.empty()) return false;
            found_.checks.push_back(number);
        }
        found_.warns_in_several = warning > 1;
        for (const ReadDerive& derive : in_.derives) {
            if (derive.group == 0) sums(derive.expression);
        }
        for (const ReadChain& chain : in_.chains) {
            if (chain.group != 0) continue;
            for (const ReadExpression& condition : chain.conditions) sums(condition);
        }
        for (const auto& leaves : in_.leaves) {
            for (const LeafStep& step : leaves[0]) sums(step.expression);
        }
        return true;
    }

    void sums(const ReadExpression& e) {
        if (e.expression == nullptr) return;
        each_part(e, [&](const ReadExpression& part) {
            if (part.expression == nullptr || part.expression->kind != Expression::Kind::call || part.parts.empty())
                return;
            const bool counts = part.expression->text == "count";
            if (!counts && part.expression->text != "sum") return;
            const bool all = std::ranges::all_of(part.parts, [&](const ReadExpression& of) {
                return of.known && of.expression->kind == Expression::Kind::national &&
                       found_.is_over(of.national.loops) && !of.national.first_only;
            });
            // How many members there are is known as it is.
            const bool plain = counts && part.parts[0].national.members && part.parts[0].national.loops.size() == 1;
            if (all && !plain) found_.sums.push_back(&part);
        });
    }

    void output() {
        found_.late.assign(to_.computed.size(), 0);
        for (std::size_t i = 0; i < to_.computed.size(); ++i) {
            each_part(to_.computed[i].expression, [&](const OutExpression& part) {
                if (is_over(part, found_.body)) found_.late[i] = 1;
            });
        }
        each_expression([&](const OutExpression& e) {
            if (e.expression == nullptr || e.expression->kind != Expression::Kind::call || e.parts.empty()) return;
            if (e.expression->text != "count" && e.expression->text != "sum") return;
            const bool all = std::ranges::all_of(e.parts, [&](const OutExpression& of) {
                return of.known && of.expression->kind == Expression::Kind::national && is_over(of, found_.body) &&
                       !of.first_only && !of.several && of.way.front()->body != found_.body;
            });
            if (all) found_.out_sums.push_back(&e);
        });
    }

    void each_expression(const UseOut& use) const {
        for (const WriteComputed& one : to_.computed) each_part(one.expression, use);
        for (const WriteDerive& one : to_.derives) each_part(one.expression, use);
        for (const WriteCheck& one : to_.checks) {
            each_part(one.left, use);
            each_part(one.right, use);
        }
        for (const WriteChain& chain : to_.chains) {
            for (const OutExpression& one : chain.conditions) each_part(one, use);
            for (const auto& places : chain.says) {
                for (const OutExpression& one : places) each_part(one, use);
            }
        }
    }

    /// A place that is known behind the members only, and that a rule about something else asks for.
    bool reads_what_is_late() const {
        bool read = false;
        each_expression([&](const OutExpression& e) {
            for (std::size_t i = 0; i < to_.computed.size(); ++i) {
                if (!found_.late[i]) continue;
                for (const OutNode* end : e.ends)
                    read = read || (end->text.body == to_.computed[i].text.body &&
                                    end->text.number == to_.computed[i].text.number && end->text.number != nothing);
            }
        });
        return read;
    }

    const SourceProgram& in_;
    const TargetProgram& to_;
    const schema::PathTable& paths_;
    ListProgram found_;
};

/// Places of the group and of all inside.
std::size_t places_in(const SourceProgram& in, Id group) {
    std::size_t all = in.groups[group].slots;
    for (Id inner = 0; inner < in.groups.size(); ++inner) {
        if (in.groups[inner].parent == group && inner != group) all += places_in(in, inner);
    }
    return all;
}

}  // namespace

schema::PathIndex document_cut(const SourceProgram& in, const schema::PathTable& paths) {
    using Kind = Step::Kind;
    if (in.document_is_root || in.document == schema::no_path) return schema::no_path;
    const Steps& steps = in.steps[1];
    if (steps[in.document].kind != Kind::member || steps[in.document].value != 0) return schema::no_path;
    // What is done around the documents must not need its element as a whole.
    for (schema::PathIndex at = paths[in.document].parent; at != 0; at = paths[at].parent) {
        if (steps[at].kind != Kind::pass) return schema::no_path;
    }
    return in.document;
}

ListProgram list_of(const SourceAndTarget& pair) {
    const std::size_t capacity = pair.to.mapping->capacity();
    const bool is_alone = capacity == 1 || pair.to.root->body == 0;
    if (!is_alone && capacity != 0) return {};
    if (!pair.in.document_is_root && document_cut(pair.in, pair.paths) == schema::no_path) return {};
    ListProgram best;
    std::size_t most = 0;
    for (Id group = 1; group < pair.in.groups.size(); ++group) {
        if (group == pair.in.outer || pair.in.groups[group].parent != 0) continue;
        const std::size_t places = places_in(pair.in, group);
        if (places <= most) continue;
        if (auto found = Finding(pair, group).run()) {
            best = *std::move(found);
            most = places;
        }
    }
    return best;
}

}  // namespace hansa::mapping::program
