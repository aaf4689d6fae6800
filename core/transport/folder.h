// Files in and out of folders: delivery by atomic rename, and the drop folder.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/exchange/gateway.h"
#include "core/exchange/transport.h"

namespace hansa::transport {

/// Delivers to "folder:PATH": written beside, synced, renamed into place under the message's id, so
/// that a reader never sees a part and a repeated attempt replaces the same file.
std::shared_ptr<exchange::Transport> make_folder_transport();

/// Takes files from an agency's drop folder.
///
/// A file is taken when its name neither begins with "." nor ends with .part, .tmp or .error.json:
/// writers rename a finished file into place. Accepted files move to done/ with their receipt beside
/// them, refused ones to refused/ with NAME.error.json. The file's content is its idempotency key,
/// so that a file that was accepted just before a crash gets its first answer again.
class DropFolders {
public:
    DropFolders(exchange::Gateway& gateway, std::function<void()> recorded, std::uint32_t poll_ms = 500);
    ~DropFolders();
    void start();
    void stop();

    /// One look at every agency's folder on the calling thread. Returns the files handled.
    std::size_t run_once();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace hansa::transport
