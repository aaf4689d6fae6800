# hansa_test(NAME SUITE files... USES modules... [LABELS labels] [TIMEOUT seconds])
#
# A gtest executable, each of its tests known to ctest. SUITE is the label that
# `packaging/test --only SUITE` selects. What may take longest begins first, so that at the end no processor waits for another.
#
# The label "threads" is for tests of what has threads of its own, or what many threads use at once: the nightly run
# builds them by the target threads-tests and repeats them under the thread sanitizer.
include(GoogleTest)
add_custom_target(threads-tests)
function(hansa_test name suite)
  cmake_parse_arguments(arg "" "TIMEOUT" "FILES;USES;LINK;LABELS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  add_executable(${name} ${arg_FILES})
  foreach(used ${arg_USES})
    target_link_libraries(${name} PRIVATE hansa_${used})
  endforeach()
  target_link_libraries(${name} PRIVATE hansa_flags hansa_test_support GTest::gtest GTest::gtest_main GTest::gmock ${arg_LINK})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  if("threads" IN_LIST arg_LABELS)
    add_dependencies(threads-tests ${name})
  endif()
  # A unit test runs for milliseconds and is compiled for many seconds, half of them spent on making it fast; what it
  # tests is compiled as always.
  if(suite STREQUAL "unit" AND NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    target_compile_options(${name} PRIVATE -O0)
  endif()
  # CMake takes such lists apart three times on their way to ctest: without the escapes the tests
  # get the first element only, and look for the corpus in the wrong place.
  set(labels ${suite} ${arg_LABELS})
  set(environment HANSA_BUILD_DIR=${CMAKE_BINARY_DIR} HANSA_SOURCE_DIR=${CMAKE_SOURCE_DIR})
  string(REPEAT "\\" 7 escapes)
  string(REPLACE ";" "${escapes};" labels "${labels}")
  string(REPLACE ";" "${escapes};" environment "${environment}")
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS "${labels}" TIMEOUT ${arg_TIMEOUT} COST ${arg_TIMEOUT} ENVIRONMENT "${environment}")
endfunction()

# hansa_check(NAME SUITE COMMAND ...): any other program as a test, in the same environment.
function(hansa_check name suite)
  cmake_parse_arguments(arg "" "TIMEOUT" "COMMAND;LABELS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  add_test(NAME ${name} COMMAND ${arg_COMMAND})
  if("threads" IN_LIST arg_LABELS)
    add_dependencies(threads-tests hansa hansad hansa_plugins)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${suite};${arg_LABELS}" TIMEOUT ${arg_TIMEOUT} COST ${arg_TIMEOUT}
    ENVIRONMENT "HANSA_BUILD_DIR=${CMAKE_BINARY_DIR};HANSA_SOURCE_DIR=${CMAKE_SOURCE_DIR}")
endfunction()
