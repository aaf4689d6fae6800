# Compiled conversions; tests/unit/mapping tries the same on every run.
hansa_fuzz_target(conversion FILES conversion_fuzz.cpp ${CMAKE_SOURCE_DIR}/tests/unit/mapping/conversion_peers.cpp
  LINK hansa_mapping hansa_test_support GTest::gtest)
