// Records of the journal and the registry as JSON texts: the shapes of docs/api.md.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/exchange/directory.h"
#include "core/journal/journal.h"
#include "core/plugin/registry.h"
#include "core/trace/tracer.h"

namespace hansa::server {

/// State, history, translations, deliveries, loss ledger of a message. Errors: journal.*
Result<std::string> message_json(journal::Journal& journal, const journal::Message& message);
std::string page_json(const journal::Page& page);
std::string deliveries_json(const journal::DeliveryPage& page);
/// What belongs to a reference, oldest first, and with `line` what happened (trace_forms.h). Errors: journal.*
Result<std::string> trace_json(journal::Journal& journal, std::string_view reference, std::span<const journal::Message> messages, const trace::Timeline* line = nullptr);
std::string agencies_json(const exchange::Directory& directory);
std::string routes_json(const exchange::Directory& directory);
std::string formats_json(std::span<const plugin::Format> formats);
std::string plugins_json(std::span<const plugin::PluginInfo> plugins);

}  // namespace hansa::server
