#include "core/mapping/plan_courses.h"

#include <algorithm>

namespace hansa::mapping::program {
namespace {

/// A course that mostly leads nowhere costs more than it saves.
bool useless(const Course& course) {
    constexpr std::uint32_t trials = 16;
    return course.left > trials + course.gone;
}

}  // namespace

bool Courses::wanted(std::uint64_t hash, std::uint32_t after, std::size_t of_shape) {
    Seen& one = seen(hash);
    if (one.hash != hash) one = {.hash = hash};
    ++one.times;
    if (of_shape >= of_shape_max) untidy_ = true;
    return one.times >= after && one.in_vain < in_vain_max && of_shape < of_shape_max &&
           courses_.size() < 2 * courses_max && bytes_ < 2 * bytes_max;
}

void Courses::in_vain(std::uint64_t hash) {
    Seen& one = seen(hash);
    if (one.hash != hash) one = {.hash = hash};
    ++one.in_vain;
}

void Courses::add(std::unique_ptr<Course> course) {
    used(*course);
    for (const auto& other : courses_) {
        if (other->hash == course->hash && *other->shape == *course->shape) other->shape = course->shape;
    }
    for (CourseGroup& group : course->groups) {
        if (!group.kind.empty()) group.known = known_of(group);
        group.kind = {};
    }
    bytes_ += course->bytes_held();
    courses_.push_back(std::move(course));
    untidy_ = untidy_ || courses_.size() > courses_max || bytes_ > bytes_max;
    index();
}

std::shared_ptr<KnownTexts> Courses::known_of(const CourseGroup& group) {
    const auto at = known_.find(group.kind);
    if (at != known_.end()) return at->second;
    if (known_.size() == known_max) return nullptr;
    return known_.emplace(group.kind, std::make_shared<KnownTexts>(group.gives.size(), any_stale_)).first->second;
}

void Courses::tidy() {
    if (any_stale_) {
        any_stale_ = false;
        ++edition_;
        for (const auto& [kind, known] : known_) known->tidy();
    }
    if (!untidy_) return;
    untidy_ = false;
    const std::size_t before = courses_.size();
    std::erase_if(courses_, [&](const auto& course) {
        if (useless(*course)) in_vain(course->hash);
        return useless(*course);
    });
    bytes_ = 0;
    for (const auto& course : courses_) bytes_ += course->bytes_held();
    if (courses_.size() > courses_max || bytes_ > bytes_max) {
        // Half of them go, so that this happens seldom.
        std::sort(courses_.begin(), courses_.end(),
                  [](const auto& a, const auto& b) { return a->last_used > b->last_used; });
        while (courses_.size() > courses_max / 2 || bytes_ > bytes_max / 2) {
            if (courses_.empty()) break;
            bytes_ -= courses_.back()->bytes_held();
            courses_.pop_back();
        }
    }
    if (courses_.size() == before) return;
    index();
    std::erase_if(known_, [](const auto& one) { return one.second.use_count() == 1; });
}

void Courses::index() {
    first_.assign(buckets, nothing);
    next_.assign(courses_.size(), nothing);
    for (std::uint32_t i = 0; i < courses_.size(); ++i) {
        std::uint32_t& first = first_[courses_[i]->sample % buckets];
        next_[i] = first;
        first = i;
    }
}

}  // namespace hansa::mapping::program
