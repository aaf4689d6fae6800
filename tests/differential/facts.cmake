# Facts that the gateway takes from tapes against those of the pivot documents, for every format.
hansa_test(test-facts-differential differential FILES ${CMAKE_CURRENT_SOURCE_DIR}/facts_test.cpp USES exchange catalogue LINK hansa_property TIMEOUT 1800)
