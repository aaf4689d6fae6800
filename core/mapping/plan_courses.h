// The courses that a run has learned: found by the shape of a document, bounded in number and size.
//
// Threads: one. Errors: none. Cost: finding one is a look at a table and a compare of the shape.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/mapping/plan_course.h"

namespace hansa::mapping::program {

class Courses {
public:
    static constexpr std::size_t courses_max = 256;
    static constexpr std::size_t bytes_max = std::size_t{8} << 20U;
    static constexpr std::size_t of_shape_max = 4;  ///< with other answers
    static constexpr std::size_t known_max = 1024;  ///< kinds of groups whose results are kept

    /// Calls use(course) for each of a sample, until one says true.
    template <class Use>
    bool each(std::uint32_t sample, const Use& use) {
        if (first_.empty()) return false;
        for (std::uint32_t at = first_[sample % buckets]; at != nothing; at = next_[at]) {
            if (courses_[at]->sample == sample && use(*courses_[at])) return true;
        }
        return false;
    }
    /// Calls go(course) for those that have the shape of the entries and that fits(course) takes, until one goes. How
    /// many were asked: `of_shape`. A compare of a shape holds for all courses of it.
    template <class Fits, class Go>
    bool go(std::span<const schema::Entry> entries, std::size_t& of_shape, const Fits& fits, const Go& go) {
        std::uint32_t own_shape = 0, other_shape = 0;  // the last ones that were compared
        return each(sample_of(entries), [&](Course& course) {
            if (!fits(course) || course.shape_number == other_shape) return false;
            if (course.shape_number != own_shape) {
                const bool same = own_shape == 0 && has_shape(course, entries);
                (same ? own_shape : other_shape) = course.shape_number;
                if (!same) return false;
            }
            ++of_shape;
            if (!go(course)) {
                ++course.left;
                return false;
            }
            ++course.gone;
            used(course);
            return true;
        });
    }
    /// Shall a document of the shape be taken down? Counts how often it was met.
    bool wanted(std::uint64_t hash, std::uint32_t after, std::size_t of_shape);
    /// A document of the shape was taken down in vain, or its course was of no use.
    void in_vain(std::uint64_t hash);
    void add(std::unique_ptr<Course> course);
    /// Gives up what is of no use, and the oldest where there are too many. No message may hold one.
    void tidy();
    /// Changes when results of known texts are given up.
    std::uint32_t edition() const { return edition_; }
    void used(Course& course) { course.last_used = ++clock_; }

private:
    struct Seen {
        std::uint64_t hash = 0;
        std::uint32_t times = 0, in_vain = 0;
    };
    static constexpr std::size_t seen_max = 1024, buckets = 512, in_vain_max = 4;
    Seen& seen(std::uint64_t hash) { return seen_[hash % seen_max]; }
    void index();
    std::uint32_t number_of_shape(const Course& course);
    std::shared_ptr<KnownTexts> known_of(const CourseGroup& group);

    // By kind of group; outlives the courses that ask it.
    std::map<std::string, std::shared_ptr<KnownTexts>> known_;
    std::uint32_t shapes_ = 0, edition_ = 0;
    std::vector<std::unique_ptr<Course>> courses_;
    std::vector<std::uint32_t> first_;  ///< by bucket; and which comes after each
    std::vector<std::uint32_t> next_;
    std::vector<Seen> seen_ = std::vector<Seen>(seen_max);
    std::size_t bytes_ = 0;
    std::uint64_t clock_ = 0;
    bool untidy_ = false, any_stale_ = false;
};

}  // namespace hansa::mapping::program
