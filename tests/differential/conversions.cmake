# The compiled conversions of all tables.
hansa_test(test-fast-conversions differential FILES conversion_rows_test.cpp
  ${CMAKE_SOURCE_DIR}/tests/unit/mapping/conversion_peers.cpp USES plugin catalogue LINK hansa_property)
