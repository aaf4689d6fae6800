# The fuzz target of compiled conversions; tests/unit/mapping tries the same on every run.
if(HANSA_FUZZ)
  add_executable(fuzz-conversion ${CMAKE_SOURCE_DIR}/tests/fuzz/conversion_fuzz.cpp
    ${CMAKE_SOURCE_DIR}/tests/unit/mapping/conversion_peers.cpp)
  target_link_libraries(fuzz-conversion PRIVATE hansa_flags hansa_mapping hansa_test_support GTest::gtest)
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    target_link_options(fuzz-conversion PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(fuzz-conversion PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.cpp)
  endif()
  set_target_properties(fuzz-conversion PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
endif()
