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
    /// A document or a member of one, as it stands on its tape.
    struct Asked {
        const schema::Tape& tape;
        std::uint32_t entry;
    };
    /// Calls go(course) for those that have the shape of what is asked for and that fits(course) takes, until one goes.
    /// How many were asked: `of_shape`. A compare of a shape holds for all courses of it, and for others who read the
    /// tape: it is noted there.
    template <class Fits, class Go>
    bool go(const Asked& asked, std::size_t& of_shape, const Fits& fits, const Go& go) {
        const auto entries = asked.tape.entries().subspan(asked.entry, asked.tape[asked.entry].next - asked.entry);
        const std::shared_ptr<const schema::Shape>* own = asked.tape.noted_shape(asked.entry);
        const schema::Shape* other = nullptr;  // the last one that was compared
        return each(sample_of(entries), [&](Course& course) {
            if (!fits(course) || course.shape.get() == other) return false;
            if (own == nullptr || course.shape != *own) {
                if (!(own == nullptr ? has_shape(*course.shape, entries) : *course.shape == **own)) {
                    other = course.shape.get();
                    return false;
                }
                if (own == nullptr) {
                    asked.tape.note_shape(asked.entry, course.shape);
                    own = &course.shape;
                } else {
                    course.shape = *own;  // so that it need not be compared again
                }
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
    std::shared_ptr<KnownTexts> known_of(const CourseGroup& group);

    // By kind of group; outlives the courses that ask it.
    std::map<std::string, std::shared_ptr<KnownTexts>> known_;
    std::uint32_t edition_ = 0;
    std::vector<std::unique_ptr<Course>> courses_;
    std::vector<std::uint32_t> first_;  ///< by bucket; and which comes after each
    std::vector<std::uint32_t> next_;
    std::vector<Seen> seen_ = std::vector<Seen>(seen_max);
    std::size_t bytes_ = 0;
    std::uint64_t clock_ = 0;
    bool untidy_ = false, any_stale_ = false;
};

}  // namespace hansa::mapping::program
