// The pivot documents of a file as rules and taxes ask for them: envelopes off, format known, read by its table.
#pragma once

#include <string>
#include <vector>

#include "core/cli/command.h"
#include "core/mapping/translate.h"

namespace hansa::cli {

struct ReadDocument {
    std::string name;  ///< FILE, or FILE!PATH in an envelope
    const plugin::Format* format = nullptr;
    mapping::Reading reading;  ///< with a list of leaves for each document
};

/// Faults are printed; a document that has any is left out. `format` empty: detected. Pivot lines or JSON of `hansa pivot`
/// are read as they are, when the format is named. `code`: raised to the exit code that a fault asks for.
std::vector<ReadDocument> read_documents(Surroundings& with, const std::string& file, const std::string& format, int& code);

}  // namespace hansa::cli
