# How everything of ours is compiled. Libraries are found here once, so that the list of what
# Hansa stands on is one screen long (see docs/dependencies.md for the why of each).
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
option(HANSA_TESTS "Build the tests" ON)
set(HANSA_SANITIZE "" CACHE STRING "Sanitizers, comma separated: address,undefined or thread")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEV "-O1")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
set(CMAKE_CXX_FLAGS_ASAN "-O1 -g1 -fno-omit-frame-pointer")

find_program(HANSA_CCACHE ccache)
if(HANSA_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${HANSA_CCACHE})
endif()

set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(HANSA_PLUGIN_DIR ${CMAKE_BINARY_DIR}/lib/hansa/plugins)
set(HANSA_GENERATED ${CMAKE_BINARY_DIR}/generated)

find_package(Python3 REQUIRED COMPONENTS Interpreter)
find_package(PkgConfig REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(Poco 1.11 REQUIRED COMPONENTS Foundation Net NetSSL Util Crypto)
find_package(XercesC 3.2 REQUIRED)
find_package(LibXml2 2.9 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(ICU 72 REQUIRED COMPONENTS uc)
find_package(fmt 9 REQUIRED)
find_package(spdlog 1.10 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(tomlplusplus 3 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(libzip REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(libsystemd REQUIRED IMPORTED_TARGET libsystemd)
if(HANSA_TESTS)
  find_package(GTest 1.12 REQUIRED)
endif()

# Warnings are errors in our own code; headers of libraries are system headers and exempt.
add_library(hansa_flags INTERFACE)
target_compile_options(hansa_flags INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Wcast-align -Wduplicated-cond -Wnull-dereference -Wformat=2 -fvisibility=hidden)
# g++ 12 reports these inside the standard library's own templates, where our code cannot help.
target_compile_options(hansa_flags INTERFACE -Wno-null-dereference -Wno-restrict -Wno-maybe-uninitialized
  # Designated initialisers leave the rest at its default on purpose.
  -Wno-missing-field-initializers)
target_include_directories(hansa_flags INTERFACE ${CMAKE_SOURCE_DIR} ${HANSA_GENERATED})
target_compile_definitions(hansa_flags INTERFACE HANSA_VERSION="${PROJECT_VERSION}")
if(HANSA_SANITIZE)
  target_compile_options(hansa_flags INTERFACE -fsanitize=${HANSA_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(hansa_flags INTERFACE -fsanitize=${HANSA_SANITIZE})
endif()
