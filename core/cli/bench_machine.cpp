#include "core/cli/bench_machine.h"

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>
#include <thread>

namespace hansa::bench {
namespace {

/// The value behind `name` in a file of lines "name : value".
std::string field(const char* file, std::string_view name) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        if (!line.starts_with(name)) continue;
        const std::size_t value = line.find_first_not_of(" \t:", name.size());
        return value == line.npos ? std::string() : line.substr(value);
    }
    return {};
}

std::size_t kilobytes(std::string_view name) {
    const std::string value = field("/proc/self/status", name);
    return value.empty() ? 0 : std::stoul(value) * 1024;
}

}  // namespace

Machine this_machine() {
    Machine out;
    out.cpu = field("/proc/cpuinfo", "model name");
    if (out.cpu.empty()) out.cpu = "unknown";
    out.cores = std::max(1U, std::thread::hardware_concurrency());
    return out;
}

InstructionCounter::InstructionCounter() {
    perf_event_attr attributes{};
    attributes.size = sizeof attributes;
    attributes.type = PERF_TYPE_HARDWARE;
    attributes.config = PERF_COUNT_HW_INSTRUCTIONS;
    attributes.disabled = 1;
    attributes.exclude_kernel = 1;
    attributes.exclude_hv = 1;
    file_ = static_cast<int>(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0UL));
}

InstructionCounter::~InstructionCounter() {
    if (file_ >= 0) close(file_);
}

void InstructionCounter::start() {
    if (file_ < 0) return;
    ioctl(file_, PERF_EVENT_IOC_RESET, 0);
    ioctl(file_, PERF_EVENT_IOC_ENABLE, 0);
}

std::uint64_t InstructionCounter::stop() {
    std::uint64_t count = 0;
    if (file_ < 0) return 0;
    ioctl(file_, PERF_EVENT_IOC_DISABLE, 0);
    return read(file_, &count, sizeof count) == sizeof count ? count : 0;
}

std::size_t memory_now() {
    return kilobytes("VmRSS");
}

std::size_t own_memory_now() {
    return kilobytes("RssAnon");
}

}  // namespace hansa::bench
