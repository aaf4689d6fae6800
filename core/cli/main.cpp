#include "core/cli/command.h"

int main(int argc, char** argv) {
    return hansa::cli::run(argc, argv);
}
