#include "tests/conformance/xsdtests/isolated.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <iostream>
#include <stdexcept>

namespace hansa::test {

namespace {

[[noreturn]] void child(int out, std::size_t from, std::size_t count, const IsolationLimits& limits,
                        const std::function<std::string(std::size_t)>& work) {
    if (limits.memory_bytes_max != 0) {
        const rlimit bound{limits.memory_bytes_max, limits.memory_bytes_max};
        ::setrlimit(RLIMIT_AS, &bound);
    }
    for (std::size_t i = from; i < count; ++i) {
        // Time of the processor, so that a busy machine changes nothing; SIGPROF ends the child.
        const itimerval alarm{{0, 0}, {static_cast<time_t>(limits.seconds_max), 0}};
        ::setitimer(ITIMER_PROF, &alarm, nullptr);
        const std::string line = work(i) + "\n";
        for (std::size_t at = 0; at < line.size();) {
            const ssize_t written = ::write(out, line.data() + at, line.size() - at);
            if (written <= 0) ::_exit(3);
            at += static_cast<std::size_t>(written);
        }
    }
    ::_exit(0);
}

/// Hands lines on until the child ends or says nothing for too long; gives what it died of.
std::string listen(int in, unsigned seconds_max, std::size_t& next,
                   const std::function<void(std::size_t, const std::string&)>& done) {
    std::string kept;
    for (;;) {
        pollfd one{in, POLLIN, 0};
        // It waits for nothing, so that this is a machine that gives it no time.
        if (::poll(&one, 1, static_cast<int>(seconds_max) * 60'000) == 0) return "no answer";
        char buffer[65536];
        const ssize_t got = ::read(in, buffer, sizeof buffer);
        if (got <= 0) return "crash";
        kept.append(buffer, static_cast<std::size_t>(got));
        for (std::size_t end = kept.find('\n'); end != std::string::npos; end = kept.find('\n')) {
            done(next++, kept.substr(0, end));
            kept.erase(0, end + 1);
        }
    }
}

}  // namespace

void isolated(std::size_t count, const IsolationLimits& limits, const std::function<std::string(std::size_t)>& work,
              const std::function<void(std::size_t, const std::string&)>& done) {
    for (std::size_t next = 0; next < count;) {
        int ends[2];
        if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
        std::cout.flush();
        const pid_t id = ::fork();
        if (id < 0) throw std::runtime_error("no child process");
        if (id == 0) {
            ::close(ends[0]);
            child(ends[1], next, count, limits, work);
        }
        ::close(ends[1]);
        const std::string why = listen(ends[0], limits.seconds_max, next, done);
        ::close(ends[0]);
        ::kill(id, SIGKILL);
        int status = 0;
        ::waitpid(id, &status, 0);
        if (next == count) return;
        const int signal = why == "crash" && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        const std::string what = signal == SIGPROF ? "no answer in " + std::to_string(limits.seconds_max) + " s"
                                 : signal != 0     ? "signal " + std::to_string(signal)
                                                   : why;
        done(next++, "!" + what);
    }
}

}  // namespace hansa::test
