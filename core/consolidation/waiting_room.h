// Where documents wait for those that they go out with: SQLite, durable in one step with how far the caller has read.
//
//     auto room = WaitingRoom::open("consolidation.db").value();
//     room->arrive(guests, last_number);          // some groups may now be full
//     room->expire(now_s);                        // ... or have waited long enough
//     for (const Closing& closing : room->closings(10).value()) {
//         make(closing.guests);                   // durable elsewhere, under a name that closing_name() gives
//         room->settled(closing.number);
//     }
//
// A group that closes is a closing, with those that are in it, in the same step: nobody is in two, and who comes later
// is in the next. A closing stays until settled() is called; a caller that is killed in between finds it again, and its
// name is the same. A guest is a document's number, and what the group is: no field of the document is kept.
//
// A guest may come instead of another of its room, or take one out, while that one waits; who comes too late is told so:
// each is a closing of its own.
//
// Cost: a document is one row; a step is one flush of the disk. Threads: one at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/journal/sqlite.h"

namespace hansa::consolidation {

struct Guest {
    std::string room;          ///< those of one room may go together: a route, say
    std::string group;         ///< ... if they are of one group, too (group_of)
    std::int64_t message = 0;  ///< the journal's number
    std::size_t document = 0;  ///< in the message, from 0
    std::int64_t due_s = 0;    ///< when its group closes at the latest, in seconds since 1970
    std::size_t most = 0;      ///< so many close the group; at least 1
    std::int64_t other_message = 0;  ///< whom it speaks of, by the journal's number; 0: nobody
    std::size_t other_document = 0;
    bool takes_out = false;  ///< the other one is not to go, nor is this one; else this one goes in its place
};

/// Why guests are in one closing.
enum class Ending {
    together,   ///< they go out
    replaced,   ///< one that does not go: another goes in its place
    taken_out,  ///< one that does not go, and the one that has taken it out
    late        ///< one that speaks of another which waits no more
};

struct Closing {
    std::int64_t number = 0;
    std::string room;
    Ending ending = Ending::together;
    std::vector<Guest> guests;  ///< in the order of the journal; room, message and document only
};

/// Of all closings: made of its room and its first guest.
std::string closing_name(const Closing& closing);

class WaitingRoom {
public:
    /// Errors: consolidation.store-version, those of the journal's files
    static Result<std::unique_ptr<WaitingRoom>> open(const std::filesystem::path& path);

    Result<std::int64_t> position();
    Result<bool> has_position();

    /// Takes guests that are not there yet, closes what is full, and keeps the position: all of it, or nothing.
    Result<void> arrive(std::span<const Guest> guests, std::int64_t position);
    /// Closes groups one of whose guests has waited until now.
    Result<void> expire(std::int64_t now_s);
    /// The oldest first.
    Result<std::vector<Closing>> closings(std::size_t most);
    Result<void> settled(std::int64_t closing);
    /// Is there another document of the message that waits, or that lies in another closing?
    Result<bool> others_of(std::int64_t message, std::int64_t closing);
    /// Documents that wait, by room; closings left out. Cost: linear in those that wait.
    Result<std::map<std::string, std::uint64_t>> waiting();

private:
    explicit WaitingRoom(std::unique_ptr<journal::Connection> connection) : connection_(std::move(connection)) {}
    Result<void> prepare();
    Result<void> put(Guest guest);
    Result<bool> change_other(Guest& guest);
    Result<std::int64_t> new_closing(const std::string& room, Ending ending);
    Result<void> add(const Guest& guest, std::int64_t closing);
    Result<void> close(const std::string& room, const std::string& group);

    std::unique_ptr<journal::Connection> connection_;
};

}  // namespace hansa::consolidation
